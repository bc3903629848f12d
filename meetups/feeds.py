"""Calendar feeds: the same dates as the pages, for calendar apps to subscribe to.

Cancelled dates stay in a feed as STATUS:CANCELLED; leaving them out would leave them standing in many apps.
"""

import hashlib
from datetime import date, datetime, timedelta

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
from locations.freshness import keep_for_everywhere, keep_for_towns
from locations.models import Location, Municipality
from meetups import calendars
from meetups.models import Attendance, CalendarKey, Meetup, Occurrence, OccurrenceQuerySet
from meetups.models.calendar import new_secret


@login_not_required
@require_safe
def agenda_feed(request: HttpRequest) -> HttpResponse:
    """The next dates everywhere, or in one town with `?gemeente=`; past ones leave."""
    if slug := request.GET.get("gemeente", "").replace("\0", ""):
        return municipality_feed(request, slug)
    keep_for_everywhere(request)
    return _answer(request, _("Pedbasis"), _window(timezone.now(), past=timedelta(0)))


@login_not_required
@require_safe
def municipality_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The next dates in one town; past ones leave."""
    municipality = get_object_or_404(Municipality, slug=slug)
    keep_for_towns(request, municipality.pk)
    occurrences = _window(timezone.now(), past=timedelta(0)).in_municipality(municipality)
    return _answer(request, _("Parents meet in %(town)s") % {"town": municipality.name}, occurrences)


@login_not_required
@require_safe
def location_feed(request: HttpRequest, slug: str) -> HttpResponse:
    location = get_object_or_404(Location, slug=slug)
    keep_for_towns(request, location.municipality_id)
    return _answer(request, location.name, _window(timezone.now()).filter(location=location))


@login_not_required
@require_safe
def meetup_feed(request: HttpRequest, slug: str) -> HttpResponse:
    meetup = get_object_or_404(Meetup.objects.active().select_related("location"), slug=slug)
    keep_for_towns(request, meetup.location.municipality_id)
    return _answer(request, meetup.title, _window(timezone.now()).filter(meetup=meetup))


@login_not_required
@require_safe
def occurrence_ics(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """One date, to put into a calendar once."""
    occurrence = get_object_or_404(
        Occurrence.objects.public().select_related("meetup", "location"), meetup__slug=slug, planned_for=on
    )
    response = _calendar_response(request, calendars.publication(occurrence), occurrence.changed_at)
    response.headers["Content-Disposition"] = f'inline; filename="{slug}-{on:%Y-%m-%d}.ics"'
    return response


@login_not_required
@require_safe
def personal_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Everything one person signed up for; whoever has the secret address may see it, until its owner takes it back."""
    user = get_object_or_404(User, calendar_key__secret=token, is_active=True)
    live = dict(Attendance.objects.of(user).live().values_list("occurrence", "state"))
    waiting = {pk for pk, state in live.items() if state == Attendance.State.WAITING}
    occurrences = _window(timezone.now()).filter(pk__in=live)
    response = _answer(request, _("My dates on Pedbasis"), occurrences, waiting)
    patch_cache_control(response, private=True)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: HttpRequest) -> HttpResponse:
    """The address of one's own feed: make it, renew it (the old one stops at once), or take it back."""
    assert isinstance(request.user, User)  # noqa: S101  for mypy: LoginRequiredMiddleware saw to it
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
    return render(request, "meetups/my_calendar.html", {"feed_url": feed_url, "webcal_url": webcal_url})


def _window(now: datetime, past: timedelta = calendars.PAST) -> OccurrenceQuerySet:
    """Return the dates that a feed is about, cancelled ones too, the first one first."""
    return (
        Occurrence.objects.public()
        .filter(starts_at__gte=now - past, starts_at__lt=now + timedelta(weeks=settings.HORIZON_WEEKS))
        .select_related("meetup", "location")
        .order_by("starts_at", "pk")
    )


def _answer(
    request: HttpRequest, name: str, occurrences: OccurrenceQuerySet, waiting: set[int] | None = None
) -> HttpResponse:
    rows = list(occurrences[: calendars.LARGEST_FEED])
    latest = max((row.changed_at for row in rows), default=None)
    return _calendar_response(request, calendars.feed(name, rows, waiting or set()), latest)


def _calendar_response(request: HttpRequest, content: bytes, changed_at: datetime | None) -> HttpResponse:
    """Return the calendar, or 304 when the app has it already.

    Only the ETag decides: Last-Modified knows of the dates, not of a title or a place that was mended.
    """
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = quote_etag(hashlib.blake2b(content, digest_size=12).hexdigest())
    response.headers["Cache-Control"] = "no-cache"
    if changed_at is not None:
        response.headers["Last-Modified"] = http_date(changed_at.timestamp())
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
