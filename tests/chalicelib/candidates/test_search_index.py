"""The search by its index finds and counts exactly whom a look at each person's words finds."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from chalicelib.candidates.models import Candidate
from chalicelib.candidates.repository import SEARCH
from chalicelib.candidates.search import CONFIGURATION, as_tsquery, parse
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import as_superuser
from tests.house import Database

PEOPLE = 2_300  # more than those who are looked through first
WORDS = ("engineer", "engineers", "software", "of", "team", "front-end", "it's", "a.com/b'c", "Zürich", "python", "the")
SELDOM = ("kubernetes", "back\\end", "e-mail@x.example", "engineering", "3.5", "end")
SEARCHES = (
    *(
        "engineer",
        "kubernetes",
        "nobody",
        "engineer python",
        "python OR kubernetes",
        "engineer -python",
        "eng*",
        "kub*",
    ),
    *('"software engineer"', '"engineer engineer"', '"team of engineers"', '"software engineer python"', "front-end"),
    *('-"software engineer" team', '-"software engineer python" team', '-"team of engineers" python', '"Zurich team"'),
    *(
        '"python team" OR "team python"',
        '"python team" -"team python" engineer',
        "\"it's a.com/b'c\"",
        '"back\\end team"',
    ),
    *('python "team software" OR kubernetes -engineer', "python eng* -team", '"kubernetes software"', "front-e*"),
    *(
        '"of team"',
        '"front-end front-end" OR zurich -front-end',
        "e-mail@x.example -3.5",
        '"engineering 3.5"',
        "-eng* team",
    ),
)
# As market research asks: words of some parts of a profile alone.
OF_PARTS = (
    "engineer:C & team",
    "engineer:A",
    "kub:*C | python:BD",
    "software:C <-> engineer:C",
    "!engineer:A & team:C",
)


def text(chance: random.Random) -> str:
    chosen = [chance.choice(SELDOM if chance.random() < 0.02 else WORDS) for _ in range(chance.randrange(1, 30))]
    return " ".join(chosen)


def people(connection: sa.Connection, tenant: Tenant, count: int, *, days: int, seed: int) -> None:
    """Candidates who were entered evenly over some days, every twentieth of them deleted."""
    chance = random.Random(seed)
    connection.execute(
        sa.text("""
            insert into candidates (id, organization_id, name, summary, created_at, updated_at, deleted_at)
            select cast(lpad(to_hex(cast(extract(epoch from at) * 1000 as bigint)), 12, '0') || '7'
                || substr(md5(number || cast(:organization as text)), 1, 3) || '8'
                || substr(md5(cast(number as text)), 1, 15) as uuid),
                :organization, 'Ada ' || number, text, at, at, case when mod(number, 20) = 0 then now() end
            from unnest(cast(:texts as text[])) with ordinality as texts (text, number),
                lateral (select now() - interval '1 day' * :days * number / :count as at) as moments
        """),
        {"organization": tenant.id, "texts": [text(chance) for _ in range(count)], "days": days, "count": count},
    )


def differences(connection: sa.Connection, tenant: Tenant, searches: tuple[str, ...]) -> list[str]:
    """The searches for which the functions answer otherwise than a look at everybody's words."""
    connection.execute(sa.text("select set_config('app.organization_id', :id, true)"), {"id": str(tenant.id)})
    wrong = []
    queries = {wanted: as_tsquery(parse(wanted)) for wanted in searches}
    queries |= {wanted: sa.func.to_tsquery(CONFIGURATION, wanted, type_=TSQUERY()) for wanted in OF_PARTS}
    for wanted, query in queries.items():
        everybody = sa.select(Candidate.id).where(
            Candidate.organization_id == tenant.id, Candidate.deleted_at.is_(None)
        )
        matching = everybody.where(SEARCH.op("@@")(query)).order_by(Candidate.id.desc())
        expected = list(connection.execute(matching).scalars())
        for limit in (150, 10_001):
            found = list(connection.execute(sa.select(sa.func.matching_candidates(query, limit))).scalars())
            count = connection.execute(sa.select(sa.func.count_matching_candidates(query, limit))).scalar_one()
            if found != expected[:limit] or count != min(limit, len(expected)):
                wrong.append(f"{wanted}, {limit}: {len(found)} found, {count} counted of {len(expected)}")
    return wrong


@pytest.mark.parametrize("days", [3, 300])
def test_words_phrases_exclusions_and_beginnings_find_whom_a_look_at_everybody_finds(
    tenant: Tenant, other: Tenant, database: Database, days: int
) -> None:
    with as_superuser(database) as connection:
        people(connection, tenant, PEOPLE, days=days, seed=days)
        people(connection, other, 50, days=days, seed=0)
        connection.execute(sa.text("select gin_clean_pending_list('candidates_terms')"))
        connection.execute(sa.text("analyze candidates"))

        assert differences(connection, tenant, SEARCHES) == []
        assert differences(connection, other, SEARCHES) == []


