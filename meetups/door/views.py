"""Pages for hosts: their dates, and the list at the door. No other page shows the names of attendees."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from accounts.security_log import record_door_opened
from meetups import permissions, wording
from meetups.door import door_list
from meetups.door.actions import check_in as actions
from meetups.door.forms import CloseForm, DoorGuestForm, LateForm, StateForm, TapForm, WalkInForm
from meetups.door.hours import OPENS_BEFORE
from meetups.models import DoorTap, Occurrence
from meetups.refusals import CannotDo

RECEIVED_AFTER_CLOSING = gettext_noop(
    "The list was closed before your tap came in. Your tap is kept: see the top of this page."
)


@require_safe
@never_cache
def hosting(request: SignedInRequest) -> HttpResponse:
    """List the dates of this host, grouped by what is left to do."""
    found = door_list.dates_of(request.user, timezone.now())
    if not found and not permissions.is_host_anywhere(request.user):
        raise Http404
    return render(request, "meetups/door/hosting.html", {"dates": found})


@require_safe
@never_cache
def door(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the list of one date. A phone that already has this version gets a 304."""
    listing = _load_door_list(request, _get_own_date(request, pk))
    if request.method == "GET":
        record_door_opened(request.user, pk, now=timezone.now())
    if request.htmx and request.headers.get("If-None-Match") == f'"{listing.version}"':
        return HttpResponseNotModified()
    return _door_page(request, listing)


