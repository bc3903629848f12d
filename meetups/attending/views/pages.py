"""The page of a meetup, and of one of its dates."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import OuterRef, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.posting import needs_token
from meetups import beside, wording
from meetups.attending import pictures
from meetups.attending.forms import GuestJoinForm, JoinForm
from meetups.capacity import Room, is_full, may_be_overtaken, sign_up_label
from meetups.models import (
    Attendance,
    AttendanceQuerySet,
    Host,
    HostQuerySet,
    Meetup,
    Occurrence,
    OccurrenceQuerySet,
)
from meetups.moderated import DATE, MEETUP, WELCOME
from meetups.schedule.addresses import get_date_or_404, is_former_date, redirect_to_current_url
from meetups.schedule.rhythms import place_names, rhythm_in_words
from meetups.spoken_languages import LANGUAGES
from moderation.marks import Mark, mark_for
from page_cache.compiled import Compiled
from page_cache.per_language import cached_per_language
from page_cache.unchanged import remade_on_change
from page_cache.versions import cache_for_towns

NEXT_DATES = 8
IN_LINK = ("url", "day", "iso", "times", "theme", "is_cancelled", "is_full", "place")  # what links to dates show
NOBODY = 0  # who is not signed in has blocked nobody
RESULT_ANCHOR = "#answer"  # the element with the result of a submitted form; gets the focus
DRAFT_KEY = "join_draft"  # session key: a form filled in before signing in
DRAFT_LIFETIME = timedelta(minutes=30)  # after that, someone else may be using this browser


@login_not_required
@require_safe
@remade_on_change
def meetup(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a meetup: rhythm, what to expect, hosts and next dates."""
    now = timezone.now()
    meetups = Meetup.objects.select_related("location__municipality", "location__photo").annotate(
        place_names=place_names(now)
    )
    found = get_object_or_404(beside.annotate(meetups, request.user), slug=slug)
    if not found.is_visible_to(request.user):
        raise Http404
    cache_for_towns(request, found.location.municipality_id)
    names: list[str] = found.place_names  # type: ignore[attr-defined]
    is_travelling = len(names) > 1
    parts = shared_context(found, now, request.user, usual_place=None if is_travelling else found.location_id)
    next_date = next((row for row in parts["dates"] if not row["is_cancelled"]), None)
    where = next_date["location"] if next_date else found.location
    room: Room | None = next_date and next_date["room"]
    context = {
        "meetup": found,
        "location": found.location,
        "rhythm": rhythm_in_words(found),
        "picture": pictures.of_meetup(found),
        "is_ended": found.status == Meetup.Status.ENDED,
        "is_travelling": is_travelling,
        "place_names": names,
        "town": found.location.municipality.name if is_travelling else found.location.place,
        "next": next_date,
        "place_chip": room and room.chip(is_walk_in=found.is_walk_in, newcomer=None),
        "invitation": room and sign_up_label(is_full=room.is_full_for(None)),
        "where": where,
        "route_url": where.route_url,
        "in_heading": beside.included(beside.Place.HEADING, found, request.user),
        "mark": mark_for(request.user, MEETUP, found, now=now),
        "beside": beside.included(beside.Place.MEETUP, found, request.user),
        **parts,
    }
    return render(request, "meetups/attending/meetup.html", context)


