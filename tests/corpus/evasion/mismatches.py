"""Files under the names of others, each with each."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from tests import samples as files
from tests.corpus.evasion.eicar_archives import zip_of
from tests.corpus.evasion.eicar_documents import jpeg_with, workbook
from tests.corpus.raw_pdf import page_of, write
from tests.corpus.sample import EICAR, Sample, evasion, odd

FAMILY = "under another name"
NAMES = (
    "cv.pdf",
    "cv.docx",
    "cv.txt",
    "people.csv",
    "people.xlsx",
    "people.json",
    "people.jsonl",
    "all.zip",
    "photo.png",
    "photo.jpg",
)


def samples() -> Iterator[Sample]:
    contents = {
        "cv.pdf": write(page_of()),
        "cv.docx": files.docx_of(["Ada"]),
        "people.xlsx": workbook([["name"], ["Ada"]]),
        "all.zip": zip_of("cv.txt", b"Ada", method=zipfile.ZIP_STORED),
        "photo.png": files.png(),
        "photo.jpg": jpeg_with(0xFE, b"note"),
        "a.doc": files.old_doc(),
        "a.rtf": b"{\\rtf1 Ada}",
        "a.exe": b"MZ\x90\x00\x03\x00" + bytes(54) + b"\x40\x00\x00\x00PE\x00\x00",
        "zeros": bytes(5000),
    }
    for really, content in contents.items():
        for filename in NAMES:
            if (really, filename) == ("zeros", "people.csv"):
                yield odd(FAMILY, f"{really} as {filename}", filename, content)  # no rows, and no text either
            elif filename != really:
                yield evasion(FAMILY, f"{really} as {filename}", filename, content)
    for filename in NAMES:
        yield evasion(FAMILY, f"nothing as {filename}", filename, b"")
        yield evasion(FAMILY, f"EICAR as {filename}", filename, EICAR)
