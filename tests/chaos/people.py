"""People who come and are erased again, while work about them is under way; and users who are sent mails."""

from __future__ import annotations

from uuid import UUID, uuid4

import sqlalchemy as sa

from chalicelib.applications import service as applications
from chalicelib.auth.models import UserRole
from chalicelib.candidates import service as candidates
from chalicelib.candidates.models import Candidate
from chalicelib.clock import utc_now
from chalicelib.outreach import service as outreach
from chalicelib.outreach.material import Template, Wish
from chalicelib.privacy import service as privacy
from chalicelib.privacy.models import ErasureReason
from chalicelib.screening import service as screening
from chalicelib.users import invitations, resets
from chalicelib.users.models import Invitation
from tests.chaos.asking import LEAVER, RESUME, Asker, House


def come(asker: Asker) -> None:
    """Somebody new, with an application that is rated, a message to them, and a résumé. Every fifth is erased between
    the moment their file is announced and the one it is stored."""
    house = asker.house()
    token = f"{asker.random.getrandbits(64):016x}"
    email = f"{LEAVER}{token}@people.example"
    with asker.transaction(house) as session:
        values = {"name": f"Leaver {token}", "email": email, "source": "manual"}
        person = candidates.create(session, house.id, values, actor=house.actor, now=utc_now()).id
        ids = {"candidate_id": person, "position_id": UUID(house.position_id)}
        applied = applications.apply(session, house.id, **ids, source=None, actor=house.actor, now=utc_now())
        screening.ask(session, house.id, applied.id, actor=house.actor, now=utc_now())
        wish = Wish(Template.STANDARD)
        outreach.ask(session, house.id, wish, application_id=applied.id, actor=house.actor, now=utc_now())
        content = RESUME.format(name=f"Leaver {token}", email=email).encode()
        announced = asker.announce(session, house, [("resume", "cv.txt", content)], candidate_id=person)
    is_late = asker.random.random() < 0.2
    if is_late:
        _erase(asker, house, [person])
    asker.store(announced, is_told=is_late)


def erase(asker: Asker) -> None:
    """Erase a few of those who came, whatever is being done about them; some are asked for twice."""
    house = asker.house()
    query = sa.select(Candidate.id).where(Candidate.organization_id == house.id, Candidate.email.like(f"{LEAVER}%"))
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(3)).all()
    _erase(asker, house, list(found))


def _erase(asker: Asker, house: House, people: list[UUID]) -> None:
    with asker.transaction(house) as session:
        for person in people:
            privacy.ask(session, house.id, person, ErasureReason.PERSON_ASKED, actor=house.actor, now=utc_now())


def invite(asker: Asker) -> None:
    """Invitations, each a mail; at times an open one is sent again, and the link of before is worth nothing."""
    house = asker.house()
    with asker.transaction(house) as session:
        for _ in range(asker.random.randint(1, 3)):
            who = {"email": f"{uuid4().hex}@users.example", "name": "Kim"}
            invitations.invite(session, house.id, **who, role=UserRole.VIEWER, actor=house.actor, now=utc_now())
    if asker.random.random() < 0.5:
        query = sa.select(Invitation.id).where(Invitation.organization_id == house.id, Invitation.used_at.is_(None))
        with asker.transaction(house) as session:
            found = session.scalars(query.order_by(sa.func.random())).first()
            assert found is not None, "some were invited just now"
            invitation = invitations.get(session, house.id, found)
            invitations.send_again(session, invitation, actor=house.actor, now=utc_now())


def forget_a_password(asker: Asker) -> None:
    """A link for an admin who has forgotten their password."""
    house = asker.house()
    resets.ask(house.email, address="10.9.1.1", request_id=None, now=utc_now())
