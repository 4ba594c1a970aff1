"""The offline rater: rules instead of a model, the same answer for the same brief, on any machine, without a network.

It reads requirements into terms (requirement_terms.py), looks for them in the résumé's passages (matching.py,
experience.py) and reckons the score from the verdicts (scoring.py; weights from docs/decisions/0007).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chalicelib.resumes.text import DocumentText
from chalicelib.screening.cautions import instructions_in, unreadable_because
from chalicelib.screening.experience import worked_with
from chalicelib.screening.findings import SILENCE, Finding, all_of, any_of
from chalicelib.screening.matching import find
from chalicelib.screening.rating import (
    RULES_VERSION,
    Brief,
    Rating,
    Recommendation,
    Requirement,
    RequirementKind,
    RequirementVerdict,
    Verdict,
)
from chalicelib.screening.reading import Resume, read
from chalicelib.screening.requirement_terms import clauses_of
from chalicelib.screening.scoring import recommendation_of, score_of
from chalicelib.screening.skill_lookup import vocabulary_digest
from chalicelib.screening.summary import gaps_of, strengths_of
from chalicelib.screening.terms import Clause, ConceptTerm, ExperienceTerm, SkillTerm, Term, WordsTerm

EXPERIENCE_ID = "experience_years_min"
EXPERIENCE_WEIGHT = 3  # as much as a requirement of middling weight: the position names it once, for the whole career
_TOLD_TO_RATE = "The résumé holds instructions to its reader; those lines were not counted. Read it yourself."
_NOTHING_ASKED = "The position has no requirements to rate against."


def _model() -> str:
    return f"recruitpro-rules-{RULES_VERSION}+{vocabulary_digest()}"


@dataclass(frozen=True, slots=True)
class OfflineRater:
    """Rates by rules. `model` names the rules and the list of skills, so either one's change is a new input hash."""

    provider: str = "offline"
    model: str = field(default_factory=_model)

    def rate(self, brief: Brief) -> Rating:
        """The rating; never raises, and asks for a human whenever the résumé cannot be rated fairly."""
        asked = _asked(brief)
        unreadable = unreadable_because(brief.document)
        orders = instructions_in(brief.document) if brief.document else []
        cautions = [unreadable] if unreadable else []
        cautions += [_TOLD_TO_RATE] if orders else []
        cautions += [] if brief.requirements else [_NOTHING_ASKED]
        resume = read(brief.document, brief, orders) if brief.document and not unreadable else Resume((), ())
        judged = [(each, _judge(each, resume, brief)) for each in asked]
        verdicts = tuple(_verdict(each, found, brief.document) for each, found in judged)
        gaps = () if unreadable else gaps_of(judged)
        return Rating(
            score=score_of(verdicts),
            recommendation=Recommendation.NEEDS_HUMAN if cautions else recommendation_of(verdicts),
            requirements=verdicts,
            strengths=strengths_of(judged),
            gaps=(*cautions, *gaps),
            provider=self.provider,
            model=self.model,
        )


def _asked(brief: Brief) -> tuple[Requirement, ...]:
    """The position's requirements and, as one more must with an id of its own, its least years of experience."""
    years = brief.experience_years_min
    if not years or years < 0:
        return brief.requirements
    text = f"At least {years} {'year' if years == 1 else 'years'} of work experience"
    return (*brief.requirements, Requirement(EXPERIENCE_ID, text, RequirementKind.MUST, EXPERIENCE_WEIGHT))


def _judge(asked: Requirement, resume: Resume, brief: Brief) -> Finding:
    if asked.id == EXPERIENCE_ID and brief.experience_years_min:
        return worked_with([ExperienceTerm("Work experience")], brief.experience_years_min * 12, resume)
    clauses = clauses_of(asked.text)
    findings = [_of_clause(clause, resume) for clause in clauses]
    if len(clauses) > 1:
        findings = [_named(clause, found) for clause, found in zip(clauses, findings, strict=True)]
    return all_of(findings)


def _of_clause(clause: Clause, resume: Resume) -> Finding:
    """Any term will do; those that take time are counted together, and fall back on their bare mention."""
    plain = [find(term, resume) for term in clause.terms]
    timed = [term for term in clause.terms if isinstance(term, SkillTerm | WordsTerm | ConceptTerm | ExperienceTerm)]
    if clause.months is not None and timed:
        others = [found for term, found in zip(clause.terms, plain, strict=True) if term not in timed]
        lasted = worked_with(timed, clause.months, resume)
        if not lasted.evidence:
            refuted = any_of([found for term, found in zip(clause.terms, plain, strict=True) if term in timed])
            lasted = refuted if refuted.verdict is not Verdict.MET else SILENCE
        return any_of([lasted, *others])
    best = any_of(plain)
    if best.verdict is not Verdict.MET or not all(_is_bare_skill(term) for term in clause.terms):
        return best
    shown = worked_with(clause.terms, 1, resume)
    return replace(best, note=shown.note) if shown.verdict is Verdict.MET else best


def _is_bare_skill(term: Term) -> bool:
    """Only a skill is told by how long it was used; a deed ("led a team of six") is better told in its own words."""
    return isinstance(term, SkillTerm) and not term.context


def _named(clause: Clause, found: Finding) -> Finding:
    """The finding with words that tell which part of the requirement it speaks of."""
    label = " or ".join(term.label for term in clause.terms)
    if found.verdict is Verdict.MET:
        return found
    if not found.evidence:
        return replace(found, note=f"nothing on {label}")
    return replace(found, note=f"{label}: {found.note}" if found.note and label not in found.note else found.note)


def _verdict(asked: Requirement, found: Finding, document: DocumentText | None) -> RequirementVerdict:
    evidence = tuple(document.quote(each.start, each.end) for each in found.evidence) if document else ()
    return RequirementVerdict(asked.id, asked.text, asked.kind, asked.weight, found.verdict, evidence, found.confidence)
