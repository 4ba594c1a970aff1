"""The codes of authenticator apps and of recovery, and how secrets are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pyotp
import pytest

from chalicelib.auth.keys import Key
from chalicelib.second_factor import codes
from chalicelib.second_factor.sealing import CannotOpen, Sealed, seal, unseal

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
# RFC 6238, appendix B: the ASCII secret of its test vectors, and their last six digits for SHA-1.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert codes.step_of(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("late_seconds", "is_taken"), [(-31, False), (-1, True), (0, True), (59, True), (60, False)])
def test_a_code_holds_one_step_to_each_side(late_seconds: int, is_taken: bool) -> None:
    secret = codes.new_secret()
    code = pyotp.TOTP(secret).at(NOON)

    found = codes.step_of(secret, code, NOON + timedelta(seconds=late_seconds))

    assert found == (int(NOON.timestamp()) // 30 if is_taken else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345６", "abcdef", "-12345", "'; drop"])
def test_what_is_no_code_is_taken_for_none(code: str) -> None:
    assert codes.step_of(RFC_SECRET, codes.tidy(code), NOON) is None


def test_an_app_reads_the_secret_and_whose_it_is() -> None:
    secret = codes.new_secret()
    uri = urlsplit(codes.otpauth_uri(secret, "ada+x@example.com"))

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query)["secret"] == [secret]
    assert parse_qs(uri.query)["issuer"] == ["RecruitPro"]
    assert "ada%2Bx" in uri.path
    assert len(secret) == 32  # 160 bits


def test_recovery_codes_are_all_different_and_found_however_they_are_typed() -> None:
    shown = codes.new_recovery_codes()

    assert len(set(shown)) == 10
    assert all(len(code.replace("-", "")) == 24 and not codes.is_app_code(codes.tidy(code)) for code in shown)
    typed = f"  {shown[0].lower().replace('-', ' ')} "
    assert codes.hash_of(typed) == codes.hash_of(shown[0]) != codes.hash_of(shown[1])


def test_a_sealed_secret_opens_with_its_key_for_its_user_and_never_else() -> None:
    old, new, user_id = Key.of("o" * 32), Key.of("n" * 32), uuid4()
    keys = {old.id: old, new.id: new}
    sealed = seal("SECRET", user_id, old)

    assert unseal(sealed, user_id, keys.get) == "SECRET"
    assert b"SECRET" not in sealed.content
    assert seal("SECRET", user_id, old).content != sealed.content
    broken = bytes([sealed.content[0] ^ 1]) + sealed.content[1:]
    for wrong, whose in (
        (sealed, uuid4()),
        (Sealed(new.id, sealed.content), user_id),
        (Sealed("gone", sealed.content), user_id),
        (Sealed(old.id, broken), user_id),
        (Sealed(old.id, b""), user_id),
    ):
        with pytest.raises(CannotOpen):
            unseal(wrong, whose, keys.get)
