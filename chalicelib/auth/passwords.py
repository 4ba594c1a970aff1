"""Passwords: Argon2id by OWASP's minimum, through passlib's interface (libpass, its maintained fork)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from chalicelib.auth.common_passwords import folded, is_common
from chalicelib.errors import Invalid

SHORTEST, LONGEST = 8, 256
SHORTEST_WORD = 4
# Hashes of other systems, as a migration brings them: right passwords are let in once and hashed anew. Whole ones only,
# since passlib warns of broken ones instead of refusing them.
BROUGHT_ALONG = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$pbkdf2-sha256\$\d+\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{43}")
BCRYPT_BYTES = 72
# Words of so many names that they tell nobody anything.
NO_NAMES = {
    "company",
    "consulting",
    "corporation",
    "executive",
    "gesellschaft",
    "gmbh",
    "group",
    "holding",
    "international",
    "limited",
    "management",
    "partner",
    "partners",
    "recruiting",
    "recruitment",
    "search",
    "services",
    "solutions",
    "staffing",
    "talent",
    "team",
}


class PasswordWeak(Invalid):
    """The password is too easily guessed; the detail says why."""

    code = "password_weak"


@cache
def _context() -> Any:
    from passlib.context import CryptContext

    # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: 19 MiB, 2 passes, 1 lane
    return CryptContext(
        schemes=["argon2", "bcrypt", "pbkdf2_sha256"],
        deprecated="auto",
        argon2__memory_cost=19456,
        argon2__time_cost=2,
        argon2__parallelism=1,
        argon2__type="ID",
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
    """Whether the password is right; takes as long for an account that does not exist (None).

    A hash that was brought along takes its own time, until its owner has signed in once.
    """
    if password_hash and BROUGHT_ALONG.fullmatch(password_hash):
        return _verify_brought_along(password, password_hash)
    is_ours = password_hash is not None and password_hash.startswith("$argon2")
    stored = password_hash if password_hash and is_ours else _nobodys_hash()
    return _is_right(normal(password), stored) and stored is password_hash


def _verify_brought_along(password: str, password_hash: str) -> bool:
    """Other systems hashed what was typed; and of that, bcrypt never saw more than 72 bytes."""
    typed: Iterable[bytes] = dict.fromkeys(spelling.encode() for spelling in (password, normal(password)))
    if password_hash.startswith("$2"):
        typed = [each[:BCRYPT_BYTES] for each in typed]
    return any(_is_right(each, password_hash) for each in typed)


def _is_right(password: str | bytes, password_hash: str) -> bool:
    try:
        return bool(_context().verify(password, password_hash))
    except ValueError:
        return False


def needs_update(password_hash: str) -> bool:
    """Whether a new hash of the same password would be a better one: parameters have risen, or it was brought along."""
    return bool(_context().needs_update(password_hash))


def check_strength(password: str, *, name: str, email: str, organization: str) -> None:
    """Raises PasswordWeak, with the reason, for a password that is too short or too long, that everybody tries first,
    or that says who its owner is. There are no rules on which kinds of characters it must have."""
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordWeak(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(text)) < 4:
        raise PasswordWeak("this password repeats too few characters")
    if is_common(text):
        raise PasswordWeak("this password is one of the first that everybody tries")
    spelled = folded(text)
    told = {"your name": _words(name), "your email": _words(email.partition("@")[0])}
    told |= {"your organization": _words(organization) - NO_NAMES, "the name of this system": {"recruitpro"}}
    for what, words in told.items():
        if any(word in spelled for word in words):
            raise PasswordWeak(f"a password must not contain {what}")


def _words(text: str) -> set[str]:
    """The words of a name, case-folded, and the whole of it as it stands and run together; none too short to tell."""
    whole = folded(text).strip()
    words = {whole, re.sub(r"\W", "", whole), *re.split(r"[\W_]+", whole)}
    return {word for word in words if len(word) >= SHORTEST_WORD}
