"""Bodies and answers of screenings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Line, UtcTime, View
from chalicelib.screening.rating import Recommendation, RequirementKind, Verdict


class Decision(StrEnum):
    AGREE = "agree"
    OVERRIDE = "override"


class ScreeningQuery(PageQuery):
    """Which part of an application's screenings is wanted."""


class NewBatch(Body):
    """Which applications of a position to screen: those named, else every active one."""

    position_id: UUID
    application_ids: Annotated[list[UUID], Field(max_length=10_000)] | None = None


class NewReview(Body):
    """A person's word on a screening: agreement, or another recommendation in its place; with a reason."""

    # As JSON Schema says what `_override_says_what` checks.
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"decision": {"const": Decision.OVERRIDE}}},
            "then": {"required": ["recommendation"], "properties": {"recommendation": {"type": "string"}}},
            "else": {"properties": {"recommendation": {"type": "null"}}},
        }
    )

    decision: Decision
    recommendation: Recommendation | None = None
    reason: Line

    @model_validator(mode="after")
    def _override_says_what(self) -> Self:
        if (self.decision is Decision.OVERRIDE) != (self.recommendation is not None):
            raise ValueError("give a recommendation to override with, and none to agree")
        return self


class EvidenceView(BaseModel):
    """A passage of the résumé: `text[start:end]` of the document's text is exactly `quote`."""

    quote: str
    page: int
    start: int
    end: int


class RequirementVerdictView(BaseModel):
    requirement_id: str
    text: str
    kind: RequirementKind
    verdict: Verdict
    evidence: list[EvidenceView]
    confidence: float


class ReviewView(BaseModel):
    decision: Decision
    recommendation: Recommendation
    reason: str
    reviewed_by: UUID
    reviewed_at: UtcTime


class ScreeningView(View):
    """One rating of one application. It advises; people decide."""

    id: UUID
    application_id: UUID
    candidate_id: UUID
    position_id: UUID
    document_id: UUID | None
    job_id: UUID
    score: int
    recommendation: Recommendation
    requirements: list[RequirementVerdictView]
    strengths: list[str]
    gaps: list[str]
    provider: str
    model: str
    duration_ms: int
    input_hash: str
    review: ReviewView | None
    created_at: UtcTime
