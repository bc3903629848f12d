"""Pages for those who started an idea: choosing a day and a place, asking the place, beginning; and the invitation."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives import plan_notices, plans, tokens, wording
from initiatives.models import Initiative, PlaceContact, PlaceRequest, Support
from initiatives.moments import name as moment_name
from initiatives.planning import actions, beginning
from initiatives.planning.forms import AskForm, InvitedForm, PlanForm, initial_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part.page import numbers, suiting
from meetups import capacity as seats
from meetups import wording as meetup_wording
from meetups.models import Attendance, Occurrence
from meetups.refusals import CannotDo as CannotSignUp
from meetups.refusals import Refusal as SignUpRefusal
from moderation.refusals import CannotDo as HeldBack

LINK_STATUS = {Refusal.LINK_EXPIRED: 410, Refusal.LINK_WRONG: 404}
RESULT_ANCHOR = "#answer"
STEP_ANCHOR = "#step"


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the published idea if this user started it, else raise Http404."""
    mine = (
        Initiative.objects.of(request.user)
        .published()
        .select_related("municipality", "wished_place", "meetup", "existing")
    )
    return get_object_or_404(mine, slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_plan(request: SignedInRequest, slug: str) -> HttpResponse:
    """Choose a day and a place; "check" only shows which places are not taken then."""
    idea, now = _my_idea(request, slug), timezone.now()
    plan = plans.plan_of(idea)
    if request.method != "POST":
        initial = initial_of(idea, plan, request.GET.get("moment", ""), timezone.localdate(now))
        return _plan_page(request, idea, PlanForm(initial=initial, initiative=idea, now=now))
    form = PlanForm(request.POST, initiative=idea, now=now)
    is_valid = form.is_valid()
    if "check" in request.POST or not is_valid:
        return _plan_page(request, idea, form, status=200 if is_valid else 422)
    try:
        actions.choose(initiative=idea, by=request.user, now=now, **form.fields_to_save())
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return _plan_page(request, idea, form, status=422)
    messages.success(request, gettext("Saved. Everyone who takes part hears it if the day or the place changed."))
    return redirect(idea.get_absolute_url() + STEP_ANCHOR)


def _plan_page(request: SignedInRequest, idea: Initiative, form: PlanForm, status: int = 200) -> HttpResponse:
    plan = plans.plan_of(idea)
    scheduled = form.scheduled() if form.is_bound else plan
    places = list(plans.places_for(idea))
    context = {
        "initiative": idea,
        "town": idea.municipality,
        "form": form,
        "suiting": [(code, moment_name(code), number) for code, number in suiting(idea)],
        "wished": ", ".join(filter(None, [idea.meets_when, wording.where(idea)])),
        "candidates": plans.candidates(places, scheduled, idea, now=form.now) if scheduled else [],
        "days": form.plan.days[:12] if form.plan else [],
        "has_no_place": not places,
        "asked": plans.request_of(idea),
        "refusal": Refusal.ALREADY_RUNS.label if idea.meetup_id else "",
    }
    return render(request, "initiatives/plan.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_ask_place(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask the place by mail."""
    idea, now = _my_idea(request, slug), timezone.now()
    plan = plans.plan_of(idea)
    if plan is None or plan.place is None:
        messages.error(request, str((Refusal.NO_PLACE if plan else Refusal.NO_DAY).label))
        return redirect("initiative_plan", slug)
    people = numbers(idea)
    form = AskForm(request.POST or None, initial={"adults": max(people["adults"], 1), "children": people["children"]})
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.ask_place(initiative=idea, by=request.user, now=now, **form.cleaned_data)
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _who_was_asked(asked))
            return redirect(idea.get_absolute_url() + STEP_ANCHOR)
    context = {
        "initiative": idea,
        "town": idea.municipality,
        "form": form,
        "place": plan.place,
        "when": wording.schedule_in_words(plan),
        "has_contact": PlaceContact.objects.filter(location=plan.place).exists(),
    }
    return render(request, "initiatives/ask_place.html", context, status=422 if request.method == "POST" else 200)


def _who_was_asked(asked: PlaceRequest) -> str:
    role = next((role for role, _to in plan_notices.people_to_ask(asked)), "")
    if role == "place":
        return gettext("The place gets an email with your question. You hear it as soon as it answers.")
    return gettext(
        "We have no address for this place yet. So we asked the people who look after your town to pass it on."
    )


@post_or_redirect_to("initiative", "slug")
def initiative_offer(request: SignedInRequest, slug: str) -> HttpResponse:
    """Choose the moment that the place offered, or say that it does not suit."""
    idea, now = _my_idea(request, slug), timezone.now()
    try:
        if "accept" in request.POST:
            actions.accept_offer(initiative=idea, by=request.user, now=now)
            messages.success(request, gettext("Chosen. The place hears it, and so does everyone who takes part."))
        else:
            actions.refuse_offer(initiative=idea, by=request.user, now=now)
            messages.success(request, gettext("The place hears that this does not suit. Choose another day or place."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect(idea.get_absolute_url() + STEP_ANCHOR)


@post_or_redirect_to("initiative", "slug")
def initiative_begin(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin: make the meetup and invite everyone."""
    idea = _my_idea(request, slug)
    try:
        meetup = beginning.begin(initiative=idea, by=request.user, now=timezone.now())
    except (CannotDo, HeldBack) as refusal:
        messages.error(request, str(refusal))
    else:
        if meetup.is_shown:
            messages.success(request, gettext("It has begun! Everyone who takes part gets an invitation."))
        else:
            said = gettext("It has begun! Someone looks at the text first. Then everyone gets an invitation.")
            messages.success(request, said)
    return redirect(idea.get_absolute_url() + STEP_ANCHOR)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_first_date(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in an invitation; its button signs up for the first date."""
    now = timezone.now()
    try:
        support, people = _invited(token)
    except CannotDo as refused:
        status = LINK_STATUS[refused.refusal]
        return render(request, "initiatives/link_refused.html", {"refusal": refused}, status=status)
    is_another = request.user.is_authenticated and bool(people) and request.user.email != people[0].email
    first = beginning.first_date(support.initiative, now=now)
    mine = _own_sign_up(first, support)
    form = InvitedForm(
        request.POST if request.method == "POST" else None, initial=_numbers(support, people, mine, first)
    )
    if request.method == "POST" and not is_another and form.is_valid():
        on = form.cleaned_data["date"] or datetime.date.min
        try:
            beginning.join(support=support, on=on, party=form.party(), now=now)
        except (CannotDo, CannotSignUp) as refusal:
            field = "adults" if refusal.refusal == SignUpRefusal.TOO_MANY else None
            form.add_error(field, str(refusal))
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = {
        "initiative": support.initiative.without_hidden_texts(),
        "is_public": support.initiative.is_public,
        "meetup": support.initiative.meetup,
        "names": beginning.name_of(people) if people else support.first_name,
        "people": people,
        "is_another": is_another,
        "form": form,
        "mine": mine,
        **_date_in_words(first, mine),
    }
    is_refused = request.method == "POST"
    return render(request, "initiatives/first_date.html", context, status=422 if is_refused else 200)


def _invited(token: str) -> tuple[Support, list[Support]]:
    """Return the commitment in the link, and all who were invited with it; in one query."""
    pk = tokens.read_for_first_date(token)
    rows = Support.objects.select_related("user", "initiative__municipality", "initiative__meetup__location")
    everyone = list(rows.filter(initiative__supports=pk).order_by("asked_at", "pk"))
    support = next((row for row in everyone if row.pk == pk), None)
    if support is None or support.initiative.meetup is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    return support, beginning.with_address_of(support, everyone)


def _own_sign_up(first: Occurrence | None, support: Support) -> Attendance | None:
    """Return the sign-up for the first date of who was invited; None while there is none."""
    if first is None:
        return None
    return Attendance.objects.filter(occurrence=first).of_email(support.email).live_first().first()


def _numbers(
    support: Support, people: list[Support], mine: Attendance | None, first: Occurrence | None
) -> dict[str, Any]:
    filled_in: dict[str, Any] = {"date": first.planned_for if first else None}
    if mine is not None:
        return filled_in | {name: getattr(mine, name) for name in InvitedForm.NUMBERS}
    return filled_in | beginning.numbers_of(people, support.initiative.age_bands)


def _date_in_words(first: Occurrence | None, mine: Attendance | None) -> dict[str, Any]:
    if first is None:
        return {"first": None}
    return {
        "first": first,
        "day": meetup_wording.day_with_year(first.local_date),
        "times": meetup_wording.times(first.starts_at, first.ends_at),
        "is_full": mine is None and seats.is_full(first),
        "party": meetup_wording.party(mine.adults, mine.children) if mine else "",
    }
