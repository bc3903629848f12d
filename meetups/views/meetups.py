"""The page of a meetup, and of one of its dates."""

from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from locations.freshness import keep_for_towns
from meetups import wording
from meetups.actions.attending import Room
from meetups.forms.attending import GuestJoinForm, JoinForm
from meetups.languages import LANGUAGES
from meetups.models import Attendance, Meetup, Occurrence
from meetups.recurrence import InvalidRule, Rule, describe

NEXT_DATES = 8
DRAFT = "join_draft"  # what someone filled in before going to sign in


@login_not_required
@require_safe
def meetup(request: HttpRequest, slug: str) -> HttpResponse:
    """What keeps coming back: rhythm, what to expect, who welcomes you, the next dates."""
    found = get_object_or_404(Meetup.objects.select_related("location__municipality"), slug=slug)
    keep_for_towns(request, found.location.municipality_id)
    context = {
        "meetup": found,
        "location": found.location,
        "rhythm": rhythm(found),
        "is_ended": found.status == Meetup.Status.ENDED,
        **shared_parts(found),
    }
    return render(request, "meetups/meetup.html", context)


@login_not_required
@require_safe
def occurrence(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """One date: what to expect, and the form to say that you come."""
    return occurrence_page(request, load_occurrence(slug, on))


def load_occurrence(slug: str, on: date) -> Occurrence:
    """Return the date with its meetup, place and town, and the seats that newcomers took; else 404."""
    going = Attendance.objects.filter(occurrence=OuterRef("pk"), is_first_time=True).going().order_by()
    newcomers = Subquery(going.values("occurrence").annotate(seats=Sum("adults")).values("seats"))
    dates = Occurrence.objects.select_related("meetup", "location__municipality").annotate(newcomers=newcomers)
    return get_object_or_404(dates, meetup__slug=slug, planned_for=on)


def occurrence_page(
    request: HttpRequest, found: Occurrence, form: JoinForm | None = None, status: int = 200
) -> HttpResponse:
    """Answer with the page of one date; `form` is one that was sent and is not right yet."""
    now = timezone.now()
    attendance = None
    if request.user.is_authenticated:
        mine = Attendance.objects.filter(occurrence=found).of(request.user).live_first()
        attendance = mine.select_related("user").first()
    is_open = not (found.is_cancelled or found.is_over(now) or found.is_closed)
    is_open = is_open and found.meetup.status == Meetup.Status.ACTIVE
    form = (form or first_form(request, found, attendance)) if is_open else None
    context = {
        "occurrence": found,
        "meetup": found.meetup,
        "location": found.location,
        "is_open": is_open,
        "is_over": found.is_over(now) or found.is_closed,
        "form": form,
        "fields_html": fields_html(form) if form else "",
        "place_chip": room_words(found),
        "full_words": full_words(found),
        **shared_parts(found.meetup, besides=found),
        **when(found, now),
        **attendance_parts(attendance),
    }
    return render(request, "meetups/occurrence.html", context, status=status)


def shared_parts(meetup: Meetup, besides: Occurrence | None = None) -> dict[str, Any]:
    """What both pages show: the hosts, the next dates, ages and languages. Two queries."""
    now = timezone.now()
    hosts = list(meetup.hosts.in_role().select_related("user"))
    following = meetup.occurrences.ahead(now)
    if besides is not None:
        following = following.exclude(pk=besides.pk)
    dates = [date_row(row, meetup) for row in following[:NEXT_DATES]] if meetup.status == "active" else []
    return {
        "hosts": hosts,
        "dates": dates,
        "ages": wording.ages(meetup.age_bands),
        "languages": wording.languages(code for code in meetup.languages if code in LANGUAGES),
        "absolute_url": settings.SITE_URL + (besides or meetup).get_absolute_url(),
    }


def date_row(occurrence: Occurrence, meetup: Meetup) -> dict[str, Any]:
    """One line in a list of dates."""
    occurrence.meetup = meetup
    return {
        "url": occurrence.get_absolute_url(),
        "day": wording.day(occurrence.local_date),
        "iso": occurrence.local_date.isoformat(),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
        "theme": occurrence.theme,
        "is_cancelled": occurrence.is_cancelled,
        "is_full": occurrence.places_left == 0,
    }


def rhythm(meetup: Meetup) -> str:
    """The rhythm in words, or nothing for a rule that nobody can read."""
    try:
        return describe(Rule.parse(meetup.rrule), meetup.first_on, meetup.start_time, meetup.end_time)
    except InvalidRule:
        return ""


def when(occurrence: Occurrence, now: datetime) -> dict[str, str]:
    """The day and times of a date in words."""
    on = occurrence.local_date
    return {
        "day": wording.day(on),
        "day_with_year": wording.day_with_year(on),
        "nearness": wording.nearness(on, timezone.localdate(now)),
        "weekday": wording.weekday(on),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }


def attendance_parts(attendance: Attendance | None) -> dict[str, Any]:
    """What someone may know about their own sign-up; nothing about others but their own place in the line."""
    if attendance is None:
        return {"attendance": None}
    position = None
    if attendance.is_waiting:
        line = Attendance.objects.filter(occurrence=attendance.occurrence_id).waiting()
        position = list(line.values_list("pk", flat=True)).index(attendance.pk) + 1
    party = wording.party(attendance.adults, attendance.children)
    kept = {name: getattr(attendance, name) for name in JoinForm.base_fields}
    kept["is_first_time"] = "on" if attendance.is_first_time else ""
    return {"attendance": attendance, "position": position, "party": party, "same_again": kept.items()}


def room_words(occurrence: Occurrence) -> tuple[str, str]:
    """The chip that says whether there is room."""
    return wording.places(occurrence.places_left, is_walk_in=occurrence.meetup.is_walk_in)


def full_words(occurrence: Occurrence) -> str:
    """What someone should know before signing up when it is (nearly) full; empty when there is room for all."""
    newcomers: int = getattr(occurrence, "newcomers", None) or 0
    room = Room(occurrence.places, occurrence.meetup.newcomer_places, occurrence.seats_taken, newcomers)
    if room.left(newcomer=True) == 0:
        return gettext("This date is full. Sign up for the waiting list: we mail you when there is a place.")
    if room.left(newcomer=False) == 0:
        return gettext(
            "The last places are for people who come for the first time. Have you been here before? "
            "Then you come on the waiting list."
        )
    return ""


def first_form(request: HttpRequest, occurrence: Occurrence, attendance: Attendance | None) -> JoinForm:
    """The form as it first appears: with one's own numbers, or with what one filled in before signing in."""
    if not request.user.is_authenticated:
        return GuestJoinForm()
    initial: dict[str, Any] = {}
    if attendance is not None:
        initial = {name: getattr(attendance, name) for name in JoinForm.base_fields}
    elif request.session.get(DRAFT, {}).get("occurrence") == occurrence.pk:
        initial = request.session[DRAFT]["fields"]
    return JoinForm(initial=initial)


def fields_html(form: JoinForm) -> SafeString:
    """The fields of the form; kept in memory while nothing is filled in, because they are half the cost of the page."""
    if form.is_bound or form.initial:
        return render_to_string("meetups/_join_fields.html", {"form": form})
    return _empty_fields(type(form), get_language() or "nl")


@cache
def _empty_fields(form_class: type[JoinForm], language: str) -> SafeString:
    return render_to_string("meetups/_join_fields.html", {"form": form_class()})