LISTS: tuple[dict[str, str], ...] = (
    {},
    {"source": "event"},
    {"tag": "Remote"},
    {"source": "event", "skill": "sql", "tag": "remote"},
    {"created_before": "2026-01-01T00:00:00+00:00", "created_after": "2020-01-01T00:00:00+00:00"},
)


CONDITIONS = {
    "source": "source = :source",
    "created_after": "created_at > cast(:created_after as timestamptz)",
    "created_before": "created_at < cast(:created_before as timestamptz)",
    "tag": "exists (select from unnest(tags) as tag where lower(tag) = lower(:tag))",
    "skill": "exists (select from unnest(skills) as skill where lower(skill) = lower(:skill))",
}


def listed_otherwise(connection: sa.Connection, tenant: Tenant, wanted: str, where: dict[str, str]) -> list[str]:
    """The orders in which the functions of lists show or count others than a look at everybody does."""
    query = as_tsquery(parse(wanted))
    matching = sa.select(Candidate.id, Candidate.name, Candidate.created_at).where(
        Candidate.organization_id == tenant.id, Candidate.deleted_at.is_(None), SEARCH.op("@@")(query)
    )
    for name, value in where.items():
        matching = matching.where(sa.text(CONDITIONS[name]).bindparams(**{name: value}))
    wrong = []
    given = sa.cast(sa.literal(json.dumps(where), sa.Text()), JSONB())
    for sort in ("created_at", "name"):
        for is_descending in (True, False):
            order: list[sa.ColumnClause[Any]] = [sa.column(sort), sa.column("id")]
            ordered = matching.order_by(*[column.desc() if is_descending else column for column in order])
            rows = list(connection.execute(ordered).all())
            for start in (0, len(rows) // 2):
                last = rows[start - 1] if start else None
                key = None if last is None else str(getattr(last, sort))
                bound = (sa.cast(key, sa.Text()), sa.cast(last and last.id, sa.Uuid()), sa.cast(21, sa.BigInteger()))
                found = sa.func.listed_matches(query, given, sort, is_descending, *bound)
                if list(connection.execute(sa.select(found)).scalars()) != [row.id for row in rows[start : start + 21]]:
                    wrong.append(f"{wanted} {where} {sort} {is_descending} from {start}")
    for limit in (20, 10_001):
        count = connection.execute(sa.select(sa.func.count_listed_matches(query, given, limit))).scalar_one()
        if count != min(limit, len(rows)):
            wrong.append(f"{wanted} {where}: {count} counted of {len(rows)}")
    return wrong


def test_a_list_of_whom_words_find_holds_whom_a_look_at_everybody_finds(tenant: Tenant, database: Database) -> None:
    with as_superuser(database) as connection:
        people(connection, tenant, PEOPLE, days=400, seed=4)
        connection.execute(
            sa.text("""
                update candidates set created_at = created_at - interval '1 year' * mod(right(name, 1)::int, 3),
                    source = case when right(name, 1) in ('1', '2', '5') then 'event' end,
                    tags = case when name like '%4%' then array['remote'] else '{}' end,
                    skills = case when name like '%7%' then array['SQL'] else '{}' end
                where organization_id = :organization
            """),
            {"organization": tenant.id},
        )
        connection.execute(sa.text("analyze candidates"))
        connection.execute(sa.text("select set_config('app.organization_id', :id, true)"), {"id": str(tenant.id)})
        wrong = [
            told
            for wanted in ("engineer", "kubernetes", "engineer -python", '"software engineer python"', "kub*", "nobody")
            for where in LISTS
            for told in listed_otherwise(connection, tenant, wanted, where)
        ]
        assert wrong == []


def test_a_list_of_whom_words_find_tells_that_there_are_more_than_it_counts_and_is_read_to_its_end(
    tenant: Tenant, api: ApiClient, database: Database
) -> None:
    with as_superuser(database) as connection:
        connection.execute(
            sa.text("""
                insert into candidates (id, organization_id, name, created_at, updated_at)
                select gen_random_uuid(), :organization, 'Zuckerkandl ' || number, at, at
                from generate_series(1, 10050) as number,
                    lateral (select now() - interval '1 minute' * number as at) as moments
            """),
            {"organization": tenant.id},
        )
        connection.commit()
    rest = api.get("/api/candidates", q="zuckerkandl", limit=1000, skip=9_000).json
    last = api.get("/api/candidates", q="zuckerkandl", limit=1000, cursor=rest["next_cursor"]).json

    assert (last["total"], last["total_is_exact"]) == (10_000, False)
    assert (rest["total"], rest["total_is_exact"]) == (10_000, False)
    assert [item["name"] for item in last["items"]] == [f"Zuckerkandl {number}" for number in range(10_001, 10_051)]
