"""HTTP for second factors: one's own, and an admin's help for those who lost theirs.

Nothing of it is kept for retries where a secret is shown: the answer would lie in the database in clear.
"""

from __future__ import annotations

from typing import Any

from chalicelib import db
from chalicelib.auth.attempts import SignInUnavailable
from chalicelib.auth.errors import WrongPassword
from chalicelib.errors import NotFound, TooManyRequests
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.second_factor import service
from chalicelib.second_factor.errors import (
    OwnSecondFactor,
    SecondFactorEnabled,
    SecondFactorNeeded,
    SecondFactorNotEnabled,
    WrongCode,
)
from chalicelib.second_factor.schemas import (
    Confirmation,
    Disabling,
    EnrolmentView,
    NewSecondFactor,
    RecoveryCodesView,
    Renewal,
    SecondFactorView,
)
from chalicelib.second_factor.service import Asker

routes = Routes(__name__, tag="second_factor")
MINE = "/api/users/me/second-factor"
COUNTED = (TooManyRequests, SignInUnavailable)


@routes.serve("GET", MINE, answer=SecondFactorView, serves_restricted=True)
def get_second_factor(call: Call[Nothing, Nothing]) -> SecondFactorView:
    """Whether one has a second factor and needs one, and how many recovery codes are left."""
    state = service.state_of(call.session, call.organization_id, call.caller.user_id)
    return SecondFactorView.model_validate(state)


@routes.serve(
    "POST",
    MINE,
    body=NewSecondFactor,
    answer=EnrolmentView,
    status=201,
    opens_transaction=False,
    keeps_answer=False,
    serves_restricted=True,
    refusals=(WrongPassword, SecondFactorEnabled, *COUNTED),
)
def begin_second_factor(call: Call[NewSecondFactor, Nothing]) -> Answer:
    """A new secret for an authenticator app, shown this once. It counts when a first code has confirmed it."""
    asker = _asker(call)
    with service.counted(asker, call.now) as user:
        service.check_password(user, call.body.current_password)
        with db.transaction(call.organization_id) as session:
            enrolment = service.begin(session, user, asker, now=call.now)
    return created(EnrolmentView.model_validate(enrolment), MINE)


@routes.serve(
    "POST",
    f"{MINE}/confirm",
    body=Confirmation,
    answer=RecoveryCodesView,
    keeps_answer=False,
    serves_restricted=True,
    refusals=(WrongCode, SecondFactorEnabled, SecondFactorNotEnabled),
)
def confirm_second_factor(call: Call[Confirmation, Nothing]) -> RecoveryCodesView:
    """Enable the second factor by a first code of the app; the recovery codes, shown this once. A sign-in that was good
    for nothing but this is an ordinary one from here on, and one's other sign-ins end."""
    shown = service.confirm(call.session, _asker(call), call.body.code, now=call.now)
    return RecoveryCodesView(recovery_codes=shown)


@routes.serve(
    "POST",
    f"{MINE}/disable",
    body=Disabling,
    status=204,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(WrongPassword, WrongCode, SecondFactorNeeded, SecondFactorNotEnabled, *COUNTED),
)
def disable_second_factor(call: Call[Disabling, Nothing]) -> Answer:
    """Give up one's second factor, where the organization does not require one. One's other sign-ins end."""
    asker = _asker(call)
    with service.counted(asker, call.now) as user:
        service.check_password(user, call.body.current_password)
        with db.transaction(call.organization_id) as session:
            service.disable(session, user, asker, call.body.code, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    f"{MINE}/recovery-codes",
    body=Renewal,
    answer=RecoveryCodesView,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(WrongCode, SecondFactorNotEnabled, *COUNTED),
)
def renew_recovery_codes(call: Call[Renewal, Nothing]) -> RecoveryCodesView:
    """New recovery codes, shown this once; all older ones are worth nothing."""
    asker = _asker(call)
    with service.counted(asker, call.now), db.transaction(call.organization_id) as session:
        shown = service.renew_recovery_codes(session, asker, call.body.code, now=call.now)
    return RecoveryCodesView(recovery_codes=shown)


@routes.serve(
    "POST",
    "/api/users/{user_id}/second-factor/reset",
    access=Access.ADMIN,
    status=204,
    refusals=(NotFound, OwnSecondFactor, SecondFactorNotEnabled),
)
def reset_second_factor(call: Call[Nothing, Nothing]) -> Answer:
    """Take away the second factor of somebody who has lost it, and end all their sign-ins."""
    service.reset(call.session, call.organization_id, call.ids["user_id"], actor=call.actor, now=call.now)
    return no_content()


def _asker(call: Call[Any, Nothing]) -> Asker:
    caller = call.caller
    return Asker(caller.organization_id, caller.user_id, caller.sign_in_id, call.request.address, call.actor)
