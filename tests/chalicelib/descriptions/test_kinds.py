"""Which kind a document is said to be, and that nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.descriptions.kinds import LEAST, MOST_REASONS, Classification, classify
from chalicelib.resumes.text import DocumentText
from infra.demo import make_resumes
from tests.chalicelib.descriptions import brief_texts
from tests.chalicelib.descriptions.other_texts import OTHERS
from tests.chalicelib.descriptions.position_texts import KNOWN
from tests.chalicelib.descriptions.samples import description, document, resume
from tests.chalicelib.descriptions.unseen_others import OTHERS_TOO
from tests.chalicelib.descriptions.unseen_texts import UNSEEN, UNSEEN_TOO
from tests.chalicelib.resumes import resume_texts

POSITIONS = KNOWN | UNSEEN | UNSEEN_TOO
BRIEFS = {name: words for name, words in vars(brief_texts).items() if name.isupper()}
NO_RESUMES = {"LETTER", "RECIPE", "JOB_AD", "INVOICE", "PROJECT_BRIEF"}
RESUMES = {n: w for n, w in vars(resume_texts).items() if n.isupper() and n not in NO_RESUMES}
SAMPLES = {
    "site-manager-leeds.pdf": "position_description",
    "pflegefachkraft-hamburg.docx": "position_description",
    "project-brief-riverside.docx": "project_brief",
}


def of(words: str | tuple[str, ...]) -> DocumentText:
    return DocumentText.of_pages([words] if isinstance(words, str) else list(words))


@pytest.mark.parametrize("name", [path.name for path in sorted(make_resumes.FOLDER.iterdir())])
def test_every_sample_resume_is_a_resume(name: str) -> None:
    assert classify(resume(name)).kind == "resume"


@pytest.mark.parametrize("name", RESUMES)
def test_resumes_of_many_trades_are_resumes(name: str) -> None:
    assert classify(of(RESUMES[name])).kind == "resume"


@pytest.mark.parametrize(("name", "kind"), SAMPLES.items())
def test_every_sample_description_is_what_it_is(name: str, kind: str) -> None:
    assert classify(description(name)).kind == kind


@pytest.mark.parametrize("name", POSITIONS)
def test_position_descriptions_are_told(name: str) -> None:
    assert classify(of(POSITIONS[name].text)).kind == "position_description"


@pytest.mark.parametrize("name", BRIEFS)
def test_project_briefs_are_told(name: str) -> None:
    assert classify(of(BRIEFS[name])).kind == "project_brief"


@pytest.mark.parametrize("name", OTHERS | OTHERS_TOO)
def test_what_is_none_of_these_is_unknown(name: str) -> None:
    answer = classify(of((OTHERS | OTHERS_TOO)[name]))

    assert (answer.kind, answer.confidence) == ("unknown", 0.0)


@pytest.mark.parametrize("words", ["", " \n\f", "Nurse", "Requirements\nResponsibilities\nWe offer"])
def test_a_text_of_a_few_words_is_unknown(words: str) -> None:
    assert classify(document(words)) == Classification("unknown", 0.0, ())


def test_a_document_without_pages_is_unknown() -> None:
    assert classify(DocumentText("", ())).kind == "unknown"


def test_two_documents_in_one_file_are_not_guessed_at() -> None:
    both = resume_texts.NURSE + "\f" + KNOWN["nurse"].text

    assert classify(document(both)).kind == "unknown"


def test_reasons_quote_the_document_strongest_first() -> None:
    text = of(KNOWN["nurse"].text)

    answer = classify(text)

    assert [text.text[each.start : each.end] for each in answer.reasons] == [each.value for each in answer.reasons]
    assert {"Responsibilities", "Requirements", "We are looking for"} <= {each.value for each in answer.reasons}
    assert len(answer.reasons) <= MOST_REASONS


def test_reasons_name_the_page() -> None:
    answer = classify(document("Nurse wanted in Leeds by a ward of eighteen beds\f" + KNOWN["nurse"].text))

    assert {each.page for each in answer.reasons} == {2}


def test_more_signs_make_it_surer_and_never_certain() -> None:
    short = classify(of(UNSEEN["truck"].text)).confidence
    full = classify(of(KNOWN["nurse"].text)).confidence

    assert 0 < short < full < 1
    assert LEAST > 50  # no single sign is enough


def test_an_answer_is_plain_json() -> None:
    answer = classify(of(KNOWN["nurse"].text)).to_json()

    assert answer["kind"] == "position_description"
    assert answer["reasons"][0].keys() == {"value", "page", "start", "end"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600))
def test_no_text_makes_it_raise(words: str) -> None:
    assert classify(document(words)).kind in ("resume", "position_description", "project_brief", "unknown")
