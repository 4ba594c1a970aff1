"""The releases of an environment, in order: `releases/<environment>/<n>.json`, each enough to bring it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from infra.deploy.bucket import Bucket
from infra.deploy.errors import Refused


@dataclass(frozen=True, slots=True)
class Release:
    """What was deployed. Keys are those of the deployment bucket; `restores` is the number of an earlier release that
    this one brought back."""

    template_key: str
    package_key: str
    parameters: dict[str, str]
    commit: str
    version: str
    schema: str
    number: int = 0
    deployed_at: str = ""
    deployed_by: str = ""
    restores: int | None = None

    def is_like(self, other: Release) -> bool:
        """Whether both are the same template, package and parameters."""
        return (self.template_key, self.package_key, self.parameters) == (
            other.template_key,
            other.package_key,
            other.parameters,
        )


def all_of(bucket: Bucket, environment: str) -> list[Release]:
    """Every release of `environment`, oldest first."""
    if not bucket.exists():
        return []
    found: list[dict[str, Any]] = [bucket.read_json(key) for key in bucket.keys(_prefix(environment))]
    return sorted((Release(**each) for each in found), key=lambda release: release.number)


def record(bucket: Bucket, environment: str, release: Release, *, now: datetime, by: str) -> Release:
    """Note that `release` works in `environment`; the one noted, which is the newest when it is the same already."""
    known = all_of(bucket, environment)
    if known and known[-1].is_like(release):
        return known[-1]
    number = known[-1].number if known else 0
    while True:
        number += 1
        noted = replace(release, number=number, deployed_at=now.isoformat(timespec="seconds"), deployed_by=by)
        if bucket.write_once(f"{_prefix(environment)}{number:06}.json", asdict(noted)):
            return noted


def to_go_back_to(known: list[Release], number: int | None) -> Release:
    """The release `number`, or the one before the newest; raises Refused when there is none."""
    if number is not None:
        for release in known:
            if release.number == number:
                return release
        raise Refused(f"there is no release {number}: {_listed(known)}")
    if known:
        newest = known[-1]
        before = newest.restores or newest.number
        for release in reversed(known):
            if release.number < before and not release.is_like(newest):
                return release
    raise Refused(f"there is no earlier release to go back to: {_listed(known)}")


def _prefix(environment: str) -> str:
    return f"releases/{environment}/"


def _listed(known: list[Release]) -> str:
    return ", ".join(f"{each.number} ({each.commit[:8]}, {each.deployed_at})" for each in known[-5:]) or "none is known"
