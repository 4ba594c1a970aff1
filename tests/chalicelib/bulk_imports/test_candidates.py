"""Cells judged as the API would judge them, only quicker."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chalicelib.auth.schemas import Email
from chalicelib.bulk_imports import contacts
from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.bulk_imports.columns import FIELDS, guess_mapping
from chalicelib.bulk_imports.rows import RawRow, RowProblems
from chalicelib.candidates.schemas import NewCandidate, Phone

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
PHONE: TypeAdapter[str] = TypeAdapter(Phone)
MAPPING = guess_mapping(FIELDS)
COUNTRY_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def judged(**cells: Any) -> CandidateRow | RowProblems:
    return read_candidate(RawRow(7, {"name": "Ada", **cells}), MAPPING)


def accepted(**cells: Any) -> CandidateRow:
    found = judged(**cells)
    assert isinstance(found, CandidateRow), found
    return found


def refused(**cells: Any) -> list[tuple[str | None, str]]:
    found = judged(**cells)
    assert isinstance(found, RowProblems), found
    assert {problem.line for problem in found.problems} == {7}
    return [(problem.field, problem.code) for problem in found.problems]


@given(st.one_of(st.from_regex(contacts._PLAIN_EMAIL, fullmatch=True), st.emails()))
@settings(max_examples=300)
@example("a@b.test")
@example("a@b.local")
@example("a@xn--nxasmq6b.com")
@example("a-b+c_d.e@1.2.3.co")
@example("a@b.c")
def test_an_address_taken_the_fast_way_is_what_the_library_makes_of_it(address: str) -> None:
    if contacts._is_plain_email(address.lower()):
        assert EMAIL.validate_python(address) == address.lower()


@given(st.sampled_from(COUNTRY_CODES), st.from_regex(r"[0-9]([ .-]?[0-9]){2,13}", fullmatch=True), st.booleans())
@settings(max_examples=600, deadline=None)
@example(44, "(0)20 7946 0958", False)
@example(1, "1212 555 1234", False)
def test_a_number_taken_the_fast_way_is_what_the_library_makes_of_it(code: int, national: str, spaced: bool) -> None:
    text = f"+{code}{' ' if spaced else ''}{national}"
    fast = contacts._PLAIN_PHONE.fullmatch(text) and contacts._plain_phone("".join(filter(str.isdigit, text)))
    if fast:
        assert PHONE.validate_python(text) == fast


def test_the_fast_ways_are_taken_for_what_files_mostly_hold() -> None:
    assert contacts._is_plain_email("jane.doe+cv@mail.example.co.uk")
    for number in ("+49 30 1234567", "+442079460958", "+1 (212) 555-1234", "+33 6 12 34 56 78", "+34 912 345 678"):
        assert contacts._plain_phone("".join(filter(str.isdigit, number))), number


@given(st.fixed_dictionaries({field: st.text(max_size=30) for field in FIELDS}))
@settings(max_examples=200, deadline=None)
def test_every_accepted_row_is_one_that_the_api_would_store_unchanged(cells: dict[str, str]) -> None:
    found = read_candidate(RawRow(2, cells), MAPPING)

    if isinstance(found, CandidateRow):
        stored = NewCandidate.model_validate(found.as_values()).as_values()
        assert {name: value for name, value in stored.items() if name != "resume_document_id"} == found.as_values()


def test_a_full_row_is_one_that_the_api_would_store_unchanged() -> None:
    found = accepted(
        email=" Ada@Example.COM ",
        phone="+44 20 7946 0958",
        location="London,  UK",
        headline="Engineer",
        summary=" two\r\nlines ",
        skills="Python, SQL;Go|python\nC",
        tags="a,b",
        source="fair",
        links="example.com/a; https://b.example",
        linkedin="linkedin.com/in/ada",
        github="@ada",
        website="http://ada.example",
        employer="Acme",
        institution="MIT",
        degree="MSc",
        consent_given_at="31.05.2024",
        consent_source="web form",
    )

    stored = NewCandidate.model_validate(found.as_values()).as_values()

    assert {name: value for name, value in stored.items() if name != "resume_document_id"} == found.as_values()
    assert (found.email, found.phone, found.location) == ("ada@example.com", "+442079460958", "London, UK")
    assert found.summary == "two\nlines"
    assert found.skills == ["Python", "SQL", "Go", "C"]
    assert found.links == [
        "https://example.com/a",
        "https://b.example/",
        "https://linkedin.com/in/ada",
        "https://github.com/ada",
        "http://ada.example/",
    ]
    assert found.experience[0]["organization"] == "Acme"
    assert found.experience[0]["is_current"] is True
    assert found.consent == {"source": "web form", "given_at": "2024-05-31T00:00:00Z"}


def test_first_and_last_name_make_a_name() -> None:
    found = read_candidate(RawRow(2, {"first_name": "Ada", "last_name": "Lovelace"}), MAPPING)

    assert isinstance(found, CandidateRow)
    assert found.name == "Ada Lovelace"


def test_all_problems_of_a_row_are_reported_at_once() -> None:
    told = refused(name=" ", email="x", phone="y", linkedin="not a link at all", consent_given_at="yes")

    assert told == [
        ("name", "name_missing"),
        ("email", "email_invalid"),
        ("phone", "phone_invalid"),
        ("linkedin", "link_invalid"),
        ("consent_given_at", "consent_undated"),
    ]


@pytest.mark.parametrize(
    ("written", "location", "number"),
    [
        ("030 1234567", "Berlin, Germany", "+49301234567"),
        ("(212) 555-1234", "New York", "+12125551234"),
        ("0033 6 12 34 56 78", "", "+33612345678"),
        ("+44 (0)20 7946 0958", "", "+442079460958"),
        ("020 7946 0958", "Leeds, UK", "+442079460958"),
    ],
)
def test_a_national_number_is_read_by_the_country_it_is_in(written: str, location: str, number: str) -> None:
    assert accepted(phone=written, location=location).phone == number


@pytest.mark.parametrize(
    ("written", "location"), [("030 1234567", ""), ("030 1234567", "Springfield"), ("123", "Berlin")]
)
def test_a_national_number_without_a_clear_country_is_refused(written: str, location: str) -> None:
    assert refused(phone=written, location=location) == [("phone", "phone_invalid")]


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("email", "ada\u200b\u202e@example.com", "hidden_character"),
        ("email", "a@x.org\nb@x.org", "several_lines"),
        ("headline", "x" * 201, "too_long"),
        ("summary", "x" * 20_001, "too_long"),
        ("skills", "x" * 101, "too_long"),
        ("tags", ",".join(str(number) for number in range(201)), "too_many"),
        ("source", "a\x00b", "character_lost"),
        ("website", "javascript:alert(1)", "link_invalid"),
        ("website", "https://" + "x" * 3000, "too_long"),
        ("links", " ".join(f"https://x.example/{number}" for number in range(51)), "too_many"),
        ("consent_given_at", "05/06/2024", "date_unclear"),
        ("headline", ["a"], "text_expected"),
    ],
)
def test_a_cell_that_cannot_be_taken_says_why(field: str, cell: Any, code: str) -> None:
    assert refused(**{field: cell}) == [(field, code)]


def test_a_source_of_consent_without_its_day_is_refused_and_a_no_is_none() -> None:
    assert refused(consent_source="web form") == [("consent_given_at", "consent_undated")]
    assert accepted(consent_given_at="no").consent is None


def test_every_region_guess_is_clear() -> None:
    assert [
        contacts.region_of(place) for place in ("Austin, TX", "Paris", "Zürich, CH", "Berlin, DE", "Springfield", None)
    ] == [
        "US",
        "FR",
        "CH",
        "DE",
        None,
        None,
    ]


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_contacts_of_any_text_are_taken_or_refused_and_never_crash(text: str) -> None:
    readers = (contacts.email, contacts.phone, contacts.link, contacts.links, partial(contacts.phone, region="DE"))
    for reader in readers:
        with suppress(CellWrong):
            reader(text)
