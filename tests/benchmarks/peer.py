"""The alternative that we measure ourselves against: the same calls as a good FastAPI + SQLAlchemy ORM app has them.

Same tables, same driver (pg8000), same check of the token and of the sign-in behind it, same answers: ORM models,
pydantic response models, an explicit filter by organization, a total beside the page. It leaves out what ours does
besides: row-level security, rate limits, cursors, request ids and log lines, security and CORS headers, ETags.
Endpoints are `async def` that call a sync session, as good as it gets in process: plain `def` would pay for a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import jwt
import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

Moment = sa.DateTime(timezone=True)
Texts = ARRAY(sa.Text)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool]


class SignIn(Base):
    __tablename__ = "sign_ins"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Candidate(Base):
    __tablename__ = "candidates"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    location: Mapped[str | None]
    headline: Mapped[str | None]
    summary: Mapped[str | None]
    skills: Mapped[list[str]] = mapped_column(Texts)
    experience: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    education: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    links: Mapped[list[str]] = mapped_column(Texts)
    source: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(Texts)
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    resume_document_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int]


class Position(Base):
    __tablename__ = "positions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    title: Mapped[str]
    department: Mapped[str | None]
    location: Mapped[str | None]
    description: Mapped[str | None]
    experience_years_min: Mapped[int | None]
    openings: Mapped[int]
    status: Mapped[str]
    salary_min: Mapped[Decimal | None]
    salary_max: Mapped[Decimal | None]
    currency: Mapped[str | None]
    requirements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    stages: Mapped[list[str]] = mapped_column(Texts)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int]


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ConsentOut(View):
    source: str
    given_at: datetime


class CandidateOut(View):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    location: str | None
    headline: str | None
    summary: str | None
    skills: list[str]
    experience: list[dict[str, Any]]
    education: list[dict[str, Any]]
    links: list[str]
    source: str | None
    tags: list[str]
    consent: ConsentOut | None
    resume_document_id: UUID | None
    created_at: datetime
    updated_at: datetime


class RequirementOut(View):
    id: str
    text: str
    kind: str
    weight: int


class PositionOut(View):
    id: UUID
    project_id: UUID | None
    title: str
    department: str | None
    location: str | None
    description: str | None
    experience_years_min: int | None
    openings: int
    status: str
    salary_min: float | None
    salary_max: float | None
    currency: str | None
    requirements: list[RequirementOut]
    stages: list[str]
    created_by: UUID
    created_at: datetime
    updated_at: datetime


class CandidatePage(View):
    items: list[CandidateOut]
    total: int
    skip: int
    limit: int


class PositionPage(View):
    items: list[PositionOut]
    total: int
    skip: int
    limit: int


async def session(request: Request) -> AsyncIterator[Session]:
    with request.app.state.new_session() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


async def current_user(request: Request, db: Db, authorization: Annotated[str, Header()] = "") -> User:
    """Who calls, when the token is genuine and the sign-in behind it still stands."""
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "),
            request.app.state.secret,
            algorithms=["HS256"],
            issuer="recruitpro",
            audience="recruitpro-api",
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    known = (
        sa.select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.id == UUID(claims["sid"]),
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > sa.func.now(),
            User.organization_id == UUID(claims["org"]),
            User.is_active,
        )
    )
    user = db.scalars(known).first()
    if user is None:
        raise HTTPException(401)
    return user


Caller = Annotated[User, Depends(current_user)]
Skip = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=1, le=1000)]
routes = APIRouter()


def _page(db: Session, model: Any, caller: User, skip: int, limit: int) -> dict[str, Any]:
    query = sa.select(model).where(model.organization_id == caller.organization_id, model.deleted_at.is_(None))
    items = db.scalars(query.order_by(model.id.desc()).offset(skip).limit(limit)).all()
    total = db.scalar(query.with_only_columns(sa.func.count()))
    return {"items": items, "total": total, "skip": skip, "limit": limit}


def _one(db: Session, model: Any, caller: User, wanted: UUID) -> Any:
    query = sa.select(model).where(
        model.id == wanted, model.organization_id == caller.organization_id, model.deleted_at.is_(None)
    )
    found = db.scalars(query).first()
    if found is None:
        raise HTTPException(404)
    return found


@routes.get("/api/candidates", response_model=CandidatePage)
async def list_candidates(db: Db, caller: Caller, skip: Skip = 0, limit: Limit = 100) -> Any:
    return _page(db, Candidate, caller, skip, limit)


@routes.get("/api/candidates/{candidate_id}", response_model=CandidateOut)
async def get_candidate(db: Db, caller: Caller, candidate_id: UUID) -> Any:
    return _one(db, Candidate, caller, candidate_id)


@routes.get("/api/positions", response_model=PositionPage)
async def list_positions(db: Db, caller: Caller, skip: Skip = 0, limit: Limit = 100) -> Any:
    return _page(db, Position, caller, skip, limit)


@routes.get("/api/positions/{position_id}", response_model=PositionOut)
async def get_position(db: Db, caller: Caller, position_id: UUID) -> Any:
    return _one(db, Position, caller, position_id)


def build(engine: sa.Engine, secret: str) -> FastAPI:
    """The app on this engine; tokens are signed with `secret`."""
    app = FastAPI()
    app.state.new_session, app.state.secret = sessionmaker(engine, expire_on_commit=False), secret
    app.include_router(routes)
    return app
