"""Pages for hosts and coordinators to change one date, without names of attendees."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from meetups.managing import contexts
from meetups.managing.actions import single_dates
from meetups.managing.date_summaries import with_counts
from meetups.managing.forms.dates import OccurrenceForm, ReasonForm
from meetups.models import Meetup, Occurrence
from meetups.moderated import DATE
from meetups.news import snapshot_of
from meetups.refusals import CannotDo
from meetups.schedule.addresses import get_date_or_404, redirect_to_current_url
from moderation.marks import mark_for


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def occurrence_edit(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Change the time, location, theme or capacity of one date."""
    occurrence = _my_date(request, slug, on)
    now = timezone.now()
    if request.method != "POST" and occurrence.planned_for != on:
        return redirect_to_current_url(reverse("occurrence_edit", args=[slug, occurrence.planned_for]))
    if request.method != "POST":
        return _date_page(request, occurrence, now)
    form = OccurrenceForm(occurrence, request.POST, now=now)
    if not form.is_valid():
        return _date_page(request, occurrence, now, form=form, status=422)
    before = snapshot_of(occurrence)
    try:
        changed = single_dates.move_occurrence(occurrence=occurrence, by=request.user, now=now, **form.cleaned_data)
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return _date_page(request, _my_date(request, slug, on), now, form=form, status=422)
    is_moved = snapshot_of(changed) != before
    messages.success(
        request, gettext("Saved. Everyone who signed up gets an email.") if is_moved else gettext("Saved.")
    )
    if changed.theme != form.cleaned_data["theme"]:
        messages.info(request, gettext("Someone looks at your theme first. Then everyone can see it."))
    return redirect("occurrence_edit", slug, on)


@post_or_redirect_to("occurrence_edit", "slug", "on")
@never_cache
def occurrence_cancel(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Cancel a date, with a reason for the people who signed up."""
    occurrence = _my_date(request, slug, on)
    now = timezone.now()
    reasons = ReasonForm(request.POST)
    if not reasons.is_valid():
        return _date_page(request, occurrence, now, reasons=reasons, status=422)
    try:
        reason = reasons.cleaned_data["reason"]
        cancelled = single_dates.cancel_occurrence(occurrence=occurrence, reason=reason, by=request.user, now=now)
    except CannotDo as refusal:
        reasons.add_error(None, str(refusal))
        return _date_page(request, _my_date(request, slug, on), now, reasons=reasons, status=422)
    messages.success(request, gettext("This date is cancelled. Everyone who signed up gets an email."))
    if not cancelled.cancel_reason:
        messages.info(request, contexts.REASON_WAITS)
    return redirect("occurrence_edit", slug, on)


@post_or_redirect_to("occurrence_edit", "slug", "on")
def occurrence_restore(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Undo the cancellation of a date."""
    occurrence = _my_date(request, slug, on)
    try:
        single_dates.restore_occurrence(occurrence=occurrence, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return _date_page(request, occurrence, timezone.now(), status=422)
    messages.success(request, gettext("This date is on after all. Everyone who signed up gets an email."))
    return redirect("occurrence_edit", slug, on)


@post_or_redirect_to("meetup_edit", "slug")
def occurrence_keep(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Keep a date as it is, although the rule has changed."""
    single_dates.keep_occurrence(occurrence=_my_date(request, slug, on))
    messages.success(request, gettext("This date stays as it is."))
    return redirect("meetup_edit", slug)


def _my_date(request: SignedInRequest, slug: str, on: date) -> Occurrence:
    mine = Meetup.objects.managed_by(request.user).values("pk")
    dates = Occurrence.objects.select_related("meetup__location__municipality", "location__municipality")
    return get_date_or_404(with_counts(dates.filter(meetup__in=mine)), slug, on)


def _date_page(
    request: SignedInRequest,
    occurrence: Occurrence,
    now: datetime,
    *,
    form: OccurrenceForm | None = None,
    reasons: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    # Before the form is made, because it puts the texts that wait on the date.
    mark = mark_for(request.user, DATE, occurrence, now=now)
    context = contexts.date_to_edit(occurrence, request.user, now) | {
        "mark": mark,
        "form": form or OccurrenceForm(occurrence, now=now),
        "reasons": reasons or ReasonForm(),
    }
    return render(request, "meetups/managing/occurrence_edit.html", context, status=status)
