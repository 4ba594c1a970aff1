"""The search by its index finds and counts exactly whom a look at each person's words finds."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from chalicelib.candidates.models import Candidate
from chalicelib.candidates.repository import SEARCH
from chalicelib.candidates.search import as_tsquery, parse
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
    for wanted in searches:
        query = as_tsquery(parse(wanted))
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
