"""A JSON Resume (https://jsonresume.org/schema) read as a candidate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chalicelib.bulk_imports import cells, contacts
from chalicelib.bulk_imports.candidate_row import CandidateRow, Findings, education, experience
from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.bulk_imports.rows import RawRow

ENTRIES_MAX = 100
_DATE = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T.{0,40})?)?)?")


def read_resume(row: RawRow, found: Findings) -> CandidateRow | None:
    """The candidate that a JSON Resume describes; sections that a profile has no place for (awards...) are left out."""
    basics = row.values["basics"]
    place = _object(basics, "location", "basics.location", found)
    location = _read_place(place, found)
    name = found.read("basics.name", cells.line, basics.get("name"))
    if name is None and not found.problems:
        found.add("basics.name", "name_missing", "a candidate needs a name")
    country = str(place.get("countryCode") or "").upper()
    candidate = CandidateRow(
        line=row.line,
        name=name or "",
        email=found.read("basics.email", contacts.email, basics.get("email")),
        phone=found.read("basics.phone", contacts.phone, basics.get("phone"), region=contacts.known_region(country)),
        location=location,
        headline=found.read("basics.label", cells.line, basics.get("label")),
        summary=found.read("basics.summary", cells.prose, basics.get("summary")),
        skills=_read_skills(row.values, found),
        experience=[_read_work(entry, at, found) for at, entry in _entries(row.values, "work", found)],
        education=[_read_studies(entry, at, found) for at, entry in _entries(row.values, "education", found)],
        links=_read_links(basics, found),
    )
    return candidate if name else None


def _read_place(place: dict[str, Any], found: Findings) -> str | None:
    parts = [found.read(f"basics.location.{key}", cells.line, place.get(key)) for key in _PLACE]
    return found.read("basics.location", cells.line, ", ".join(part for part in parts if part))


_PLACE = ("city", "region", "countryCode")


def _read_links(basics: dict[str, Any], found: Findings) -> list[str]:
    """The person's own page, then the profiles: by address, or by account name on the sites we know."""
    read = [found.read("basics.url", contacts.link, basics.get("url") or basics.get("website"))]
    for at, profile in _entries(basics, "profiles", found, within="basics."):
        address, network = profile.get("url"), str(profile.get("network") or "").casefold()
        if not address and network in contacts.ACCOUNT_SITES:
            address = profile.get("username")
        read.append(found.read(f"{at}.url", contacts.link, address, site=network))
    return list(dict.fromkeys(link for link in read if link))[: contacts.LINKS_MAX]


def _read_skills(resume: dict[str, Any], found: Findings) -> list[str]:
    """Each skill's name, then its keywords; a skill may also be written as a plain text."""
    names: list[Any] = []
    for number, skill in enumerate(_list(resume, "skills", found)):
        if not isinstance(skill, dict):
            names.append(skill)
            continue
        names += [skill.get("name"), *_list(skill, "keywords", found, within=f"skills[{number}].")]
    return found.read("skills", cells.labels, names) or []


def _read_work(entry: dict[str, Any], at: str, found: Findings) -> dict[str, Any]:
    """One employment; one that began and has no end is the present one."""
    start = found.read(f"{at}.startDate", _year_month, entry.get("startDate"))
    end = found.read(f"{at}.endDate", _year_month, entry.get("endDate"))
    highlights = _list(entry, "highlights", found, within=f"{at}.")
    told = [found.read(f"{at}.highlights", cells.line, item, maximum=cells.PROSE_MAX) for item in highlights]
    summary = found.read(f"{at}.summary", cells.prose, entry.get("summary"))
    description = "\n".join(part for part in (summary, *told) if part)
    return experience(
        title=found.read(f"{at}.position", cells.line, entry.get("position")),
        organization=found.read(f"{at}.name", cells.line, entry.get("name") or entry.get("company")),
        location=found.read(f"{at}.location", cells.line, entry.get("location")),
        start=start,
        end=end,
        is_current=start is not None and not entry.get("endDate"),
        description=found.read(f"{at}.summary", cells.prose, description),
    )


def _read_studies(entry: dict[str, Any], at: str, found: Findings) -> dict[str, Any]:
    return education(
        institution=found.read(f"{at}.institution", cells.line, entry.get("institution")),
        degree=found.read(f"{at}.studyType", cells.line, entry.get("studyType")),
        field=found.read(f"{at}.area", cells.line, entry.get("area")),
        start_year=_year(found.read(f"{at}.startDate", _year_month, entry.get("startDate"))),
        end_year=_year(found.read(f"{at}.endDate", _year_month, entry.get("endDate"))),
    )


def _year_month(value: Any) -> str | None:
    """`2019-04` or `2019` of a date written as either or as 2019-04-30; None for "" and for "Present"."""
    text = cells.line(value)
    if text is None or text.casefold() in ("present", "now", "current"):
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise CellWrong("date_unclear", "write dates as 2019-04 or 2019")
    return f"{match[1]}-{match[2]}" if match[2] else match[1]


def _year(year_month: str | None) -> int | None:
    return int(year_month[:4]) if year_month else None


def _entries(
    values: dict[str, Any], key: str, found: Findings, *, within: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a list with its place, `work[0]`; what is no object is one more problem."""
    entries = _list(values, key, found, within=within)
    if len(entries) > ENTRIES_MAX:
        found.add(within + key, "too_many", f"at most {ENTRIES_MAX} of them")
    for number, entry in enumerate(entries[:ENTRIES_MAX]):
        place = f"{within}{key}[{number}]"
        if isinstance(entry, dict):
            yield place, entry
        else:
            found.add(place, "object_expected", "this has to be an object: {...}")


def _list(values: dict[str, Any], key: str, found: Findings, *, within: str = "") -> list[Any]:
    value = values.get(key)
    if isinstance(value, list):
        return value
    if value is not None:
        found.add(within + key, "list_expected", "this has to be a list: [...]")
    return []


def _object(values: dict[str, Any], key: str, place: str, found: Findings) -> dict[str, Any]:
    value = values.get(key)
    if isinstance(value, dict):
        return value
    if value is not None:
        found.add(place, "object_expected", "this has to be an object: {...}")
    return {}
