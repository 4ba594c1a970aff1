"""Passwords: Argon2id by OWASP's minimum, through passlib's interface (libpass, its maintained fork)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from chalicelib.errors import Invalid

SHORTEST, LONGEST = 8, 256


class PasswordWeak(Invalid):
    """The password is too easily guessed; the detail says why."""

    code = "password_weak"


@cache
def _context() -> Any:
    from passlib.context import CryptContext

    # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: 19 MiB, 2 passes, 1 lane
    return CryptContext(
        schemes=["argon2"], argon2__memory_cost=19456, argon2__time_cost=2, argon2__parallelism=1, argon2__type="ID"
    )


def normal(password: str) -> str:
    """One spelling for the same password, whichever keyboard it came from (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The hash to keep. Takes about 20 ms of CPU."""
    return str(_context().hash(normal(password)))


@cache
def _nobodys_hash() -> str:
    return hash_password("the password of nobody at all")


def verify(password: str, password_hash: str | None) -> bool:
    """Whether the password is right; takes as long for an account that does not exist (None)."""
    known = _context().identify(password_hash) if password_hash else None
    stored = password_hash if password_hash and known else _nobodys_hash()
    try:
        is_right = bool(_context().verify(normal(password), stored))
    except ValueError:
        return False
    return is_right and stored is password_hash


def check_strength(password: str, *, personal: tuple[str, ...]) -> None:
    """Raises PasswordWeak for a password that is too short, too long, of one character, or says who its owner is."""
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordWeak(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(text)) < 4:
        raise PasswordWeak("this password repeats too few characters")
    folded = text.casefold()
    for word in personal:
        if len(word) >= 4 and word.casefold() in folded:
            raise PasswordWeak("a password must not contain your name, email or organization")
