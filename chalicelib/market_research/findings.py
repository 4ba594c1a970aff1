"""All findings for one question, from what the organization itself knows at one moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.market_research import figures, repository, salary_repository
from chalicelib.market_research.figures import Json
from chalicelib.market_research.matching import RELAXED_IN_ORDER, Entry, Question, Selection, select
from chalicelib.market_research.titles import pattern_of, read_title, spellings_of
from chalicelib.screening.folding import fold

YEARS_LOOKED_BACK = 3
"""Older pay, hires and positions say little about the market, unless the position is still open."""
_LETTERS = re.compile(r"[^\W_]+")
POSITIONS_MAX, SALARY_DATA_MAX, CANDIDATES_MAX, REQUIREMENTS_OF_MAX = 20_000, 20_000, 10_000, 1_000


def gather(session: Session, organization_id: UUID, question: Question, as_of: datetime) -> Json:
    """The findings: the same for the same data and `as_of`. Reads only."""
    patterns = [pattern_of(word) for word in question.read.words]
    span = {"organization_id": organization_id, "since": _years_before(as_of, YEARS_LOOKED_BACK), "as_of": as_of}
    positions = _positions(session, question, span, patterns)
    data = _salary_data(session, question, span, patterns)
    lately = {**span, "since": _years_before(as_of, 1), "ids": list(positions.ids)}
    return {
        "as_of": as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "question": _shown(question),
        "years_looked_back": YEARS_LOOKED_BACK,
        "matching": {"positions": positions.to_json(), "salary_data": data.to_json()},
        "salary": _salary(session, organization_id, positions, data),
        "demand": figures.demand(repository.demand(session, lately)),
        "supply": _supply(session, question, lately),
        "time_to_fill_days": figures.time_to_fill(repository.time_to_fill(session, span | {"ids": lately["ids"]})),
        "common_skills": _skills(session, lately),
    }


def _years_before(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year - years, day=28)


def _shown(question: Question) -> Json:
    read = question.read
    return {
        "title": question.title,
        "title_words": list(read.words),
        "taken_as_the_same": {word: list(spellings_of(word)[1:]) for word in read.words if spellings_of(word)[1:]},
        **dict.fromkeys(RELAXED_IN_ORDER),
        **question.filters(),
    }


def _positions(session: Session, question: Question, span: Json, patterns: Sequence[str]) -> Selection:
    rows = repository.positions_near(session, span, patterns, POSITIONS_MAX + 1)
    entries = [Entry(row.id, row.title, row.location, row.sector) for row in rows[:POSITIONS_MAX]]
    return select(question, entries, is_bounded=len(rows) > POSITIONS_MAX)


def _salary_data(session: Session, question: Question, span: Json, patterns: Sequence[str]) -> Selection:
    since, until = span["since"].date(), span["as_of"].date()
    rows = salary_repository.near(
        session, span["organization_id"], patterns, since=since, until=until, limit=SALARY_DATA_MAX + 1
    )
    entries = [Entry(row.id, row.title, row.location, row.sector, row.seniority) for row in rows[:SALARY_DATA_MAX]]
    return select(question, entries, is_bounded=len(rows) > SALARY_DATA_MAX)


def _salary(session: Session, organization_id: UUID, positions: Selection, data: Selection) -> Json:
    own_rows = repository.pay_of_positions(session, {"organization_id": organization_id, "ids": list(positions.ids)})
    return figures.salary(own_rows, *salary_repository.pay(session, organization_id, data.ids))


def _supply(session: Session, question: Question, lately: Json) -> Json:
    near = repository.candidates_near(
        session, lately["organization_id"], _search(question), as_of=lately["as_of"], limit=CANDIDATES_MAX
    )
    wanted = question.read
    known = [row.created_at for row in near if wanted.is_answered_by(read_title(row.headline))]
    row, stages = repository.supply(session, lately), repository.stages(session, lately)
    return figures.supply(row, stages, known, near_is_bounded=len(near) >= CANDIDATES_MAX)


def _search(question: Question) -> str:
    """The title as a text search query over headlines (weight B): each word in any of its spellings, and as it was
    written, since the search folds other scripts less than titles are."""
    written = {fold(word): word for word in _LETTERS.findall(question.title)}
    alternatives = (
        dict.fromkeys([*spellings_of(word), *([written[word]] if word in written else [])])
        for word in question.read.words
    )
    # With a space, "front-end" is a phrase, which finds "front-end" and "front end"; with its hyphen, only the former.
    return " & ".join(
        "(" + " | ".join(f"'{spelling.replace('-', ' ')}':B" for spelling in words) + ")" for words in alternatives
    )


def _skills(session: Session, lately: Json) -> Json:
    whole, skills = repository.skills_of_applicants(session, lately, figures.SKILLS_SHOWN)
    required: Any = repository.requirements(session, lately, REQUIREMENTS_OF_MAX)
    return {
        "required_by_positions": figures.required_skills(required),
        "named_by_applicants_of_last_12_months": figures.offered_skills(whole, skills),
    }
