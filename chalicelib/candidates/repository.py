"""Every query on candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.candidates.models import SHOWN, Candidate, CandidateLabel
from chalicelib.candidates.search import CONFIGURATION

RANKED_AT_MOST = 1000
APPLICATIONS = sa.table(
    "applications",
    sa.column("organization_id", sa.Uuid()),
    sa.column("candidate_id", sa.Uuid()),
    sa.column("position_id", sa.Uuid()),
    sa.column("stage", sa.Text()),
)
TEXTS = sa.table("document_texts", sa.column("document_id", sa.Uuid()), sa.column("text", sa.Text()))
SEARCH: sa.ColumnClause[Any] = sa.column("search")
# Control characters, taken out of the text before, mark what matched, so that all the rest can be escaped afterwards.
MARK_START, MARK_END = "\x02", "\x03"
HEADLINE_OPTIONS = (
    f"StartSel={MARK_START}, StopSel={MARK_END}, MaxFragments=2, MaxWords=18, MinWords=6, FragmentDelimiter=' … '"
)


def shown(session: Session, organization_id: UUID, candidate_id: UUID) -> Any | None:
    """The row of a living candidate, to be read and not to be changed."""
    return db.ask_one(session, Candidate, candidate_id, organization_id)


def find(session: Session, organization_id: UUID, candidate_id: UUID, *, lock: bool = False) -> Candidate | None:
    """A living candidate, locked for a change when asked."""
    query = sa.select(Candidate).where(
        Candidate.id == candidate_id, Candidate.organization_id == organization_id, Candidate.deleted_at.is_(None)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def find_deleted(session: Session, organization_id: UUID, candidate_id: UUID) -> Candidate | None:
    """A deleted candidate, locked; none that was merged into another."""
    query = sa.select(Candidate).where(
        Candidate.id == candidate_id,
        Candidate.organization_id == organization_id,
        Candidate.deleted_at.is_not(None),
        Candidate.merged_into.is_(None),
    )
    return session.scalars(query.with_for_update()).first()


def find_by_email(session: Session, organization_id: UUID, email: str) -> Candidate | None:
    """The living candidate of an address, locked: as it is once the lock is ours, whatever the session read before."""
    locked = _of_email(sa.select(Candidate), organization_id, email).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).first()


def id_by_email(session: Session, organization_id: UUID, email: str) -> UUID | None:
    """The id of the living candidate of an address, who stays unread."""
    return session.execute(_of_email(sa.select(Candidate.id), organization_id, email)).scalar()


def _of_email(query: sa.Select[Any], organization_id: UUID, email: str) -> sa.Select[Any]:
    return query.where(
        Candidate.organization_id == organization_id, Candidate.email == email, Candidate.deleted_at.is_(None)
    )


def find_by_resume(session: Session, organization_id: UUID, document_id: UUID) -> Candidate | None:
    """The oldest living candidate whose résumé a document is, locked."""
    query = (
        sa.select(Candidate)
        .where(
            Candidate.organization_id == organization_id,
            Candidate.resume_document_id == document_id,
            Candidate.deleted_at.is_(None),
        )
        .order_by(Candidate.id)
        .limit(1)
    )
    return session.scalars(query.with_for_update()).first()


def matching(organization_id: UUID, filters: dict[str, Any], found_by: sa.ColumnElement[Any] | None) -> sa.Select[Any]:
    """The living candidates of an organization that pass every filter given."""
    query = sa.select(*SHOWN).where(Candidate.organization_id == organization_id, Candidate.deleted_at.is_(None))
    if found_by is not None:
        query = query.where(SEARCH.op("@@")(found_by))
    for kind in ("skill", "tag"):
        if kind in filters:
            query = query.where(Candidate.id.in_(labelled(organization_id, kind, filters[kind])))
    if "source" in filters:
        query = query.where(Candidate.source == filters["source"])
    if "created_after" in filters:
        query = query.where(Candidate.created_at > filters["created_after"])
    if "created_before" in filters:
        query = query.where(Candidate.created_at < filters["created_before"])
    if "position_id" in filters or "stage" in filters:
        query = query.where(Candidate.id.in_(applied(organization_id, filters)))
    return query


def labelled(organization_id: UUID, kind: str, label: str) -> sa.Select[Any]:
    """The ids of candidates with a skill or tag, deleted ones as well."""
    return sa.select(CandidateLabel.candidate_id).where(
        CandidateLabel.organization_id == organization_id,
        CandidateLabel.kind == kind,
        # By the database's own rule, which is also the index's: Python lowers a few letters differently.
        CandidateLabel.label == sa.func.lower(label),
    )


def applied(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The ids of candidates with an application for a position, in a stage, or both; deleted ones as well."""
    query = sa.select(APPLICATIONS.c.candidate_id).where(APPLICATIONS.c.organization_id == organization_id)
    for name in ("position_id", "stage"):
        if name in filters:
            query = query.where(APPLICATIONS.c[name] == filters[name])
    return query


