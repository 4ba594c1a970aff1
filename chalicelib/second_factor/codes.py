"""The codes themselves: what an authenticator app shows (RFC 6238), and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

ISSUER = "RecruitPro"
STEP_SECONDS = 30
# One step to each side, for clocks that differ and codes that are typed slowly: a code holds for 90 seconds at most.
WINDOW = (-1, 0, 1)
APP_CODE = re.compile(r"\d{6}", re.ASCII)
RECOVERY_CODES = 10
RECOVERY_BYTES = 15  # 120 bits, 24 characters of base32
GROUP = 4


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, email: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step (of 30 seconds, since 1970) that an app's code belongs to, or None for a code that is not of now.
    Takes as long for a wrong code."""
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    matching = [step for step in (current + each for each in WINDOW) if _equal(totp.generate_otp(step), code)]
    return matching[-1] if matching else None


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def tidy(code: str) -> str:
    """A code as it was meant, however it was typed: without spaces and hyphens, in capitals."""
    return re.sub(r"[\s-]", "", code).upper()


def is_app_code(code: str) -> bool:
    """Whether a tidy code is one of an app, by its looks; any other can only be a recovery code."""
    return APP_CODE.fullmatch(code) is not None


def new_recovery_codes() -> list[str]:
    """Ten new codes to print or to keep: six groups of four characters each."""
    return [_grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def _grouped(text: str) -> str:
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def hash_of(recovery_code: str) -> bytes:
    """What is kept of a recovery code. Plain SHA-256, as ASVS 6.5.2 allows from 112 bits on: in 120 random ones there
    is nothing to guess, so a slow hash would cost time and gain nothing, and a code is found by its hash."""
    return hashlib.sha256(tidy(recovery_code).encode()).digest()
