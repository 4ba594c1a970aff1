"""What a calendar reads is what was planned, whatever the texts hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from tests.api import Reply
from tests.chalicelib.interviews.planning import an_application, colleague, one, planned
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Database

NASTY = "Line one\nBEGIN:VEVENT\r\nSUMMARY:forged;x,y\\n\nEND:VCALENDAR Grüße aus Zürich 👋 " + "long " * 40


def fetch(tenant: Tenant, interview: Json) -> tuple[Reply, Any, Any]:
    """The answer, the calendar in it, and its one event."""
    reply = tenant.api.get(f"{one(interview)}/calendar.ics")
    assert reply.status == 200, reply
    calendar = icalendar.Calendar.from_ical(reply.body)
    [event] = calendar.walk("VEVENT")
    return reply, calendar, event


def test_a_calendar_reads_what_was_planned(tenant: Tenant, database: Database) -> None:
    bee = colleague(database, tenant)
    application = an_application(tenant.api, name="Zoë Ångström")
    interview = planned(
        tenant,
        application,
        interviewer_ids=[bee, str(tenant.user_id)],
        location="Room 7; 2nd floor, left",
        video_link="https://meet.example.com/a?b=1,2",
        notes=NASTY,
        duration_minutes=45,
    )

    reply, calendar, event = fetch(tenant, interview)

    assert reply.headers["content-type"] == "text/calendar; charset=utf-8"
    assert reply.headers["content-disposition"] == f'attachment; filename="interview-{interview["id"]}.ics"'
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert str(event["summary"]) == "Interview: Zoë Ångström, Backend engineer"
    assert event["dtstart"].dt.astimezone(UTC) == datetime(2030, 7, 1, 7, tzinfo=UTC)
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert event["duration"].dt == timedelta(minutes=45)
    assert str(event["location"]) == "Room 7; 2nd floor, left"
    assert str(event["url"]) == "https://meet.example.com/a?b=1,2"
    shown = str(event["description"]).replace("\r\n", "\n")
    assert shown == interview["notes"].replace("\r\n", "\n")
    assert len(calendar.walk("VEVENT")) == 1
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert {str(attendee) for attendee in event["attendee"]} == {
        f"mailto:{bee}@tenant.example",
        f"mailto:{tenant.email}",
    }
    assert all(len(line) <= 75 for line in reply.body.split(b"\r\n"))


def test_a_change_takes_the_place_of_what_the_calendar_had(tenant: Tenant) -> None:
    interview, api = planned(tenant), tenant.api
    _, _, first = fetch(tenant, interview)
    api.patch(one(interview), {"starts_at": "2030-12-01T09:00:00"})
    _, _, moved = fetch(tenant, interview)
    api.patch(one(interview), {"status": "cancelled"})
    _, calendar, cancelled = fetch(tenant, interview)

    assert first["uid"] == moved["uid"] == cancelled["uid"] == f"{interview['id']}@interviews.recruitpro"
    assert [int(event["sequence"]) for event in (first, moved, cancelled)] == [0, 1, 2]
    assert moved["dtstart"].dt.isoformat() == "2030-12-01T09:00:00+01:00"
    assert (calendar["method"], cancelled["status"]) == ("CANCEL", "CANCELLED")
    assert first["status"] == "CONFIRMED"
    assert moved["dtstamp"].dt >= first["dtstamp"].dt


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Chatham"])
def test_every_zone_is_told_with_its_rules(tenant: Tenant, zone: str) -> None:
    _, _, event = fetch(tenant, planned(tenant, time_zone=zone, starts_at="2030-07-01T09:00:00Z"))

    assert event["dtstart"].dt.astimezone(UTC) == datetime(2030, 7, 1, 9, tzinfo=UTC)
