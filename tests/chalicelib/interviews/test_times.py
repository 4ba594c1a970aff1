"""A time on somebody's clocks is one moment, or it is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.interviews.times import NoSuchTime, local_time, moment_of, zones


@pytest.mark.parametrize(
    ("written", "zone", "moment"),
    [
        ("2026-03-29T01:59:59", "Europe/Berlin", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29T03:00:00", "Europe/Berlin", "2026-03-29T01:00:00+00:00"),
        ("2026-10-25T01:59:00", "Europe/Berlin", "2026-10-24T23:59:00+00:00"),
        ("2026-10-25T03:00:00", "Europe/Berlin", "2026-10-25T02:00:00+00:00"),
        ("2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25T01:30:00+00:00"),
        ("2026-03-29T02:30:00Z", "Europe/Berlin", "2026-03-29T02:30:00+00:00"),
        ("2026-07-01T09:00:00", "Asia/Kathmandu", "2026-07-01T03:15:00+00:00"),
        ("2026-07-01T09:00:00", "UTC", "2026-07-01T09:00:00+00:00"),
        ("2026-04-05T03:00:00", "Australia/Lord_Howe", "2026-04-04T16:30:00+00:00"),
    ],
)
def test_a_time_is_one_moment(written: str, zone: str, moment: str) -> None:
    found = moment_of(datetime.fromisoformat(written), zone)

    assert (found.isoformat(), found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize(
    ("written", "zone", "why"),
    [
        ("2026-03-29T02:00:00", "Europe/Berlin", "skip this time"),
        ("2026-03-29T02:59:59", "Europe/Berlin", "skip this time"),
        ("2026-03-08T02:30:00", "America/New_York", "skip this time"),
        ("2026-10-04T02:15:00", "Australia/Lord_Howe", "skip this time"),
        ("2011-12-30T12:00:00", "Pacific/Apia", "skip this time"),
        ("2026-10-25T02:00:00", "Europe/Berlin", "02:00:00+02:00 or 2026-10-25T02:00:00+01:00"),
        ("2026-11-01T01:30:00", "America/New_York", "01:30:00-04:00 or 2026-11-01T01:30:00-05:00"),
    ],
)
def test_a_time_that_never_comes_or_comes_twice_is_refused(written: str, zone: str, why: str) -> None:
    with pytest.raises(NoSuchTime, match=why.replace("+", r"\+")):
        moment_of(datetime.fromisoformat(written), zone)


def test_a_moment_is_shown_as_the_clocks_of_its_zone_have_it() -> None:
    assert local_time(datetime(2026, 7, 1, 7, tzinfo=UTC), "Europe/Berlin") == "2026-07-01T09:00:00+02:00"


def test_zones_are_places() -> None:
    assert {"Europe/Berlin", "UTC", "America/Argentina/Ushuaia"} <= zones()
    assert not {"localtime", "Factory", "posixrules", "", "../etc/passwd", "EST5EDT"} & zones()
