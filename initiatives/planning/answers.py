"""What a place answers, by the link in its mail; whoever has the link speaks for the place.

Every action locks the row of the Initiative before deciding anything, and then that of the place.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction

from initiatives import history, plan_notices
from initiatives.models import HistoryEntry, Initiative, PlaceRequest
from initiatives.planning.actions import reserve
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import PLACE, Step
from page_cache import versions

State = PlaceRequest.State
REMIND_AFTER = (timedelta(days=3), timedelta(days=7))


def agree(*, request: PlaceRequest, until: date, now: datetime) -> PlaceRequest:
    """Say yes until a date, at most a year. Idempotent.

    Raises CannotDo with REQUEST_VOID, ENDED, UNTIL_TOO_EARLY, or PLACE_TAKEN when the place said yes to something else
    that overlaps; those who started the initiative then hear that too.
    """
    try:
        return _agree(request, until, now)
    except CannotDo as refusal:
        if refusal.refusal == Refusal.PLACE_TAKEN:
            with transaction.atomic():
                plan_notices.taken(request)
        raise


@transaction.atomic
def _agree(request: PlaceRequest, until: date, now: datetime) -> PlaceRequest:
    initiative, fresh = _lock(request)
    if fresh.is_agreed:
        return fresh
    reserve(fresh, initiative, until=until, now=now)
    fresh.answer(State.AGREED, now, agreed_until=until)
    return _answered(initiative, fresh, Step.AGREED, now)


@transaction.atomic
def decline(*, request: PlaceRequest, reason: str, now: datetime) -> PlaceRequest:
    """Say no, with a reason that only those who started it read. Idempotent.

    Raises CannotDo with REQUEST_VOID or ENDED, or NOT_IN_THIS_STAGE when the place said yes before.
    """
    initiative, fresh = _lock(request)
    if fresh.state == State.DECLINED:
        return fresh
    _check_undecided(fresh)
    fresh.answer(State.DECLINED, now, reason=reason)
    return _answered(initiative, fresh, Step.DECLINED, now)


@transaction.atomic
def offer(
    *, request: PlaceRequest, on: date, start_time: time, end_time: time, until: date, reason: str, now: datetime
) -> PlaceRequest:
    """Offer another moment, which those who started it then accept or not; a newer offer replaces an earlier one.

    Raises CannotDo with REQUEST_VOID or ENDED, or NOT_IN_THIS_STAGE when the place said yes before.
    """
    initiative, fresh = _lock(request)
    _check_undecided(fresh)
    moment = {"other_on": on, "other_start_time": start_time, "other_end_time": end_time, "agreed_until": until}
    if fresh.is_offered and all(getattr(fresh, name) == value for name, value in moment.items()):
        return fresh
    fresh.answer(State.OFFERED, now, reason=reason, **moment)
    return _answered(initiative, fresh, Step.OFFERED, now)


@transaction.atomic
def revoke(*, request: PlaceRequest, reason: str, has_begun: bool, now: datetime) -> PlaceRequest:
    """Take a yes back; everyone who takes part hears it. Idempotent.

    `has_begun` is what the place saw. Raises CannotDo with REQUEST_VOID, ENDED or NOT_AGREED, or BEGUN_MEANWHILE when
    it began since.
    """
    initiative, fresh = _lock(request)
    if fresh.state == State.REVOKED:
        return fresh
    if not fresh.is_agreed:
        raise CannotDo(Refusal.NOT_AGREED)
    if initiative.meetup_id is not None and not has_begun:
        raise CannotDo(Refusal.BEGUN_MEANWHILE)
    fresh.slots.all().delete()
    fresh.answer(State.REVOKED, now, reason=reason)
    _answered(initiative, fresh, Step.REVOKED, now)
    plan_notices.place_is_gone(fresh, now=now)
    return fresh


@transaction.atomic
def remind(*, pk: int, now: datetime) -> None:
    """Remind the place if it is time to, once for each reminder; after the last, say whom to call. Idempotent."""
    request = PlaceRequest.objects.unanswered().filter(pk=pk).first()
    if request is None:
        return
    initiative = history.lock(request.initiative_id)
    fresh = PlaceRequest.objects.unanswered().select_related("place__municipality").filter(pk=pk).first()
    if fresh is None or initiative.is_ended:
        return
    due = sum(now - fresh.asked_at >= after for after in REMIND_AFTER)
    if due <= fresh.reminded:
        return
    fresh.initiative, fresh.reminded = initiative, due  # after downtime one reminder, not two
    fresh.save(update_fields=["reminded"])
    plan_notices.remind(fresh, due, now=now)
    if due == len(REMIND_AFTER):
        plan_notices.silent(fresh)


def remind_all(*, now: datetime) -> None:
    """Remind every place that has not answered, each in a transaction of its own."""
    waiting = PlaceRequest.objects.unanswered().filter(asked_at__lte=now - REMIND_AFTER[0])
    for pk in waiting.filter(reminded__lt=len(REMIND_AFTER)).order_by("pk").values_list("pk", flat=True):
        remind(pk=pk, now=now)


def _lock(request: PlaceRequest) -> tuple[Initiative, PlaceRequest]:
    initiative = history.lock(request.initiative_id)
    fresh = PlaceRequest.objects.select_related("place__municipality").get(pk=request.pk)
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    if fresh.is_void:
        raise CannotDo(Refusal.REQUEST_VOID)
    fresh.initiative = initiative
    return initiative, fresh


def _check_undecided(request: PlaceRequest) -> None:
    if request.is_agreed or request.initiative.meetup_id is not None:
        raise CannotDo(Refusal.NOT_IN_THIS_STAGE)


def _answered(initiative: Initiative, request: PlaceRequest, step: Step, now: datetime) -> PlaceRequest:
    history.take_step(initiative, step, parts=PLACE, by=None, now=now, via=HistoryEntry.Via.MAIL)
    request.save()
    initiative.save(update_fields=["stage", "active_at"])
    plan_notices.answered(request, now=now)
    versions.invalidate_pages(*initiative.town_ids())
    return request
