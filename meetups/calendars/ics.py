"""Dates as iCalendar (RFC 5545): feeds to subscribe to, and the date that goes along with a mail.

Every date is a VEVENT of its own, not part of an RRULE: dates are moved, themed and cancelled one by one, and calendar
apps agree far better about single events than about exceptions to a rule.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vDuration

from meetups.clock import AMSTERDAM
from meetups.models import Attendance, Occurrence

PRODUCT = "-//Pedbasis//Pedbasis//NL"
REFRESH = timedelta(hours=4)  # how often a calendar app should look again


@cache
def amsterdam() -> Timezone:
    """Return the VTIMEZONE: the rule of the European Union, as it has been since 1996; the same text every day.

    One RRULE for each change of the clock, from what the clock shows just before it (RFC 5545, 3.6.5): every program
    reads that form, while of a list of dates (RDATE) some take the first one only.
    """
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    zone = Timezone()
    zone.add("TZID", "Europe/Amsterdam")
    for change, name, since, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), winter, summer),  # noqa: DTZ001  local, as it must be
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), summer, winter),  # noqa: DTZ001
    ):
        change.add("DTSTART", since)
        change.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": since.month, "BYDAY": "-1SU"})
        change.add("TZNAME", name)
        change.add("TZOFFSETFROM", before)
        change.add("TZOFFSETTO", after)
        zone.add_component(change)
    return zone


def feed(name: str, about: str, events: Iterable[bytes]) -> bytes:
    """Return the calendar `name` with these events (`event`, `own_event`); `about` says which dates are in it."""
    calendar = _calendar()
    name, about = _clean(name), _clean(about)
    # RFC 7986; most apps still know them by their older names only.
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("DESCRIPTION", about)
    calendar.add("X-WR-CALDESC", about)
    calendar.add("X-WR-TIMEZONE", "Europe/Amsterdam")
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH).to_ical().decode())
    end = b"END:VCALENDAR\r\n"
    return b"".join([calendar.to_ical().removesuffix(end), *events, end])


def event(occurrence: Occurrence) -> bytes:
    """Return one date as everyone sees it, to put into a `feed`; it needs its meetup and its location at hand.

    Whatever changes this text raises the stamps of the date (`meetups.schedule.actions.stamps`).
    """
    return _event(occurrence).to_ical()


def own_event(attendance: Attendance, now: datetime) -> bytes:
    """Return a date as the feed of whoever signed up shows it: it says when they are on the waiting list.

    Its stamps also count what became of the sign-up, and that the date went by before there was a place.
    """
    occurrence = attendance.occurrence
    sequence = occurrence.sequence + attendance.sequence
    changes = [occurrence.changed_at, attendance.changed_at or occurrence.changed_at]
    if attendance.is_waiting and occurrence.is_over(now):
        sequence += 1
        changes.append(occurrence.ends_at)
    title = ""
    if attendance.is_waiting and not occurrence.is_done(now):
        title = _("Waiting list: %(title)s") % {"title": occurrence.meetup.title}
    # The date and the sign-up may change in one second: counted in, each change makes it a later one.
    changed_at = max(changes) + timedelta(seconds=sequence)
    own = _event(occurrence, sequence=sequence, changed_at=changed_at, is_tentative=attendance.is_waiting, title=title)
    return own.to_ical()


def publication(*occurrences: Occurrence) -> bytes:
    """Return dates to put into a calendar, or to update there (RFC 5546, METHOD:PUBLISH)."""
    return _publish("PUBLISH", *occurrences)


def cancellation(occurrence: Occurrence) -> bytes:
    """Return the message that takes a cancelled date out of a calendar (RFC 5546, METHOD:CANCEL)."""
    return _publish("CANCEL", occurrence)


def _publish(method: str, *occurrences: Occurrence) -> bytes:
    calendar = _calendar()
    calendar.add("METHOD", method)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or "Pedbasis"
    for occurrence in occurrences:
        event = _event(occurrence)
        event["ORGANIZER"] = organizer
        calendar.add_component(event)
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add_component(amsterdam())
    return calendar


def _event(
    occurrence: Occurrence,
    *,
    sequence: int | None = None,
    changed_at: datetime | None = None,
    is_tentative: bool = False,
    title: str = "",
) -> Event:
    meetup, location = occurrence.meetup, occurrence.location
    changed_at = _utc(changed_at or occurrence.changed_at)
    event = Event()
    event.add("UID", f"occurrence-{occurrence.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("SEQUENCE", occurrence.sequence if sequence is None else sequence)
    # Without METHOD, DTSTAMP means the same as LAST-MODIFIED; so a feed that says the same is the same, byte for byte.
    event.add("DTSTAMP", changed_at)
    event.add("LAST-MODIFIED", changed_at)
    event.add("DTSTART", occurrence.starts_at.astimezone(AMSTERDAM))
    event.add("DTEND", occurrence.ends_at.astimezone(AMSTERDAM))
    summary, status = title or meetup.title, "TENTATIVE" if is_tentative else "CONFIRMED"
    if occurrence.is_cancelled:
        # Many apps show a cancelled event as if nothing happened, so the title says it too.
        summary, status = _("Cancelled: %(title)s") % {"title": meetup.title}, "CANCELLED"
    event.add("SUMMARY", _clean(summary), parameters={"LANGUAGE": get_language() or "nl"})
    event.add("STATUS", status)
    event.add("LOCATION", _clean(f"{location.name}, {location.address}, {location.place}"))
    event.add("GEO", (location.latitude, location.longitude))
    url = settings.SITE_URL + occurrence.get_absolute_url()
    event.add("URL", url)
    event.add("DESCRIPTION", _clean(_description(occurrence, url)))
    return event


def _description(occurrence: Occurrence, url: str) -> str:
    meetup, location = occurrence.meetup, occurrence.location
    parts = [
        occurrence.cancel_reason,
        _("Theme: %(theme)s") % {"theme": occurrence.theme} if occurrence.theme else "",
        meetup.summary,
        meetup.greeting,
        location.directions,
        url,
    ]
    return "\n\n".join(part for part in parts if part)


def _clean(text: str) -> str:
    """Return text without control characters, which RFC 5545 has no way to write; line ends stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or char.isprintable() or ord(char) > 159)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo("UTC")).replace(microsecond=0)
