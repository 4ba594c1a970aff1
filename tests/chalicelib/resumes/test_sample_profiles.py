"""The profiles of the sample résumés, read from their real files, against the people they were made from."""

from __future__ import annotations

import re

import phonenumbers
import pytest

from chalicelib.resumes import reader
from chalicelib.resumes.dates import find_periods
from chalicelib.resumes.profile import ResumeProfile, extract
from chalicelib.resumes.skill_names import CANONICAL
from chalicelib.resumes.text import DocumentText
from infra.demo import make_resumes, people
from infra.demo.people import Person, Post

LIMITS = reader.ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100)
PEOPLE = {
    "amelia-hartley.pdf": people.AMELIA,
    "jonas-gruenwald-lebenslauf.pdf": people.JONAS,
    "marcus-okafor.pdf": people.MARCUS,
    "priya-raman-portfolio-cv.pdf": people.PRIYA,
    "jose-nunez.docx": people.JOSE,
    "grace-lindqvist.docx": people.GRACE,
    "helen-abernathy-rn.docx": people.HELEN,
}
EVERYBODY = pytest.mark.parametrize(("filename", "person"), PEOPLE.items(), ids=PEOPLE)


def profile_of(filename: str) -> tuple[DocumentText, ResumeProfile]:
    text = reader.read_here((make_resumes.FOLDER / filename).read_bytes(), filename=filename, limits=LIMITS)
    return text, extract(text)


@EVERYBODY
def test_a_file_says_who_it_is_about(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)

    assert profile.name is not None
    assert profile.email is not None
    assert profile.location is not None
    assert (profile.name.value, profile.email.value) == (re.sub(r", RN$", "", person.name), person.email)
    assert person.location.startswith(profile.location.value)


@EVERYBODY
def test_a_file_says_the_number_to_call(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)
    region = "GB" if person.location.startswith(("London", "Manchester")) else "US"
    number = phonenumbers.parse(person.phone, region)

    assert profile.phone is not None
    assert profile.phone.value == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@EVERYBODY
def test_a_file_lists_every_post_with_its_points(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)

    assert len(profile.experience) == len(person.posts)
    for job, post in zip(profile.experience, person.posts, strict=True):
        assert job.title is not None
        assert job.organization is not None
        assert (job.title.value, job.organization.value) == (post.title, post.employer)
        assert job.location is not None
        assert job.location.value == post.place
        assert job.description is not None
        assert " ".join(job.description.value.split()) == " ".join(post.points)


@EVERYBODY
def test_a_file_dates_every_post(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)

    def dates_of(post: Post) -> tuple[object, ...]:
        (period,) = find_periods(post.dates)
        return period.began and period.began.value, period.ended and period.ended.value, period.is_current

    read = [
        (job.started and job.started.value, job.ended and job.ended.value, job.is_current) for job in profile.experience
    ]
    assert read == [dates_of(post) for post in person.posts]


@EVERYBODY
def test_a_file_names_every_skill(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)
    named = {skill.value.casefold() for skill in profile.skills}

    wanted = {skill: CANONICAL.get(skill.casefold(), skill) for skill in person.skills}
    missing = [skill for skill, name in wanted.items() if name.casefold() not in named]
    # These stand as "Accessibility (WCAG 2.2)" and "HTML and CSS": two skills each.
    assert missing in ([], ["Accessibility (WCAG 2.2)", "HTML and CSS"])


@EVERYBODY
def test_a_file_says_what_was_studied(filename: str, person: Person) -> None:
    _, profile = profile_of(filename)
    whole = ", ".join(person.education)

    # A lone certificate ("ACCA, 2016") names neither a degree nor a school.
    assert len(profile.education) == whole.count("–")
    for entry in profile.education:
        assert entry.institution is not None
        assert entry.degree is not None
        assert entry.start_year is not None
        assert entry.end_year is not None
        studied = entry.degree.value + (f" {entry.field.value}" if entry.field else "")
        years = f"{entry.start_year.value} – {entry.end_year.value}"
        assert f"{studied}, {entry.institution.value}, {years}" in whole
