"""The offline writer: a message composed of fixed phrases and of facts, the same one for the same material.

What each template holds: standard, executive and technical name the position and what the record knows of it, with
passages of the résumé that a screening verified (technical the most, and the requirements themselves where nothing is
verified); follow_up names the day of the last message; rejection gives no reason at all: one that a person wants to
give is theirs to write into the draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chalicelib.errors import Conflict
from chalicelib.outreach import phrases
from chalicelib.outreach.material import Draft, Fact, Material, Template, Wish
from chalicelib.outreach.phrases import Phrases
from chalicelib.outreach.spelling import spelled

MOST_MATCHES: Mapping[Template, int] = {Template.STANDARD: 3, Template.EXECUTIVE: 2, Template.TECHNICAL: 5}
MOST_ASKED = 5


class NothingToFollowUp(Conflict):
    """No message about this position was sent to this candidate."""

    code = "nothing_to_follow_up"

    def __init__(self) -> None:
        super().__init__("no message about this position was sent to this candidate yet; write the first one instead")


class OfflineWriter:
    """Writes without asking anybody."""

    def write(self, material: Material, wish: Wish) -> Draft:
        """The message; raises NothingToFollowUp when it is to follow up on none."""
        page = _Page(material, wish, phrases.of(wish.language))
        subject = page.subject()
        sections = (_greeting, *SECTIONS[wish.template], _signature)
        paragraphs = [paragraph for section in sections if (paragraph := section(page))]
        return Draft(subject, "\n\n".join(paragraphs), tuple(page.used))


@dataclass(slots=True)
class _Page:
    """A message in the making; remembers each fact that it used."""

    material: Material
    wish: Wish
    words: Phrases
    used: list[Fact] = field(default_factory=list)

    def use(self, fact: Fact) -> str:
        """The fact as the language spells it, noted as used."""
        if fact not in self.used:
            self.used.append(fact)
        return spelled(fact, self.wish.language)

    def about(self) -> dict[str, str]:
        """Position and organization, for a phrase."""
        return {
            "position": self.use(self.material.position_title),
            "organization": self.use(self.material.organization),
        }

    def subject(self) -> str:
        wanted = self.words.subject[self.wish.template]
        facts = {"position": self.material.position_title, "organization": self.material.organization}
        return wanted.format(**{name: self.use(fact) for name, fact in facts.items() if f"{{{name}}}" in wanted})


def _greeting(page: _Page) -> str:
    return page.words.greeting[page.wish.tone].format(name=page.use(page.material.candidate_name))


def _opening(page: _Page) -> str:
    return page.words.opening[page.wish.template].format(**page.about())


def _reminder(page: _Page) -> str:
    if page.material.last_sent_on is None:
        raise NothingToFollowUp
    date = page.use(page.material.last_sent_on)
    return page.words.opening[page.wish.template].format(date=date, **page.about())


def _profile(page: _Page) -> str:
    current = [fact for fact in (page.material.current_title, page.material.current_employer) if fact is not None]
    if not current and page.material.headline is not None:
        current = [page.material.headline]
    # A full stop of the fact's own would stand beside the sentence's.
    work = ", ".join(page.use(fact) for fact in current).rstrip(".")
    return page.words.profile.format(work=work) if work else ""


def _details(page: _Page) -> str:
    lines = []
    for label, fact in (
        (page.words.department, page.material.department),
        (page.words.location, page.material.location),
    ):
        if fact is not None:
            lines.append(label.format(value=page.use(fact)))
    salary = _salary(page)
    return "\n".join([*lines, page.words.salary.format(value=salary)] if salary else lines)


def _salary(page: _Page) -> str:
    low, high, currency = page.material.salary_min, page.material.salary_max, page.material.currency
    if currency is None or (low is None and high is None):  # an amount of nobody knows what says nothing
        return ""
    amounts = {name: page.use(fact) for name, fact in (("low", low), ("high", high)) if fact is not None}
    if low is None:
        phrase = page.words.salary_up_to
    elif high is None:
        phrase = page.words.salary_from
    else:
        phrase = page.words.salary_exact if amounts["low"] == amounts["high"] else page.words.salary_range
    return phrase.format(**amounts, currency=page.use(currency))


def _matches(page: _Page) -> str:
    matches = page.material.matches[: MOST_MATCHES[page.wish.template]]
    lines = [
        page.words.evidence.format(requirement=page.use(match.requirement), quote=page.use(match.evidence))
        for match in matches
    ]
    return "\n".join([page.words.evidence_heading, *lines]) if lines else ""


def _matches_or_asked(page: _Page) -> str:
    if page.material.matches:
        return _matches(page)
    lines = [page.words.asked.format(requirement=page.use(fact)) for fact in page.material.asked[:MOST_ASKED]]
    return "\n".join([page.words.asked_heading, *lines]) if lines else ""


def _by_tone(name: str) -> Callable[[_Page], str]:
    def paragraph(page: _Page) -> str:
        text: str = getattr(page.words, name)[page.wish.tone]
        return text

    return paragraph


def _signature(page: _Page) -> str:
    facts = (page.material.sender_name, page.material.organization)
    return "\n".join([page.words.closing[page.wish.tone], *(page.use(fact) for fact in facts)])


SECTIONS: Mapping[Template, tuple[Callable[[_Page], str], ...]] = {
    Template.STANDARD: (_opening, _profile, _details, _matches, _by_tone("invitation")),
    Template.EXECUTIVE: (_opening, _profile, _details, _matches, _by_tone("invitation")),
    Template.TECHNICAL: (_opening, _profile, _details, _matches_or_asked, _by_tone("invitation")),
    Template.FOLLOW_UP: (_reminder, _details, _by_tone("invitation")),
    Template.REJECTION: (_opening, _by_tone("decision"), _by_tone("wishes")),
}
