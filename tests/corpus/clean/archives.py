"""ZIPs of papers, as people and programs pack them."""

from __future__ import annotations

import io
import random
import zipfile

from tests.corpus.clean import office, pdfs, pictures, tables, texts
from tests.corpus.sample import Sample, honest


def sample(chance: random.Random, number: int) -> Sample:
    makers = (pdfs.sample, office.sample, texts.sample, pictures.sample, tables.sample)
    papers = {
        made.filename: made.content
        for made in (chance.choice(makers)(chance, at) for at in range(chance.randint(1, 6)))
    }
    if chance.random() < 0.3:
        papers = {f"Bewerbung/Ärzte {name}": content for name, content in papers.items()}
    content = _packed(papers, chance)
    if chance.random() < 0.2:
        content = _packed({"papers.zip": content}, chance)
    return honest("ZIP", f"{number}, {len(papers)} papers", f"papers-{number}.zip", content)


def _packed(papers: dict[str, bytes], chance: random.Random) -> bytes:
    target = io.BytesIO()
    is_streamed = chance.random() < 0.3
    method = zipfile.ZIP_STORED if chance.random() < 0.2 and not is_streamed else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(_Pipe(target) if is_streamed else target, "w", method) as archive:
        for name, content in papers.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            with archive.open(entry, "w", force_zip64=chance.random() < 0.2) as member:
                member.write(content)
    return target.getvalue()


class _Pipe(io.RawIOBase):
    """Takes bytes and cannot seek, so that sizes are written after each member instead of before it."""

    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        return self._target.write(data)
