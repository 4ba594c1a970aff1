"""Material for messages, whole or with anything left out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chalicelib.outreach.material import Fact, FactKind, Match, Material, Passage, Row

CANDIDATE, POSITION, DOCUMENT = (UUID(int=number) for number in (1, 2, 3))


def fact(kind: FactKind, value: str, table: str = "candidates", row_id: UUID = CANDIDATE) -> Fact:
    return Fact(kind, value, Row(table, row_id))


def of_position(kind: FactKind, value: str) -> Fact:
    return fact(kind, value, "positions", POSITION)


def match(requirement: str, quote: str, start: int = 10) -> Match:
    passage = Passage(DOCUMENT, 1, start, start + len(quote))
    return Match(of_position(FactKind.REQUIREMENT, requirement), Fact(FactKind.EVIDENCE, quote, passage))


OPTIONAL: dict[str, Any] = {
    "headline": fact(FactKind.HEADLINE, "Compilers and calm"),
    "current_title": fact(FactKind.CURRENT_TITLE, "Rear Admiral"),
    "current_employer": fact(FactKind.CURRENT_EMPLOYER, "US Navy"),
    "department": of_position(FactKind.DEPARTMENT, "Engineering"),
    "location": of_position(FactKind.LOCATION, "Zürich"),
    "salary_min": of_position(FactKind.SALARY_MIN, "95000.00"),
    "salary_max": of_position(FactKind.SALARY_MAX, "1250000.50"),
    "currency": of_position(FactKind.CURRENCY, "CHF"),
    "last_sent_on": fact(FactKind.LAST_SENT_ON, "2026-11-01", "outreach", UUID(int=4)),
    "asked": tuple(of_position(FactKind.REQUIREMENT, text) for text in ("COBOL", "5+ years of compilers", "Patience")),
    "matches": (
        match("COBOL", "wrote the first compiler in 1952"),
        match("5+ years of compilers", "A-0, B-0 and FLOW-MATIC, 1952–1959", 80),
        match("Patience", "taught 400 officers", 200),
    ),
}


def material(*left_out: str, **values: Any) -> Material:
    """Everything there can be, without what is `left_out`."""
    given = {name: value for name, value in OPTIONAL.items() if name not in left_out}
    return Material(
        candidate_name=fact(FactKind.CANDIDATE_NAME, "Grace Hopper"),
        organization=fact(FactKind.ORGANIZATION, "Harbour & Søn", "organizations", UUID(int=5)),
        sender_name=fact(FactKind.SENDER_NAME, "Ada Lovelace", "users", UUID(int=6)),
        position_title=of_position(FactKind.POSITION_TITLE, "Principal Engineer"),
        **{**given, **values},
    )
