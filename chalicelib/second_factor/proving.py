"""Whether somebody has the second factor that they ought to have. Each code is good once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from chalicelib.auth.keys import key_ring
from chalicelib.auth.models import User
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.logs import log
from chalicelib.second_factor import codes, repository
from chalicelib.second_factor.errors import BadSecondFactor, SecondFactorRequired
from chalicelib.second_factor.models import SecondFactor
from chalicelib.second_factor.sealing import CannotOpen, Sealed, seal, unseal


class Proof(StrEnum):
    """By what somebody showed that they have their second factor."""

    APP = "app"
    RECOVERY_CODE = "recovery_code"


def check_sign_in(session: Session, user: User, code: str | None, *, actor: Actor, now: datetime) -> bool:
    """Let a user whose password was right sign in; whether with a restricted sign-in, good for setting up a factor.

    `user` is locked. Raises SecondFactorRequired, and BadSecondFactor for a code that is wrong or was used before.
    """
    factor = repository.find(session, user.organization_id, user.id)
    if factor is None or factor.confirmed_at is None:
        return repository.is_required(session, user.organization_id)
    if code is None:
        raise SecondFactorRequired
    if prove(session, factor, code, actor=actor, now=now) is None:
        raise BadSecondFactor
    return False


def prove(session: Session, factor: SecondFactor, code: str, *, actor: Actor, now: datetime) -> Proof | None:
    """Spend a code of the app or a recovery code; by which of them, or None when it is neither or was spent before."""
    tidy = codes.tidy(code)
    if codes.is_app_code(tidy):
        return Proof.APP if spend_app_code(session, factor, tidy, now=now) else None
    if not repository.take_recovery_code(session, factor, codes.hash_of(tidy), now):
        return None
    after = {"codes_left": repository.count_codes_left(session, factor)}
    subject = Subject("user", factor.user_id)
    events.record(session, "recovery_code_used", subject, actor=actor, now=now, after=after)
    return Proof.RECOVERY_CODE


def spend_app_code(session: Session, factor: SecondFactor, code: str, *, now: datetime) -> bool:
    """Whether this is a code of the app that holds now and was not used before; from here on it was."""
    sealed = Sealed(factor.key_id, factor.sealed_secret)
    try:
        secret = unseal(sealed, factor.user_id, key_ring().find)
    except CannotOpen as reason:
        # Its user still has recovery codes, and an admin can reset it.
        log.error("second_factor_unreadable", user_id=str(factor.user_id), reason=str(reason))
        return False
    step = codes.step_of(secret, code, now)
    if step is None or not repository.take_step(session, factor, step):
        return False
    current = key_ring().current()
    if current.id != factor.key_id:
        repository.reseal(session, factor, seal(secret, factor.user_id, current))
    return True
