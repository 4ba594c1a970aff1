"""Documents that are something else to another program."""

from __future__ import annotations

from collections.abc import Iterator

from tests import samples as files
from tests.corpus import raw_zip
from tests.corpus.raw_pdf import page_of, write
from tests.corpus.raw_zip import Part
from tests.corpus.sample import EICAR, Sample, evasion, odd

FAMILY = "two files in one"
PROGRAM = b"MZ\x90\x00\x03\x00" + bytes(54) + b"\x40\x00\x00\x00PE\x00\x00" + bytes(300)


def samples() -> Iterator[Sample]:
    pdf, archive, document = write(page_of()), files.zip_of({"a.txt": b"a"}), files.docx_of(["Ada"])
    page = b"<html><script>alert(1)</script></html>"
    for name, tail in (
        ("ZIP", archive),
        ("ZIP and junk", archive + b"junk" * 20_000),
        ("DOCX", document),
        ("page", page),
        ("program", PROGRAM),
        ("PHP", b"<?php echo 1; ?>"),
        ("RAR", b"Rar!\x1a\x07\x01\x00" + bytes(100)),
    ):
        yield evasion(FAMILY, f"PDF, then {name}", "cv.pdf", pdf + tail)
        yield evasion(FAMILY, f"PDF, then {name}, then an end", "cv.pdf", pdf + tail + b"\n%%EOF\n")
    yield evasion(FAMILY, "PDF, then much else", "cv.pdf", pdf + b"x" * 5000)
    yield odd(FAMILY, "PDF, then much else, then an end", "cv.pdf", pdf + b"x" * 5000 + b"\n%%EOF\n")
    for name, head in (
        ("junk", b"junk\n" * 100),
        ("page", page),
        ("program", PROGRAM),
        ("ZIP", archive),
        ("blank", b"\n"),
    ):
        yield evasion(FAMILY, f"{name}, then PDF", "cv.pdf", head + pdf)
    yield evasion(FAMILY, "page in the PDF's first lines", "cv.pdf", b"%PDF-1.7\n" + page + pdf[9:])
    late = Part(name=b"a.txt", content=b"junk\n" * 9 + pdf, method=0)
    yield evasion(FAMILY, "PDF behind junk as first member", "all.zip", raw_zip.write(late))
    yield evasion(FAMILY, "PDF as a part", "cv.docx", files.with_member(document, "word/media/a.png", pdf))
    yield evasion(FAMILY, "PDF as name of a member", "all.zip", raw_zip.write(Part(name=b"%PDF-1.7 1 0 obj")))
    yield evasion(
        FAMILY,
        "PDF within a text",
        "cv.txt",
        b"Ada Lovelace\n" + pdf.replace(b"\xe2\xe3\xcf\xd3", b"").replace(b"\x9c", b""),
    )
    yield evasion(FAMILY, "text, then ZIP", "cv.txt", b"Ada Lovelace\n" + raw_zip.write(Part(method=0)))
    yield evasion(FAMILY, "CSV, then ZIP", "people.csv", b"name\nAda\n" * 9000 + archive)
    yield evasion(FAMILY, "JSON, then ZIP", "people.json", b'{"name": "Ada"}' + b" " * 70_000 + archive)
    yield evasion(FAMILY, "DOCX, then junk", "cv.docx", document + b"junk")
    yield evasion(FAMILY, "program, then ZIP", "all.zip", PROGRAM + archive)
    yield evasion(FAMILY, "program, then DOCX", "cv.docx", PROGRAM + document)
    for name, text in _texts_that_run().items():
        yield evasion("texts that run", name, "cv.txt", text)
    yield odd("texts that run", "UTF-7 page", "cv.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-")
    yield odd("texts that run", "formulas", "people.csv", b"name,email\n=cmd|'/c calc'!A1,@SUM(1)\n+1,-1\n")
    yield odd("texts that run", "batch file", "cv.txt", b"@echo off\r\ndel /q *.*\r\n")
    for tenth in range(1, 10):
        yield odd("cut off", f"PDF at {tenth}/10", "cv.pdf", pdf[: len(pdf) * tenth // 10])
        whole = write({**page_of(), 6: b"%" + EICAR + b"\nnull"})
        cut = whole[: len(whole) * tenth // 10]
        if EICAR in cut:
            yield evasion("cut off", f"PDF with the test virus at {tenth}/10", "cv.pdf", cut)


def _texts_that_run() -> dict[str, bytes]:
    page = "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
    return {
        "page": page.encode(),
        "page behind blanks": b" \r\n\t" + page.encode(),
        "page in UTF-16": page.encode("utf-16"),
        "page, marked UTF-8": b"\xef\xbb\xbf" + page.encode(),
        "script": b"<script>alert(1)</script>",
        "picture that runs": b"<svg onload=alert(1)>",
        "PHP": b"<?php system('id'); ?>",
        "shell script": b"#!/bin/sh\nrm -rf /\n",
        "PostScript": b"%!PS-Adobe-3.0\n(a) show\n",
        "rich text": b"{\\rtf1\\object}",
        "terminal codes": b"\x1b]0;title\x07\x1b[31m",
        "NULs": b"Ada\x00Lovelace" * 10,
    }
