"""From a résumé's text to its candidate's profile; the same text always gives the same profile.

`extract` uses no clock, locale or network. What cannot be read with confidence is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.resumes.contacts import Contacts, read_contacts
from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.education import read_education
from chalicelib.resumes.experience import read_experience
from chalicelib.resumes.fields import Education, Experience, Found, ResumeProfile, found
from chalicelib.resumes.languages import read_languages
from chalicelib.resumes.names import is_other_document, read_headline, read_name
from chalicelib.resumes.sections import Part, Section, part, read_lines
from chalicelib.resumes.skills import read_skills
from chalicelib.resumes.text import DocumentText

__all__ = ["Education", "Experience", "Found", "ResumeProfile", "YearMonth", "extract"]

LONGEST_SUMMARY_LINES = 15


def extract(text: DocumentText) -> ResumeProfile:
    """What the document says about a candidate, each value with its place. Raises for no text, whatever it holds."""
    parts = part(read_lines(text)) if text.pages else []
    contacts = read_contacts(text, parts)
    name = read_name(text, parts, contacts.email)
    if name is None and is_other_document(text):
        contacts = Contacts(None, None, None, ())  # an advert's or a letter's address is no candidate's
    experience, education = read_experience(text, parts), read_education(text, parts)
    return ResumeProfile(
        name=name,
        email=contacts.email,
        phone=contacts.phone,
        location=contacts.location,
        headline=read_headline(text, parts, name),
        summary=_summary(text, parts),
        skills=read_skills(text, parts, list(_names_of_places_of_work(experience, education, name))),
        experience=experience,
        education=education,
        links=contacts.links,
        languages=read_languages(text, parts),
    )


def _summary(text: DocumentText, parts: Sequence[Part]) -> Found[str] | None:
    """The candidate's own summary, its line breaks undone."""
    for held in parts:
        if held.section is Section.SUMMARY and held.lines:
            lines = held.lines[:LONGEST_SUMMARY_LINES]
            words = " ".join(" ".join(line.words.split()) for line in lines)
            return found(text, words, lines[0].start, lines[-1].end)
    return None


def _names_of_places_of_work(
    experience: Sequence[Experience], education: Sequence[Education], name: Found[str] | None
) -> Iterator[tuple[int, int]]:
    """Spans that name somebody: who worked at Salesforce has not said to know it."""
    named = [name, *(job.organization for job in experience), *(entry.institution for entry in education)]
    yield from ((value.start, value.end) for value in named if value)
