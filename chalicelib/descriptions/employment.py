"""How somebody would be employed, in four languages."""

from __future__ import annotations

import re

from chalicelib.descriptions.drafts import EmploymentType
from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.text import DocumentText

_WORDS = {
    EmploymentType.FULL_TIME: r"full[- ]?time|vollzeit|temps plein|temps complet|jornada:? completa|tiempo completo",
    EmploymentType.PART_TIME: r"part[- ]?time|teilzeit|temps partiel|mi-temps|media jornada|jornada:? parcial|"
    r"tiempo parcial",
    EmploymentType.INTERNSHIP: r"internship|praktikum|werkstudent(?:in)?|stage|prácticas|becari[oa]",
    EmploymentType.TEMPORARY: r"temporary|fixed[- ]term|befristet|cdd|temporal|seasonal|saisonnier|intérim|"
    r"zero[- ]hours",
    EmploymentType.CONTRACT: r"freelance|contractor|independent contractor|freiberuflich|autónomo|contract role|c2c",
    EmploymentType.PERMANENT: r"permanent|unbefristet(?:e[rsn]?)?|festanstellung|cdi|indefinido",
}
_KINDS = re.compile("|".join(rf"(?P<{kind}>(?<!\w)(?:{words})(?!\w))" for kind, words in _WORDS.items()), re.IGNORECASE)


def employment_in(text: DocumentText, start: int, end: int) -> Found[EmploymentType] | None:
    """The kind of employment stated between two offsets; None when full and part time both are."""
    seen: dict[EmploymentType, Found[EmploymentType]] = {}
    for match in _KINDS.finditer(text.text, start, end):
        kind = EmploymentType(match.lastgroup or "")
        seen.setdefault(kind, found(text, kind, match.start(), match.end()))
    if EmploymentType.FULL_TIME in seen and EmploymentType.PART_TIME in seen:
        return None
    # Working time tells more than the contract's length, so the order of _WORDS decides.
    return next((seen[kind] for kind in _WORDS if kind in seen), None)
