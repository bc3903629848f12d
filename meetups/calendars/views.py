"""Calendar feeds: the same dates as the pages, for calendar apps to subscribe to.

Cancelled dates stay in a feed as STATUS:CANCELLED: many apps do not delete events that a feed no longer contains.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from locations.models import Location, Municipality
from locations.parameters import read_parameters
from meetups import wording
from meetups.calendars import ics
from meetups.calendars.cached_events import EVENT_KEY, events_of
from meetups.clock import local_date, localise
from meetups.models import Attendance, CalendarKey, Meetup, Occurrence, OccurrenceQuerySet
from meetups.models.calendar import new_secret
from meetups.schedule.addresses import get_date_or_404, redirect_to_current_url
from page_cache.versions import cache_calendar_for_all_towns, cache_calendar_for_towns

PAST = timedelta(days=30)
WINDOW = {"days": PAST.days, "weeks": settings.HORIZON_WEEKS}
MAX_FEED_DATES = 1000  # in the feed of everywhere


@login_not_required
@require_safe
def agenda_feed(request: HttpRequest) -> HttpResponse:
    """The dates from today on everywhere, or in one town with `?gemeente=`.

    If there are very many, those of the first days; the description says up to which day.
    """
    if slug := read_parameters(request)["town"].replace("\0", ""):
        return municipality_feed(request, slug)
    cache_calendar_for_all_towns(request)
    now = timezone.now()
    occurrences, about = _window(now), _about_coming()
    if last_day := _last_day(now):
        occurrences = occurrences.filter(starts_at__lt=localise(last_day + timedelta(days=1), time()))
        words = {"day": wording.day_with_year(last_day)}
        about = _("All meetups up to and including %(day)s. Later ones are added automatically.") % words
    return _dates_response(request, _("Pedbasis"), occurrences, about=about)


@login_not_required
@require_safe
def municipality_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The dates from today on in one town."""
    municipality = get_object_or_404(Municipality, slug=slug)
    cache_calendar_for_towns(request, municipality.pk)
    occurrences = _window(timezone.now()).in_municipality(municipality)
    name = _("Parents meet in %(town)s") % {"town": municipality.name}
    return _dates_response(request, name, occurrences, about=_about_coming())


@login_not_required
@require_safe
def location_feed(request: HttpRequest, slug: str) -> HttpResponse:
    location = get_object_or_404(Location, slug=slug)
    cache_calendar_for_towns(request, location.municipality_id)
    occurrences = _window(timezone.now(), past=PAST).filter(location=location)
    return _dates_response(request, location.name, occurrences, about=_about_recent_and_coming())


