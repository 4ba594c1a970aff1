"""An organization with its first admin, made by an operator (infra/admin_user.py)."""

from __future__ import annotations

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chalicelib import db
from chalicelib.auth import service as auth
from chalicelib.auth.models import Organization
from chalicelib.auth.schemas import Registration
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.settings import settings


class Mistake(Exception):
    """What the operator has to correct; nothing was written."""


def check_database() -> None:
    """Raises Mistake unless the settings name a database."""
    if settings().database_url is None and settings().database_host is None:
        raise Mistake("say which database: --database-url, or RECRUITPRO_DATABASE_URL")


def create(*, email: str, name: str, organization: str, password: str) -> str:
    """The organization and its admin, in one transaction; the address in the spelling that signs in. Raises Mistake."""
    try:
        wish = Registration(email=email, name=name, organization=organization, password=password)
        with db.transaction(role=Role.SIGN_IN) as session:
            known = sa.select(Organization.id).where(sa.func.lower(Organization.name) == wish.organization.lower())
            if session.execute(known.limit(1)).first() is not None:
                raise Mistake(f"there is an organization named {wish.organization}: its admins invite everybody else")
            auth.found(session, **wish.model_dump(), request_id=None, now=utc_now())
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise Mistake("; ".join(wrong)) from None
    except RecruitProError as error:
        raise Mistake(f"{error.detail}; nothing was written") from error
    except SQLAlchemyError as error:
        raise Mistake(_said(error)) from error
    return wish.email


def _said(error: SQLAlchemyError) -> str:
    """What the database says, without the statement and its values."""
    answer = error.orig.args[0] if isinstance(error, DBAPIError) and error.orig and error.orig.args else None
    message = answer.get("M") if isinstance(answer, dict) else type(error).__name__
    return f"the database refuses: {message} (is it migrated, and is this the application's role?)"
