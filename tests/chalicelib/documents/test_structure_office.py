from __future__ import annotations

import gzip
import io

import pytest

from chalicelib.documents.structure import FileType, StructureRefused, inspect
from tests.chalicelib.documents.files import DOCX_TYPE, OLE_HEAD, docx_file, xlsx_file, zip_file

MIB = 1024 * 1024


def look_at_docx(content: bytes) -> FileType:
    return inspect(
        io.BytesIO(content), filename="cv.docx", content_type=DOCX_TYPE, size_bytes=len(content), kind="resume"
    )


def docx_refusal(content: bytes) -> str:
    with pytest.raises(StructureRefused) as caught:
        look_at_docx(content)
    return caught.value.code


@pytest.mark.parametrize(
    "content",
    [
        docx_file({"word/vbaProject.bin": OLE_HEAD}),
        docx_file({"word/other.bin": b"x"}, replace={"document.main+xml": b"document.macroEnabled.main+xml"}),
        docx_file(
            replace={"</Types>": b'<Default Extension="q" ContentType="application/vnd.ms-office.vbaProject"/></Types>'}
        ),
        docx_file(
            {"word/embeddings/w.xlsx": zip_file({"[Content_Types].xml": b"<Types/>", "xl/vbaProject.bin": b"x"})}
        ),
    ],
)
def test_macros_are_refused_whatever_the_extension_says(content: bytes) -> None:
    assert docx_refusal(content) == "macros_not_allowed"


def test_a_file_that_calls_itself_docm_is_told_about_macros() -> None:
    with pytest.raises(StructureRefused) as caught:
        inspect(io.BytesIO(b"x"), filename="cv.docm", content_type=DOCX_TYPE, size_bytes=1, kind="resume")

    assert caught.value.code == "macros_not_allowed"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word/embeddings/oleObject1.bin", OLE_HEAD + bytes(100)),
        ("word/embeddings/package.bin", b"anything else"),
        ("word/media/image9.png", b"MZ\x90\x00"),
        ("customXml/item.bin", b"\x7fELF\x02"),
        ("word/activeX/activeX1.bin", OLE_HEAD),
        ("word/media/inner.zip", zip_file({"a.txt": b"a"})),
        ("word/media/inner.rar", b"Rar!\x1a\x07\x00"),
    ],
)
def test_an_object_in_a_document_is_refused(name: str, content: bytes) -> None:
    assert docx_refusal(docx_file({name: content})) == "embedded_object"


def test_the_workbook_behind_a_chart_is_accepted() -> None:
    assert look_at_docx(docx_file({"word/embeddings/chart.xlsx": xlsx_file()})) is FileType.DOCX


def test_a_packed_metafile_is_accepted_and_counted() -> None:
    assert look_at_docx(docx_file({"word/media/image1.emz": gzip.compress(b"metafile" * 50)})) is FileType.DOCX
    assert docx_refusal(docx_file({"word/media/image1.emz": gzip.compress(bytes(20 * MIB))})) == "archive_ratio"


def test_a_document_with_its_own_xml_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE T [<!ENTITY a "x">]><T>&a;</T>'

    assert docx_refusal(zip_file({"[Content_Types].xml": bomb, "word/document.xml": b"<a/>"})) == "archive_damaged"
