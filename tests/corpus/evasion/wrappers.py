"""The test virus in packings and mails that we do not take, inside a ZIP and under the names of what we take."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from email.message import EmailMessage

from tests import samples as files
from tests.corpus.sample import EICAR, Sample, evasion

FAMILY = "other packings"
NAMES = ("cv.pdf", "cv.docx", "cv.txt", "people.csv", "people.json", "people.xlsx", "all.zip", "photo.png", "photo.jpg")


def samples() -> Iterator[Sample]:
    for name, content in packings().items():
        yield evasion(FAMILY, f"{name} in a ZIP", "all.zip", files.zip_of({"papers": content}))
        yield evasion(
            FAMILY, f"{name} in a ZIP two deep", "all.zip", files.zip_of({"a.zip": files.zip_of({"papers": content})})
        )
        yield evasion(
            FAMILY,
            f"{name} in a DOCX",
            "cv.docx",
            files.with_member(files.docx_of(["Ada"]), "word/media/a.png", content),
        )
    for filename in NAMES:
        yield evasion(FAMILY, f"gzip as {filename}", filename, gzip.compress(EICAR, mtime=0))
        yield evasion(FAMILY, f"tar as {filename}", filename, packings()["tar"])
    for name, mail in mails().items():
        yield evasion("mails", f"{name} in a ZIP", "all.zip", files.zip_of({"mail.eml": mail}))
        yield evasion("mails", f"{name} as a text", "cv.txt", mail)


def packings() -> dict[str, bytes]:
    """What the standard library can pack, and the outer shape of what it cannot."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("cv.txt")
        member.size = len(EICAR)
        archive.addfile(member, io.BytesIO(EICAR))
    disc = bytearray(40 * 2048)
    disc[0x8000:0x8006] = b"\x01CD001"
    disc[39 * 2048 : 39 * 2048 + len(EICAR)] = EICAR
    hidden = bytes(byte ^ 0x55 for byte in EICAR)  # packed in a way that nothing here undoes
    return {
        "gzip": gzip.compress(EICAR, mtime=0),
        "gzip twice": gzip.compress(gzip.compress(EICAR, mtime=0), mtime=0),
        "bzip2": bz2.compress(EICAR),
        "xz": lzma.compress(EICAR),
        "tar": tar.getvalue(),
        "tar.gz": gzip.compress(tar.getvalue(), mtime=0),
        "disc image": bytes(disc),
        "disc image, hidden": bytes(disc).replace(EICAR, hidden),
        "RAR": b"Rar!\x1a\x07\x01\x00" + hidden,
        "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + hidden,
        "cabinet": b"MSCF\x00\x00\x00\x00" + hidden,
        "zstd": b"\x28\xb5\x2f\xfd\x04" + hidden,
        "LHA": b"\x20\x00-lh5-" + hidden,
        "ACE": b"\x00" * 7 + b"**ACE**" + hidden,
        "ARJ": b"\x60\xea" + hidden,
        "compress": b"\x1f\x9d\x90" + hidden,
        "OLE": files.OLE_HEADER + bytes(1016) + hidden,
        "OLE with a password": files.encrypted_docx(),
        "MZ program": b"MZ\x90\x00\x03\x00" + bytes(54) + b"\x40\x00\x00\x00PE\x00\x00" + hidden,
        "ELF program": b"\x7fELF\x02\x01\x01\x00" + hidden,
        "Java class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + hidden,
        "shortcut": bytes.fromhex("4c0000000114020000000000c000000000000046") + hidden,
    }


def mails() -> dict[str, bytes]:
    """Letters with the test virus attached, in every encoding that mail knows."""
    found = {}
    for attached, name in ((EICAR, "a text"), (files.eicar_zip(), "a ZIP")):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "ada@example.com", "jobs@example.com", "My application"
        message.set_content("Please find my papers attached.")
        message.add_attachment(attached, maintype="application", subtype="octet-stream", filename="cv.bin")
        message.set_boundary("=" * 15 + "7" * 12)
        found[f"mail with {name}"] = message.as_bytes()
        received = b"Received: from example.com\r\nFrom: ada@example.com\r\n"
        found[f"mail with {name}, not multipart"] = received + (
            b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=cv.bin\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(attached)
        )
        lines = [attached[at : at + 45] for at in range(0, len(attached), 45)]
        body = b"begin 644 cv.bin\n" + b"".join(map(binascii.b2a_uu, lines)) + b"`\nend\n"
        found[f"mail with {name}, uuencoded"] = received + b"Subject: x\r\n\r\n" + body
    return found
