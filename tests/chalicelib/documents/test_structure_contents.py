"""What the gate says of documents that run something, fetch something, or are two files in one."""

from __future__ import annotations

import io

import pytest

from chalicelib.documents.limits import limits_for
from chalicelib.documents.structure import StructureLimits, StructureRefused, inspect
from chalicelib.settings import read
from tests import samples as files
from tests.corpus import raw_zip
from tests.corpus.clean import oddities
from tests.corpus.evasion import bombs, eicar_documents, office, pdf_actions, pictures, polyglots
from tests.corpus.locked_pdf import write_locked
from tests.corpus.raw_pdf import page_of, stream, with_catalog, write, write_packed
from tests.corpus.raw_zip import Part
from tests.corpus.sample import Sample, announced_type, odd


def code_of(sample: Sample, limits: StructureLimits | None = None) -> str:
    """The code of the refusal, "taken" when there is none."""
    try:
        inspect(
            io.BytesIO(sample.content),
            filename=sample.filename,
            content_type=announced_type(sample.filename),
            size_bytes=len(sample.content),
            kind=sample.kind,
            limits=limits,
        )
    except StructureRefused as refusal:
        return refusal.code
    return "taken"


def code(filename: str, content: bytes, limits: StructureLimits | None = None) -> str:
    return code_of(odd("", "", filename, content), limits)


@pytest.mark.parametrize("name", pdf_actions.ACTIONS)
def test_a_pdf_that_runs_something_is_refused_however_it_is_spelt_and_packed(name: str) -> None:
    objects = with_catalog({**page_of(), 6: pdf_actions.ACTIONS[name]}, b"/OpenAction 6 0 R")

    assert code("cv.pdf", write(objects)) == "active_content"
    assert code("cv.pdf", write_packed(objects)) == "active_content"
    assert code("all.zip", files.zip_of({"cv.pdf": write(objects)})) == "active_content"


@pytest.mark.parametrize("name", oddities.pdfs())
def test_what_honest_pdfs_hold_is_taken(name: str) -> None:
    assert code("cv.pdf", oddities.pdfs()[name]) == "taken"


@pytest.mark.parametrize("name", [*oddities.documents(), *oddities.workbooks()])
def test_what_honest_office_files_hold_is_taken(name: str) -> None:
    if name in oddities.documents():
        assert code("cv.docx", oddities.documents()[name]) == "taken"
    else:
        assert code("people.xlsx", oddities.workbooks()[name]) == "taken"


@pytest.mark.parametrize("name", office.remote())
def test_a_document_that_fetches_a_part_of_itself_is_refused(name: str) -> None:
    expected = "embedded_object" if name == "chunk" else "external_content"

    assert code("cv.docx", office.linked(*office.remote()[name])) == expected


@pytest.mark.parametrize("name", office.fields())
def test_a_field_that_runs_or_fetches_is_refused(name: str) -> None:
    expected = "external_content" if "from" in name and name != "from numbers" else "active_content"

    assert code("cv.docx", files.docx_with_body(office.fields()[name])) == expected


def test_a_part_with_a_document_type_is_refused_wherever_that_stands() -> None:
    document = files.docx_of(["Ada"])
    late = b"<!-- instrText " + b"x" * 70_000 + b' --><!DOCTYPE a [<!ENTITY d "DDE">]><a><instrText>&d;</instrText></a>'

    assert code("cv.docx", files.entity_docx()) == "archive_damaged"
    assert code("cv.docx", files.with_member(document, "word/header1.xml", late)) == "archive_damaged"


def test_a_live_link_of_a_workbook_is_refused() -> None:
    assert code("people.xlsx", office.workbooks()["DDE link"]) == "external_content"