@post_or_redirect_to("door", "pk")
def presence(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """Mark someone as present, or not."""

    def act(occurrence: Occurrence, form: StateForm, **tap_fields: Any) -> DoorTap:
        is_present = form.cleaned_data["state"]
        return actions.set_presence(
            occurrence=occurrence, attendance_id=attendance_id, is_present=is_present, **tap_fields
        )

    return _handle_tap(request, pk, StateForm(request.POST), act, f"#person-{attendance_id}")


@post_or_redirect_to("door", "pk")
def greeted(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """Mark someone as welcomed, or not."""

    def act(occurrence: Occurrence, form: StateForm, **tap_fields: Any) -> DoorTap:
        is_greeted = form.cleaned_data["state"]
        return actions.set_greeted(
            occurrence=occurrence, attendance_id=attendance_id, is_greeted=is_greeted, **tap_fields
        )

    return _handle_tap(request, pk, StateForm(request.POST), act, f"#person-{attendance_id}")


@post_or_redirect_to("door", "pk")
def walk_ins(request: SignedInRequest, pk: int) -> HttpResponse:
    """Count one more or one fewer person who walked in without giving a name."""

    def act(occurrence: Occurrence, form: WalkInForm, **tap_fields: Any) -> DoorTap:
        data = form.cleaned_data
        return actions.count_walk_in(occurrence=occurrence, kind=data["kind"], delta=data["delta"], **tap_fields)

    return _handle_tap(request, pk, WalkInForm(request.POST), act, "#walk-ins")


@post_or_redirect_to("door", "pk")
def add_at_door(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put someone at the door on the list."""
    occurrence = _get_own_date(request, pk)
    form = DoorGuestForm(occurrence.meetup, request.POST)
    if not form.is_valid() and not request.htmx:
        return _door_page(request, _load_door_list(request, occurrence), form, status=422)

    def act(occurrence: Occurrence, form: DoorGuestForm, **tap_fields: Any) -> DoorTap:
        tap = actions.add_at_door(occurrence=occurrence, **form.person, **tap_fields)
        if not request.htmx and not tap.is_waiting:
            name = form.cleaned_data["first_name"]
            messages.success(request, gettext("{name} is on the list.").format(name=name))
        return tap

    return _handle_tap(request, pk, form, act)


@post_or_redirect_to("door", "pk")
def remove_at_door(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """Take off the list someone who was added at the door by mistake."""

    def act(occurrence: Occurrence, form: TapForm, **tap_fields: Any) -> DoorTap:
        return actions.remove_at_door(occurrence=occurrence, attendance_id=attendance_id, **tap_fields)

    return _handle_tap(request, pk, TapForm(request.POST), act)


@post_or_redirect_to("door", "pk")
def late(request: SignedInRequest, pk: int) -> HttpResponse:
    """Count the taps that arrived after the date was closed, or leave them out."""
    occurrence, now = _get_own_date(request, pk), timezone.now()
    form = LateForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        if form.cleaned_data["choice"] == "count":
            actions.count_late(occurrence=occurrence, host=request.user, now=now)
            messages.success(request, gettext("Counted too. Thank you!"))
        else:
            actions.leave_out_late(occurrence=occurrence, now=now)
            messages.success(request, gettext("Left out. The numbers stay as they are."))
    except CannotDo as refusal:
        return _refuse(request, occurrence, str(refusal))
    return redirect("door", occurrence.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def close_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close a date with its head count, prefilled from the list or from an earlier closing."""
    occurrence = _get_own_date(request, pk)
    listing = _load_door_list(request, occurrence)
    if request.method != "POST":
        if not listing.can_close:
            return redirect("door", occurrence.pk)
        return _close_page(request, listing, CloseForm(initial=_initial_numbers(listing)))
    form = CloseForm.from_post(request.POST)
    if not form.is_valid():
        return _close_page(request, listing, form, status=422)
    try:
        actions.close(occurrence=occurrence, host=request.user, now=timezone.now(), **form.close_arguments)
    except actions.CountConflict as refusal:
        return _ask_which_number(request, listing, form, refusal)
    except CannotDo as refusal:
        return _refuse(request, occurrence, str(refusal))
    messages.success(request, gettext("Thank you! The list is closed."))
    return redirect("door", occurrence.pk)


@post_or_redirect_to("door", "pk")
def reopen_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reopen a closed date, to correct it."""
    occurrence = _get_own_date(request, pk)
    try:
        actions.reopen(occurrence=occurrence, now=timezone.now())
    except CannotDo as refusal:
        return _refuse(request, occurrence, str(refusal))
    messages.success(request, gettext("The list is open again. You can correct everything."))
    return redirect("door", occurrence.pk)


def _get_own_date(request: SignedInRequest, pk: int) -> Occurrence:
    """Return the date if this user is one of its hosts; raise Http404 otherwise."""
    mine = Occurrence.objects.hosted_by(request.user).select_related("meetup", "location__municipality", "closed_by")
    return get_object_or_404(mine, pk=pk)


def _load_door_list(request: SignedInRequest, occurrence: Occurrence) -> door_list.DoorList:
    return door_list.door_list(occurrence, timezone.now(), request.user)


def _handle_tap(
    request: SignedInRequest, pk: int, form: TapForm, act: Callable[..., DoorTap], fragment: str = ""
) -> HttpResponse:
    """Record a tap. htmx gets the updated list; without JavaScript, redirect to the same row of the page."""
    occurrence = _get_own_date(request, pk)
    if not form.is_valid():
        return _refuse(request, occurrence, " ".join(dict.fromkeys(str(e) for es in form.errors.values() for e in es)))
    try:
        tap = act(occurrence, form, host=request.user, stamp=form.stamp, now=timezone.now())
    except CannotDo as refusal:
        return _refuse(request, occurrence, str(refusal))
    if request.htmx:
        return _door_page(request, _load_door_list(request, _get_own_date(request, pk)))
    if tap.is_waiting:
        messages.warning(request, gettext(RECEIVED_AFTER_CLOSING))
    response = redirect("door", pk)
    response["Location"] += fragment
    return response


def _refuse(request: SignedInRequest, occurrence: Occurrence, reason: str) -> HttpResponse:
    """Answer 422 with the reason: as plain text for htmx, otherwise as a message on the current page."""
    if request.htmx:
        return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
    messages.error(request, reason)
    return _door_page(request, _load_door_list(request, _get_own_date(request, occurrence.pk)), status=422)


def _door_page(
    request: SignedInRequest, listing: door_list.DoorList, form: DoorGuestForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the door page, or for htmx only the part of it that changes."""
    context = {"door": listing, "opens_at": listing.occurrence.starts_at - OPENS_BEFORE} | _date_context(listing)
    if request.htmx:
        return render(request, "meetups/door/_door_list.html", context, status=status)
    if form is None:
        form = DoorGuestForm(listing.occurrence.meetup, initial={"tap": listing.new_id})
    return render(request, "meetups/door/door.html", context | {"form": form}, status=status)


def _initial_numbers(listing: door_list.DoorList) -> dict[str, Any]:
    """Return the numbers of an earlier closing, else those of the list, else empty for the host to fill in."""
    occurrence = listing.occurrence
    numbers: tuple[int | None, int | None] = listing.totals if listing.is_recorded else (None, None)
    if occurrence.head_adults is not None:
        numbers = (occurrence.head_adults, occurrence.head_children)
    return {
        "head_adults": numbers[0],
        "head_children": numbers[1],
        "host_note": occurrence.host_note,
        "seen_adults": listing.adults,
        "seen_children": listing.children,
    }


def _ask_which_number(
    request: SignedInRequest, listing: door_list.DoorList, form: CloseForm, refusal: actions.CountConflict
) -> HttpResponse:
    """Render the form again with what was typed and the conflicting numbers; the host chooses."""
    occurrence = _get_own_date(request, listing.occurrence.pk)
    asked = {
        "question": str(refusal),
        "typed": wording.people(*form.heads),
        "there": wording.people(*refusal.current),
        "other_host": occurrence.closed_by.first_name if occurrence.closed_by else gettext("Another host"),
    }
    return _close_page(
        request,
        _load_door_list(request, occurrence),
        form.for_conflict(refusal.current, occurrence),
        status=422,
        **asked,
    )


def _close_page(
    request: SignedInRequest, listing: door_list.DoorList, form: CloseForm, status: int = 200, **asked: Any
) -> HttpResponse:
    there = listing.here if listing.differs_from_last_close else ""
    context = {"door": listing, "form": form, "there": there} | asked | _date_context(listing)
    return render(request, "meetups/door/close.html", context, status=status)


def _date_context(listing: door_list.DoorList) -> dict[str, Any]:
    occurrence = listing.occurrence
    return {
        "occurrence": occurrence,
        "meetup": occurrence.meetup,
        "heads": door_list.heads(occurrence),
        "day": wording.day(occurrence.local_date),
        "nearness": wording.nearness(occurrence.local_date, timezone.localdate(listing.now)),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }
