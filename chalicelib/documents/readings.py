"""What a document's text turns out to be, and what stands in it; a text that is not clearly one thing is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.descriptions.briefs import read_brief
from chalicelib.descriptions.drafts import BriefFields, DraftPosition
from chalicelib.descriptions.kinds import classify
from chalicelib.descriptions.positions import read_positions
from chalicelib.documents.models import DocumentKind, DocumentType
from chalicelib.errors import Invalid
from chalicelib.resumes import profile as profiles
from chalicelib.resumes.fields import ResumeProfile
from chalicelib.resumes.text import DocumentText

WORDS = {
    DocumentType.RESUME: "a résumé",
    DocumentType.POSITION_DESCRIPTION: "a position description",
    DocumentType.PROJECT_BRIEF: "a project brief",
}


class NotAsAnnounced(Invalid):
    """The document is not what it was announced as. `document_type` is what it looks like."""

    def __init__(self, detail: str, document_type: DocumentType) -> None:
        super().__init__(detail, document_type=document_type.value)
        self.document_type = document_type


class NotAResume(NotAsAnnounced):
    """Announced as a résumé, and clearly something else: no candidate is made of it."""

    code = "not_a_resume"

    def __init__(self, looks_like: DocumentType) -> None:
        super().__init__(
            f"this was uploaded as a résumé, but it looks like {WORDS[looks_like]}; "
            "upload it as position_description to have it read as one",
            looks_like,
        )


class NotAPositionDescription(NotAsAnnounced):
    """Announced as a position description, and clearly a résumé: no position is made of it."""

    code = "not_a_position_description"

    def __init__(self) -> None:
        super().__init__(
            "this was uploaded as a position description, but it looks like a résumé; "
            "upload it as resume to have its candidate made",
            DocumentType.RESUME,
        )


class DocumentTypeUnknown(NotAsAnnounced):
    """Nothing says clearly what the document is, and nobody guesses."""

    code = "document_type_unknown"

    def __init__(self) -> None:
        super().__init__(
            "the text was read, but it is not clearly a résumé, a position description or a project brief; "
            "enter what you need of it by hand",
            DocumentType.UNKNOWN,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is, and what was read from it: one of profile, positions and brief, by its type."""

    document_type: DocumentType
    profile: ResumeProfile | None = None
    positions: tuple[DraftPosition, ...] = ()
    brief: BriefFields | None = None

    def fields(self) -> dict[str, Any]:
        """All that was read as JSON values, each with its page and offsets."""
        if self.profile is not None:
            return self.profile.to_json()
        if self.brief is not None:
            return self.brief.to_json()
        return {"positions": [position.to_json() for position in self.positions]}


def read(text: DocumentText, kind: DocumentKind, *, is_of_candidate: bool) -> Reading:
    """Read `text` as what it is. `is_of_candidate` says that somebody uploaded it as a known candidate's.

    Raises NotAResume, NotAPositionDescription, DocumentTypeUnknown.
    """
    looks_like = DocumentType(classify(text).kind)
    if kind is DocumentKind.RESUME:
        return _as_resume(text, looks_like, is_of_candidate)
    if looks_like is DocumentType.RESUME:
        if kind is DocumentKind.POSITION_DESCRIPTION:
            raise NotAPositionDescription
        return Reading(looks_like, profile=profiles.extract(text))
    if looks_like is DocumentType.POSITION_DESCRIPTION:
        return Reading(looks_like, positions=read_positions(text))
    if looks_like is DocumentType.PROJECT_BRIEF:
        return Reading(looks_like, brief=read_brief(text))
    raise DocumentTypeUnknown


def _as_resume(text: DocumentText, looks_like: DocumentType, is_of_candidate: bool) -> Reading:
    if looks_like not in (DocumentType.RESUME, DocumentType.UNKNOWN):
        raise NotAResume(looks_like)
    profile = profiles.extract(text)
    if looks_like is DocumentType.UNKNOWN and not is_of_candidate and not _tells_of_a_person(profile):
        raise DocumentTypeUnknown
    return Reading(DocumentType.RESUME, profile=profile)


def _tells_of_a_person(profile: ResumeProfile) -> bool:
    """Whether a text that could be anything may be taken for the résumé that it was uploaded as: it shows a career, or
    a name and an address. Without a name there is no candidate anyway, and that is the better reason to give."""
    has_career = bool(profile.experience or profile.education)
    return profile.name is None or has_career or profile.email is not None
