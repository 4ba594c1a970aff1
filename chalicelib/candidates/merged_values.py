"""What becomes of two profiles that are one person's, and what of the one when they are parted again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.candidates.models import Candidate

FILLED = (
    "email",
    "phone",
    "location",
    "headline",
    "summary",
    "experience",
    "education",
    "source",
    "resume_document_id",
)
# Lists that are united, and the most that the API takes of each.
UNITED = {"skills": 200, "tags": 200, "links": 50}
Values = dict[str, Any]


def merged_values(candidate: Candidate, duplicate: Candidate) -> Values:
    """The candidate's values that change: what was empty is filled from the duplicate, lists of words are united, and
    of two consents the later one holds."""
    values = {
        name: getattr(duplicate, name) for name in FILLED if not getattr(candidate, name) and getattr(duplicate, name)
    }
    for name, most in UNITED.items():
        own: list[str] = getattr(candidate, name)
        known = {each.lower() for each in own}
        added = [each for each in getattr(duplicate, name) if each.lower() not in known]
        if united := [*own, *added][:most]:
            values |= {name: united} if united != own else {}
    if duplicate.consent is not None and _given_at(duplicate.consent) > _given_at(candidate.consent):
        values["consent"] = duplicate.consent
    return values


def _given_at(consent: Mapping[str, Any] | None) -> float:
    return 0 if consent is None else datetime.fromisoformat(consent["given_at"]).timestamp()


def parted_values(candidate: Candidate, before: Values, after: Values) -> Values:
    """The candidate's values that go back to what they were before the merge (`before`, as JSON has them). What
    somebody has changed since stays; of a list, only what the merge added goes."""
    now = plain({name: getattr(candidate, name) for name in after})
    values: Values = {}
    for name, merged in after.items():
        if now[name] == merged:
            values[name] = before[name]
        elif name in UNITED:
            added = {each.lower() for each in merged} - {each.lower() for each in before[name]}
            values[name] = [each for each in now[name] if each.lower() not in added]
    return typed(values)


def plain(values: Values) -> Values:
    """Values as JSON has them."""
    kept: Values = json.loads(json.dumps(values, default=str))
    return kept


def typed(values: Values) -> Values:
    """Values of a candidate's columns, read from JSON."""
    document_id = values.get("resume_document_id")
    return {**values, "resume_document_id": UUID(document_id)} if document_id else values
