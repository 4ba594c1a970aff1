"""Figures as findings show them: each with its count, its period and its sources, and none from too few data points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.market_research.matching import NEEDED
from chalicelib.screening.folding import cased
from chalicelib.screening.skill_lookup import skills_in

SKILLS_SHOWN = 20
POSITIONS, APPLICATIONS, CANDIDATES, SALARY_DATA = "positions", "applications", "candidates", "salary_data"
NOT_STATED = "not_stated"
"""The pay period of the organization's own positions, which record none."""
Json = dict[str, Any]
Moment = datetime | date | None


def not_enough(count: int) -> Json:
    """What is said in place of a figure when there are fewer data points than NEEDED."""
    return {"status": "not_enough_data", "count": count, "needed": NEEDED}


def figure(count: int, first: Moment, last: Moment, sources: Sequence[Json], values: Mapping[str, Any]) -> Json:
    """`values` from `count` data points between two days; or that there are not enough of them."""
    if count < NEEDED:
        return not_enough(count)
    period = {"from": _day(first), "to": _day(last)}
    return {"status": "ok", "count": count, "period": period, "sources": list(sources), **values}


def own(kind: str, count: int) -> Json:
    """The organization's own records as a source."""
    return {"kind": kind, "count": count}


def _day(moment: Moment) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).date().isoformat()
    return moment.isoformat() if moment else None


def salary(own_rows: Sequence[Any], imported_rows: Sequence[Any], source_rows: Sequence[Any]) -> Json:
    """Quartiles of pay, a figure for each currency, pay period and origin: what positions offer and what others
    published are different things, and a month's pay times twelve is not everywhere a year's."""
    pay = [_pay_of_positions(row) for row in own_rows] + [_pay_of_data(row, source_rows) for row in imported_rows]
    total = sum(each["count"] for each in pay)
    if not any(each["status"] == "ok" for each in pay):
        return {**not_enough(total), "figures": pay}
    return {"status": "ok", "count": total, "figures": pay}


def _pay_of_positions(row: Any) -> Json:
    kind = {"currency": row.currency, "per": NOT_STATED, "origin": POSITIONS, "of": "middle of each range"}
    beside = {"ranges_with_one_end": row.stated - row.count}
    sources = [own(POSITIONS, row.count)]
    return kind | beside | figure(row.count, row.first_at, row.last_at, sources, _quartiles_of_pay(row))


def _pay_of_data(row: Any, source_rows: Sequence[Any]) -> Json:
    kind = {"currency": row.currency, "per": row.period, "origin": SALARY_DATA, "of": "each published figure"}
    sources = [
        {"kind": SALARY_DATA, "source": each.source, "document_id": str(each.document_id), "count": each.count}
        for each in source_rows
        if (each.currency, each.period) == (row.currency, row.period)
    ]
    return kind | figure(row.count, row.first_on, row.last_on, sources, _quartiles_of_pay(row))


def _quartiles_of_pay(row: Any) -> Json:
    return {**_quartiles(row.quartiles, 2), "lowest": _amount(row.lowest), "highest": _amount(row.highest)}


def _quartiles(quartiles: Sequence[float] | None, digits: int) -> Json:
    """Continuous quartiles: between two data points they lie where the share says, as PostgreSQL's percentile_cont."""
    if quartiles is None or quartiles[0] is None:
        return {}
    lower, median, upper = (round(float(each), digits) for each in quartiles)
    return {"lower_quartile": lower, "median": median, "upper_quartile": upper}


def _amount(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)


def demand(row: Any) -> Json:
    """Positions and openings: open now, and opened and closed within the last twelve months."""
    values = {
        "open_now": {"positions": row.open_positions, "openings": int(row.open_openings)},
        "last_12_months": {
            "opened_positions": row.opened_positions,
            "opened_openings": int(row.opened_openings),
            "closed_positions": row.closed_positions,
        },
        "closed_on_unknown_day": row.closed_on_unknown_day,
    }
    return figure(row.count, row.first_at, row.last_at, [own(POSITIONS, row.count)], values)


def supply(row: Any, stages: Sequence[Any], near: Sequence[datetime], *, near_is_bounded: bool) -> Json:
    """Applications of the last twelve months: candidates for each opening, and how far they came; and the candidates
    whose headline names the work, whether they applied or not."""
    openings = int(row.openings)
    values = {
        "candidates": row.candidates,
        "openings": openings,
        "candidates_per_opening": round(row.candidates / openings, 2) if openings else None,
        "stages": [
            {"stage": each.stage, "entered": each.entered, "share": round(each.entered / row.count, 3)}
            for each in stages
        ]
        if row.count
        else [],
        "rejected": row.rejected,
        "withdrawn": row.withdrawn,
    }
    applied = figure(row.count, row.first_at, row.last_at, [own(APPLICATIONS, row.count)], values)
    known = figure(
        len(near),
        min(near, default=None),
        max(near, default=None),
        [own(CANDIDATES, len(near))],
        {"only_newest_looked_at": near_is_bounded},
    )
    return {"applications_of_last_12_months": applied, "candidates_with_such_a_headline": known}


def time_to_fill(row: Any) -> Json:
    """Quartiles of days from opening a position to an application entering its hiring stage."""
    return figure(row.count, row.first_at, row.last_at, [own(APPLICATIONS, row.count)], _quartiles(row.quartiles, 1))


def required_skills(rows: Sequence[Any]) -> Json:
    """Skills named in requirements: in how many positions, and in how many as a must."""
    named, must = Counter[str](), Counter[str]()
    for row in rows:
        named.update(_skills(row.requirements))
        must.update(_skills(each for each in row.requirements if each["kind"] == "must"))
    ranked = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:SKILLS_SHOWN]
    values = {"skills": [{"skill": name, "positions": count, "as_must": must[name]} for name, count in ranked]}
    days = [row.created_at for row in rows]
    sources = [own(POSITIONS, len(rows))]
    return figure(len(rows), min(days, default=None), max(days, default=None), sources, values)


def _skills(requirements: Iterable[Json]) -> set[str]:
    return {skill.name for each in requirements for skill in skills_in(cased(each["text"]))}


def offered_skills(whole: Any, skills: Sequence[Any]) -> Json:
    """Skills that candidates who applied name in their profiles, in lower case: how many candidates name each."""
    values = {"skills": [{"skill": each.skill, "candidates": each.count} for each in skills]}
    return figure(whole.count, whole.first_at, whole.last_at, [own(CANDIDATES, whole.count)], values)
