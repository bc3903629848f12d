"""Choosing a day and a place, asking the place, and what becomes of another moment that it offers.

Every action locks the row of the Initiative before deciding anything, and then that of the place.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from initiatives import changes, consent, history, plan_notices, plans
from initiatives.models import AgreedSlot, Initiative, PlaceContact, PlaceRequest, Plan, Scheduled
from initiatives.permissions import parts_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Step
from locations.models import Location
from page_cache import versions

State = PlaceRequest.State


@transaction.atomic
def choose(
    *, initiative: Initiative, by: User, place: Location | None, capacity: int | None, now: datetime, **schedule: Any
) -> Plan:
    """Choose a day and perhaps a place. Idempotent: choosing the same again changes nothing.

    Another day, hours, rhythm or place voids the consent of the place and asks again. Who takes part hears what it was
    and what it is now. Raises CannotDo with ALREADY_RUNS, NOT_YOURS, NOT_IN_THIS_STAGE or
    DOES_NOT_FIT.
    """
    initiative = history.lock(initiative.pk)
    if initiative.meetup_id is not None:
        raise CannotDo(Refusal.ALREADY_RUNS)
    before = changes.snapshot(initiative)
    plan = plans.plan_of(initiative)
    new = Plan(initiative=initiative, place=place, capacity=capacity, chosen_at=now, **schedule)
    if not plans.fits(initiative, new):
        raise CannotDo(Refusal.DOES_NOT_FIT)
    if plan is not None and plan.place == new.place and plan.is_at_same_time_as(new):
        history.check_step(initiative, Step.PLANNED, parts=parts_of(by, initiative))
        plan.capacity = capacity
        plan.save(update_fields=["capacity"])
        initiative.touch(now)
        initiative.save(update_fields=["active_at"])
        return plan
    history.take_step(initiative, Step.PLANNED, parts=parts_of(by, initiative), by=by, now=now)
    new.pk = plan.pk if plan is not None else None
    new.save()
    earlier = plans.request_of(initiative)
    asks_again = consent.void(initiative, by=by, now=now, next_place=place)
    if asks_again and earlier is not None and place is not None and plans.needs_consent(initiative, new):
        question = {name: getattr(earlier, name) for name in ("adults", "children", "expected")}
        with suppress(CannotDo):  # nobody to ask there: the page says so
            _ask(initiative, new, by=by, now=now, again=True, **question)
    consent.settle(initiative, by=by, now=now)
    _save(initiative)
    if initiative.is_public:
        changes.announce(initiative, before, now=now)
    return new


@transaction.atomic
def ask_place(
    *, initiative: Initiative, by: User, adults: int, children: int, expected: str, now: datetime
) -> PlaceRequest:
    """Ask the place whether it agrees to the plan. Idempotent: a question that waits or was agreed to is returned.

    Raises CannotDo with NOT_YOURS, NOT_IN_THIS_STAGE, ALREADY_RUNS, NOT_PUBLIC, NO_DAY, DAY_PASSED, NO_PLACE,
    NO_CONSENT_NEEDED, PLACE_SAID_NO or NOBODY_TO_ASK.
    """
    initiative = history.lock(initiative.pk)
    if initiative.meetup_id is not None:
        raise CannotDo(Refusal.ALREADY_RUNS)
    history.check_step(initiative, Step.ASKED, parts=parts_of(by, initiative))
    if not initiative.is_public:
        raise CannotDo(Refusal.NOT_PUBLIC)
    plan = check_day(initiative, now=now)
    if not plans.needs_consent(initiative, plan):
        raise CannotDo(Refusal.NO_CONSENT_NEEDED)
    if plan.place is None:
        raise CannotDo(Refusal.NO_PLACE)
    earlier = plans.request_of(initiative)
    if earlier is not None and earlier.state not in consent.WAITS_OR_AGREED:
        raise CannotDo(Refusal.PLACE_SAID_NO)
    if earlier is not None:
        return earlier
    request = _ask(initiative, plan, by=by, now=now, adults=adults, children=children, expected=expected)
    _save(initiative)
    return request


def check_day(initiative: Initiative, *, now: datetime) -> Plan:
    """Return the plan; raise CannotDo with NO_DAY, or DAY_PASSED when none of its dates is still to come."""
    plan = plans.plan_of(initiative)
    if plan is None:
        raise CannotDo(Refusal.NO_DAY)
    if plans.first_span(plan, initiative.municipality, now=now) is None:
        raise CannotDo(Refusal.DAY_PASSED)
    return plan


def _ask(
    initiative: Initiative, plan: Plan, *, by: User, now: datetime, again: bool = False, **question: Any
) -> PlaceRequest:
    schedule = {name: getattr(plan, name) for name in Scheduled.SCHEDULE}
    request = PlaceRequest(initiative=initiative, place=plan.place, asked_by=by, asked_at=now, **schedule, **question)
    if not plan_notices.people_to_ask(request):
        raise CannotDo(Refusal.NOBODY_TO_ASK)
    request.save(force_insert=True)
    history.take_step(initiative, Step.ASKED, parts=parts_of(by, initiative), by=by, now=now)
    plan_notices.ask(request, now=now, again=again)
    return request


@transaction.atomic
def accept_offer(*, initiative: Initiative, by: User, now: datetime) -> PlaceRequest:
    """Choose the moment that the place offered; it has agreed to it. Idempotent once accepted.

    Raises CannotDo with NOT_YOURS, NOT_IN_THIS_STAGE, NO_OFFER, UNTIL_TOO_EARLY when that moment has passed, or
    PLACE_TAKEN.
    """
    initiative = history.lock(initiative.pk)
    request, plan = plans.request_of(initiative), plans.plan_of(initiative)
    if request is None or plan is None or not request.is_offered or request.agreed_until is None:
        raise CannotDo(Refusal.NO_OFFER)
    before = changes.snapshot(initiative)
    for scheduled in (request, plan):
        for name, value in plans.offered(request).items():
            setattr(scheduled, name, value)
    reserve(request, initiative, until=request.agreed_until, now=now)
    history.take_step(initiative, Step.ACCEPTED, parts=parts_of(by, initiative), by=by, now=now)
    request.answer(State.AGREED, request.answered_at or now, agreed_until=request.agreed_until)
    request.save()
    plan.save()
    _save(initiative)
    plan_notices.told(request, "accepted", now=now)
    if initiative.is_public:
        changes.announce(initiative, before, now=now)
    return request


@transaction.atomic
def refuse_offer(*, initiative: Initiative, by: User, now: datetime) -> None:
    """Say that the moment that the place offered does not suit; another moment or place has to be chosen.

    Raises CannotDo with NOT_YOURS, NOT_IN_THIS_STAGE or NO_OFFER.
    """
    initiative = history.lock(initiative.pk)
    request = plans.request_of(initiative)
    if request is None or not request.is_offered:
        raise CannotDo(Refusal.NO_OFFER)
    history.take_step(initiative, Step.REFUSED, parts=parts_of(by, initiative), by=by, now=now)
    request.answer(State.REFUSED, now)
    request.save()
    _save(initiative)
    plan_notices.told(request, "refused", now=now)


def reserve(request: PlaceRequest, initiative: Initiative, *, until: date, now: datetime) -> None:
    """Write the dates of a request up to `until`, at most a year, as agreed; the caller has locked the initiative.

    Raises CannotDo with UNTIL_TOO_EARLY when there are none, or PLACE_TAKEN when the place agreed to something else.
    """
    Location.objects.select_for_update(no_key=True).get(pk=request.place_id)  # two that overlap wait for each other
    until = min(until, (now + plans.LONGEST_CONSENT).date())
    found = plans.spans(request, initiative.municipality, now=now, until_on=until)
    if not found:
        raise CannotDo(Refusal.UNTIL_TOO_EARLY)
    request.slots.all().delete()
    AgreedSlot.objects.unused().filter(place=request.place_id).delete()
    try:
        with transaction.atomic():
            AgreedSlot.objects.bulk_create(
                [AgreedSlot(request=request, place_id=request.place_id, during=during) for during in found]
            )
    except IntegrityError as overlap:
        raise CannotDo(Refusal.PLACE_TAKEN) from overlap


@transaction.atomic
def set_contact(*, place: Location, email: str, name: str, now: datetime) -> PlaceContact:
    """Keep whom to ask about a place; questions that still wait are sent there too."""
    contact, _is_new = PlaceContact.objects.update_or_create(location=place, defaults={"email": email, "name": name})
    waiting = PlaceRequest.objects.unanswered().filter(place=place).select_related("place__municipality", "initiative")
    for request in waiting:
        plan_notices.ask(request, now=now)
    return contact


def _save(initiative: Initiative) -> None:
    initiative.save(update_fields=["stage", "active_at"])
    versions.invalidate_pages(*initiative.town_ids())
