"""The list of skills keeps its own promises."""

from __future__ import annotations

from collections import Counter

from chalicelib.resumes.skill_names import ALIASES, CANONICAL, ONLY_IN_SKILLS


def test_no_spelling_belongs_to_two_skills() -> None:
    spellings = Counter(s.lower() for name, others in ALIASES.items() for s in (name, *others))

    assert [spelling for spelling, times in spellings.items() if times > 1] == []


def test_every_spelling_leads_to_a_skill_and_none_is_empty() -> None:
    assert len(ALIASES) >= 400
    assert set(CANONICAL.values()) == set(ALIASES)
    assert all(spelling == " ".join(spelling.split()) and spelling for spelling in CANONICAL)
    assert set(CANONICAL) >= ONLY_IN_SKILLS


def test_other_spellings_lead_to_the_same_skill() -> None:
    assert CANONICAL["js"] == CANONICAL["javascript"] == "JavaScript"
    assert CANONICAL["k8s"] == "Kubernetes"
    assert CANONICAL["ms excel"] == CANONICAL["excel"] == "Microsoft Excel"
    assert {"go", "r", "c"} <= ONLY_IN_SKILLS
