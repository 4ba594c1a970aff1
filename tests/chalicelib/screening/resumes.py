"""Résumés and briefs for tests of the rating engine; a paragraph with dates ("Jan 2018 – present") is one job."""

from __future__ import annotations

import re
from datetime import date

from chalicelib.resumes.text import DocumentText
from chalicelib.screening.rating import Brief, Employment, Requirement, RequirementKind, YearMonth

AS_OF = date(2026, 11, 1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ABOUT = (
    "Alex Sample\nalex@example.org, +49 30 1234567\n\nSummary\n"
    "A reliable colleague who has worked in the same company for years and is known for calm and order. "
    "The references of all employers are at hand and will be sent with the certificates on request.\n\n"
)
_DATES = re.compile(r"(?P<m1>[A-Z][a-z]{2} )?(?P<y1>\d{4}) – (?:(?P<m2>[A-Z][a-z]{2} )?(?P<y2>\d{4})|(?P<now>present))")


def a_document(*pages: str) -> DocumentText:
    """A document of these pages."""
    return DocumentText.of_pages(list(pages))


def jobs_in(text: str) -> tuple[Employment, ...]:
    """Every paragraph with dates is one job."""
    jobs = []
    for paragraph in re.finditer(r"(?:[^\n\f]+\n?)+", text):
        dates = _DATES.search(paragraph.group())
        if dates:
            end = None if dates["now"] else _when(dates["m2"], dates["y2"])
            start = _when(dates["m1"], dates["y1"])
            jobs.append(Employment("", "", start, end, bool(dates["now"]), paragraph.start(), paragraph.end()))
    return tuple(jobs)


def a_brief(*requirements: str, resume: str, years: int | None = None, about: str = ABOUT) -> Brief:
    """A brief of musts of weight 3, the résumé behind some lines that meet nothing."""
    document = a_document(about + resume)
    asked = tuple(Requirement(f"r{n}", text, RequirementKind.MUST, 3) for n, text in enumerate(requirements, start=1))
    return Brief("A position", years, asked, document, jobs_in(document.text), AS_OF)


def _when(month: str | None, year: str) -> YearMonth:
    return YearMonth(int(year), MONTHS.index(month.strip()) + 1 if month else None)
