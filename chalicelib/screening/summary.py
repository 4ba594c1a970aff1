"""Strengths and gaps as short sentences, made of verdicts and quotes alone."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.screening.findings import Finding
from chalicelib.screening.rating import Requirement
from chalicelib.screening.verdicts import RequirementKind, Verdict

MOST_SENTENCES = 12
_LONGEST_QUOTE = 120

Judged = tuple[Requirement, Finding]


def strengths_of(judged: Iterable[Judged]) -> tuple[str, ...]:
    """What is met, weightiest musts first: how long, or in whose words."""
    met = [(asked, found) for asked, found in judged if found.verdict is Verdict.MET]
    return tuple(_strength(asked, found) for asked, found in _weightiest_first(met))[:MOST_SENTENCES]


def gaps_of(judged: Iterable[Judged]) -> tuple[str, ...]:
    """What is not met or not stated, weightiest musts first, and why."""
    open_ones = [(asked, found) for asked, found in judged if found.verdict is not Verdict.MET]
    return tuple(_gap(asked, found) for asked, found in _weightiest_first(open_ones))[:MOST_SENTENCES]


def _weightiest_first(judged: list[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda each: (each[0].kind is not RequirementKind.MUST, -each[0].weight))


def _strength(asked: Requirement, found: Finding) -> str:
    return found.note or f"{asked.text}: “{_shortened(found.evidence[0].cased)}”"


def _gap(asked: Requirement, found: Finding) -> str:
    if found.note:
        return f"{asked.text}: {found.note}."
    return f"{asked.text}: " + ("not met." if found.verdict is Verdict.NOT_MET else "not stated in the résumé.")


def _shortened(words: str) -> str:
    if len(words) <= _LONGEST_QUOTE:
        return words
    return words[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
