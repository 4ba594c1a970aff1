"""Bodies and answers of messages to candidates."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic.config import JsonDict

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, NotNull, UtcTime, View
from chalicelib.mail_form import is_control
from chalicelib.outreach.material import FactKind, Language, Template, Tone
from chalicelib.outreach.models import OutreachStatus


def _fit_for_a_header(text: str) -> str:
    if any(is_control(character) for character in text):
        raise ValueError("one line without control characters")
    return text


SubjectLine = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_fit_for_a_header)
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]

# By application, or by candidate and position: as JSON Schema says what `_one_way_to_say_whom` checks.
ONE_WAY: JsonDict = {
    "oneOf": [
        {
            "required": ["application_id"],
            "properties": {
                "application_id": {"type": "string"},
                "candidate_id": {"type": "null"},
                "position_id": {"type": "null"},
            },
        },
        {
            "required": ["candidate_id", "position_id"],
            "properties": {
                "application_id": {"type": "null"},
                "candidate_id": {"type": "string"},
                "position_id": {"type": "string"},
            },
        },
    ]
}


class OutreachQuery(PageQuery):
    candidate_id: UUID | None = None
    application_id: UUID | None = None
    position_id: UUID | None = None
    status: OutreachStatus | None = None


class NewOutreach(Body):
    """Whom to write to about what: an application, or a candidate and a position."""

    model_config = ConfigDict(json_schema_extra=ONE_WAY)

    application_id: UUID | None = None
    candidate_id: UUID | None = None
    position_id: UUID | None = None
    template: Template
    tone: Tone = Tone.NEUTRAL
    language: Language = Language.ENGLISH

    @model_validator(mode="after")
    def _one_way_to_say_whom(self) -> Self:
        pair = (self.candidate_id, self.position_id)
        if self.application_id is not None and pair != (None, None):
            raise ValueError("give application_id, or candidate_id and position_id, not both")
        if self.application_id is None and None in pair:
            raise ValueError("give application_id, or candidate_id and position_id")
        return self


class OutreachChange(NotNull):
    """Only what is given changes."""

    never_null = ("subject", "body")

    subject: SubjectLine | None = None
    body: Text | None = None


class Sending(Body):
    """`confirm` says that the sender means it where the service asks (409 `confirmation_needed`)."""

    confirm: bool = False


class FactView(BaseModel):
    """A fact that the written draft used, and where it stands: `{table, id}`, or `{document_id, page, start, end}`."""

    kind: FactKind
    value: str
    source: dict[str, Any]


class OutreachItem(View):
    """A message in a list, without its text."""

    id: UUID
    application_id: UUID | None
    candidate_id: UUID
    position_id: UUID
    template: Template
    tone: Tone
    language: Language
    status: OutreachStatus
    subject: str | None
    job_id: UUID | None
    send_job_id: UUID | None
    handed_over_at: UtcTime | None
    sent_to: str | None
    sent_by: UUID | None
    sent_at: UtcTime | None
    mail_id: str | None
    error_code: str | None
    error_message: str | None
    created_by: UUID | None
    created_at: UtcTime
    updated_at: UtcTime


class OutreachView(OutreachItem):
    """A message. `facts` are those of the draft as it was written; what people change in it is their own word."""

    body: str | None
    facts: list[FactView]
