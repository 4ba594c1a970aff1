"""From a time as people write it to a moment, in zones whose clocks are changed twice a year."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class NoSuchTime(ValueError):
    """The clocks of that zone skip this time, or show it twice."""


@cache
def zones() -> frozenset[str]:
    """The names of IANA zones: places and UTC, not the odd files that lie beside them."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def moment_of(written: datetime, zone_name: str) -> datetime:
    """`written` as a moment in UTC. One with an offset is a moment already, whatever the zone; one without is a time on
    the clocks of the zone. Raises NoSuchTime when these skip it in spring, and when they show it twice in autumn: then
    an offset decides."""
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    zone = ZoneInfo(zone_name)
    first, second = (written.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != written:
        raise NoSuchTime(f"the clocks of {zone_name} skip this time")
    if first.utcoffset() != second.utcoffset():
        ways = " or ".join(each.isoformat() for each in (first, second))
        raise NoSuchTime(f"the clocks of {zone_name} show this time twice: write {ways}")
    return first.astimezone(UTC)


def local_time(moment: datetime, zone_name: str) -> str:
    """What the clocks of the zone show at that moment, with their offset."""
    return moment.astimezone(ZoneInfo(zone_name)).isoformat()
