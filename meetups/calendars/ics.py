"""Dates as iCalendar (RFC 5545): feeds to subscribe to, and attachments to mails.

Every date is a separate VEVENT, not an instance of an RRULE: dates are moved, themed and cancelled one by one, and
calendar apps handle single events far more consistently than exceptions to a rule.
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
REFRESH = timedelta(hours=4)  # how often calendar apps should poll


@cache
def amsterdam() -> Timezone:
    """Return the VTIMEZONE, with the rules of the European Union since 1996.

    One RRULE for each clock change, starting in local time before the change (RFC 5545, 3.6.5). Every reader supports
    that; of a list of dates (RDATE) some read only the first.
    """
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    zone = Timezone()
    zone.add("TZID", "Europe/Amsterdam")
    for change, name, since, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), winter, summer),  # noqa: DTZ001  local time, as the RFC requires
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
    """Return a calendar of these events (`event`, `own_event`); `about` describes which dates it contains."""
    calendar = _calendar()
    name, about = _clean(name), _clean(about)
    # RFC 7986 properties, with the X- forms that most apps still require.
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
    """Return the public VEVENT of one date, to put into a `feed`. Select its meetup and location beforehand.

    Every change to this text must raise SEQUENCE and DTSTAMP (`meetups.schedule.actions.stamps`).
    """
    return _event(occurrence).to_ical()


def own_event(attendance: Attendance, now: datetime) -> bytes:
    """Return the VEVENT for the personal feed of someone who signed up; it shows if they are on the waiting list.

    SEQUENCE and DTSTAMP also go up when the sign-up changes, and when the date ends while they are still waiting.
    """
    occurrence = attendance.occurrence
    sequence = occurrence.sequence + attendance.sequence
    changes = [occurrence.changed_at, attendance.changed_at or occurrence.changed_at]
    if attendance.is_waiting and occurrence.is_over(now):
        sequence += 1
        changes.append(occurrence.ends_at)
    title = ""
    if attendance.is_waiting and not occurrence.is_done(now):
        title = _("Waiting list: %(title)s") % {"title": occurrence.meetup.texts.title}
    # The date and the sign-up may change in the same second: adding the sequence makes each change a later instant.
    changed_at = max(changes) + timedelta(seconds=sequence)
    own = _event(occurrence, sequence=sequence, changed_at=changed_at, is_tentative=attendance.is_waiting, title=title)
    return own.to_ical()


def publication(*occurrences: Occurrence) -> bytes:
    """Return a calendar that adds or updates dates (RFC 5546, METHOD:PUBLISH)."""
    return _publish("PUBLISH", *occurrences)


def cancellation(occurrence: Occurrence) -> bytes:
    """Return a calendar that removes a cancelled date (RFC 5546, METHOD:CANCEL)."""
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
    # Without METHOD, DTSTAMP means the same as LAST-MODIFIED; so an unchanged feed is the same byte for byte.
    event.add("DTSTAMP", changed_at)
    event.add("LAST-MODIFIED", changed_at)
    event.add("DTSTART", occurrence.starts_at.astimezone(AMSTERDAM))
    event.add("DTEND", occurrence.ends_at.astimezone(AMSTERDAM))
    summary, status = title or meetup.texts.title, "TENTATIVE" if is_tentative else "CONFIRMED"
    if occurrence.is_cancelled:
        # Many apps show a cancelled event as any other, so the title says it too.
        summary, status = _("Cancelled: %(title)s") % {"title": meetup.texts.title}, "CANCELLED"
    event.add("SUMMARY", _clean(summary), parameters={"LANGUAGE": get_language() or "nl"})
    event.add("STATUS", status)
    event.add("LOCATION", _clean(f"{location.name}, {location.address}, {location.place}"))
    event.add("GEO", (location.latitude, location.longitude))
    # Nobody who signed up can open the page of a meetup that is not shown, and its address is made of the title.
    url = settings.SITE_URL + occurrence.get_absolute_url() if meetup.is_shown else ""
    if url:
        event.add("URL", url)
    event.add("DESCRIPTION", _clean(_description(occurrence, url)))
    return event


def _description(occurrence: Occurrence, url: str) -> str:
    meetup, location = occurrence.meetup, occurrence.location
    parts = [
        occurrence.shown_cancel_reason,
        _("Theme: %(theme)s") % {"theme": occurrence.shown_theme} if occurrence.shown_theme else "",
        meetup.texts.summary,
        meetup.texts.greeting,
        location.shown_directions,
        url,
    ]
    return "\n\n".join(part for part in parts if part)


def _clean(text: str) -> str:
    """Remove control characters, which RFC 5545 cannot represent, except line breaks and tabs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or char.isprintable() or ord(char) > 159)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo("UTC")).replace(microsecond=0)
