"""Dates as iCalendar (RFC 5545): feeds to subscribe to, and the date that goes along with a mail.

Every date is a VEVENT of its own, not part of an RRULE: dates are moved, themed and cancelled one by one, and calendar
apps agree far better about single events than about exceptions to a rule.
"""

from collections.abc import Container, Iterable
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress

from meetups.clock import AMSTERDAM
from meetups.models import Occurrence

PRODUCT = "-//Pedbasis//Pedbasis//NL"
REFRESH = timedelta(hours=4)  # how often a calendar app should look again
PAST = timedelta(days=30)
LARGEST_FEED = 500  # dates


@cache
def amsterdam() -> Timezone:
    """Return the VTIMEZONE, with every change of the clock in this span written out; the same text every day."""
    return Timezone.from_tzid("Europe/Amsterdam", first_date=date(2020, 1, 1), last_date=date(2040, 1, 1))


def feed(name: str, occurrences: Iterable[Occurrence], waiting: Container[int] = ()) -> bytes:
    """Return the calendar `name`; each occurrence needs its meetup and its location at hand.

    `waiting` holds the keys of the dates for which the owner of the feed is on the waiting list.
    """
    calendar = _calendar(occurrences, waiting)
    name = _clean(name)
    calendar.add("NAME", name)  # RFC 7986; most apps still know it by its older name only
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", "Europe/Amsterdam")
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", REFRESH)
    return calendar.to_ical()


def publication(*occurrences: Occurrence) -> bytes:
    """Return dates to put into a calendar, or to update there (RFC 5546, METHOD:PUBLISH)."""
    return _publish("PUBLISH", *occurrences)


def cancellation(occurrence: Occurrence) -> bytes:
    """Return the message that takes a cancelled date out of a calendar (RFC 5546, METHOD:CANCEL)."""
    return _publish("CANCEL", occurrence)


def _publish(method: str, *occurrences: Occurrence) -> bytes:
    calendar = _calendar(occurrences)
    calendar.add("METHOD", method)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or "Pedbasis"
    for event in calendar.events:
        event["ORGANIZER"] = organizer
    return calendar.to_ical()


def _calendar(occurrences: Iterable[Occurrence], waiting: Container[int] = ()) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add_component(amsterdam())
    for occurrence in occurrences:
        calendar.add_component(_event(occurrence, is_waiting=occurrence.pk in waiting))
    return calendar


def _event(occurrence: Occurrence, *, is_waiting: bool) -> Event:
    meetup, location = occurrence.meetup, occurrence.location
    event = Event()
    event.add("UID", f"occurrence-{occurrence.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("SEQUENCE", occurrence.sequence)
    # Without METHOD, DTSTAMP means the same as LAST-MODIFIED; so a feed that says the same is the same, byte for byte.
    event.add("DTSTAMP", _utc(occurrence.changed_at))
    event.add("LAST-MODIFIED", _utc(occurrence.changed_at))
    event.add("DTSTART", occurrence.starts_at.astimezone(AMSTERDAM))
    event.add("DTEND", occurrence.ends_at.astimezone(AMSTERDAM))
    summary, status = meetup.title, "CONFIRMED"
    if occurrence.is_cancelled:
        # Many apps show a cancelled event as if nothing happened, so the title says it too.
        summary, status = _("Cancelled: %(title)s") % {"title": meetup.title}, "CANCELLED"
    elif is_waiting:
        summary, status = _("Waiting list: %(title)s") % {"title": meetup.title}, "TENTATIVE"
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
