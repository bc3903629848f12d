"""Pages for hosts: today, and the list at the door. Names are seen here and nowhere else."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.security_log import note_door_opened
from meetups import door_list, permissions, wording
from meetups.actions import door as actions
from meetups.forms.door import CloseForm, DoorGuestForm, StateForm, WalkInForm
from meetups.models import Occurrence
from meetups.refusals import CannotDo
from meetups.views.requests import SignedInRequest


@require_safe
@never_cache
def hosting(request: SignedInRequest) -> HttpResponse:
    """The dates of this host: today's first, then the coming ones, then those still to close."""
    found = door_list.dates_of(request.user, timezone.now())
    if not found and not permissions.is_host_anywhere(request.user):
        raise Http404
    return render(request, "meetups/hosting/hosting.html", {"dates": found})


@require_safe
@never_cache
def door(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list at the door of one date."""
    occurrence = _my_date(request, pk)
    note_door_opened(request.user, occurrence.pk, timezone.now())
    return _door_page(request, occurrence)


@require_POST
def presence(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """One tap: someone is there. Again: not yet."""
    occurrence = _my_date(request, pk)
    is_present = _wished_state(request)
    return _tap(
        request,
        occurrence,
        lambda: actions.set_presence(occurrence=occurrence, attendance_id=attendance_id, is_present=is_present),
        attendance_id,
    )


@require_POST
def greeted(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """One tap: someone was welcomed."""
    occurrence = _my_date(request, pk)
    is_greeted = _wished_state(request)
    return _tap(
        request,
        occurrence,
        lambda: actions.set_greeted(occurrence=occurrence, attendance_id=attendance_id, is_greeted=is_greeted),
        attendance_id,
    )


@require_POST
def walk_ins(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plus or minus: how many walked in without a name."""
    occurrence = _my_date(request, pk)
    form = WalkInForm(request.POST)
    if not form.is_valid():
        return _refused(request, occurrence, gettext("That number is not possible."))
    return _tap(request, occurrence, lambda: actions.set_walk_ins(occurrence=occurrence, **form.cleaned_data))


@require_POST
def add_at_door(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put someone on the list who is standing there."""
    occurrence = _my_date(request, pk)
    form = DoorGuestForm(occurrence.meetup, request.POST)
    if not form.is_valid():
        return _door_page(request, occurrence, form, status=422)
    try:
        person = actions.add_at_door(occurrence=occurrence, **form.cleaned_data)
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    messages.success(request, gettext("{name} is on the list.").format(name=person.guest_name))
    return redirect("door", occurrence.pk)


@require_POST
def remove_at_door(request: SignedInRequest, pk: int, attendance_id: int) -> HttpResponse:
    """Take someone off the list who was added at the door by mistake."""
    occurrence = _my_date(request, pk)
    try:
        actions.remove_at_door(occurrence=occurrence, attendance_id=attendance_id)
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    return redirect("door", occurrence.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def close_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close a date with how many there were; the numbers are filled in from the list."""
    occurrence = _my_date(request, pk)
    people = door_list.door_list(occurrence, timezone.now(), request.user)
    if request.method != "POST":
        if not people.can_close:
            return redirect("door", occurrence.pk)
        counted = {"head_adults": people.adults, "head_children": people.children, "host_note": occurrence.host_note}
        return _close_page(request, people, CloseForm(initial=counted))
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _close_page(request, people, form, status=422)
    try:
        actions.close(occurrence=occurrence, host=request.user, **form.cleaned_data)
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    messages.success(request, gettext("Thank you! This date is closed."))
    return redirect("door", occurrence.pk)


@require_POST
def reopen_occurrence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a closed date again, to correct it."""
    occurrence = _my_date(request, pk)
    try:
        actions.reopen(occurrence=occurrence)
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    messages.success(request, gettext("This date is open again. You can correct everything."))
    return redirect("door", occurrence.pk)


def _my_date(request: SignedInRequest, pk: int) -> Occurrence:
    """The date, if this user is one of its hosts; for anyone else it does not exist."""
    mine = Occurrence.objects.hosted_by(request.user).select_related("meetup", "location__municipality", "closed_by")
    return get_object_or_404(mine, pk=pk)


def _wished_state(request: SignedInRequest) -> bool:
    """What the tap says; a form that says nothing clear was made up."""
    form = StateForm(request.POST)
    if not form.is_valid():
        raise Http404
    return bool(form.cleaned_data["state"])


def _tap(
    request: SignedInRequest, occurrence: Occurrence, act: Callable[[], Any], attendance_id: int | None = None
) -> HttpResponse:
    """Do what a tap asks. Without htmx: the whole page, at the same row. With it: only the row and the numbers."""
    try:
        act()
    except CannotDo as refusal:
        return _refused(request, occurrence, str(refusal))
    if not request.htmx:
        row = f"#person-{attendance_id}" if attendance_id else "#walk-ins"
        response = redirect("door", occurrence.pk)
        response["Location"] += row
        return response
    people = door_list.door_list(_my_date(request, occurrence.pk), timezone.now(), request.user)
    person = next((person for person in people.people if person.pk == attendance_id), None)
    return render(request, "meetups/hosting/_tap.html", {"door": people, "person": person} | _words(people))


def _refused(request: SignedInRequest, occurrence: Occurrence, reason: str) -> HttpResponse:
    """Say why not, on the page as things are now."""
    messages.error(request, reason)
    if not request.htmx:
        return _door_page(request, _my_date(request, occurrence.pk), status=422)
    response = HttpResponse(status=422)
    response["HX-Refresh"] = "true"
    return response


def _door_page(
    request: SignedInRequest, occurrence: Occurrence, form: DoorGuestForm | None = None, status: int = 200
) -> HttpResponse:
    people = door_list.door_list(occurrence, timezone.now(), request.user)
    if form is None:
        form = DoorGuestForm(occurrence.meetup, initial={"known": people.door_added})
    context = {"door": people, "form": form, "opens_at": occurrence.starts_at - actions.OPENS_BEFORE}
    is_partial = request.htmx and status == 200
    template = "meetups/hosting/_door_list.html" if is_partial else "meetups/hosting/door.html"
    return render(request, template, context | _words(people), status=status)


def _close_page(
    request: SignedInRequest, people: door_list.DoorList, form: CloseForm, status: int = 200
) -> HttpResponse:
    return render(request, "meetups/hosting/close.html", {"door": people, "form": form} | _words(people), status=status)


def _words(people: door_list.DoorList) -> dict[str, Any]:
    occurrence = people.occurrence
    return {
        "occurrence": occurrence,
        "meetup": occurrence.meetup,
        "heads": wording.people(occurrence.head_adults or 0, occurrence.head_children or 0),
        "day": wording.day(occurrence.local_date),
        "nearness": wording.nearness(occurrence.local_date, timezone.localdate(people.now)),
        "times": wording.times(occurrence.starts_at, occurrence.ends_at),
    }
