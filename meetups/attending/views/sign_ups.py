"""Signing up for a date and withdrawing, with an account or by the links in mails."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.posting import SEND_AGAIN, post_or_redirect_to, takes_guests
from meetups.attending import tokens
from meetups.attending.actions import signing_up
from meetups.attending.forms import GuestJoinForm, JoinForm
from meetups.attending.views.pages import (
    RESULT_ANCHOR,
    attendance_context,
    clear_draft,
    date_context,
    load_occurrence,
    occurrence_page,
    save_draft,
)
from meetups.capacity import would_wait
from meetups.models import Attendance, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.addresses import get_date_or_404

LINK_STATUS = {Refusal.LINK_EXPIRED: 410, Refusal.LINK_USED: 410, Refusal.LINK_WRONG: 404}


def _join_again(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """Show the form as it was filled in: nobody can tell whether it came from our page, so nothing was done."""
    occurrence = load_occurrence(slug, on, request.user)
    form = JoinForm(request.POST) if request.user.is_authenticated else GuestJoinForm(request.POST)
    form.add_error(None, Refusal.MOVED.label if occurrence.planned_for != on else SEND_AGAIN)
    return occurrence_page(request, occurrence, form, status=403)


@login_not_required
@takes_guests(_join_again)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """Sign up or change a sign-up; guests get a link to confirm."""
    occurrence = load_occurrence(slug, on, request.user)
    if request.method != "POST":  # for example after signing in
        return redirect(occurrence)
    if "sign_in" in request.POST:
        return _sign_in_first(request, occurrence)
    if occurrence.planned_for != on:  # the date was moved after the form was opened
        form = JoinForm(request.POST) if request.user.is_authenticated else GuestJoinForm(request.POST)
        return _refused(request, occurrence, form, CannotDo(Refusal.MOVED))
    if not request.user.is_authenticated:
        return _join_as_guest(request, occurrence)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return occurrence_page(request, occurrence, form, status=422)
    try:
        signing_up.join(
            occurrence=occurrence, user=request.user, party=form.party(), language=get_language(), now=timezone.now()
        )
    except CannotDo as refusal:
        return _refused(request, occurrence, form, refusal)
    clear_draft(request)
    return redirect(occurrence.get_absolute_url() + RESULT_ANCHOR)


def _join_as_guest(request: HttpRequest, occurrence: Occurrence) -> HttpResponse:
    form = GuestJoinForm(request.POST)
    if not form.is_valid():
        return occurrence_page(request, occurrence, form, status=422)
    if not limits.may_request_mail(request, None):
        form.add_error(
            None, gettext("Very many people are signing up from this connection. Wait a minute, and try again.")
        )
        return _with_retry_after(occurrence_page(request, occurrence, form, status=429), 60)
    if not limits.may_mail("sign-up of a guest", form.cleaned_data["email"]):
        # The same answer whatever happened to the earlier requests, to reveal nothing about them.
        refused = _refused(request, occurrence, form, CannotDo(Refusal.TOO_OFTEN), status=429)
        return _with_retry_after(refused, limits.HOUR)
    person = {name: form.cleaned_data[name] for name in ("first_name", "email")}
    try:
        signing_up.sign_up_as_guest(
            occurrence=occurrence, party=form.party(), language=get_language(), **person, now=timezone.now()
        )
    except CannotDo as refusal:
        return _refused(request, occurrence, form, refusal)
    context = {"occurrence": occurrence, "meetup": occurrence.meetup, "email": person["email"]}
    return render(request, "meetups/attending/guest_asked.html", context | date_context(occurrence, timezone.now()))


def _with_retry_after(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response


def _refused(
    request: HttpRequest, occurrence: Occurrence, form: JoinForm, refusal: CannotDo, status: int = 422
) -> HttpResponse:
    """Show the page with current data and the reason."""
    fresh = load_occurrence(occurrence.meetup.slug, occurrence.planned_for, request.user)
    form.add_error("adults" if refusal.refusal == Refusal.TOO_MANY else None, str(refusal))
    return occurrence_page(request, fresh, form, status=status)


def _sign_in_first(request: HttpRequest, occurrence: Occurrence) -> HttpResponse:
    """Save the valid fields as a draft and redirect to the sign-in page."""
    form = JoinForm(request.POST)
    form.is_valid()
    save_draft(request, occurrence, form.cleaned_data)
    sign_in = reverse("account_request_login_code")
    return redirect(f"{sign_in}?{urlencode({'next': occurrence.get_absolute_url() + RESULT_ANCHOR})}")


@post_or_redirect_to("occurrence", "slug", "on")
def withdraw(request: HttpRequest, slug: str, on: date) -> HttpResponse:
    """Withdraw; joining again undoes it. Also while the meetup is not shown."""
    occurrence = get_date_or_404(Occurrence.objects.select_related("meetup", "location"), slug, on)
    is_visible = occurrence.meetup.is_visible_to(request.user)
    try:
        mine = Attendance.objects.filter(occurrence=occurrence).of(request.user).live_first().first()
        if mine is None:
            if not is_visible:
                raise Http404
            raise CannotDo(Refusal.NOT_SIGNED_UP)
        signing_up.withdraw(attendance=mine, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return redirect(occurrence.get_absolute_url() + "#messages" if is_visible else "my")
    if not is_visible:
        messages.success(request, gettext("You are not coming any more. Thank you for letting us know."))
        return redirect("my")
    return redirect(occurrence.get_absolute_url() + RESULT_ANCHOR)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in the mail; its button confirms the sign-up."""
    return _link_page(request, token, "confirm")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the "I cannot come" link in every mail; its button withdraws, and then undoes that."""
    return _link_page(request, token, "withdraw")


def _link_page(request: HttpRequest, token: str, purpose: str) -> HttpResponse:
    refusal = None
    try:
        attendance = _attendance_of(token, purpose)
    except CannotDo as error:
        context = {"refusal": error, "again_url": error.again_url if isinstance(error, LinkUsed) else ""}
        return render(request, "meetups/attending/link_refused.html", context, status=LINK_STATUS[error.refusal])
    if request.method == "POST":
        action = signing_up.confirm_guest if purpose == "confirm" else signing_up.withdraw
        if purpose == "withdraw" and "back" in request.POST:
            action = signing_up.undo_withdrawal
        try:
            action(attendance=attendance, now=timezone.now())
        except CannotDo as error:
            refusal = error
            attendance = Attendance.objects.filter(pk=attendance.pk).first() or attendance
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = _link_context(attendance) | {
        "token": token,
        "purpose": purpose,
        "refusal": refusal,
        "is_already": attendance.user is not None and attendance.pk != tokens.read(purpose, token),
    }
    return render(request, "meetups/attending/by_link.html", context, status=422 if refusal else 200)


def _attendance_of(token: str, purpose: str) -> Attendance:
    rows = Attendance.objects.select_related("user", "occurrence__meetup", "occurrence__location__municipality")
    rows = rows.with_waiting_list()
    attendance = rows.filter(pk=tokens.read(purpose, token)).first()
    if attendance is None and (other := tokens.find_same_person(purpose, token)):
        attendance = rows.filter(pk=other.pk).first()
    if attendance is None:  # unconfirmed and expired, or erased on request
        raise CannotDo(Refusal.LINK_EXPIRED)
    if purpose == "confirm" and is_link_used(attendance, token):
        raise LinkUsed(attendance)
    return attendance


class LinkUsed(CannotDo):
    """The link was used, and the sign-up was withdrawn since."""

    def __init__(self, attendance: Attendance) -> None:
        super().__init__(Refusal.LINK_USED)
        self.again_url = attendance.occurrence.get_absolute_url() if attendance.occurrence.meetup.is_shown else ""


def is_link_used(attendance: Attendance, token: str) -> bool:
    """Whether this person withdrew after the confirmation link was sent; only a new sign-up helps then."""
    was_before = tokens.issued_at(token) < int(attendance.created_at.timestamp())
    return attendance.state == Attendance.State.WITHDRAWN or (
        attendance.state == Attendance.State.UNCONFIRMED and was_before
    )


def _link_context(attendance: Attendance) -> dict[str, Any]:
    occurrence = attendance.occurrence
    now = timezone.now()
    refusal = occurrence.refusal(now)
    can_sign_up = attendance.state in {Attendance.State.UNCONFIRMED, Attendance.State.WITHDRAWN}
    not_now = occurrence.sign_up_refusal(now) if refusal is None and can_sign_up else None
    return {
        "occurrence": occurrence.without_hidden_texts(),
        "meetup": occurrence.meetup,
        "location": occurrence.location,
        "is_open": refusal is None,
        "not_now": not_now and not_now.label,
        "is_over": occurrence.is_done(now),
        "will_wait": refusal is None and can_sign_up and would_wait(attendance),
        "withdraw_url": reverse("guest_withdraw", args=[tokens.make("withdraw", attendance)]),
        **date_context(occurrence, now),
        **attendance_context(attendance),
    }