@login_not_required
@require_safe
@remade_on_change
def occurrence(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """Show one date with the sign-up form. A former URL redirects to the current one."""
    try:
        found = load_occurrence(slug, on, request.user)
    except Http404:
        if is_former_date(slug, on):
            return redirect("meetup", slug)
        raise
    if found.planned_for != on:
        return redirect_to_current_url(found.get_absolute_url())
    cache_for_towns(request, *sorted(found.town_ids))
    return occurrence_page(request, found)


def load_occurrence(slug: str, on: date, user: Any) -> Occurrence:
    """Return the date with this current or former URL, if `user` may see its meetup; else raise Http404.

    Selects its meetup, location and town, and annotates `newcomer_seats`.
    """
    found = _current_date.first(slug=slug, on=on) or get_date_or_404(_dates_to_show(), slug, on)
    if not found.meetup.is_visible_to(user):
        raise Http404
    return found


def _dates_to_show() -> OccurrenceQuerySet:
    return _with_newcomer_seats(
        Occurrence.objects.select_related("meetup__location", "location__municipality", "location__photo")
    )


@Compiled
def _current_date(slug: str, on: date) -> OccurrenceQuerySet:
    return _dates_to_show().filter(meetup__slug=slug, planned_for=on)


def _with_newcomer_seats(dates: OccurrenceQuerySet) -> OccurrenceQuerySet:
    going = Attendance.objects.filter(occurrence=OuterRef("pk"), is_first_time=True).going().order_by()
    seats = Subquery(going.values("occurrence").annotate(seats=Sum("adults")).values("seats"))
    return dates.annotate(newcomer_seats=seats)


def occurrence_page(
    request: HttpRequest, found: Occurrence, form: JoinForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the page of one date; `form` is a submitted form with errors."""
    now = timezone.now()
    attendance = None
    if request.user.is_authenticated:
        attendance = _sign_up_of.first(date=found.pk, user=request.user.pk, email=request.user.email)
    refusal = found.sign_up_refusal(now)
    first = None if refusal else InitialForm.of(request, found, attendance)
    form = (form or first.form) if first else None
    room = Room.from_annotated(found)
    newcomer = is_newcomer(request.user, found.meetup) if room.depends_on_newcomer else None
    will_wait = _will_wait(room, attendance, newcomer)
    parts = shared_context(found.meetup, now, request.user, usual_place=found.location_id, current=found)
    context = {
        "occurrence": found,
        "picture": pictures.of_date(found),
        "meetup": found.meetup,
        "location": found.location,
        "is_open": refusal is None,
        "is_over": found.is_done(now),
        "kept": _kept(found) if found.meetup.is_shown else None,
        "form": form,
        "needs_token": needs_token(request),
        "fields_html": fields_html(form) if form else "",
        "first": first if form and not form.is_bound else None,
        "has_answered": first and not first.is_draft and attendance is not None and attendance.is_answered,
        "place_chip": room.chip(is_walk_in=found.meetup.is_walk_in, newcomer=newcomer),
        "is_full": will_wait,
        "is_too_many": first is not None and not will_wait and first.is_too_many(room),
        "invitation": sign_up_label(is_full=will_wait),
        "route_url": found.location.route_url,
        "full_words": room.warning(newcomer),
        "mark": mark_for(request.user, MEETUP, found.meetup, now=now),
        "beside": beside.included(beside.Place.JOINED, found, request.user)
        if attendance and attendance.is_going
        else [],
        **parts,
        "date_mark": _date_mark(request.user, found, parts["hosts"], now),
        **date_context(found, now),
        **attendance_context(attendance),
    }
    return render(request, "meetups/attending/occurrence.html", context, status=status)


def _kept(found: Occurrence) -> dict[str, str]:
    """Return what a device keeps of this date, to show without internet; of one that is cancelled only that."""
    where = wording.place(found.location.name, found.location.place)
    when = f"{wording.day(found.local_date)}, {wording.times(found.starts_at, found.ends_at)}"
    return {
        "url": found.get_absolute_url(),
        "title": found.meetup.texts.title,
        "when": f"{gettext('Cancelled:')} {when}" if found.is_cancelled else when,
        "where": f"{where}. {found.location.address}",
        "until": found.ends_at.isoformat(),
    }


def _date_mark(user: Any, found: Occurrence, hosts: list[Host], now: datetime) -> Mark | None:
    """Return what to say about the texts of this date to those who wrote them, who see them also while they wait."""
    writers = {found.meetup.created_by_id, *(host.user_id for host in hosts)}
    return mark_for(user, DATE, found, now=now) if user.pk in writers else None


def _will_wait(room: Room, attendance: Attendance | None, newcomer: bool | None) -> bool:
    """Whether submitting leads to the waiting list; undoing a withdrawal keeps the same numbers."""
    if attendance is not None and attendance.state == Attendance.State.WITHDRAWN:
        return not room.fits(attendance.adults, newcomer=attendance.is_first_time)
    return room.is_full_for(newcomer)


def is_newcomer(user: Any, meetup: Meetup) -> bool | None:
    """Return False if `user` was present before, None if we do not know; at most one query."""
    if not user.is_authenticated:
        return None
    return False if Attendance.objects.of(user).present_at(meetup).exists() else None


def shared_context(
    meetup: Meetup, now: datetime, user: Any, *, usual_place: int | None, current: Occurrence | None = None
) -> dict[str, Any]:
    """Return the context that both pages share: hosts, next dates, ages and languages; two queries.

    `current` is the date whose page this is; it is left out of the next dates. Dates show their location if it is not
    `usual_place`. Hosts whom `user` blocked are left out.
    """
    hosts = _hosts(meetup=meetup.pk, viewer=user.pk or NOBODY)
    for host in hosts:
        host.meetup = meetup
        if host.user_id == user.pk:  # words that wait or are hidden: where they stand, and marked
            host.mark = mark_for(user, WELCOME, host, now=now)  # type: ignore[attr-defined]
    following = [row for row in _following(meetup=meetup.pk, now=now) if current is None or row.pk != current.pk]
    dates = [date_row(row, meetup, usual_place) for row in following[:NEXT_DATES]]
    return {
        "hosts": hosts,
        "dates": dates,
        "date_links": _date_links(tuple(tuple(row[name] for name in IN_LINK) for row in dates)),
        "ages": wording.ages(meetup.age_bands),
        "languages": wording.languages(code for code in meetup.languages if code in LANGUAGES),
        "absolute_url": settings.SITE_URL + (current or meetup).get_absolute_url(),
    }


@Compiled
def _sign_up_of(date: int, user: int, email: str) -> AttendanceQuerySet:
    mine = Attendance.objects.filter(occurrence=date).of_account(user, email).live_first()
    return mine.select_related("user").with_waiting_list()[:1]


@Compiled
def _hosts(meetup: int, viewer: int) -> HostQuerySet:
    return Host.objects.filter(meetup=meetup).in_role().unblocked(User(pk=viewer)).select_related("user", "portrait")


@Compiled
def _following(meetup: int, now: datetime) -> OccurrenceQuerySet:
    coming = Occurrence.objects.filter(meetup=meetup).running().coming(now).select_related("location")
    return _with_newcomer_seats(coming)[: NEXT_DATES + 1]


@Compiled
def _last_sign_up(user: int, email: str) -> AttendanceQuerySet:
    return Attendance.objects.of_account(user, email).newest_sign_ups()[:1]


@cached_per_language(maxsize=1024)
def _date_links(dates: tuple[tuple[Any, ...], ...]) -> SafeString:
    rows = [dict(zip(IN_LINK, row, strict=True)) for row in dates]
    return render_to_string("meetups/attending/_date_links.html", {"dates": rows})


def date_row(occurrence: Occurrence, meetup: Meetup, usual_place: int | None) -> dict[str, Any]:
    """Return the context for one row in a list of dates."""
    occurrence.meetup, location = meetup, occurrence.location
    return {
        "url": occurrence.get_absolute_url(),
        "day": wording.day(occurrence.local_date),
        "iso": occurrence.local_date.isoformat(),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
        "theme": occurrence.shown_theme,
        "is_cancelled": occurrence.is_cancelled,
        "is_full": is_full(occurrence),
        "room": Room.from_annotated(occurrence),
        "location": location,
        "place": "" if location.pk == usual_place else wording.place(location.name, location.place),
    }


def date_context(occurrence: Occurrence, now: datetime) -> dict[str, str]:
    """Return the day and times of a date in words."""
    on = occurrence.local_date
    return {
        "day": wording.day(on),
        "day_with_year": wording.day_with_year(on),
        "nearness": wording.nearness(on, timezone.localdate(now)),
        "weekday": wording.weekday(on),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }


def attendance_context(attendance: Attendance | None) -> dict[str, Any]:
    """Return what the page shows of someone's own sign-up, including their position on the waiting list."""
    if attendance is None:
        return {"attendance": None}
    position = None
    if attendance.is_waiting:
        waiting = list(
            Attendance.objects.filter(occurrence=attendance.occurrence_id).waiting().values_list("pk", flat=True)
        )
        position = waiting.index(attendance.pk) + 1
    party = wording.party(attendance.adults, attendance.children)
    values = {name: getattr(attendance, name) for name in JoinForm.base_fields}
    values["is_first_time"] = "on" if attendance.is_first_time else ""
    return {
        "attendance": attendance,
        "position": position,
        "may_be_overtaken": attendance.is_waiting and may_be_overtaken(attendance, attendance.occurrence.meetup),
        "party": party,
        "same_again": values.items(),
    }


@dataclass(frozen=True)
class InitialForm:
    """The unsubmitted form, and where its initial values come from."""

    form: JoinForm
    is_draft: bool = False  # filled in before signing in, not submitted yet
    is_remembered: bool = False  # the numbers of the last sign-up, for another date

    @classmethod
    def of(cls, request: HttpRequest, occurrence: Occurrence, attendance: Attendance | None) -> InitialForm:
        """Build it from a draft, the current sign-up or the numbers of the last one, in that order."""
        if not request.user.is_authenticated:
            return cls(GuestJoinForm())
        is_live = attendance is not None and (attendance.is_going or attendance.is_waiting)
        if not is_live and (draft := read_draft(request, occurrence)):
            return cls(JoinForm(initial=draft), is_draft=True)
        if attendance is not None:
            return cls(JoinForm(initial={name: getattr(attendance, name) for name in JoinForm.base_fields}))
        if last := _last_sign_up.first(user=request.user.pk, email=request.user.email):
            return cls(JoinForm(initial={name: getattr(last, name) for name in JoinForm.NUMBERS}), is_remembered=True)
        return cls(JoinForm(initial={}))

    def is_too_many(self, room: Room) -> bool:
        """Whether the initial numbers lead to the waiting list, although smaller parties still fit."""
        adults, newcomer = self.form.initial.get("adults"), bool(self.form.initial.get("is_first_time"))
        if not isinstance(adults, int) or not room.could_ever_fit(adults, newcomer=newcomer):
            return False
        return not room.fits(adults, newcomer=newcomer)

    @property
    def party(self) -> str:
        """The party in words; empty while a number is missing."""
        numbers = [self.form.initial.get(name) for name in JoinForm.NUMBERS]
        given = [number for number in numbers if number is not None]
        return wording.party(given[0], sum(given[1:])) if len(given) == len(numbers) else ""


def save_draft(request: HttpRequest, occurrence: Occurrence, fields: dict[str, Any]) -> None:
    """Keep a filled-in form in the session while someone signs in."""
    request.session[DRAFT_KEY] = {"occurrence": occurrence.pk, "fields": fields, "at": time.time()}


def read_draft(request: HttpRequest, occurrence: Occurrence) -> dict[str, Any] | None:
    draft = request.session.get(DRAFT_KEY, {})
    is_fresh = time.time() - draft.get("at", 0) < DRAFT_LIFETIME.total_seconds()
    return draft["fields"] if is_fresh and draft["occurrence"] == occurrence.pk else None


def clear_draft(request: HttpRequest) -> None:
    request.session.pop(DRAFT_KEY, None)


def fields_html(form: JoinForm) -> SafeString:
    """Render the form fields; with only numbers in them they are cached, as they take half the time of the page."""
    if form.is_bound or not form.initial.keys() <= set(JoinForm.NUMBERS):
        return render_to_string("meetups/attending/_join_fields.html", {"form": form})
    return _unsent_fields(type(form), tuple(form.initial.items()))


@cached_per_language(maxsize=256)
def _unsent_fields(form_class: type[JoinForm], numbers: tuple[tuple[str, int | None], ...]) -> SafeString:
    return render_to_string("meetups/attending/_join_fields.html", {"form": form_class(initial=dict(numbers))})
