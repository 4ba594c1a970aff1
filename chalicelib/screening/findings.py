"""What was found for a term, a clause, a requirement; and how several findings become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from chalicelib.screening.passages import Passage
from chalicelib.screening.verdicts import Verdict

MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, its passages (best first), a confidence 0 to 1, and a note for a recruiter ("" when there is none).

    A NOT_STATED finding with evidence means: mentioned, but not enough to prove or to refute.
    """

    verdict: Verdict
    evidence: tuple[Passage, ...] = ()
    confidence: float = 0.0
    note: str = ""


# Silence is certain in itself, but a résumé leaves much out: so it says little about the person.
SILENCE = Finding(Verdict.NOT_STATED, (), 0.5)


def any_of(findings: Sequence[Finding]) -> Finding:
    """One is enough: the best finding. Only when every alternative is refuted is the whole refuted."""
    met = [each for each in findings if each.verdict is Verdict.MET]
    if met:
        return max(met, key=lambda each: each.confidence)
    if findings and all(each.verdict is Verdict.NOT_MET for each in findings):
        return findings[0]
    mentioned = [each for each in findings if each.verdict is Verdict.NOT_STATED and each.evidence]
    return mentioned[0] if mentioned else SILENCE


def all_of(findings: Sequence[Finding]) -> Finding:
    """Each is needed: one refuted refutes the whole, one unstated leaves it unstated."""
    if not findings:
        return SILENCE
    refuted = [each for each in findings if each.verdict is Verdict.NOT_MET]
    if refuted:
        return replace(refuted[0], evidence=woven(each.evidence for each in refuted), note=_notes(refuted))
    unstated = [each for each in findings if each.verdict is Verdict.NOT_STATED]
    if not unstated:
        least = min(each.confidence for each in findings)
        return Finding(Verdict.MET, woven(each.evidence for each in findings), least, _notes(findings))
    if len(findings) == 1:
        return findings[0]
    evidence = woven(each.evidence for each in findings)
    return Finding(Verdict.NOT_STATED, evidence, 0.4 if evidence else SILENCE.confidence, _notes(unstated))


def woven(groups: Iterable[tuple[Passage, ...]]) -> tuple[Passage, ...]:
    """The first passages of each group in turn, without repeats, at most 3."""
    rows = chain.from_iterable(zip_longest(*groups))
    return tuple(dict.fromkeys(passage for passage in rows if passage is not None))[:MOST_QUOTES]


def _notes(findings: Iterable[Finding]) -> str:
    return "; ".join(dict.fromkeys(each.note for each in findings if each.note))
