"""Pages for hosts and coordinators: making and changing meetups and their dates. Never a name of who comes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.posting import posted_from
from accounts.requests import SignedInRequest
from meetups import permissions, wording
from meetups.managing import audiences, date_summaries
from meetups.managing.actions import planning
from meetups.managing.date_summaries import describe, with_counts
from meetups.managing.forms.dates import OccurrenceForm, ReasonForm
from meetups.managing.forms.meetups import MeetupForm
from meetups.models import Host, Meetup, Occurrence
from meetups.refusals import CannotDo
from meetups.schedule.addresses import get_date_or_404, to_new_address
from meetups.schedule.recurrence import Preview
from meetups.schedule.rhythms import rhythm_in_words


@require_safe
@never_cache
def manage(request: SignedInRequest) -> HttpResponse:
    """The meetups that this user may change, each with its next date."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    now = timezone.now()
    following = Occurrence.objects.joinable(now).filter(meetup=OuterRef("pk"))
    meetups = list(
        Meetup.objects.managed_by(request.user)
        .select_related("location__municipality")
        .prefetch_related(Prefetch("hosts", queryset=Host.objects.select_related("user")))
        .annotate(next_pk=Subquery(following.values("pk")[:1]))
        .order_by("status", "title", "pk")
    )
    hosted = date_summaries.hosted_by(request.user)
    dates = with_counts(Occurrence.objects.filter(pk__in=[meetup.next_pk for meetup in meetups])).in_bulk()
    cards = [
        {
            "meetup": meetup,
            "rhythm": rhythm_in_words(meetup),
            "hosts": ", ".join(host.user.first_name for host in meetup.hosts.all()),
            "next": describe(dates[meetup.next_pk], now, is_host=meetup.pk in hosted)
            if meetup.next_pk in dates
            else None,
        }
        for meetup in meetups
    ]
    context = {
        "cards": cards,
        "to_close": date_summaries.to_close(meetups, now, hosted=hosted),
        "can_create": permissions.can_create_anywhere(request.user),
        "towns": permissions.towns_to_arrange(request.user).by_name(),
    }
    return render(request, "meetups/managing/manage.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_new(request: SignedInRequest) -> HttpResponse:
    """Make a meetup: look at the dates first, then save."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    now = timezone.now()
    if request.method != "POST":
        return _meetup_page(request, MeetupForm(user=request.user, now=now))
    form = MeetupForm(request.POST, user=request.user, now=now)
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _preview_page(request, form)
    if not is_valid:
        return _meetup_page(request, form, status=422)
    meetup = planning.create_meetup(by=request.user, now=now, hosts=form.chosen_hosts() or [], **form.model_fields())
    messages.success(request, gettext("Saved. These are the dates."))
    return redirect("meetup_edit", meetup.slug)


@posted_from("meetup_new")
def meetup_preview(request: SignedInRequest) -> HttpResponse:
    """The dates that a half-filled form would give, for the part of the page that shows them."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    meetup = None
    if slug := request.POST.get("slug", "").replace("\0", ""):
        meetup = _my_meetup(request, slug)
    form = MeetupForm(request.POST, user=request.user, now=timezone.now(), meetup=meetup)
    form.is_valid()
    if request.htmx:
        return render(request, "meetups/managing/_date_preview.html", _plan_context(form))
    return _preview_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """One meetup: its coming dates, and everything that can be changed."""
    meetup = _my_meetup(request, slug)
    now = timezone.now()
    if request.method != "POST":
        return _meetup_page(request, MeetupForm(user=request.user, now=now, meetup=meetup))
    form = MeetupForm(request.POST, user=request.user, now=now, meetup=meetup)
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _preview_page(request, form)
    if not is_valid:
        return _meetup_page(request, form, status=422)
    hearing = _hearing(form)
    if hearing["is_told"] and request.POST.get("hearing") != hearing["hearing"]:
        return _meetup_page(request, form, is_asking=True)  # whoever saves it has seen how many people hear of it
    outcome = planning.change_meetup(
        meetup=meetup,
        now=now,
        hosts=form.chosen_hosts(),
        also_signed_up=form.cleaned_data["also_signed_up"],
        **form.model_fields(),
    )
    messages.success(request, _outcome_words(outcome))
    return redirect("meetup_edit", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_end(request: SignedInRequest, slug: str) -> HttpResponse:
    """End a meetup; dates with people on them are cancelled and they are told why."""
    meetup = _my_meetup(request, slug)
    now = timezone.now()
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        planning.end_meetup(meetup=meetup, reason=form.cleaned_data["reason"], by=request.user, now=now)
        messages.success(request, gettext("This meetup has ended. Everyone who signed up gets an email."))
        return redirect("meetup_edit", slug)
    is_host = meetup.pk in date_summaries.hosted_by(request.user)
    coming = with_counts(planning.dates_to_end(meetup, now)).order_by("starts_at", "pk") if is_host else ()
    dates = [describe(occurrence, now, is_host=True) for occurrence in coming if occurrence.live]
    audience = audiences.of_end(meetup=meetup, now=now).audience()
    status = 422 if request.method == "POST" else 200
    context = {
        "meetup": meetup,
        "form": form,
        "is_host": is_host,
        "dates": dates,
        "hearing": date_summaries.who_hears(audience, is_host=is_host),
    }
    return render(request, "meetups/managing/meetup_end.html", context, status=status)


@posted_from("meetup_edit", "slug")
def meetup_resume(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let an ended meetup run again."""
    planning.resume_meetup(meetup=_my_meetup(request, slug), now=timezone.now())
    messages.success(
        request, gettext("This meetup has started again. Look at the dates: cancelled ones stay cancelled.")
    )
    return redirect("meetup_edit", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def occurrence_edit(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """One date: change its time, place, theme or number of places."""
    occurrence = _my_date(request, slug, on)
    now = timezone.now()
    if request.method != "POST" and occurrence.planned_for != on:
        return to_new_address(reverse("occurrence_edit", args=[slug, occurrence.planned_for]))
    if request.method != "POST":
        return _date_page(request, occurrence, now)
    form = OccurrenceForm(occurrence, request.POST, now=now)
    if not form.is_valid():
        return _date_page(request, occurrence, now, form=form, status=422)
    before = (occurrence.starts_at, occurrence.ends_at, occurrence.location_id)
    try:
        changed = planning.move_occurrence(occurrence=occurrence, by=request.user, now=now, **form.cleaned_data)
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return _date_page(request, _my_date(request, slug, on), now, form=form, status=422)
    if (changed.starts_at, changed.ends_at, changed.location_id) != before:
        messages.success(request, gettext("Saved. Everyone who signed up gets an email."))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("occurrence_edit", slug, on)


@posted_from("occurrence_edit", "slug", "on")
@never_cache
def occurrence_cancel(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Cancel a date, with the reason that people will read."""
    occurrence = _my_date(request, slug, on)
    now = timezone.now()
    reasons = ReasonForm(request.POST)
    if not reasons.is_valid():
        return _date_page(request, occurrence, now, reasons=reasons, status=422)
    try:
        planning.cancel_occurrence(
            occurrence=occurrence, reason=reasons.cleaned_data["reason"], by=request.user, now=now
        )
    except CannotDo as refusal:
        reasons.add_error(None, str(refusal))
        return _date_page(request, _my_date(request, slug, on), now, reasons=reasons, status=422)
    messages.success(request, gettext("This date is cancelled. Everyone who signed up gets an email."))
    return redirect("occurrence_edit", slug, on)


@posted_from("occurrence_edit", "slug", "on")
def occurrence_restore(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Let a cancelled date go on after all."""
    occurrence = _my_date(request, slug, on)
    try:
        planning.restore_occurrence(occurrence=occurrence, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return _date_page(request, occurrence, timezone.now(), status=422)
    messages.success(request, gettext("This date is on after all. Everyone who signed up gets an email."))
    return redirect("occurrence_edit", slug, on)


@posted_from("meetup_edit", "slug")
def occurrence_keep(request: SignedInRequest, slug: str, on: date) -> HttpResponse:
    """Leave a date as it is, although the rhythm has changed."""
    planning.keep_occurrence(occurrence=_my_date(request, slug, on))
    messages.success(request, gettext("This date stays as it is."))
    return redirect("meetup_edit", slug)


def _my_meetup(request: SignedInRequest, slug: str) -> Meetup:
    """The meetup, if this user may change it; for anyone else it does not exist."""
    mine = Meetup.objects.managed_by(request.user).select_related("location__municipality")
    return get_object_or_404(mine, slug=slug)


def _my_date(request: SignedInRequest, slug: str, on: date) -> Occurrence:
    mine = Meetup.objects.managed_by(request.user).values("pk")
    dates = Occurrence.objects.select_related("meetup__location__municipality", "location__municipality")
    return get_date_or_404(with_counts(dates.filter(meetup__in=mine)), slug, on)


@dataclass(frozen=True)
class PlanDay:
    """One line of the dates that a form would give."""

    on: date
    words: str
    reason: str | None


def _plan_context(form: MeetupForm) -> dict[str, Any]:
    plan: Preview | None = form.plan
    days = [PlanDay(day.on, wording.day_with_year(day.on), day.closed) for day in plan.days] if plan else []
    hearing = _hearing(form) if form.is_bound and form.meetup is not None and form.is_valid() else {}
    is_unchanged = form.is_bound and form.meetup is not None and plan is None and form.rule is not None
    return {
        "form": form,
        "days": days,
        "open_days": sum(1 for day in days if not day.reason),
        "skipped_days": sum(1 for day in days if day.reason),
        "goes_on": bool(plan and plan.goes_on),
        "is_asked": form.is_bound,
        **hearing,
        "is_unchanged": is_unchanged,
        "schedule_errors": [
            (field.label, error)
            for field in form
            if field.name in {"rhythm", "every", "nth", "weekdays", "until", "count", "ending", "skip_public_holidays"}
            or field.name in {"first_on", "start_time", "end_time"}
            for error in field.errors
        ],
    }


def _hearing(form: MeetupForm) -> dict[str, Any]:
    """Whether people hear of it when this valid form about a meetup is saved, and who, in words."""
    meetup: Any = form.meetup
    also_signed_up = form.cleaned_data["also_signed_up"]
    news = audiences.of_change(meetup=meetup, now=form.now, also_signed_up=also_signed_up, **form.model_fields())
    audience = news.audience()
    words = date_summaries.who_hears(audience, is_host=meetup.pk in date_summaries.hosted_by(form.user))
    return {"is_told": audience.people > 0, "hearing": words}


def _preview_page(request: SignedInRequest, form: MeetupForm) -> HttpResponse:
    """The form again, with the dates; questions about anything else can wait until it is saved."""
    return _meetup_page(request, form, status=422 if _plan_context(form)["schedule_errors"] else 200, is_preview=True)


def _meetup_page(
    request: SignedInRequest,
    form: MeetupForm,
    status: int = 200,
    *,
    is_preview: bool = False,
    is_asking: bool = False,
) -> HttpResponse:
    shown = {"is_preview": is_preview, "is_asking": is_asking}
    context = {"form": form, "meetup": form.meetup} | shown | _plan_context(form)
    if form.meetup is None:
        return render(request, "meetups/managing/meetup_new.html", context, status=status)
    saved = _my_meetup(request, form.meetup.slug)
    is_host = saved.pk in date_summaries.hosted_by(request.user)
    rows = list(with_counts(Occurrence.objects.coming(form.now).filter(meetup=saved)))
    off = planning.out_of_step(saved, rows, timezone.localdate(form.now))
    dates = [describe(row, form.now, is_host=is_host) for row in rows]
    context |= {
        "meetup": saved,
        "rhythm": rhythm_in_words(saved),
        "dates": [row for row in dates if row["occurrence"].pk not in off],
        "off_dates": [row for row in dates if row["occurrence"].pk in off],
        "is_ended": saved.status == Meetup.Status.ENDED,
    }
    return render(request, "meetups/managing/meetup_edit.html", context, status=status)


def _date_page(
    request: SignedInRequest,
    occurrence: Occurrence,
    now: datetime,
    *,
    form: OccurrenceForm | None = None,
    reasons: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_over = occurrence.is_done(now)
    off = planning.out_of_step(occurrence.meetup, [occurrence], timezone.localdate(now))
    is_host = occurrence.meetup_id in date_summaries.hosted_by(request.user)
    counts = describe(occurrence, now, is_host=is_host)
    people = audiences.of_dates(occurrence).audience().people if is_host else None
    context = {
        "meetup": occurrence.meetup,
        "occurrence": occurrence,
        "counts": counts,
        "day": counts["day"],
        "times": counts["times"],
        "is_over": is_over,
        "is_off": bool(off) and not is_over,
        "form": form or OccurrenceForm(occurrence, now=now),
        "reasons": reasons or ReasonForm(),
        "is_host": is_host,
        "hearing": _people_hear(people),
    }
    return render(request, "meetups/managing/occurrence_edit.html", context, status=status)


def _people_hear(people: int | None) -> str:
    """How many people get a mail when a date is cancelled or moved; None: who reads it may not know how many come."""
    if people is None:
        return gettext("Everyone who signed up gets an email.")
    if not people:
        return gettext("Nobody has signed up, so nobody gets an email.")
    return ngettext("{people} person gets an email.", "{people} people get an email.", people).format(people=people)


def _outcome_words(outcome: planning.Reconciliation) -> str:
    """What saving did to the dates, in a few short sentences."""
    words = [gettext("Saved.")]
    created, moved, removed = len(outcome.created), len(outcome.moved), len(outcome.removed)
    if created:
        words.append(ngettext("{number} new date.", "{number} new dates.", created).format(number=created))
    if moved:
        words.append(ngettext("{number} date changed.", "{number} dates changed.", moved).format(number=moved))
    if removed:
        words.append(ngettext("{number} date removed.", "{number} dates removed.", removed).format(number=removed))
    kept = len(outcome.kept_with_sign_ups)
    if kept:
        words.append(
            ngettext(
                "{number} date stays as it was, because people signed up for it. Look at it below.",
                "{number} dates stay as they were, because people signed up for them. Look at them below.",
                kept,
            ).format(number=kept)
        )
    return " ".join(words)
