# ruff: noqa: S608 - statements share constants of their module; values are parameters
"""Pairs of candidates who may be one person, found by what they share: a phone number, a link, or a name as it sounds
together with the mailbox, place or employer. Nothing is compared with everybody: keys are grouped by their indexes, and
for one candidate the likest names come from an index of trigrams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.candidates import merge_rows
from chalicelib.candidates.errors import CandidateMerged
from chalicelib.candidates.schemas import DuplicatePair, Person, Reason, ReasonKind

# What more people than this share tells nothing about any two of them: a switchboard, a company's page.
MOST_SHARING = 10
LIKEST_NAMES = 100
LEAST_SCORE = 50
TELLING = ("link", "name_mailbox", "name_place", "name_employer")
# Kind by kind, so that the primary key of labels gives each in order and nothing is sorted or hashed.
LABELS = " union all ".join(
    "(select kind, label from candidate_labels where organization_id = :organization_id and kind = '" + kind + "'"
    " group by kind, label having count(*) between 2 and :most)"
    for kind in TELLING
)
SHARED_BY_ANY = f"""
    with phones as (
        select phone from candidates
        where organization_id = :organization_id and deleted_at is null and phone is not null
        group by phone having count(*) between 2 and :most),
    labels as ({LABELS}),
    shared as (
        select 'phone' as kind, phone as label, id from phones join candidates using (phone)
        where organization_id = :organization_id and deleted_at is null
        union all
        select kind, label, candidate_id from labels join candidate_labels using (kind, label)
        where organization_id = :organization_id),
    met as (
        select older.id as candidate_id, newer.id as duplicate_id, kind, min(label) as label
        from shared as older join shared as newer using (kind, label)
        where older.id < newer.id group by older.id, newer.id, kind)
"""
# A name that only looks alike counts with the place or the employer of one of those.
SHARED_WITH_ONE = f"""
    with mine as (
        select kind, label from candidate_labels
        where organization_id = :organization_id and candidate_id = :candidate_id and kind in {TELLING}),
    me as (
        select name, phone from candidates where organization_id = :organization_id and id = :candidate_id),
    shared as (
        select 'phone' as kind, phone as label, id from candidates
        where organization_id = :organization_id and deleted_at is null and phone = (select phone from me)
        union all
        select kind, label, candidate_id from mine join candidate_labels using (kind, label)
        where organization_id = :organization_id
        union all
        select theirs.kind, theirs.label, theirs.candidate_id
        from similar_names((select name from me), :likest) as near(id)
        join candidate_labels as theirs on theirs.organization_id = :organization_id and theirs.candidate_id = near.id
        join mine on mine.kind = theirs.kind and split_part(mine.label, '|', 2) = split_part(theirs.label, '|', 2)
        where theirs.kind in ('name_place', 'name_employer')),
    met as (
        select least(id, :candidate_id) as candidate_id, greatest(id, :candidate_id) as duplicate_id, kind,
               min(label) as label
        from shared where id <> :candidate_id group by 1, 2, kind)
"""
# How sure each thing in common makes, by itself and by how alike the names look; together they leave what all of them
# leave open.
PAIRED = """
    , alike as (
        select met.*, similarity(lower(unaccent(older.name)), lower(unaccent(newer.name))) as likeness
        from met
        join candidates as older on older.organization_id = :organization_id and older.id = met.candidate_id
        join candidates as newer on newer.organization_id = :organization_id and newer.id = met.duplicate_id
        where older.deleted_at is null and newer.deleted_at is null)
    select candidate_id, duplicate_id, kinds, labels, round(100 * (1 - open))::int as score
    from (
        select candidate_id, duplicate_id, array_agg(kind order by kind) as kinds,
               array_agg(label order by kind) as labels,
               exp(sum(ln(1 - case kind
                   when 'phone' then 0.35 + 0.5 * likeness
                   when 'link' then 0.45 + 0.45 * likeness
                   when 'name_mailbox' then 0.6 + 0.25 * likeness
                   when 'name_employer' then 0.3 + 0.45 * likeness
                   else 0.3 + 0.35 * likeness end))) as open
        from alike group by candidate_id, duplicate_id) as pairs
    where round(100 * (1 - open)) >= :least
"""
PEOPLE = ("candidate", "duplicate")
SHOWN = ("id", "name", "email", "phone", "location", "headline", "created_at")
PAGE = """
    select score, kinds, labels, total, {people}
    from (
        select *, count(*) over () as total from ({pairs}) as pairs
        order by score desc, duplicate_id desc, candidate_id desc offset :skip limit :limit) as shown
    join candidates as candidate on candidate.organization_id = :organization_id and candidate.id = candidate_id
    join candidates as duplicate on duplicate.organization_id = :organization_id and duplicate.id = duplicate_id
    order by score desc, duplicate_id desc, candidate_id desc
"""
PEOPLE_SHOWN = ", ".join(f"{person}.{column} as {person}__{column}" for person in PEOPLE for column in SHOWN)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of all pairs, and how many there are."""

    pairs: list[DuplicatePair]
    total: int


def find(session: Session, organization_id: UUID, candidate_id: UUID | None, *, skip: int, limit: int) -> Found:
    """Pairs of living candidates who may be one person, the likeliest first; those of one candidate when given. Raises
    CandidateMerged."""
    values: dict[str, Any] = {"organization_id": organization_id, "least": LEAST_SCORE, "skip": skip, "limit": limit}
    if candidate_id is None:
        shared = SHARED_BY_ANY
        values["most"] = MOST_SHARING
    else:
        remaining_id = merge_rows.remaining(session, organization_id, candidate_id)
        if remaining_id is not None:
            raise CandidateMerged(candidate_id, remaining_id)
        shared = SHARED_WITH_ONE
        values |= {"candidate_id": candidate_id, "likest": LIKEST_NAMES}
    statement = sa.text(PAGE.format(people=PEOPLE_SHOWN, pairs=shared + PAIRED))
    rows = session.execute(statement, values).all()
    if not rows and skip > 0:
        return Found([], find(session, organization_id, candidate_id, skip=0, limit=1).total)
    return Found([_pair(row) for row in rows], rows[0].total if rows else 0)


def _pair(row: Any) -> DuplicatePair:
    told = row._mapping
    people = {name: Person.model_validate({column: told[f"{name}__{column}"] for column in SHOWN}) for name in PEOPLE}
    # The name is in both people already; what it comes with is the reason.
    reasons = [
        Reason(kind=ReasonKind(kind), value=label.partition("|")[2] if kind.startswith("name_") else label)
        for kind, label in zip(row.kinds, row.labels, strict=True)
    ]
    return DuplicatePair(**people, score=row.score, reasons=reasons)
