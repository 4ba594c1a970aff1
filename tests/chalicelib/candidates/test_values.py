"""What a candidate's fields take, how it is kept, and what is refused by name."""

from __future__ import annotations

import pytest

from tests.api import ApiClient
from tests.factories import new_candidate


@pytest.mark.parametrize(
    "name",
    [
        "李小龍",
        "محمد عبد الله",
        "דוד \u200fבן־גוריון",
        "Nguyễn Thị Ánh",
        "Þórður Jökulsson",
        "ศรีสุวรรณ",
        "👩🏽‍💻 Ada",
        "x" * 200,
    ],
)
def test_a_name_of_any_script_comes_back_as_it_was_sent(api: ApiClient, name: str) -> None:
    assert api.get(f"/api/candidates/{new_candidate(api, name=name)['id']}").json["name"] == name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        (" +49 (0)30 / 901820 ", "+4930901820"),
        ("+1-202-555-0143", "+12025550143"),
        ("+33.1.09.75.83.51", "+33109758351"),
    ],
)
def test_a_phone_number_is_kept_in_one_spelling(api: ApiClient, written: str, kept: str) -> None:
    assert new_candidate(api, phone=written)["phone"] == kept


@pytest.mark.parametrize("written", ["020 7946 0958", "+44", "+999 123", "phone", "", "+1 2", "+" + "1" * 39])
def test_what_is_no_phone_number_is_refused_with_a_reason(api: ApiClient, written: str) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "phone": written})

    assert (refused.status, refused.wrong_fields) == (422, {"phone"})
    assert refused.json["errors"][0]["message"] in {
        "write it with its country code: +44 20 7946 0958",
        "this is no possible phone number",
    }


def test_an_extension_is_refused_and_not_lost_in_silence(api: ApiClient) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "phone": "+44 20 7946 0958 ext. 12"})

    assert (refused.status, refused.wrong_fields) == (422, {"phone"})


def test_an_email_is_kept_in_lower_case(api: ApiClient) -> None:
    assert new_candidate(api, email=" Ada.LOVELACE@Math.Example ")["email"] == "ada.lovelace@math.example"


@pytest.mark.parametrize("email", ["ada", "ada@", "@math.example", "a b@math.example", "x" * 250 + "@math.example", 5])
def test_what_is_no_email_is_refused(api: ApiClient, email: object) -> None:
    assert api.post("/api/candidates", {"name": "Ada", "email": email}).wrong_fields == {"email"}


@pytest.mark.parametrize("method", ["post", "patch"])
def test_all_wrong_fields_are_named_at_once(api: ApiClient, method: str) -> None:
    path = "/api/candidates" if method == "post" else f"/api/candidates/{new_candidate(api)['id']}"
    wrong = {
        "name": "x" * 201,
        "location": "two\nlines",
        "headline": "x" * 201,
        "summary": "x" * 20_001,
        "skills": ["ok", "x" * 101],
        "experience": [{"start": "04/2019", "end": "2019-13", "employer": "X", "description": "x" * 20_001}],
        "education": [{"start_year": 1899, "end_year": "soon"}],
        "links": ["javascript:alert(1)", "https://x.example/" + "y" * 3000],
        "source": "x" * 201,
        "tags": [f"tag {number}" for number in range(201)],
        "consent": {"given_at": "2026-01-02T03:04:05"},
        "resume_document_id": "cv",
        "nickname": "Z",
    }

    refused = getattr(api, method)(path, wrong)

    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.wrong_fields == {
        *("name", "location", "headline", "summary", "skills.1", "source", "tags", "resume_document_id", "nickname"),
        *("experience.0.start", "experience.0.end", "experience.0.employer", "experience.0.description"),
        *("education.0.start_year", "education.0.end_year", "links.0", "links.1", "consent.source", "consent.given_at"),
    }


@pytest.mark.parametrize("text", ["null\x00byte", "lone \ud800 surrogate"])
def test_what_is_no_text_is_refused_by_name(api: ApiClient, text: str) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "experience": [{"description": text}]})

    assert (refused.status, refused.wrong_fields) == (422, {"experience.0.description"})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(api: ApiClient, moment: str) -> None:
    wish = {"name": "Ada", "consent": {"source": "form", "given_at": moment}}

    assert api.post("/api/candidates", wish).wrong_fields == {"consent.given_at"}
    assert api.get("/api/candidates", created_after=moment).wrong_fields == {"created_after"}
    assert api.get("/api/candidates", created_before=moment).wrong_fields == {"created_before"}


def test_a_consent_given_in_another_zone_is_shown_in_utc(api: ApiClient) -> None:
    made = new_candidate(api, consent={"source": "form", "given_at": "2026-01-02T03:04:05+02:00"})

    assert made["consent"] == {"source": "form", "given_at": "2026-01-02T01:04:05Z"}
    assert api.get(f"/api/candidates/{made['id']}").json == made


@pytest.mark.parametrize(
    "link",
    ["ftp://a.example/", "https://ada:secret@a.example/", "https://ada@a.example/", "https://a.\tb.example/", "//a.b"],
)
def test_a_link_that_hides_something_is_refused(api: ApiClient, link: str) -> None:
    assert api.post("/api/candidates", {"name": "Ada", "links": [link]}).wrong_fields == {"links.0"}
