from __future__ import annotations

import gzip
import io
import os
import warnings
import zipfile
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.structure import FileType, StructureLimits, StructureRefused, inspect
from tests.chalicelib.documents.files import (
    CENTRAL,
    END,
    LOCAL,
    encrypted_zip,
    nested,
    patched,
    pdf_file,
    zip_file,
)

MIB = 1024 * 1024
PLAIN = zip_file({"cv.txt": b"Ada Lovelace " * 20, "letter.txt": b"Dear reader"})


def look_at_zip(content: bytes, limits: StructureLimits | None = None) -> FileType:
    return inspect(
        io.BytesIO(content),
        filename="all.zip",
        content_type="application/zip",
        size_bytes=len(content),
        kind="other",
        limits=limits,
    )


def zip_refusal(content: bytes, limits: StructureLimits | None = None) -> str:
    with pytest.raises(StructureRefused) as caught:
        look_at_zip(content, limits)
    return caught.value.code


def test_a_password_is_refused() -> None:
    assert zip_refusal(encrypted_zip()) == "archive_encrypted"


def test_a_password_in_a_nested_archive_is_refused() -> None:
    assert zip_refusal(zip_file({"inner.zip": encrypted_zip()})) == "archive_encrypted"


def test_four_levels_are_too_deep() -> None:
    assert zip_refusal(nested(b"deep", 4)) == "archive_too_deep"


def test_an_honest_giant_is_refused_by_its_own_headers() -> None:
    assert zip_refusal(zip_file({"a.bin": bytes(65 * MIB)})) == "archive_too_big"


def test_sizes_add_up_over_members_and_nested_archives() -> None:
    inner = zip_file({"a.bin": os.urandom(600_000)}, method=zipfile.ZIP_STORED)

    assert zip_refusal(zip_file({"1.zip": inner, "2.zip": inner}), StructureLimits(max_unpacked_bytes=2 * MIB)) == (
        "archive_too_big"
    )


def test_a_member_that_unpacks_to_more_than_it_says_is_stopped() -> None:
    lying = zip_file({"a.bin": os.urandom(40_000) + bytes(900_000)})
    lying = patched(patched(lying, LOCAL, 22, "<L", 10), CENTRAL, 24, "<L", 10)

    assert zip_refusal(lying, StructureLimits(max_unpacked_bytes=500_000)) == "archive_too_big"
    assert zip_refusal(lying) == "archive_damaged"


def test_a_bomb_is_known_by_its_ratio() -> None:
    assert zip_refusal(zip_file({"a.bin": bytes(20 * MIB)})) == "archive_ratio"


def test_a_small_member_may_pack_as_well_as_it_can() -> None:
    assert look_at_zip(zip_file({"blank.bmp": bytes(900_000)})) is FileType.ZIP


def test_too_many_members_are_refused() -> None:
    many = zip_file({f"{number}.txt": b"" for number in range(11)})

    assert zip_refusal(many, StructureLimits(max_entries=10)) == "archive_too_many_entries"
    assert look_at_zip(many, StructureLimits(max_entries=11)) is FileType.ZIP


