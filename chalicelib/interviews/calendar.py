"""An interview as an iCalendar object (RFC 5545), for the calendars of those who conduct it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from chalicelib.interviews.invitation import Invitation


def as_ical(invitation: Invitation) -> str:
    """The text of a .ics file, with the rules of its time zone in it. One that is read again later takes the place of
    what a calendar had: the UID stays, the sequence grows."""
    calendar = Calendar()
    calendar.add("prodid", "-//RecruitPro//Interviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if invitation.is_cancelled else "PUBLISH")
    calendar.add_component(_event(invitation))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical()).decode()


def _event(invitation: Invitation) -> Event:
    event = Event()
    starts_at = invitation.starts_at.astimezone(ZoneInfo(invitation.time_zone))
    event.add("uid", f"{invitation.id}@interviews.recruitpro")
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.changed_at)
    event.add("last-modified", invitation.changed_at)
    event.add("summary", invitation.title)
    event.add("dtstart", starts_at)
    # A duration, and no end: clocks that change in between change nothing about it.
    event.add("duration", timedelta(minutes=invitation.duration_minutes))
    event.add("status", "CANCELLED" if invitation.is_cancelled else "CONFIRMED")
    place = invitation.location or invitation.video_link
    if place is not None:
        event.add("location", place)
    if invitation.video_link is not None:
        event.add("url", invitation.video_link)
    if invitation.notes:
        event.add("description", invitation.notes)
    for attendee in invitation.attendees:
        address = vCalAddress(f"mailto:{attendee.email}")
        address.params["CN"] = attendee.name
        event.add("attendee", address, encode=False)
    return event
