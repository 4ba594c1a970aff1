"""Word documents: paragraphs, tables, boxes, headers and footers once each, and only what a person sees."""

from __future__ import annotations

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.shared import Pt, RGBColor

from chalicelib.resumes import errors, word
from chalicelib.resumes.limits import ReadingLimits
from tests import samples

LIMITS = ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=3)
WHITE = RGBColor(255, 255, 255)
BOX = "<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
DARK_BOX = (
    '<w:p><w:r><w:drawing><wps:wsp><wps:spPr><a:solidFill><a:srgbClr val="{fill}"/></a:solidFill></wps:spPr>'
    '<wps:txbx><w:txbxContent><w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>In the box</w:t></w:r></w:p>'
    "</w:txbxContent></wps:txbx></wps:wsp></w:drawing></w:r></w:p>"
)


def text_of(content: bytes) -> str:
    return "\f".join(word.pages(content, LIMITS))


def body(xml: str) -> str:
    return text_of(samples.docx_with_body(xml))


def run(text: str, looks: str = "") -> str:
    return f"<w:r><w:rPr>{looks}</w:rPr><w:t>{text}</w:t></w:r>"


def test_paragraphs_lists_and_tables_are_read_in_order() -> None:
    document = docx.Document()
    document.add_paragraph("Jordan")
    document.add_paragraph("led a team", style="List Bullet")
    document.add_paragraph("saved money", style="List Number")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Python", "ten years"
    document.add_paragraph("Regards")

    assert text_of(samples.docx_bytes(document)) == "Jordan\n- led a team\n- saved money\nPython\tten years\nRegards"


def test_a_table_that_lays_out_columns_is_read_cell_by_cell() -> None:
    document = docx.Document()
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    left.text, right.text = "Skills\nPython", "Career\nEngineer"
    right.add_table(rows=1, cols=1).cell(0, 0).text = "inner table"

    assert text_of(samples.docx_bytes(document)) == "Skills\nPython\nCareer\nEngineer\ninner table"


def test_headers_and_footers_are_read_once_each() -> None:
    document = docx.Document()
    document.add_paragraph("Career")
    document.add_section()
    document.sections[0].header.paragraphs[0].text = "Jordan\t202-555-0100"
    document.sections[0].footer.paragraphs[0].text = "References on request"
    document.sections[0].first_page_header.paragraphs[0].text = "never shown: no section has a first page of its own"

    assert text_of(samples.docx_bytes(document)) == "Jordan\t202-555-0100\nCareer\n\nReferences on request"


def test_a_text_box_is_read_once() -> None:
    choice = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice>'
    fallback = f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback>"

    assert body(
        f"<w:p>{run('Beside')}<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r></w:p>"
    ) == ("Beside\nIn the box")


def test_page_breaks_part_pages_and_an_empty_page_is_none() -> None:
    document = docx.Document()
    document.add_paragraph("one").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("two")

    assert word.pages(samples.docx_bytes(document), LIMITS) == ["one", "two"]


def test_too_many_page_breaks_are_refused() -> None:
    page = "<w:p><w:r><w:t>page</w:t><w:lastRenderedPageBreak/></w:r></w:p>"

    with pytest.raises(errors.TooManyPages):
        body(page * 4)


HIDDEN = {
    "hidden": "<w:vanish/>",
    "white": '<w:color w:val="FFFFFF"/>',
    "nearly white": '<w:color w:val="FEFDFE"/>',
    "white on white shading": '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="FFFFFF"/>',
    "white on automatic shading": '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="auto"/>',
    "of one point": '<w:sz w:val="2"/>',
}


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_runs_are_not_read(how: str) -> None:
    assert body(f"<w:p>{run('Seen')}{run(' trick', HIDDEN[how])}</w:p>") == "Seen"


SEEN = {
    "not hidden after all": '<w:vanish w:val="0"/>',
    "of automatic colour": '<w:color w:val="auto"/>',
    "white on dark shading": '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3350"/>',
    "white on a highlight": '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>',
    "of four points": '<w:sz w:val="8"/>',
}


@pytest.mark.parametrize("how", SEEN)
def test_visible_runs_are_read(how: str) -> None:
    assert body(f"<w:p>{run('shown', SEEN[how])}</w:p>") == "shown"


@pytest.mark.parametrize("trait", ["hidden", "colour", "size"])
def test_text_hidden_by_its_style_is_not_read(trait: str) -> None:
    document = docx.Document()
    base = document.styles.add_style("Base", 1)
    style = document.styles.add_style("Derived", 1)
    style.base_style = base
    if trait == "hidden":
        base.font.hidden = True
    elif trait == "colour":
        base.font.color.rgb = WHITE
    else:
        base.font.size = Pt(1)
    document.add_paragraph("Seen")
    document.add_paragraph("trick", style="Derived")

    assert text_of(samples.docx_bytes(document)) == "Seen"


def test_white_text_is_read_in_a_dark_box_and_not_in_a_white_one() -> None:
    seen = f"<w:p>{run('Seen')}</w:p>"

    assert body(seen + DARK_BOX.format(fill="202020")) == "Seen\n\nIn the box"
    assert body(seen + DARK_BOX.format(fill="FFFFFF")) == "Seen"


def test_white_text_is_read_in_a_dark_cell() -> None:
    row = (
        "<w:tr><w:tc><w:tcPr>{shading}</w:tcPr><w:p>"
        + run("shown", '<w:color w:val="FFFFFF"/>')
        + "</w:p></w:tc></w:tr>"
    )
    table = "<w:tbl>" + row + f"</w:tbl><w:p>{run('Seen')}</w:p>"

    assert body(table.format(shading='<w:shd w:val="clear" w:fill="000000"/>')) == "shown\nSeen"
    assert body(table.format(shading="")) == "Seen"


def test_deleted_text_and_field_codes_are_not_read() -> None:
    deleted = "<w:del><w:r><w:delText>trick</w:delText></w:r></w:del>"
    moved = f"<w:moveFrom>{run('trick')}</w:moveFrom>"
    field = "<w:r><w:instrText>HYPERLINK trick</w:instrText></w:r>"

    assert body(f"<w:p>{run('Seen')}{deleted}{moved}{field}<w:ins>{run(' added')}</w:ins></w:p>") == "Seen added"


def test_links_and_content_controls_are_read() -> None:
    link = f"<w:hyperlink>{run('example.com')}</w:hyperlink>"
    control = f"<w:sdt><w:sdtContent><w:p>{run('In a control')}</w:p></w:sdtContent></w:sdt>"

    assert body(f"<w:p>{link}</w:p>{control}") == "example.com\nIn a control"


@pytest.mark.parametrize("name", ["../../evil.xml", "/evil.xml", "word\\evil.xml"])
def test_a_part_whose_name_leads_out_of_the_archive_is_refused(name: str) -> None:
    with pytest.raises(errors.FileDamaged):
        text_of(samples.with_member(samples.docx_of(["Jordan"]), name, b"<x/>"))


def test_an_entity_declared_in_another_encoding_is_refused() -> None:
    xml = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d [<!ENTITY a "b">]><d/>'.encode("utf-16")

    with pytest.raises(errors.FileTooComplex):
        text_of(samples.with_member(samples.docx_of(["Jordan"]), "word/other.xml", xml))


def test_a_document_with_macros_is_not_supported() -> None:
    types = b'<Types xmlns="x"><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'

    with pytest.raises(errors.TypeNotSupported, match="macros"):
        text_of(samples.with_member(samples.docx_of(["Jordan"]), "[Content_Types].xml", types))
