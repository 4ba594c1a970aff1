from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.eicar import EICAR
from chalicelib.documents.structure import ALLOWED, CONTENT_TYPES, FileType, StructureRefused, inspect
from chalicelib.errors import Invalid
from tests.chalicelib.documents.files import (
    DOCX_TYPE,
    OLE_HEAD,
    XLSX_TYPE,
    docx_file,
    nested,
    pdf_file,
    xlsx_file,
    zip_file,
)

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 9 + b"\xff\xd9"


def look(content: bytes, filename: str, content_type: str, *, kind: str = "resume", size_bytes: int = -1) -> FileType:
    size = len(content) if size_bytes < 0 else size_bytes
    return inspect(io.BytesIO(content), filename=filename, content_type=content_type, size_bytes=size, kind=kind)


def refusal(content: bytes, filename: str, content_type: str, *, kind: str = "resume", size_bytes: int = -1) -> str:
    with pytest.raises(StructureRefused) as caught:
        look(content, filename, content_type, kind=kind, size_bytes=size_bytes)
    assert isinstance(caught.value, Invalid)
    assert len(caught.value.detail.split()) > 5
    return caught.value.code


@pytest.mark.parametrize(
    ("content", "filename", "content_type", "kind", "expected"),
    [
        (pdf_file(), "cv.pdf", "application/pdf", "resume", FileType.PDF),
        (pdf_file(), "CV.PDF", "Application/PDF; version=1.7", "resume", FileType.PDF),
        (docx_file(), "cv.docx", DOCX_TYPE, "resume", FileType.DOCX),
        (b"Ada Lovelace\r\nengineer\n", "cv.txt", "text/plain; charset=utf-8", "cover_letter", FileType.TXT),
        ("Zoë Šćepanović".encode(), "cv.txt", "text/plain", "resume", FileType.TXT),
        ("Zoë Müller – “engineer”".encode("cp1252"), "cv.txt", "text/plain", "resume", FileType.TXT),
        ("Zoë Müller 李".encode("utf-16"), "cv.txt", "text/plain", "resume", FileType.TXT),
        (xlsx_file(), "people.xlsx", XLSX_TYPE, "import", FileType.XLSX),
        (b"name,email\nAda,ada@example.com\n", "people.csv", "text/csv", "import", FileType.CSV),
        (b"name;email\r\n", "people.csv", "application/vnd.ms-excel", "import", FileType.CSV),
        (b'{"basics": {"name": "Ada"}}', "resume.json", "application/json", "import", FileType.JSON),
        (b'{"name": "Ada"}\n{"name": "Bob"}\n', "people.jsonl", "application/x-ndjson", "import", FileType.JSONL),
        (b'{"name": "Ada"}\n', "people.ndjson", "application/jsonl", "import", FileType.JSONL),
        (b"name,email\nA\x00da\x07,ada@example.com\n", "people.csv", "text/csv", "import", FileType.CSV),
        ("name;email\nZoë;z@example.com\n".encode("utf-16-le"), "people.csv", "text/csv", "import", FileType.CSV),
        (b"MZ,name\n1,Ada\n", "people.csv", "text/csv", "import", FileType.CSV),
        (PNG, "photo.png", "image/png", "other", FileType.PNG),
        (JPEG, "photo.jpeg", "image/jpeg", "other", FileType.JPEG),
        (nested(pdf_file(), 3, name="cv.pdf"), "all.zip", "application/zip", "other", FileType.ZIP),
    ],
)
def test_a_well_built_file_passes(
    content: bytes, filename: str, content_type: str, kind: str, expected: FileType
) -> None:
    assert look(content, filename, content_type, kind=kind) is expected


def test_an_accepted_file_is_left_at_its_start() -> None:
    stream = io.BytesIO(pdf_file())

    inspect(stream, filename="cv.pdf", content_type="application/pdf", size_bytes=len(pdf_file()), kind="resume")

    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("content", "filename", "content_type", "kind"),
    [
        (EICAR, "cv.txt", "text/plain", "resume"),
        (zip_file({"eicar.com": EICAR}), "cv.zip", "application/zip", "other"),
        (nested(EICAR, 3), "cv.zip", "application/zip", "other"),
        (docx_file({"word/media/x.bin": EICAR}), "cv.docx", DOCX_TYPE, "resume"),
        (docx_file({"customXml/item9.xml": EICAR}), "cv.docx", DOCX_TYPE, "resume"),
    ],
)
def test_eicar_passes_so_that_the_scanner_finds_it(content: bytes, filename: str, content_type: str, kind: str) -> None:
    look(content, filename, content_type, kind=kind)


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"", "cv.pdf", "application/pdf") == "file_empty"