@pytest.mark.parametrize(
    "name", ["../cv.txt", "a/../../cv.txt", "/etc/passwd", "..\\cv.txt", "C:\\cv.txt", "\\\\host\\cv", "a\x01b"]
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert zip_refusal(zip_file({name: b"x"})) == "archive_bad_name"


def test_a_name_with_a_nul_is_refused() -> None:
    assert zip_refusal(zip_file({"cvXtxt": b"x"}).replace(b"cvXtxt", b"cv\x00txt")) == "archive_bad_name"


def test_a_link_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("cv.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")

    assert zip_refusal(target.getvalue()) == "archive_bad_name"


def hidden_between() -> bytes:
    """A ZIP with a second member that the central directory leaves out."""
    two, one = zip_file({"a.txt": b"a", "b.txt": b"b"}), zip_file({"a.txt": b"a"})
    locals_of_two, directory_of_one = two[: two.index(CENTRAL)], one[one.index(CENTRAL) :]
    hidden = locals_of_two + directory_of_one
    return patched(hidden, END, 16, "<L", len(locals_of_two))


def overlapping() -> bytes:
    """A ZIP whose two members are the same bytes."""
    one = zip_file({"a.txt": b"a"})
    record = one[one.index(CENTRAL) : one.index(END)]
    doubled = one[: one.index(END)] + record + one[one.index(END) :]
    doubled = patched(doubled, END, 12, "<L", 2 * len(record))
    return patched(patched(doubled, END, 8, "<H", 2), END, 10, "<H", 2)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN + b"tail",
        b"PK\x03\x04" + PLAIN,
        b"PK\x03\x04 a program could stand here " + PLAIN,
        PLAIN[:-10],
        PLAIN[: len(PLAIN) // 2],
        PLAIN.replace(b"cv.txt", b"xx.txt", 1),
        patched(PLAIN, LOCAL, 14, "<L", 1),
        patched(patched(PLAIN, LOCAL, 14, "<L", 1), CENTRAL, 16, "<L", 1),
        patched(PLAIN, LOCAL, 18, "<L", 3),
        patched(PLAIN, CENTRAL, 20, "<L", 3),
        patched(PLAIN, CENTRAL, 10, "<H", 0),
        patched(PLAIN, CENTRAL, 42, "<L", 5),
        patched(patched(PLAIN, LOCAL, 8, "<H", 14), CENTRAL, 10, "<H", 14),
        patched(PLAIN, END, 4, "<H", 1),
        patched(PLAIN, END, 10, "<H", 1),
        hidden_between(),
        overlapping(),
        zip_file({"photo.bin": b"picture" + zip_file({"a.txt": b"a"})}),
    ],
)
def test_an_archive_that_contradicts_itself_is_refused(content: bytes) -> None:
    assert zip_refusal(content) == "archive_damaged"


def test_two_members_of_one_name_are_refused() -> None:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("cv.txt", "one")
        archive.writestr("cv.txt", "two")

    assert zip_refusal(target.getvalue()) == "archive_damaged"


def test_bytes_after_the_end_of_a_packed_member_are_refused() -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(b"Ada") + packer.flush() + b"hidden"
    raw = zip_file({"a.txt": packed}, method=zipfile.ZIP_STORED)
    for mark, offset in ((LOCAL, 8), (CENTRAL, 10)):
        raw = patched(raw, mark, offset, "<H", 8)

    assert zip_refusal(raw) == "archive_damaged"


def test_an_archive_of_another_make_inside_is_refused() -> None:
    assert zip_refusal(zip_file({"cv.gz": gzip.compress(bytes(100))})) == "type_not_allowed"


class Pipe(io.RawIOBase):
    """Takes bytes and cannot seek, so that zipfile writes sizes after each member instead of before it."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.written += data
        return memoryview(data).nbytes


def streamed(*, is_zip64: bool) -> bytes:
    pipe = Pipe()
    with (
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("cv.txt", "w", force_zip64=is_zip64) as member,
    ):
        member.write(b"Ada Lovelace")
    return bytes(pipe.written)


@pytest.mark.parametrize(
    "content",
    [
        streamed(is_zip64=False),
        streamed(is_zip64=True),
        patched(streamed(is_zip64=False), LOCAL, 22, "<L", len(b"Ada Lovelace")),  # Info-ZIP knows the size already
    ],
)
def test_streamed_and_zip64_archives_are_understood(content: bytes) -> None:
    assert look_at_zip(content) is FileType.ZIP


def test_a_streamed_member_may_not_contradict_itself() -> None:
    assert zip_refusal(patched(streamed(is_zip64=False), LOCAL, 22, "<L", 5)) == "archive_damaged"


@given(position=st.integers(0, 10**6), value=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_spoiled_archive_is_accepted_or_refused_but_never_breaks_the_gate(
    position: int, value: int, cut: int
) -> None:
    spoiled = bytearray(nested(b"Ada" * 30, 2))
    spoiled[position % len(spoiled)] = value
    with suppress(StructureRefused):
        assert look_at_zip(bytes(spoiled[: len(spoiled) - cut // 20 * cut])) is FileType.ZIP


@pytest.mark.parametrize("name", ["cv.pdf", "räsumé.pdf", "folder/cv.pdf", "a..b.pdf"])
def test_ordinary_names_pass(name: str) -> None:
    assert look_at_zip(zip_file({name: pdf_file()})) is FileType.ZIP
