"""Pages for hosts: today, and the list at the door. Names are seen here and nowhere else."""

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

KEPT_FOR_LATER = gettext_noop(
    "The list was closed before your tap came in. Your tap is kept: see the top of this page."
)


@require_safe
@never_cache
def hosting(request: SignedInRequest) -> HttpResponse:
    """The dates of this host: today's first, then the coming ones, then those still to close."""
    found = door_list.dates_of(request.user, timezone.now())
    if not found and not permissions.is_host_anywhere(request.user):
        raise Http404
    return render(request, "meetups/door/hosting.html", {"dates": found})


@require_safe
@never_cache
def door(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list at the door of one date. A phone that has it as it is, and says so, hears that in one short answer."""
    people = _people(request, _my_date(request, pk))
    if request.method == "GET":
        record_door_opened(request.user, pk, timezone.now())
    if request.htmx and request.headers.get("If-None-Match") == f'"{people.version}"':
        return HttpResponseNotModified()
    return _door_page(request, people)


@post_or_redirect_to("door", "pk")
def presence(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """One tap: someone is there. Again: not yet."""

    def act(occurrence: Occurrence, form: StateForm, **tapped: Any) -> DoorTap:
        is_present = form.cleaned_data["state"]
        return actions.set_presence(occurrence=occurrence, attendance_id=attendance_id, is_present=is_present, **tapped)

    return _tap(request, pk, StateForm(request.POST), act, f"#person-{attendance_id}")


@post_or_redirect_to("door", "pk")
def greeted(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """One tap: someone was welcomed."""

    def act(occurrence: Occurrence, form: StateForm, **tapped: Any) -> DoorTap:
        is_greeted = form.cleaned_data["state"]
        return actions.set_greeted(occurrence=occurrence, attendance_id=attendance_id, is_greeted=is_greeted, **tapped)

    return _tap(request, pk, StateForm(request.POST), act, f"#person-{attendance_id}")


@post_or_redirect_to("door", "pk")
def walk_ins(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plus or minus: one more or one fewer of those who walked in without a name."""

    def act(occurrence: Occurrence, form: WalkInForm, **tapped: Any) -> DoorTap:
        said = form.cleaned_data
        return actions.count_walk_in(occurrence=occurrence, kind=said["kind"], delta=said["delta"], **tapped)

    return _tap(request, pk, WalkInForm(request.POST), act, "#walk-ins")


@post_or_redirect_to("door", "pk")
def add_at_door(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put someone on the list who is standing there."""
    occurrence = _my_date(request, pk)
    form = DoorGuestForm(occurrence.meetup, request.POST)
    if not form.is_valid() and not request.htmx:
        return _door_page(request, _people(request, occurrence), form, status=422)

    def act(occurrence: Occurrence, form: DoorGuestForm, **tapped: Any) -> DoorTap:
        tap = actions.add_at_door(occurrence=occurrence, **form.who, **tapped)
        if not request.htmx and not tap.is_waiting:
            name = form.cleaned_data["first_name"]
            messages.success(request, gettext("{name} is on the list.").format(name=name))
        return tap

    return _tap(request, pk, form, act)


@post_or_redirect_to("door", "pk")
def remove_at_door(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """Take someone off the list who was added at the door by mistake."""

    def act(occurrence: Occurrence, form: TapForm, **tapped: Any) -> DoorTap:
        return actions.remove_at_door(occurrence=occurrence, attendance_id=attendance_id, **tapped)

    return _tap(request, pk, TapForm(request.POST), act)


@post_or_redirect_to("door", "pk")
def late(request: SignedInRequest, pk: int) -> HttpResponse:
    """Count what came in after the closing, or leave it out."""
    occurrence, now = _my_date(request, pk), timezone.now()
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
        return _refused(request, occurrence, str(refusal))
    return redirect("door", occurrence.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def close_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close a date with how many there were; the numbers are filled in from the list, or as they were typed before."""
    occurrence = _my_date(request, pk)
    people = _people(request, occurrence)
    if request.method != "POST":
        if not people.can_close:
            return redirect("door", occurrence.pk)
        return _close_page(request, people, CloseForm(initial=_numbers_to_begin_with(people)))
    form = CloseForm.sent(request.POST)
    if not form.is_valid():
        return _close_page(request, people, form, status=422)
    try:
        actions.close(occurrence=occurrence, host=request.user, now=timezone.now(), **form.answers)
    except actions.CountedElsewhere as refusal:
        return _ask_which_number(request, people, form, refusal)
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    messages.success(request, gettext("Thank you! This date is closed."))
    return redirect("door", occurrence.pk)


@post_or_redirect_to("door", "pk")
def reopen_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a closed date again, to correct it."""
    occurrence = _my_date(request, pk)
    try:
        actions.reopen(occurrence=occurrence, now=timezone.now())
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    messages.success(request, gettext("This date is open again. You can correct everything."))
    return redirect("door", occurrence.pk)


def _my_date(request: SignedInRequest, pk: int) -> Occurrence:
    """The date, if this user is one of its hosts; for anyone else it does not exist."""
    mine = Occurrence.objects.hosted_by(request.user).select_related("meetup", "location__municipality", "closed_by")
    return get_object_or_404(mine, pk=pk)


def _people(request: SignedInRequest, occurrence: Occurrence) -> door_list.DoorList:
    return door_list.door_list(occurrence, timezone.now(), request.user)


def _tap(
    request: SignedInRequest, pk: int, form: TapForm, act: Callable[..., DoorTap], place: str = ""
) -> HttpResponse:
    """Do what a tap asks. A phone gets the list as it is then; without JavaScript: the whole page, at the same row."""
    occurrence = _my_date(request, pk)
    if not form.is_valid():
        return _refused(request, occurrence, " ".join(dict.fromkeys(str(e) for es in form.errors.values() for e in es)))
    try:
        tap = act(occurrence, form, host=request.user, stamp=form.stamp, now=timezone.now())
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    if request.htmx:
        return _door_page(request, _people(request, _my_date(request, pk)))
    if tap.is_waiting:
        messages.warning(request, gettext(KEPT_FOR_LATER))
    response = redirect("door", pk)
    response["Location"] += place
    return response


def _refused(request: SignedInRequest, occurrence: Occurrence, reason: str) -> HttpResponse:
    """Say why not: in one sentence for a phone, else on the page as things are now."""
    if request.htmx:
        return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
    messages.error(request, reason)
    return _door_page(request, _people(request, _my_date(request, occurrence.pk)), status=422)


def _door_page(
    request: SignedInRequest, people: door_list.DoorList, form: DoorGuestForm | None = None, status: int = 200
) -> HttpResponse:
    """The page at the door, or for a phone that has the page: what may change on it."""
    context = {"door": people, "opens_at": people.occurrence.starts_at - OPENS_BEFORE} | _words(people)
    if request.htmx:
        return render(request, "meetups/door/_door_list.html", context, status=status)
    if form is None:
        form = DoorGuestForm(people.occurrence.meetup, initial={"tap": people.new_id})
    return render(request, "meetups/door/door.html", context | {"form": form}, status=status)


def _numbers_to_begin_with(people: door_list.DoorList) -> dict[str, Any]:
    """As somebody typed them at an earlier closing; else as the list says; else empty, for a person to fill in."""
    occurrence = people.occurrence
    numbers: tuple[int | None, int | None] = people.totals if people.is_recorded else (None, None)
    if occurrence.head_adults is not None:
        numbers = (occurrence.head_adults, occurrence.head_children)
    return {
        "head_adults": numbers[0],
        "head_children": numbers[1],
        "host_note": occurrence.host_note,
        "seen_adults": people.adults,
        "seen_children": people.children,
    }


def _ask_which_number(
    request: SignedInRequest, people: door_list.DoorList, form: CloseForm, refusal: actions.CountedElsewhere
) -> HttpResponse:
    """The same form with what was typed, and beside it the other number: the host chooses."""
    occurrence = _my_date(request, people.occurrence.pk)
    asked = {
        "question": str(refusal),
        "typed": wording.people(*form.heads),
        "there": wording.people(*refusal.there),
        "other_host": occurrence.closed_by.first_name if occurrence.closed_by else gettext("Another host"),
    }
    return _close_page(
        request, _people(request, occurrence), form.beside(refusal.there, occurrence), status=422, **asked
    )


def _close_page(
    request: SignedInRequest, people: door_list.DoorList, form: CloseForm, status: int = 200, **asked: Any
) -> HttpResponse:
    there = people.here if people.is_other_than_before else ""
    context = {"door": people, "form": form, "there": there} | asked | _words(people)
    return render(request, "meetups/door/close.html", context, status=status)


def _words(people: door_list.DoorList) -> dict[str, Any]:
    occurrence = people.occurrence
    return {
        "occurrence": occurrence,
        "meetup": occurrence.meetup,
        "heads": door_list.heads(occurrence),
        "day": wording.day(occurrence.local_date),
        "nearness": wording.nearness(occurrence.local_date, timezone.localdate(people.now)),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }
