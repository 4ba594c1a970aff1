"""The offline writer: every template, language and tone over every set of facts, saying what stands in them alone."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.outreach import phrases
from chalicelib.outreach.material import Draft, Fact, FactKind, Language, Material, Template, Tone, Wish
from chalicelib.outreach.proof import unproved
from chalicelib.outreach.writer import NothingToFollowUp, OfflineWriter
from tests.chalicelib.outreach.materials import OPTIONAL, fact, match, material, of_position

WISHES = [Wish(*each) for each in product(Template, Tone, Language)]
GROUPS = (
    ("headline",),
    ("current_title",),
    ("current_employer",),
    ("department", "location"),
    ("salary_min",),
    ("salary_max",),
    ("currency",),
    ("asked",),
    ("matches",),
)
every_wish = pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish.template}-{wish.tone}-{wish.language}")


def written(wish: Wish, *left_out: str) -> Draft:
    return OfflineWriter().write(material(*left_out), wish)


def values_in(draft: Draft) -> set[str]:
    return {each.value for each in draft.facts}


@every_wish
def test_a_message_says_what_stands_in_its_facts_and_nothing_else(wish: Wish) -> None:
    for number in range(len(GROUPS) + 1):
        for groups in combinations(GROUPS, number):
            draft = written(wish, *(name for group in groups for name in group))
            assert unproved(draft, wish.language) == []
            assert len(set(draft.facts)) == len(draft.facts)
            assert "{" not in draft.subject + draft.body


@every_wish
def test_a_message_is_well_formed(wish: Wish) -> None:
    for left_out in ((), tuple(name for name in OPTIONAL if name != "last_sent_on")):
        draft = written(wish, *left_out)
        lines = draft.body.split("\n")
        assert lines[0].startswith(phrases.of(wish.language).greeting[wish.tone].split("{")[0])
        assert "Grace Hopper" in lines[0]
        assert lines[-2:] == ["Ada Lovelace", "Harbour & Søn"]
        assert "\n" not in draft.subject
        assert "Principal Engineer" in draft.subject
        assert not any(line != line.strip() for line in lines)
        assert "\n\n\n" not in draft.body
        assert not any(wrong in draft.body for wrong in ("  ", " ,", " .", "..", "None", "()", "““"))


@every_wish
def test_the_same_material_gives_the_same_message(wish: Wish) -> None:
    assert written(wish) == written(wish)


@every_wish
def test_a_rejection_gives_no_reason_and_no_detail(wish: Wish) -> None:
    kinds = {each.kind for each in written(wish).facts}
    about_people = {FactKind.CANDIDATE_NAME, FactKind.ORGANIZATION, FactKind.SENDER_NAME, FactKind.POSITION_TITLE}
    assert (kinds == about_people) == (wish.template is Template.REJECTION)


@pytest.mark.parametrize("language", Language)
def test_languages_tones_and_templates_differ(language: Language) -> None:
    bodies = [written(Wish(template, tone, language)).body for template, tone in product(Template, Tone)]
    assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize("language", Language)
def test_every_language_holds_every_phrase_with_the_same_facts(language: Language) -> None:
    english, other = phrases.of(Language.ENGLISH), phrases.of(language)
    for name in ("greeting", "invitation", "decision", "wishes", "closing"):
        assert set(getattr(other, name)) == set(Tone), name
    for template in Template:
        placeholders = [
            set(phrases.PLACEHOLDER.findall(words.subject[template] + words.opening[template]))
            for words in (english, other)
        ]
        assert placeholders[0] == placeholders[1], template
    assert len(set(other.months)) == 12


BOASTS = {
    Language.ENGLISH: "competitive growing exciting leading dynamic unique great excellent perfect family",
    Language.GERMAN: "attraktiv attraktive führend führende dynamisch spannend einzigartig hervorragend perfekt",
    Language.FRENCH: "compétitif attractif leader dynamique passionnant unique excellent parfait exceptionnel",
    Language.SPANISH: "competitivo atractivo líder dinámico apasionante único excelente perfecto excepcional",
}


@pytest.mark.parametrize("language", Language)
def test_the_fixed_phrases_praise_nothing_and_count_nothing(language: Language) -> None:
    vocabulary = {word.casefold() for word in phrases.vocabulary(language)}
    assert vocabulary.isdisjoint(BOASTS[language].split())
    assert not any(character.isdigit() for word in vocabulary for character in word)


def test_the_executive_message_quotes_less_and_the_technical_more() -> None:
    many = tuple(match(f"Skill {number}", f"passage {number}", number * 50) for number in range(9))
    counts = {
        template: OfflineWriter().write(material(matches=many), Wish(template)).body.count("passage")
        for template in Template
        if template is not Template.FOLLOW_UP
    }
    assert counts == {Template.STANDARD: 3, Template.EXECUTIVE: 2, Template.TECHNICAL: 5, Template.REJECTION: 0}


def test_every_quote_in_a_message_names_its_passage() -> None:
    draft = written(Wish(Template.TECHNICAL))
    quotes = [each.as_json() for each in draft.facts if each.kind is FactKind.EVIDENCE]
    assert len(quotes) == 3
    for quote in quotes:
        assert f"“{quote['value']}”" in draft.body
        assert set(quote["source"]) == {"document_id", "page", "start", "end"}  # type: ignore[call-overload]


def test_a_technical_message_without_evidence_says_what_is_asked_for() -> None:
    draft = written(Wish(Template.TECHNICAL), "matches")
    assert "- COBOL\n- 5+ years of compilers\n- Patience" in draft.body
    assert "résumé" not in draft.body


@pytest.mark.parametrize("wish", [Wish(Template.FOLLOW_UP, language=language) for language in Language])
def test_a_follow_up_needs_something_to_follow_up_on(wish: Wish) -> None:
    with pytest.raises(NothingToFollowUp):
        written(wish, "last_sent_on")


DAYS = {
    Language.ENGLISH: ("On 1 November 2026 we", "On 24 March 2026 we"),
    Language.GERMAN: ("am 1. November 2026 haben", "am 24. März 2026 haben"),
    Language.FRENCH: ("Le 1er novembre 2026, nous", "Le 24 mars 2026, nous"),
    Language.SPANISH: ("El 1 de noviembre de 2026 le", "El 24 de marzo de 2026 le"),
}


@pytest.mark.parametrize("language", Language)
def test_a_follow_up_names_the_day_as_its_language_does(language: Language) -> None:
    for day, expected in zip(("2026-11-01", "2026-03-24"), DAYS[language], strict=True):
        given = material(last_sent_on=fact(FactKind.LAST_SENT_ON, day, "outreach"))
        draft = OfflineWriter().write(given, Wish(Template.FOLLOW_UP, language=language))
        assert expected in draft.body
        assert day in values_in(draft)


SALARIES = {
    Language.ENGLISH: ("95,000 to 1,250,000.50 CHF", "from 95,000 CHF", "up to 1,250,000.50 CHF"),
    Language.GERMAN: ("95.000 bis 1.250.000,50 CHF", "ab 95.000 CHF", "bis 1.250.000,50 CHF"),
    Language.FRENCH: (
        "de 95\u202f000 à 1\u202f250\u202f000,50 CHF",
        "à partir de 95\u202f000 CHF",
        "jusqu’à 1\u202f250\u202f000,50 CHF",
    ),
    Language.SPANISH: ("de 95.000 a 1.250.000,50 CHF", "desde 95.000 CHF", "hasta 1.250.000,50 CHF"),
}


@pytest.mark.parametrize("language", Language)
def test_a_salary_is_told_as_far_as_it_is_known(language: Language) -> None:
    wish = Wish(Template.STANDARD, language=language)
    whole, least, most = SALARIES[language]
    label = phrases.of(language).salary.format(value="")

    assert label + whole in written(wish).body
    assert label + least in written(wish, "salary_max").body
    assert label + most in written(wish, "salary_min").body
    same = material(salary_max=of_position(FactKind.SALARY_MAX, "95000"))
    assert label + least.split(" ")[-2] + " CHF" in OfflineWriter().write(same, wish).body
    for unknown in (("currency",), ("salary_min", "salary_max")):
        assert label not in written(wish, *unknown).body


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ((), "says: Rear Admiral, US Navy."),
        (("current_title",), "says: US Navy."),
        (("current_employer",), "says: Rear Admiral."),
        (("current_title", "current_employer"), "says: Compilers and calm."),
    ],
)
def test_the_profile_is_told_as_far_as_it_is_known(left_out: tuple[str, ...], said: str) -> None:
    assert said in written(Wish(Template.STANDARD), *left_out).body
    nothing = written(Wish(Template.STANDARD), "headline", "current_title", "current_employer")
    assert "profile" not in nothing.body


# Everything there is in names and titles: letters of any script, digits, every quotation mark, braces, format codes.
lines = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
amounts = st.decimals(min_value=0, max_value=10**9, places=2).map(lambda amount: f"{amount:f}")
currencies = st.sampled_from(["EUR", "CHF", "USD"])
VALUES: dict[str, st.SearchStrategy[str]] = {
    "candidate_name": lines,
    "organization": lines,
    "sender_name": lines,
    "position_title": lines,
    "headline": lines,
    "current_title": lines,
    "current_employer": lines,
    "department": lines,
    "location": lines,
    "salary_min": amounts,
    "salary_max": amounts,
    "currency": currencies,
    "last_sent_on": st.dates().map(lambda day: day.isoformat()),
}
NEEDED = {"candidate_name", "organization", "sender_name", "position_title", "last_sent_on"}
quotes = lines.filter(lambda text: not set('“”„«»"') & set(text))


@st.composite
def materials(draw: st.DrawFn) -> Material:
    facts: dict[str, Fact | None] = {}
    for name, strategy in VALUES.items():
        value = draw(strategy if name in NEEDED else st.none() | strategy)
        facts[name] = None if value is None else fact(FactKind(name), value)
    asked = [of_position(FactKind.REQUIREMENT, text) for text in draw(st.lists(lines, max_size=6))]
    pairs = draw(st.lists(st.tuples(lines, quotes), max_size=6))
    matches = tuple(match(requirement, quote) for requirement, quote in pairs)
    return Material(**facts, asked=tuple(asked), matches=matches)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(materials(), st.sampled_from(WISHES))
def test_whatever_the_record_holds_nothing_is_invented(given_material: Material, wish: Wish) -> None:
    draft = OfflineWriter().write(given_material, wish)

    assert unproved(draft, wish.language) == []
    everything = [value for value in vars_of(given_material) if value is not None]
    assert set(draft.facts) <= set(everything)


def vars_of(given_material: Material) -> list[Fact | None]:
    single = [getattr(given_material, name) for name in VALUES]
    pairs = [each for pair in given_material.matches for each in (pair.requirement, pair.evidence)]
    return [*single, *given_material.asked, *pairs]