def test_a_file_of_another_size_than_announced_is_refused() -> None:
    assert refusal(pdf_file(), "cv.pdf", "application/pdf", size_bytes=len(pdf_file()) + 1) == "size_mismatch"


@pytest.mark.parametrize(
    ("filename", "content_type", "kind"),
    [
        ("cv.rtf", "application/rtf", "resume"),
        ("cv.doc", "application/msword", "resume"),
        ("cv.pdf.exe", "application/pdf", "resume"),
        ("cv", "application/pdf", "resume"),
        ("photo.png", "image/png", "resume"),
        ("cv.zip", "application/zip", "resume"),
        ("cv.pdf", "application/pdf", "import"),
        ("cv.pdf", "application/pdf", "no_such_kind"),
    ],
)
def test_a_type_that_is_not_taken_for_this_kind_is_refused(filename: str, content_type: str, kind: str) -> None:
    assert refusal(pdf_file(), filename, content_type, kind=kind) == "type_not_allowed"


def test_a_caller_may_allow_archives() -> None:
    content = zip_file({"cv.pdf": pdf_file()})

    allowed = inspect(
        io.BytesIO(content),
        filename="all.zip",
        content_type="application/zip",
        size_bytes=len(content),
        kind="import",
        allow_archives=True,
    )

    assert allowed is FileType.ZIP


@pytest.mark.parametrize(
    ("content", "filename", "content_type", "kind"),
    [
        (pdf_file(), "cv.pdf", "application/octet-stream", "resume"),
        (pdf_file(), "cv.txt", "text/plain", "resume"),
        (b"\x00" + pdf_file(), "cv.pdf", "application/pdf", "resume"),
        (b"{\\rtf1 hello}", "cv.txt", "text/plain", "resume"),
        (b"MZ\x90\x00\x03", "cv.txt", "text/plain", "resume"),
        (b"ESC \x1b[31m", "cv.txt", "text/plain", "resume"),
        (b"caf\x81", "cv.txt", "text/plain", "resume"),
        (b"just words", "people.json", "application/json", "import"),
        (b"just words", "people.jsonl", "application/x-ndjson", "import"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60 + b"This program", "people.csv", "text/csv", "import"),
        (b"\x7fELF" + b"\x00" * 60, "people.csv", "text/csv", "import"),
        (PNG, "people.csv", "text/csv", "import"),
        (bytes(range(256)) * 4, "people.csv", "text/csv", "import"),
        (pdf_file(), "cv.docx", DOCX_TYPE, "resume"),
        (xlsx_file(), "cv.docx", DOCX_TYPE, "resume"),
        (docx_file(), "cv.zip", "application/zip", "other"),
        (zip_file({"a.txt": b"a"}), "cv.docx", DOCX_TYPE, "resume"),
        (OLE_HEAD + b"\x00" * 600, "cv.docx", DOCX_TYPE, "resume"),
        (JPEG, "photo.png", "image/png", "other"),
        (pdf_file() + zip_file({"a.txt": b"a"}), "cv.pdf", "application/pdf", "resume"),
        (PNG + docx_file(), "photo.png", "image/png", "other"),
    ],
)
def test_name_announcement_and_content_have_to_agree(
    content: bytes, filename: str, content_type: str, kind: str
) -> None:
    assert refusal(content, filename, content_type, kind=kind) == "type_mismatch"


def test_a_password_protected_office_file_is_refused_as_such() -> None:
    content = OLE_HEAD + b"\x00" * 70_000 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 9

    assert refusal(content, "cv.docx", DOCX_TYPE) == "file_encrypted"


@given(content=st.binary(max_size=400), kind=st.sampled_from(sorted(ALLOWED)), file_type=st.sampled_from(FileType))
def test_arbitrary_bytes_are_accepted_or_refused_but_never_break_the_gate(
    content: bytes, kind: str, file_type: FileType
) -> None:
    extension = "jpg" if file_type is FileType.JPEG else file_type.value
    try:
        accepted = look(content, f"cv.{extension}", min(CONTENT_TYPES[file_type]), kind=kind)
    except StructureRefused:
        return
    assert accepted is file_type
    assert file_type in ALLOWED[kind]
