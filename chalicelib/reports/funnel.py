"""From the ways that applications took to the figures of each stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.applications.models import ApplicationStatus
from chalicelib.reports.schemas import FunnelStage, Rate


@dataclass(frozen=True, slots=True)
class Journey:
    """`n` applications that entered the same stages and stand in the same one with the same status."""

    stages_entered: tuple[str, ...]
    stage: str
    status: str
    n: int


def stages_of(stages: Sequence[str], journeys: Iterable[Journey]) -> list[FunnelStage]:
    """The figures of each stage of a pipeline. Whoever entered a stage counts in it once, however often they came back,
    as what became of them in the end, so that the parts of a stage add up to those who entered it. A stage that the
    pipeline no longer has is passed over, and who stands in one has moved back."""
    counts = {
        stage: dict.fromkeys(("passed_on", "moved_back", "rejected", "withdrawn", "still_there"), 0) for stage in stages
    }
    place = {stage: number for number, stage in enumerate(stages)}
    for journey in journeys:
        for stage in counts.keys() & {*journey.stages_entered, journey.stage}:
            counts[stage][_outcome(journey, stage, place)] += journey.n
    return [_figures(stage, counts[stage], is_last=stage == stages[-1]) for stage in stages]


def _outcome(journey: Journey, stage: str, place: dict[str, int]) -> str:
    if journey.stage == stage:
        return "still_there" if journey.status == ApplicationStatus.ACTIVE else journey.status
    return "passed_on" if place.get(journey.stage, -1) > place[stage] else "moved_back"


def _figures(stage: str, counts: dict[str, int], *, is_last: bool) -> FunnelStage:
    entered = sum(counts.values())
    conversion = None if is_last else Rate.of(counts["passed_on"], entered)
    return FunnelStage(stage=stage, entered=entered, conversion=conversion, **counts)
