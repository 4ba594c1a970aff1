"""From a résumé's profile to its candidate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.candidates import service
from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.candidates.models import Candidate
from chalicelib.candidates.resumes import NoNameFound, candidate_of, values_of
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.fields import Education, Experience, Found, ResumeProfile
from tests.conftest import Tenant
from tests.factories import insert_document, new_candidate
from tests.house import Database

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
READER = Actor("job")


def found(value: str) -> Found[str]:
    return Found(value, 1, 0, len(value))


ADA = ResumeProfile(
    name=found("Ada  Lovelace"),
    email=found("ada@math.example"),
    phone=found("+442079460958"),
    headline=found("Analyst"),
    skills=(found("Python"), found("Analysis")),
    links=(found("https://math.example/ada"),),
)


@pytest.fixture
def document_id(database: Database, tenant: Tenant) -> UUID:
    return UUID(insert_document(database, tenant.id))


def read(
    session: Session, tenant: Tenant, profile: ResumeProfile, document_id: UUID, owner: UUID | None = None
) -> Candidate:
    candidate = candidate_of(
        session, tenant.id, profile, document_id=document_id, candidate_id=owner, actor=READER, now=NOON
    )
    session.flush()
    return candidate


def test_a_resume_of_somebody_new_makes_a_candidate(session: Session, tenant: Tenant, document_id: UUID) -> None:
    made = read(session, tenant, ADA, document_id)

    assert (made.name, made.email, made.phone) == ("Ada Lovelace", "ada@math.example", "+442079460958")
    assert (made.source, made.resume_document_id, made.created_at) == ("resume", document_id, NOON)
    assert (made.skills, made.links) == (["Python", "Analysis"], ["https://math.example/ada"])
    events = [(event.action, event.actor.kind, event.subject.candidate_id) for event in session.info["events"]]
    assert events == [("candidate_created", "job", made.id)]


def test_a_resume_completes_the_candidate_of_its_email_and_overwrites_nothing(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    entered = {"name": "A. Lovelace", "email": "ada@math.example", "phone": "+12025550143", "skills": ["python"]}
    known = new_candidate(tenant.api, **entered, source="fair")

    same = read(session, tenant, ADA, document_id)

    assert str(same.id) == known["id"]
    assert (same.name, same.phone, same.source) == ("A. Lovelace", "+12025550143", "fair")
    assert (same.headline, same.skills) == ("Analyst", ["python", "Analysis"])
    assert same.resume_document_id == document_id


def test_a_resume_uploaded_for_somebody_is_theirs_whatever_it_says(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    owner = new_candidate(tenant.api, name="Augusta King")

    same = read(session, tenant, ADA, document_id, UUID(owner["id"]))

    assert (str(same.id), same.name, same.email) == (owner["id"], "Augusta King", "ada@math.example")


def test_a_resume_attached_to_somebody_is_theirs_whatever_it_says(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    mary = new_candidate(tenant.api, name="Mary Somerville", resume_document_id=str(document_id))

    assert read(session, tenant, ADA, document_id).id == UUID(mary["id"])


def test_an_email_that_belongs_to_another_candidate_stays_with_them(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    first = new_candidate(tenant.api, name="Ada", email="ada@math.example")
    owner = new_candidate(tenant.api, name="Augusta King")

    same = read(session, tenant, ADA, document_id, UUID(owner["id"]))

    assert (same.email, same.headline) == (None, "Analyst")
    untouched = service.get(session, tenant.id, UUID(first["id"]))
    assert (untouched.email, untouched.headline) == ("ada@math.example", None)


def test_the_same_resume_read_twice_changes_nothing_more(session: Session, tenant: Tenant, document_id: UUID) -> None:
    first = read(session, tenant, ADA, document_id)
    version = first.version

    again = read(session, tenant, ADA, document_id)

    assert (again.id, again.version, again.skills) == (first.id, version, ["Python", "Analysis"])


def test_another_organizations_candidate_of_that_email_is_left_alone(
    session: Session, tenant: Tenant, other: Tenant, document_id: UUID
) -> None:
    theirs = new_candidate(other.api, name="Ada", email="ada@math.example")

    made = read(session, tenant, ADA, document_id)

    assert str(made.id) != theirs["id"]
    with pytest.raises(CandidateNotFound):
        read(session, tenant, ADA, document_id, UUID(theirs["id"]))


def test_a_resume_without_a_name_makes_nobody_but_completes_somebody_known(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    nameless = replace(ADA, name=None)
    with pytest.raises(NoNameFound):
        read(session, tenant, nameless, document_id)
    known = new_candidate(tenant.api, name="Ada", email="ada@math.example")

    assert str(read(session, tenant, nameless, document_id).id) == known["id"]


def test_a_resume_that_is_read_after_it_was_attached_is_found_by_its_words(
    session: Session, tenant: Tenant, document_id: UUID
) -> None:
    known = new_candidate(tenant.api, name="Ada", resume_document_id=str(document_id))
    statement = (
        "insert into document_texts (document_id, organization_id, text, pages, read_at) values (:d, :o, :t, '[]', :n)"
    )
    values = {"d": document_id, "o": tenant.id, "t": "Designed an analytical engine", "n": NOON}
    session.execute(sa.text(statement), values)

    read(session, tenant, ResumeProfile(), document_id, UUID(known["id"]))

    assert [str(row.id) for row in service.find(session, "analytical", skip=0, limit=9).rows] == [known["id"]]


def test_everything_is_cut_to_what_the_api_accepts() -> None:
    long = found("x" * 30_000)
    job = Experience(long, None, None, None, None, True, long, 1, 0, 1)
    school = Education(long, None, None, None, None, 1, 0, 1)
    profile = ResumeProfile(
        long, skills=(long,) * 300, experience=(job,) * 150, education=(school,) * 150, summary=long
    )

    values = values_of(profile)

    assert (
        len(values["name"])
        == len(values["experience"][0]["title"])
        == len(values["education"][0]["institution"])
        == 200
    )
    assert len(values["summary"]) == len(values["experience"][0]["description"]) == 20_000
    assert {len(skill) for skill in values["skills"]} == {100}
    assert [len(values[name]) for name in ("skills", "experience", "education")] == [200, 100, 100]


def test_jobs_and_schools_keep_their_dates() -> None:
    dates = (Found(YearMonth(2019, 4), 1, 0, 7), Found(YearMonth(2021, None), 1, 8, 12))
    job = Experience(found("Lead"), found("Babbage & Co"), None, *dates, False, None, 1, 0, 1)
    school = Education(
        found("Lund"), found("MSc"), found("Physics"), Found(2005, 1, 0, 4), Found(2010, 1, 5, 9), 1, 0, 1
    )

    values = values_of(ResumeProfile(experience=(job,), education=(school,)))

    assert values["experience"][0] == values["experience"][0] | {"title": "Lead", "start": "2019-04", "end": "2021"}
    assert values["education"] == [
        {"institution": "Lund", "degree": "MSc", "field": "Physics", "start_year": 2005, "end_year": 2010}
    ]


def test_a_candidate_of_no_email_is_none(session: Session, tenant: Tenant) -> None:
    assert service.find_by_email(session, tenant.id, "nobody@math.example") is None
    with pytest.raises(CandidateNotFound):
        service.get(session, tenant.id, new_id())