@login_not_required
@require_safe
def meetup_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The dates of one meetup. For a year after it ended, this includes the dates cancelled by that."""
    now = timezone.now()
    meetup = get_object_or_404(Meetup.objects.in_calendars(now).select_related("location"), slug=slug)
    cache_calendar_for_towns(request, meetup.location.municipality_id)
    past, about = PAST, _about_recent_and_coming()
    if meetup.ended_at is not None:
        past, about = max(PAST, now - meetup.ended_at), _("This meetup has ended. Dates after that are cancelled.")
    return _dates_response(request, meetup.texts.title, _window(now, past=past).filter(meetup=meetup), about=about)


@login_not_required
@require_safe
def occurrence_ics(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """One date, to import into a calendar."""
    dates = Occurrence.objects.in_calendars(timezone.now()).select_related("meetup", "location")
    occurrence = get_date_or_404(dates, slug, on)
    if occurrence.planned_for != on:
        return redirect_to_current_url(reverse("occurrence_ics", args=[slug, occurrence.planned_for]))
    content = ics.publication(occurrence)
    response = _calendar_response(request, content)
    response.headers["Last-Modified"] = http_date(occurrence.changed_at.timestamp())
    response.headers["Content-Disposition"] = f'inline; filename="{slug}-{on:%Y-%m-%d}.ics"'
    return response


@login_not_required
@require_safe
def personal_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Everything one person signed up for, for anyone with the secret URL until its owner revokes it."""
    user = get_object_or_404(User, calendar_key__secret=token, is_active=True)
    now = timezone.now()
    dates = _window(now, past=PAST, dates=Occurrence.objects.in_own_calendars(now))
    mine = Attendance.objects.of(user).live().filter(occurrence__in=dates)
    mine = mine.select_related("occurrence__meetup", "occurrence__location")
    # If someone signed up twice for a date, also as a guest, a seat takes precedence over the waiting list.
    by_date = {row.occurrence_id: row for row in sorted(mine, key=lambda row: (row.is_going, -row.pk))}
    rows = sorted(by_date.values(), key=lambda row: (row.occurrence.starts_at, row.occurrence_id))
    for row in rows:
        row.occurrence.without_hidden_texts()
    events = [ics.own_event(row, now) for row in rows]
    about = _("What you signed up for: the last %(days)s days and the next %(weeks)s weeks.") % WINDOW
    response = _feed_response(request, _("My meetups on Pedbasis"), about, events)
    patch_cache_control(response, private=True)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: SignedInRequest) -> HttpResponse:
    """Create, renew or revoke the secret URL of your own feed. The old URL stops working immediately."""
    if request.method == "POST":
        if request.POST.get("wanted") == "1":
            renewed = {"secret": new_secret(), "created_at": timezone.now()}
            CalendarKey.objects.update_or_create(user=request.user, defaults=renewed)
        else:
            CalendarKey.objects.filter(user=request.user).delete()
        return redirect("my_calendar")
    key = CalendarKey.objects.filter(user=request.user).first()
    feed_url = key and settings.SITE_URL + reverse("personal_feed", args=[key.secret])
    webcal_url = feed_url and "webcal" + feed_url.removeprefix("https").removeprefix("http")
    return render(request, "meetups/calendars/my_calendar.html", {"feed_url": feed_url, "webcal_url": webcal_url})


def _window(
    now: datetime, *, past: timedelta = timedelta(0), dates: OccurrenceQuerySet | None = None
) -> OccurrenceQuerySet:
    """Return the dates for a feed, cancelled ones included, in order of time; of `dates`, else of all public ones.

    In whole days: a date stays until its day is over, so a feed does not change during a day.
    """
    since = localise(local_date(now - past), time())
    until = localise(local_date(now) + timedelta(weeks=settings.HORIZON_WEEKS), time())
    # No date lasts longer than a day; the lower bound on the start lets the query use the index.
    within = {"starts_at__gt": since - timedelta(days=1), "starts_at__lt": until}
    dates = Occurrence.objects.in_calendars(now) if dates is None else dates
    return dates.filter(**within, ends_at__gt=since).order_by("starts_at", "pk")


def _last_day(now: datetime) -> date | None:
    """Return the last day up to which at most MAX_FEED_DATES dates start, but at least today; None if all fit."""
    today = local_date(now)
    ahead = Occurrence.objects.filter(starts_at__gte=localise(today, time())).order_by("starts_at", "pk")
    # Reads one index entry, however many dates there are.
    beyond = ahead.values_list("starts_at", flat=True)[MAX_FEED_DATES : MAX_FEED_DATES + 1]
    days = [max(today, local_date(starts_at) - timedelta(days=1)) for starts_at in beyond]
    return days[0] if days and days[0] < today + timedelta(weeks=settings.HORIZON_WEEKS) - timedelta(days=1) else None


def _about_coming() -> str:
    return _("All meetups today and in the next %(weeks)s weeks.") % WINDOW


def _about_recent_and_coming() -> str:
    return _("All meetups in the last %(days)s days and the next %(weeks)s weeks.") % WINDOW


def _dates_response(request: HttpRequest, name: str, occurrences: OccurrenceQuerySet, *, about: str) -> HttpResponse:
    keys = list(occurrences.values_list(EVENT_KEY, flat=True))
    return _feed_response(request, name, about, events_of(keys))


def _feed_response(request: HttpRequest, name: str, about: str, events: Iterable[bytes]) -> HttpResponse:
    return _calendar_response(request, ics.feed(name, about, events))


def _calendar_response(request: HttpRequest, content: bytes) -> HttpResponse:
    """Return the calendar, or 304 if the app already has it."""
    etag = quote_etag(hashlib.blake2b(content, digest_size=12).hexdigest())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response
