"""The test virus in archives that we accept: packed or not, at every depth, first and last, beside honest files."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

from tests import samples as files
from tests.corpus import raw_pdf, raw_zip
from tests.corpus.raw_zip import Part
from tests.corpus.sample import EICAR, Sample, evasion

FAMILY = "EICAR in archives"


def zip_of(name: str, content: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return target.getvalue()


def samples() -> Iterator[Sample]:
    for method, packed in ((zipfile.ZIP_STORED, "stored"), (zipfile.ZIP_DEFLATED, "deflated")):
        content = EICAR
        for level in range(1, 6):
            content = zip_of("cv.txt" if level == 1 else f"level{level}.zip", content, method=method)
            yield evasion(FAMILY, f"{packed}, {level} deep", "all.zip", content)
        yield evasion(FAMILY, f"{packed}, named cv.pdf", "all.zip", zip_of("cv.pdf", EICAR, method=method))
        yield evasion(FAMILY, f"{packed}, named eicar.com", "all.zip", zip_of("eicar.com", EICAR, method=method))
        yield evasion(FAMILY, f"{packed}, no extension", "all.zip", zip_of("cv", EICAR, method=method))
        yield evasion(
            FAMILY, f"{packed}, behind a megabyte", "all.zip", zip_of("cv.txt", b"a" * 1_000_000 + EICAR, method=method)
        )
    honest = {f"{number}.txt": b"honest" for number in range(200)}
    yield evasion(FAMILY, "first of 201", "all.zip", files.zip_of({"cv.txt": EICAR, **honest}))
    yield evasion(FAMILY, "last of 201", "all.zip", files.zip_of({**honest, "cv.txt": EICAR}))
    yield evasion(FAMILY, "in a folder", "all.zip", files.zip_of({"a/b/c/cv.txt": EICAR}))
    yield evasion(FAMILY, "in a DOCX", "all.zip", files.zip_of({"cv.docx": files.eicar_docx()}))
    yield evasion(
        FAMILY, "in a DOCX two deep", "all.zip", files.zip_of({"in.zip": files.zip_of({"cv.docx": files.eicar_docx()})})
    )
    pdf = raw_pdf.write({**raw_pdf.page_of(), 6: raw_pdf.stream(EICAR, packed=True)})
    yield evasion(FAMILY, "in a PDF", "all.zip", files.zip_of({"cv.pdf": pdf}))
    yield evasion(FAMILY, "in a picture", "all.zip", files.zip_of({"photo.png": files.png() + EICAR}))
    yield evasion(
        FAMILY,
        "in a workbook",
        "all.zip",
        files.zip_of({"a.xlsx": files.zip_of({"xl/a.xml": EICAR, "[Content_Types].xml": b"<Types/>"})}),
    )
    yield from _in_the_margins()


def _in_the_margins() -> Iterator[Sample]:
    packed = zip_of("cv.txt", EICAR)
    yield evasion(FAMILY, "in the comment", "all.zip", raw_zip.write(Part(), comment=EICAR))
    yield evasion(FAMILY, "archive in the comment", "all.zip", raw_zip.write(Part(), comment=packed))
    yield evasion(FAMILY, "in a member's comment", "all.zip", raw_zip.write(Part(comment=EICAR)))
    yield evasion(FAMILY, "archive in a member's comment", "all.zip", raw_zip.write(Part(comment=packed)))
    yield evasion(
        FAMILY, "in an extra field", "all.zip", raw_zip.write(Part(extra=struct.pack("<2H", 0xCAFE, 68) + EICAR))
    )
    yield evasion(FAMILY, "as a name", "all.zip", raw_zip.write(Part(name=EICAR)))
    yield evasion(FAMILY, "before the archive", "all.zip", raw_zip.write(Part(), prefix=EICAR))
    yield evasion(FAMILY, "before the list of contents", "all.zip", raw_zip.write(Part(), before_directory=EICAR))
    yield evasion(FAMILY, "behind the archive", "all.zip", raw_zip.write(Part()) + EICAR)
    yield evasion(FAMILY, "archive before the archive", "all.zip", packed + raw_zip.write(Part()))
    yield evasion(FAMILY, "two archives in a row", "all.zip", raw_zip.write(Part()) + packed)
    for around, name in ((b"junk" * 300, "amid junk"), (b"junk" * 30_000, "amid much junk")):
        yield evasion(FAMILY, f"archive {name} in a member", "all.zip", zip_of("a.dat", around + packed + around))
        yield evasion(FAMILY, f"archive behind {name} in a member", "all.zip", zip_of("a.dat", around + packed))
