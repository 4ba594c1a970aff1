"""The demo organization of the local stack: a user, two positions and a few candidates. Run twice, it adds nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.applications import service as applications
from chalicelib.auth import service as auth
from chalicelib.candidates import service as candidates
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.events.models import Actor
from chalicelib.positions import service as positions
from chalicelib.positions.models import DEFAULT_STAGES
from chalicelib.projects import service as projects
from chalicelib.settings import settings

EMAIL = "demo@recruitpro.example"
ORGANIZATION = "Harbour & Lane Recruiting"
PROJECT: dict[str, Any] = {
    "name": "Spring hiring",
    "client": "Harbour & Lane",
    "sector": "Software",
    "priority": "high",
    "status": "active",
    "tags": ["demo"],
}
POSITIONS: list[dict[str, Any]] = [
    {
        "title": "Senior Backend Engineer",
        "department": "Engineering",
        "location": "London",
        "experience_years_min": 5,
        "openings": 2,
        "salary_min": 75000,
        "salary_max": 95000,
        "currency": "GBP",
        "requirements": [
            {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
            {"id": "postgresql", "text": "PostgreSQL", "kind": "must", "weight": 4},
            {"id": "aws", "text": "AWS or Azure", "kind": "must", "weight": 3},
            {"id": "terraform", "text": "Terraform", "kind": "nice", "weight": 2},
        ],
    },
    {
        "title": "Financial Controller",
        "department": "Finance",
        "location": "Manchester",
        "openings": 1,
        "requirements": [
            {"id": "acca", "text": "ACCA qualified", "kind": "must", "weight": 5},
            {"id": "ifrs", "text": "IFRS", "kind": "must", "weight": 3},
            {"id": "sap", "text": "SAP", "kind": "nice", "weight": 2},
        ],
    },
]
CANDIDATES: list[dict[str, Any]] = [
    {
        "name": "Noor Haddad",
        "email": "noor.haddad@example.org",
        "headline": "Platform engineer",
        "location": "London",
        "skills": ["Python", "Kubernetes", "PostgreSQL"],
        "source": "referral",
        "tags": ["demo"],
    },
    {
        "name": "Tomasz Zieliński",
        "email": "tomasz.zielinski@example.com",
        "headline": "Management accountant",
        "location": "Manchester",
        "skills": ["IFRS", "SAP", "Power BI"],
        "source": "careers page",
        "tags": ["demo"],
    },
    {
        "name": "Mei Tanaka",
        "email": "mei.tanaka@example.com",
        "headline": "Data engineer",
        "location": "Leeds",
        "skills": ["Python", "Apache Kafka", "AWS"],
        "source": "job board",
        "tags": ["demo"],
    },
]


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """How to sign in to the demo organization. `password` is None when an earlier run made it and told it."""

    email: str
    password: str | None


def seed(password: str | None = None) -> DemoLogin:
    """Make the demo organization where it is missing; refuses to run outside the local environment."""
    if not settings().is_local:
        raise RuntimeError("the demo organization exists in the local environment alone")
    if auth.find_account(EMAIL) is not None:
        return DemoLogin(EMAIL, None)
    password = password or f"welcome-{secrets.token_urlsafe(9)}"
    now = utc_now()
    with db.transaction(role=Role.SIGN_IN) as session:
        organization, user = auth.found(
            session,
            organization=ORGANIZATION,
            name="Dana Demo",
            email=EMAIL,
            password=password,
            request_id=None,
            now=now,
        )
        # One transaction for all of it: a crash half-way leaves no half of a demo behind.
        db.act_for(session, organization.id)
        _fill(session, Actor("user", user.id), now)
    return DemoLogin(EMAIL, password)


def _fill(session: Session, actor: Actor, now: datetime) -> None:
    organization_id = session.info["organization_id"]
    project = projects.create(session, organization_id, PROJECT, actor=actor, now=now)
    session.flush()
    defaults = {"project_id": project.id, "status": "open", "stages": list(DEFAULT_STAGES)}
    opened = [
        positions.create(session, organization_id, {**defaults, **position}, actor=actor, now=now)
        for position in POSITIONS
    ]
    session.flush()
    people = [candidates.create(session, organization_id, person, actor=actor, now=now) for person in CANDIDATES]
    for person, opening in zip(people, (opened[0], opened[1], opened[0]), strict=True):
        applications.apply(
            session,
            organization_id,
            candidate_id=person.id,
            position_id=opening.id,
            source=person.source,
            actor=actor,
            now=now,
        )
