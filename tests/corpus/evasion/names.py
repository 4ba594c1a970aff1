"""Names that say one thing and mean another: of files, of members, and of keys in the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from tests import samples as files
from tests.corpus import raw_zip
from tests.corpus.raw_pdf import page_of, write
from tests.corpus.raw_zip import Part
from tests.corpus.sample import Expected, Sample, evasion, odd

KEY = f"organizations/{UUID(int=1)}/documents/{UUID(int=2)}"
FILES = (
    "cv.pdf.exe",
    "cv.exe",
    "cv.pdf.",
    "cv.pdf/",
    "cv.pdf\x00.exe",
    "cv.pdf%00.exe",
    "cv",
    "",
    ".pdf",
    "../cv.pdf",
    "..\\cv.pdf",
    "/etc/cv.pdf",
    "C:\\cv.pdf",
    "cv\u202efdp.exe",
    "cv\u202e.pdf",
    "cv.pdf:stream",
    "cv.pdf.lnk",
    "cv.pdf.js",
    "cv.pdf.html",
    "cv.\uff50\uff44\uff46",
    "cv.\u0440df",
    "cv.pdf\u200b",
    "cv.p\u200bdf",
    "a" * 300 + ".pdf",
    "..",
    ".",
    "cv.pdf\r\nX-Header: 1",
    "cv.PdF.EXE",
    "cv.pdf;.exe",
    "cv.docm",
    "cv.hta",
    "cv.iso",
    "cv.svg",
    "cv.html",
    "cv.pdf\n",
    "CON.pdf/x",
)
HARMLESS = (
    "cv.exe.pdf",
    "cv.docx.pdf",
    "CON.pdf",
    "cv .pdf",
    "cv..pdf",
    "$(id).pdf",
    "'; drop table documents; --.pdf",
    "<b>.pdf",
)
MEMBERS = (
    "../cv.txt",
    "a/../../cv.txt",
    "/etc/passwd",
    "..\\cv.txt",
    "a\\..\\..\\cv.txt",
    "C:\\cv.txt",
    "c:cv.txt",
    "\\\\host\\share\\cv.txt",
    "//host/cv.txt",
    "cv\x00.txt",
    "cv\n.txt",
    "a\u202etxt.exe",
    "cv.exe",
    "cv.pdf.exe",
    "cv.scr",
    "cv.lnk",
    "cv.js.hta",
    "cv.exe.",
    "cv.exe ",
    "cv.EXE",
    "cv.bat",
    "cv.vbs",
    "cv.jar",
    "cv.iso",
    "cv.one",
    "\uff0e\uff0e/cv.txt",
    "a" * 5000,
    "a/" * 2000 + "cv.txt",
    "a" * 65_000,
    "",
    "META-INF/MANIFEST.MF",
    "META-INF/manifest.xml",
)
KEYS = (
    "",
    "/",
    "documents",
    f"/{KEY}",
    f"{KEY}/",
    f"{KEY}/x",
    f"../{KEY}",
    f"{KEY}/../{UUID(int=3)}",
    KEY.replace("organizations", "organization"),
    KEY.replace("documents", "DOCUMENTS"),
    KEY.replace("/documents/", "/"),
    f"{KEY}\x00",
    f"{KEY}%00",
    f"x{KEY}",
    KEY[:-1],
    f"{KEY}0",
    "organizations/../documents/..",
    f"organizations//documents/{UUID(int=2)}",
    f"organizations/{UUID(int=1)}/documents/",
    f"organizations/{UUID(int=1)}/documents/*",
    f"organizations/{UUID(int=1)}/documents/%2e%2e",
)


def samples() -> Iterator[Sample]:
    pdf = write(page_of())
    for filename in FILES:
        sample = evasion("names of files", _shown(filename), filename, pdf, kind="resume")
        yield replace(sample, content_type="application/pdf")
    for filename in HARMLESS:
        yield odd("names of files", _shown(filename), filename, pdf)
    for name in MEMBERS:
        part = Part(name=name.encode(), flags=0x800)
        yield evasion("names of members", _shown(name), "all.zip", raw_zip.write(part))
    document = files.docx_of(["Ada"])
    yield evasion(
        "names of members", "DOCX, part that leads out", "cv.docx", files.with_member(document, "../a.xml", b"<a/>")
    )
    for key in KEYS:
        sample = evasion("keys in the bucket", _shown(key), "cv.pdf", pdf)
        yield replace(sample, key=key)
    wrong = evasion("announced wrongly", "another size", "cv.pdf", pdf)
    yield replace(wrong, size_bytes=len(pdf) + 1)
    for content_type in (
        "text/html",
        "application/octet-stream",
        "image/svg+xml",
        "application/pdf/x",
        "",
        "application/x-msdownload",
    ):
        yield replace(evasion("announced wrongly", f"as {content_type}", "cv.pdf", pdf), content_type=content_type)
    for kind in ("import", "nothing", ""):
        sample = Sample("announced wrongly", f"kind {kind!r}", "cv.pdf", "application/pdf", kind, pdf, Expected.STOPPED)
        yield sample


def _shown(name: str) -> str:
    written = name.encode("unicode_escape").decode("ascii")
    return written if len(written) <= 110 else f"{written[:44]}... ({len(name)} characters)"
