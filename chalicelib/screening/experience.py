"""Whether someone has done something long enough: from what the résumé states and from the jobs that tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chalicelib.screening.doubts import Claim
from chalicelib.screening.durations import GRACE_MONTHS, in_words, merged, months_worked, most_months, stated_in
from chalicelib.screening.findings import MOST_QUOTES, SILENCE, Finding
from chalicelib.screening.mentions import Mention, mentions_in
from chalicelib.screening.passages import Passage
from chalicelib.screening.reading import Job, Resume
from chalicelib.screening.terms import ConceptTerm, ExperienceTerm, SkillTerm, Term, WordsTerm
from chalicelib.screening.verdicts import Verdict

_REACH = 80
_MOST_PERIODS_TOLD = 3
_JUST_AFTER = re.compile(
    r"^[ :,(-]{1,4}(?:for |over |about |around |ca\.? |~ ?|more than |with )?$"
    r"|^[a-z0-9/&+# -]{0,30} for (?:over |about |more than |the (?:last|past) )?$"
)
# Between a number of years and a skill these say that the years belong to something else.
_ELSEWHERE = re.compile(r"[;•|]|[.!?] |experience ?[,:.-]|\b(?:including|incl|mostly|recently|then|of which|"
                        r"currently|now|besides|"
                        r"also|interested|learning|after|before)\b")  # fmt: skip
_OF_EXPERIENCE = re.compile(r"^(?:'|s|\+)*(?: \w{1,20}){0,4} (?:experience|berufserfahrung|erfahrung|career)\b")


def worked_with(terms: Sequence[Term], months: int, resume: Resume) -> Finding:
    """Whether the résumé shows `months` of any of these terms, together: met, clearly fewer (not met), or unknown."""
    mentions = [mention for passage in resume.passages for mention in _stated_mentions(terms, passage)]
    told = _months_told(terms, mentions, resume.passages)
    jobs = [(job, _first_told(job, mentions)) for job in resume.jobs]
    relevant = [(job, passage) for job, passage in jobs if passage is not None]
    if _any_work(terms):
        relevant = [(job, job.passages[0]) for job in resume.jobs if job.passages]
    if not told and not any(job.span for job, _ in relevant):
        return _unknown(mentions, [passage for _, passage in relevant])
    return _judged(_label(terms), months, told, relevant)


def _judged(label: str, months: int, told: list[tuple[int, Passage]], jobs: list[tuple[Job, Passage]]) -> Finding:
    periods = merged(job.span for job, _ in jobs if job.span)
    worked, most_told = months_worked(periods), max((number for number, _ in told), default=0)
    by_words = most_told >= months or most_told > worked
    evidence = _evidence(
        [passage for number, passage in told if number == most_told], [passage for _, passage in jobs], by_words
    )
    dates = ", ".join(period.words for period in periods[-_MOST_PERIODS_TOLD:])
    dates += f", {len(periods) - _MOST_PERIODS_TOLD} earlier" if len(periods) > _MOST_PERIODS_TOLD else ""
    shown = f"{in_words(most_told)} stated" if by_words else f"{in_words(worked)} ({dates})"
    if max(most_told, worked + GRACE_MONTHS if worked else 0) >= months:
        return Finding(Verdict.MET, evidence, 0.9 if by_words else 0.85, f"{label}: {shown}")
    endless = any(job.span is None for job, _ in jobs)
    note = f"{shown}, {in_words(months)} asked"
    if endless or max(most_told, most_months(periods) + GRACE_MONTHS) >= months:
        return Finding(Verdict.NOT_STATED, evidence, 0.3, note)
    return Finding(Verdict.NOT_MET, evidence, 0.8 if by_words else 0.65, note)


def _evidence(told: list[Passage], worked: list[Passage], words_first: bool) -> tuple[Passage, ...]:
    ordered = [*told, *worked] if words_first else [*worked, *told]
    return tuple(dict.fromkeys(ordered))[:MOST_QUOTES]


def _unknown(mentions: Sequence[Mention], passages: list[Passage]) -> Finding:
    seen = tuple(dict.fromkeys([mention.passage for mention in mentions] + passages))[:MOST_QUOTES]
    return Finding(Verdict.NOT_STATED, seen, 0.3, "named, for how long is not stated") if seen else SILENCE


def _stated_mentions(terms: Sequence[Term], passage: Passage) -> list[Mention]:
    searchable = [term for term in terms if isinstance(term, SkillTerm | WordsTerm | ConceptTerm)]
    found = [mention for term in searchable for mention in mentions_in(term, passage)]
    return [mention for mention in found if mention.claim is Claim.STATED and not mention.lacks_context]


def _months_told(
    terms: Sequence[Term], mentions: list[Mention], passages: Iterable[Passage]
) -> list[tuple[int, Passage]]:
    """Each length of time that the résumé puts in words, with its passage."""
    told = [(months, mention.passage) for mention in mentions if (months := _told_of(mention)) is not None]
    if _any_work(terms):
        told += [(each.months, passage) for passage in passages for each in stated_in(passage.folded)
                 if _OF_EXPERIENCE.match(passage.folded[each.end :])]  # fmt: skip
    return told


def _told_of(mention: Mention) -> int | None:
    """The months that a passage gives to this mention: right behind it, or before it with nothing else between."""
    folded = mention.passage.folded
    nearest: int | None = None
    for each in stated_in(folded):
        if each.start >= mention.end and _JUST_AFTER.match(folded[mention.end : each.start]):
            return each.months
        gap = folded[each.end : mention.start]
        if each.end <= mention.start and len(gap) <= _REACH:
            nearest = None if _ELSEWHERE.search(gap) else each.months
    return nearest


def _first_told(job: Job, mentions: list[Mention]) -> Passage | None:
    inside = {passage.start for passage in job.passages}
    return next((mention.passage for mention in mentions if mention.passage.start in inside), None)


def _any_work(terms: Sequence[Term]) -> bool:
    return any(isinstance(term, ExperienceTerm) for term in terms)


def _label(terms: Sequence[Term]) -> str:
    return " or ".join(dict.fromkeys(term.label for term in terms))