@pytest.mark.parametrize(
    ("filename", "content", "expected"),
    [
        ("cv.pdf", write(page_of()) + b"<html>", "hidden_content"),
        ("cv.pdf", write(page_of()) + polyglots.PROGRAM, "hidden_content"),
        ("cv.pdf", write(page_of()) + b"x" * 5000, "hidden_content"),
        ("cv.pdf", write({**page_of(), 6: stream(polyglots.PROGRAM, packed=True)}), "embedded_object"),
        ("cv.pdf", write({**page_of(), 6: stream(files.zip_of({"a": b"a"}))}), "embedded_object"),
        ("photo.png", files.png() + b"<?php x", "hidden_content"),
        ("photo.png", files.png()[:-12], "type_mismatch"),
        ("photo.png", bombs.giant_png(100_000, 100_000), "picture_too_big"),
        ("photo.png", pictures.png_with(b"zTXt", b"a\0\0x"), "hidden_content"),
        ("photo.jpg", eicar_documents.jpeg_with(0xFE, b"n") + files.zip_of({"a": b"a"}), "type_mismatch"),
        ("photo.jpg", eicar_documents.jpeg_with(0xFE, b"<script >"), "hidden_content"),
        ("all.zip", files.zip_of({"a.doc": files.old_doc()}), "type_not_allowed"),
        ("all.zip", files.zip_of({"cv.pdf.exe": b"text"}), "embedded_object"),
        ("all.zip", files.zip_of({"a": polyglots.PROGRAM}), "embedded_object"),
        ("all.zip", files.zip_of({"a\u202etxt": b"a"}), "archive_bad_name"),
        ("cv.txt", b"<script>alert(1)</script>", "type_mismatch"),
        ("cv.txt", "<html>".encode("utf-16"), "type_mismatch"),
    ],
)
def test_a_file_with_a_second_face_is_refused(filename: str, content: bytes, expected: str) -> None:
    assert code(filename, content) == expected


def test_an_archive_without_members_is_refused_and_breaks_nothing() -> None:
    assert code("all.zip", b"PK\x05\x06" + bytes(18)) == "archive_damaged"


def test_an_archive_of_a_version_to_come_is_refused_as_other_readers_do() -> None:
    assert code("all.zip", raw_zip.write(Part(version=148))) == "archive_damaged"
    assert code("all.zip", raw_zip.write(Part(version=63))) == "taken"


def test_a_pdf_whose_packed_objects_are_encrypted_is_refused_and_one_with_plain_objects_taken() -> None:
    assert code("cv.pdf", write_locked(page_of())) == "parts_locked"
    assert code("cv.pdf", files.encrypted_pdf("")) == "taken"


def test_objects_of_a_pdf_count_towards_the_limits() -> None:
    bomb = stream(b"1 0 " + bytes(20 * 1024 * 1024), b"/Type/ObjStm/N 1/First 4", packed=True)
    many = b"%PDF-1.7\n" + b"stream\n" * 30

    assert code("cv.pdf", write({**page_of(), 6: bomb})) == "archive_ratio"
    assert code("cv.pdf", many, StructureLimits(max_streams=20)) == "archive_too_many_entries"


def test_limits_are_settings() -> None:
    chosen = read(
        {
            "RECRUITPRO_ARCHIVE_MAX_DEPTH": "1",
            "RECRUITPRO_ARCHIVE_MAX_ENTRIES": "2",
            "RECRUITPRO_ARCHIVE_MAX_RATIO": "5",
            "RECRUITPRO_ARCHIVE_MAX_UNPACKED_BYTES": "2000000",
            "RECRUITPRO_ARCHIVE_IMPORT_MAX_UNPACKED_BYTES": "3000000",
        }
    )
    limits = limits_for("other", chosen)

    assert (limits.max_unpacked_bytes, limits_for("import", chosen).max_unpacked_bytes) == (2_000_000, 3_000_000)
    assert code("all.zip", files.zip_of({"a.zip": files.zip_of({"a": b"a"})}), limits) == "archive_too_deep"
    assert (
        code("all.zip", files.zip_of({str(number): b"a" for number in range(3)}), limits) == "archive_too_many_entries"
    )
    assert code("all.zip", files.zip_of({"a": bytes(1_900_000)}), limits) == "archive_ratio"
    assert code("all.zip", files.zip_of({"a": bytes(2_100_000)}), limits) == "archive_too_big"
    assert limits_for("import", read({})) == limits_for("import")
    assert limits_for("resume", read({})) == limits_for("resume")
