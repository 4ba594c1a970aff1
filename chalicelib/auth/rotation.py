"""A new secret for access tokens, in the four steps by which Secrets Manager asks for it.

Each step may come twice, or again after a crash, and does what is left to do. Nothing outside the secret has to change
with it: containers find the new version by themselves (chalicelib/auth/keys.py), and the one before stays accepted.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

import jwt

from chalicelib.auth.keys import CURRENT, PENDING, Key
from chalicelib.auth.tokens import ALGORITHM
from chalicelib.logs import log
from chalicelib.settings import SHORTEST_SECRET

RANDOM_BYTES = 48


class Vault(Protocol):
    """The versions of one secret."""

    def stages(self) -> dict[str, list[str]]: ...
    def text(self, version: str, stage: str) -> str | None: ...
    def put_pending(self, version: str, text: str) -> None: ...
    def make_current(self, version: str, *, instead_of: str | None) -> None: ...


class RotationRefused(RuntimeError):
    """This step makes no sense for the secret as it is; nothing was changed."""


def rotate(vault: Vault, version: str, step: str) -> None:
    """Do one step of the change to `version` (the request's token). Raises RotationRefused."""
    stages = stages_to_change(vault, version, step, STEPS)
    if stages is None:
        log.info("token_secret_is_rotated_already", step=step)
        return
    STEPS[step](vault, version, stages)
    log.info("token_secret_step_done", step=step)


def stages_to_change(vault: Vault, version: str, step: str, known: Collection[str]) -> dict[str, list[str]] | None:
    """The stages of the secret's versions; None when `version` is the current one already and nothing is left to do.
    Raises RotationRefused for a step that is not `known` and for a version that is no longer to become current."""
    UUID(version)
    if step not in known:
        raise RotationRefused(f"there is no step {step!r}")
    stages = vault.stages()
    if CURRENT in stages.get(version, []):
        return None
    if version in stages and PENDING not in stages[version]:
        raise RotationRefused("this version is neither pending nor current")
    return stages


def _create(vault: Vault, version: str, _stages: dict[str, list[str]]) -> None:
    if vault.text(version, PENDING) is None:
        vault.put_pending(version, secrets.token_urlsafe(RANDOM_BYTES))


def _set(_vault: Vault, _version: str, _stages: dict[str, list[str]]) -> None:
    """Nothing knows the secret but those who read it here."""


def _test(vault: Vault, version: str, stages: dict[str, list[str]]) -> None:
    text = vault.text(version, PENDING)
    if text is None or len(text) < SHORTEST_SECRET:
        raise RotationRefused("the pending version holds no secret of the length we need")
    current = next((each for each, names in stages.items() if CURRENT in names), None)
    if current is not None and hmac.compare_digest(text, vault.text(current, CURRENT) or ""):
        raise RotationRefused("the pending version is the current one once more")
    key = Key.of(text)
    signed = jwt.encode({"sub": key.id}, key.secret, algorithm=ALGORITHM)
    # nosemgrep: token-not-checked-in-full - it is this line's own, to see that the key works
    jwt.decode(signed, key.secret, algorithms=[ALGORITHM])


def _finish(vault: Vault, version: str, stages: dict[str, list[str]]) -> None:
    _test(vault, version, stages)
    current = next((each for each, names in stages.items() if CURRENT in names), None)
    vault.make_current(version, instead_of=current)


STEPS: dict[str, Callable[[Vault, str, dict[str, list[str]]], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}
