"""The sample résumés of the demonstration: kept as generated, and read to the last word."""

from __future__ import annotations

import re
import unicodedata

import pytest

from chalicelib.resumes import reader
from infra.demo import make_resumes, people
from infra.demo.people import Person

LIMITS = reader.ReadingLimits(timeout_seconds=20, memory_mib=512, max_pages=100)
FILES = {
    "amelia-hartley.pdf": people.AMELIA,
    "jonas-gruenwald-lebenslauf.pdf": people.JONAS,
    "marcus-okafor.pdf": people.MARCUS,
    "priya-raman-portfolio-cv.pdf": people.PRIYA,
    "jose-nunez.docx": people.JOSE,
    "grace-lindqvist.docx": people.GRACE,
    "helen-abernathy-rn.docx": people.HELEN,
}


def read(name: str) -> str:
    return reader.read((make_resumes.FOLDER / name).read_bytes(), filename=name, limits=LIMITS).text


def words(text: str) -> str:
    """`text` with single spaces: lines break elsewhere in a file than in our source."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))


def everything_about(person: Person) -> list[str]:
    posts = [part for post in person.posts for part in (post.title, post.employer, post.dates, *post.points)]
    head = [person.name, person.headline, person.email, person.phone, person.location, *person.links, person.summary]
    return [*head, *person.skills, *posts, *person.education, person.more]


@pytest.mark.parametrize("name", FILES)
def test_all_that_stands_in_a_sample_is_read(name: str) -> None:
    text = words(read(name))

    assert [part for part in everything_about(FILES[name]) if words(part) not in text] == []


def test_the_samples_are_those_that_the_script_makes() -> None:
    kept = {path.name for path in make_resumes.FOLDER.iterdir()}

    assert kept == set(make_resumes.resumes()) == set(FILES)


def test_one_sample_is_as_large_as_a_resume_with_a_photo() -> None:
    assert 150_000 < (make_resumes.FOLDER / "priya-raman-portfolio-cv.pdf").stat().st_size < 250_000


def test_one_word_stands_in_one_sample_only() -> None:
    assert [name for name in FILES if "Zugspitze" in read(name)] == ["jonas-gruenwald-lebenslauf.pdf"]
