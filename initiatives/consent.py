"""When the consent of a place no longer counts, and the stage that follows from day and place.

The caller has locked the initiative, and saves it.
"""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from initiatives import history, plan_notices, plans
from initiatives.models import Initiative, PlaceRequest
from initiatives.stages import BEFORE_READY, INITIATORS, Stage, Step
from locations.models import Location

State = PlaceRequest.State
WAITS_OR_AGREED = (State.ASKED, State.OFFERED, State.AGREED)


def void(initiative: Initiative, *, by: User | None, now: datetime, next_place: Location | None) -> bool:
    """Let the current request no longer count; return whether the place has to be asked again.

    The place hears it, unless it is `next_place`: then it gets a new question.
    """
    request = plans.request_of(initiative)
    if request is None:
        return False
    before, request.state = request.state, State.VOID
    request.save(update_fields=["state"])
    request.slots.all().delete()
    plan_notices.cancel_for(request)
    if before == State.AGREED:
        history.take_step(initiative, Step.VOIDED, parts=INITIATORS, by=by, now=now)
    was_asked = before in WAITS_OR_AGREED
    if was_asked and request.place != next_place:
        plan_notices.told(request, "off", now=now)
    return was_asked


def release(initiative: Initiative, *, now: datetime) -> None:
    """Let the place go, because the initiative ended; the stage is already another one."""
    request = plans.request_of(initiative)
    if request is None or initiative.meetup_id is not None:
        return
    before, request.state = request.state, State.VOID
    request.save(update_fields=["state"])
    request.slots.all().delete()
    plan_notices.cancel_for(request)
    if before in WAITS_OR_AGREED:
        plan_notices.told(request, "off", now=now)


def settle(initiative: Initiative, *, by: User | None, now: datetime) -> None:
    """Bring the stage in step with day and place: ready once both are settled, and gathering when they are not."""
    is_settled = plans.is_settled(initiative, plans.plan_of(initiative), plans.request_of(initiative))
    if is_settled and initiative.stage in BEFORE_READY:
        history.take_step(initiative, Step.SETTLED, parts=INITIATORS, by=by, now=now)
    elif not is_settled and initiative.stage == Stage.READY:
        history.take_step(initiative, Step.VOIDED, parts=INITIATORS, by=by, now=now)


def drop_plan_that_no_longer_fits(initiative: Initiative, *, by: User, now: datetime) -> None:
    """Forget the day and place when the shape changed, for example to once; they have to be chosen again."""
    plan = plans.plan_of(initiative)
    if plan is None or initiative.meetup_id is not None or plans.fits(initiative, plan):
        settle(initiative, by=by, now=now)
        return
    plan.delete()
    void(initiative, by=by, now=now, next_place=None)
    settle(initiative, by=by, now=now)
