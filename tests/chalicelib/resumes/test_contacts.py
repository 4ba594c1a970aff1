"""Ways to reach a candidate, in one form each."""

from __future__ import annotations

import pytest

from chalicelib.resumes.profile import ResumeProfile, extract
from chalicelib.resumes.text import DocumentText


def read(top: str) -> ResumeProfile:
    return extract(
        DocumentText.of_pages([f"Jane Doe\n{top}\nExperience\nNurse, City Hospital  2019 - 2020\nSkills\nTriage\n"])
    )


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Jane.Doe@Example.COM", "jane.doe@example.com"),
        ("E-mail: jane.doe@example.com.", "jane.doe@example.com"),
        ("<mailto:jane@example.com>", "jane@example.com"),
        ("(jane+cv@mail.example.co.uk)", "jane+cv@mail.example.co.uk"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("jane@localhost", None),
        ("jane..doe@example.com", None),
        ("@janedoe", None),
        ("jobs@example.com", None),
    ],
)
def test_an_address_is_valid_and_in_lower_case(written: str, address: str | None) -> None:
    email = read(written).email

    assert (email and email.value) == address


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 (0)30 23125 417", "+493023125417"),
        ("+1 202-555-0143", "+12025550143"),
        ("0049 30 23125417", "+493023125417"),
        ("(217) 555-0142\nSpringfield, IL 62701", "+12175550142"),
        ("020 7946 0331\nLondon SE1", "+442079460331"),
        ("030 23125417\n10115 Berlin", "+493023125417"),
        ("01 42 68 53 00\njane@example.fr", "+33142685300"),
        ("(217) 555-0142", None),
        ("Phone: 12345", None),
        ("2019 - 2021", None),
    ],
)
def test_a_phone_number_is_international_or_of_a_known_country(written: str, number: str | None) -> None:
    phone = read(written).phone

    assert (phone and phone.value) == number


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("1420 Maple Ave, Springfield, IL 62701", "Springfield, IL"),
        ("Berlin, Germany", "Berlin, Germany"),
        ("Berlin, DE", "Berlin, DE"),
        ("Hauptstr. 5, 10115 Berlin", "Berlin"),
        ("Wohnort: Kleinmachnow", "Kleinmachnow"),
        ("12 rue des Lilas, 75011 Paris, France", "Paris, France"),
        ("Manchester M1 1AE", "Manchester"),
        ("Somewhere Nice", None),
    ],
)
def test_a_location_is_a_town_without_its_street(written: str, place: str | None) -> None:
    location = read(written).location

    assert (location and location.value) == place


def test_links_have_one_form_and_come_once() -> None:
    top = "linkedin.com/in/jane-doe/ | http://github.com/janedoe?tab=repos | HTTPS://www.Jane-Doe.dev | node.js\n"

    links = read(top + "https://www.linkedin.com/in/jane-doe").links

    assert [link.value for link in links] == [
        "https://www.linkedin.com/in/jane-doe",
        "https://github.com/janedoe",
        "https://www.jane-doe.dev",
    ]
