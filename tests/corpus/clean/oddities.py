"""Files that honest people have and that a careless gate would refuse; and the résumés of the demo."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

from tests import samples as files
from tests.corpus import raw_zip
from tests.corpus.evasion.eicar_documents import jpeg_with, workbook
from tests.corpus.evasion.office import RUN, linked, retyped
from tests.corpus.locked_pdf import write_locked
from tests.corpus.raw_pdf import page_of, stream, with_catalog, write, write_packed
from tests.corpus.raw_zip import Part
from tests.corpus.sample import Sample, honest

RESUMES = Path(__file__).parents[3] / "infra" / "demo" / "resumes"
DOCUMENT = files.docx_of(files.SAMPLE_LINES)
BOOK = workbook([["name", "email"], ["Ada", "ada@example.com"]])


def samples() -> list[Sample]:
    resumes = [honest("demo", path.name, path.name, path.read_bytes()) for path in sorted(RESUMES.glob("*.*"))]
    locked = honest("odd PDF", "locked for changes, objects packed", "cv.pdf", write_locked(page_of()))
    found = [locked, *(honest("odd PDF", name, "cv.pdf", content) for name, content in pdfs().items())]
    found += [honest("odd DOCX", name, "cv.docx", content) for name, content in documents().items()]
    found += [honest("odd workbook", name, "people.xlsx", content) for name, content in workbooks().items()]
    found += [honest("odd ZIP", name, "papers.zip", content) for name, content in archives().items()]
    return resumes + found + _others()


def pdfs() -> dict[str, bytes]:
    base, plain = page_of(), page_of(packed=False)
    pdf = write(base)
    xml = stream(b"<?xml version='1.0'?><SkillsPassport/>", b"/Type/EmbeddedFile/Subtype/text#2Fxml", packed=True)
    europass = {**base, 6: b"<</Type/Filespec/F(cv.xml)/EF<</F 7 0 R>>>>", 7: xml}
    europass = with_catalog(europass, b"/Names<</EmbeddedFiles<</Names[(cv.xml) 6 0 R]>>>>")
    letters = {
        **base,
        6: b"<</Type/Font/Subtype/Type3/CharProcs<</S 7 0 R/JS 7 0 R/Launch 7 0 R>>>>",
        7: stream(b"0 0 d0"),
    }
    title = b"<</Title(TypeScript/JavaScript and /S /Terminal, Node/JS \\(8\\))/Author(1 0 obj)>>"
    said = page_of(
        (
            "Skills: TypeScript/JavaScript, Node/JS (8 years), /S",
            "stream",
            "endstream processing, obj endobj",
            "%PDF- and %%EOF",
        ),
        packed=False,
    )
    white = stream(
        bytes(3_000_000), b"/Type/XObject/Subtype/Image/Width 3000/Height 1000/BitsPerComponent 8", packed=True
    )
    return {
        "white page behind packed objects": write_packed(base) + b"8 0 obj\n" + white + b"\nendobj\n%%EOF\n",
        "objects packed": write_packed(base),
        "objects packed, title": write_packed({**base, 6: title}),
        "title of a programmer": write({**base, 6: title}, trailer=b"/Info 6 0 R"),
        "text of a programmer, not packed": write(said),
        "not packed": write(plain),
        "opens at the top": write(with_catalog(base, b"/OpenAction[3 0 R/XYZ null null 1]")),
        "opens at a named place": write(with_catalog(base, b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>")),
        "link": write({**base, 6: b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://example.com/JavaScript)>>>>"}),
        "structure and group": write(
            {**base, 6: b"<</S/Transparency/CS/DeviceRGB>>", 7: b"<</Type/StructElem/S /P /K 0>>"}
        ),
        "Europass with its data": write(europass),
        "Europass with its data, packed": write_packed(europass),
        "type 3 letters": write(letters),
        "updated": pdf + write(base)[9:],
        "blank lines behind": pdf + b"\r\n\r\n",
        "NULs behind": pdf + bytes(700),
        "DOS end": pdf + b"\x1a",
        "note of a gateway behind": pdf + b"\n-- scanned by mail gateway --\n",
        "outline": write(
            with_catalog(
                {**base, 6: b"<</First 7 0 R/Last 7 0 R/Count 1>>", 7: b"<</Title(One)/Parent 6 0 R>>"},
                b"/Outlines 6 0 R",
            )
        ),
        "notes for machines": write(
            {**base, 6: stream(b"<?xpacket begin=''?><x:xmpmeta><rdf:RDF/></x:xmpmeta>", b"/Type/Metadata/Subtype/XML")}
        ),
        "locked for changes": files.encrypted_pdf(""),
    }


def documents() -> dict[str, bytes]:
    embedded = files.with_member(DOCUMENT, "word/embeddings/Microsoft_Excel_Sheet1.xlsx", BOOK)
    start, end = (f'<w:r><w:fldChar w:fldCharType="{mark}"/></w:r>' for mark in ("begin", "end"))
    codes = (
        " PAGE ",
        " HYPERLINK &quot;https://example.com/DDE&quot; ",
        " TOC \\o &quot;1-3&quot; ",
        " DATE \\@ &quot;d. MMMM&quot; ",
        " MERGEFIELD Name ",
        " INCLUDEPICTURE &quot;https://example.com/a.png&quot; ",
        " QUOTE 12 ",
    )
    return {
        "template on this disk": linked("attachedTemplate", "file:///C:\\Users\\Ada\\Templates\\CV.dotx"),
        "template on this disk, slashes": linked("attachedTemplate", "file:///C:/Users/Ada/Templates/CV.dotx"),
        "template by name": linked("attachedTemplate", "Normal.dotm"),
        "picture of the web": linked("image", "https://example.com/logo.png"),
        "link to a share": linked("hyperlink", "file:///\\\\server\\share\\cv.docx"),
        "workbook behind a chart": embedded,
        "fields": files.docx_with_body("".join(f"<w:p>{start}{RUN.format(code)}{end}</w:p>" for code in codes)),
        "packed metafile": files.with_member(
            DOCUMENT, "word/media/image1.emz", gzip.compress(b"metafile" * 50, mtime=0)
        ),
        "embedded font": files.with_member(DOCUMENT, "word/fonts/font1.odttf", bytes(range(256)) * 8),
        "own data": files.with_member(DOCUMENT, "customXml/item1.xml", b"<b:Sources xmlns:b='x'/>"),
        "SVG picture": files.with_member(
            DOCUMENT, "word/media/image2.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        ),
        "PNG with packed notes": files.with_member(DOCUMENT, "word/media/image1.png", files.png()),
        "macro-free by name only": retyped(
            DOCUMENT, b"</Types>", b'<Default Extension="emf" ContentType="image/x-emf"/></Types>'
        ),
        "empty": files.docx_of([]),
        "UTF-16 part": files.with_member(
            DOCUMENT, "customXml/item2.xml", "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16")
        ),
    }


def workbooks() -> dict[str, bytes]:
    link = b'<externalLink xmlns="x"><externalBook><sheetNames/></externalBook></externalLink>'
    external = linked(
        "externalLinkPath",
        "file:///\\\\server\\share\\other.xlsx",
        document=BOOK,
        part="xl/externalLinks/_rels/externalLink1.xml.rels",
    )
    return {
        "link to another workbook": files.with_member(external, "xl/externalLinks/externalLink1.xml", link),
        "printer settings": files.with_member(BOOK, "xl/printerSettings/printerSettings1.bin", bytes(range(200))),
        "30,000 links": _with_many_links(),
        "formulas": workbook([["name"], ["=1+1"], ['=HYPERLINK("https://example.com")']]),
    }


def _with_many_links() -> bytes:
    link = '<Relationship Id="r{0}" Type="x/hyperlink" Target="mailto:person{0}@example.com" TargetMode="External"/>'
    rels = f"<Relationships>{''.join(link.format(number) for number in range(30_000))}</Relationships>"
    return files.with_member(BOOK, "xl/worksheets/_rels/sheet9.xml.rels", rels.encode())


def archives() -> dict[str, bytes]:
    papers = {"cv.pdf": write(page_of()), "cv.docx": DOCUMENT}
    folders = io.BytesIO()
    with zipfile.ZipFile(folders, "w") as archive:
        archive.mkdir("Bewerbung")
        archive.writestr("Bewerbung/cv.pdf", papers["cv.pdf"])
    mac = {
        **papers,
        "__MACOSX/._cv.pdf": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
        ".DS_Store": b"\x00\x00\x00\x01Bud1",
    }
    work = {
        "src/app.js": b"alert(1)",
        "src/main.py": b"print(1)",
        "README.md": b"# Work",
        "index.html": b"<html></html>",
        "run.sh": b"#!/bin/sh\n",
    }
    accents = raw_zip.write(Part(name="Lebenslauf Müller.txt".encode("cp437")))
    return {
        "folders": folders.getvalue(),
        "of a Mac": files.zip_of(mac),
        "samples of work": files.zip_of(work),
        "name of DOS": accents,
        "with a comment": raw_zip.write(Part(), comment=b"papers of Ada"),
        "two deep": files.zip_of({"all.zip": files.zip_of(papers)}),
    }


def _others() -> list[Sample]:
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
    jpeg = jpeg_with(0xFE, b"note")
    return [
        honest("odd picture", "JPEG with a film behind", "photo.jpg", jpeg + film),
        honest("odd picture", "JPEG with a preview", "photo.jpg", jpeg_with(0xE1, b"Exif\0\0" + jpeg)),
        honest("odd picture", "JPEG with a second picture behind", "photo.jpg", jpeg + bytes(20) + jpeg),
        honest("odd picture", "PNG with a blank line behind", "photo.png", files.png() + b"\r\n"),
        honest("odd text", "one word", "cv.txt", b"Ada"),
        honest("odd text", "a column called MZ", "people.csv", b"MZ,name\n1,Ada\n"),
        honest("odd text", "separator told", "people.csv", b"sep=;\r\nname;email\r\n"),
        honest("odd text", "markup in the middle", "cv.txt", b"I write <html> and <script> by hand.\n"),
        honest(
            "odd text", "UTF-16 without a mark", "people.csv", "name;email\nZoë;z@example.com\n".encode("utf-16-le")
        ),
    ]