def index_again(session: Session, candidate: Candidate) -> None:
    """Let the search take in a résumé that was attached before its text was read."""
    same = {"resume_document_id": Candidate.resume_document_id}
    mine = (Candidate.organization_id == candidate.organization_id, Candidate.id == candidate.id)
    session.execute(sa.update(Candidate).where(*mine).values(same).execution_options(synchronize_session=False))


# nosemgrep: query-without-organization - count_matching_candidates keeps to the one in force
def count_found(session: Session, found_by: sa.ColumnElement[Any], limit: int) -> int:
    """How many candidates match, counted no further than `limit`."""
    return int(session.execute(sa.select(sa.func.count_matching_candidates(found_by, limit))).scalar_one())


# nosemgrep: query-without-organization - matching_candidates keeps to the one in force
def search(session: Session, found_by: sa.ColumnElement[Any], *, skip: int, limit: int) -> list[sa.Row[Any]]:
    """The candidates that match, best first, ranked among the newest 1,000 of them; each with `rank` and a
    `highlight` between control characters, taken from the profile and the résumé's text."""
    ids = sa.select(sa.func.matching_candidates(found_by, RANKED_AT_MOST).column_valued("id"))
    rank = sa.func.ts_rank_cd(SEARCH, found_by, 1, type_=sa.Float())
    ranked = (
        sa.select(*SHOWN, rank.label("rank"))
        .where(Candidate.id.in_(ids))
        .order_by(sa.desc("rank"), Candidate.id.desc())
        .offset(skip)
        .limit(limit)
        .subquery()
    )
    all_of_it = sa.func.concat_ws(
        " — ",
        ranked.c.name,
        ranked.c.headline,
        sa.func.nullif(sa.func.array_to_string(ranked.c.skills, ", "), ""),
        ranked.c.summary,
        sa.func.left(sa.func.replace(TEXTS.c.text, "\f", "\n"), 50_000),
    )
    # Read no further than to where all the words are, which is seldom the end of a long résumé.
    beginnings = [sa.func.left(all_of_it, length) for length in (1_500, 5_000)]
    holds_all = [(sa.func.to_tsvector(CONFIGURATION, part).op("@@")(found_by), part) for part in beginnings]
    is_short = (sa.func.char_length(all_of_it) <= 5_000, all_of_it)
    where_found = sa.case(is_short, *holds_all, else_=all_of_it)
    unmarked = sa.func.translate(where_found, MARK_START + MARK_END, "")
    highlight = sa.func.ts_headline(CONFIGURATION, unmarked, found_by, HEADLINE_OPTIONS)
    shown = sa.select(ranked, highlight.label("highlight")).outerjoin(
        TEXTS, TEXTS.c.document_id == ranked.c.resume_document_id
    )
    return list(session.execute(shown.order_by(ranked.c.rank.desc(), ranked.c.id.desc())).all())
