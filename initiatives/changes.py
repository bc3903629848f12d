"""What people who take part hear about, when it changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from initiatives import notices
from initiatives.models import Initiative, Plan

# Someone said "I come" to these: a change is told, old and new.
PROMISED = ("what", "for_whom", "shape", "wished_place_id", "meeting_point", "moments", "meets_when", "meets_where")


def snapshot(initiative: Initiative) -> dict[str, Any]:
    """Return what people said "I come" to, as it is now."""
    return {name: getattr(initiative, name) for name in PROMISED} | _chosen(initiative)


def _chosen(initiative: Initiative) -> dict[str, Any]:
    """Return the chosen day and place, in a form that JSON can hold; None while nothing is chosen."""
    plan = Plan.objects.filter(initiative=initiative).first()
    if plan is None:
        return {"schedule": None, "place": None}
    times = [plan.start_time.isoformat(), plan.end_time.isoformat()]
    return {"schedule": [plan.rrule, plan.first_on.isoformat(), *times], "place": plan.place_id}


def announce(initiative: Initiative, before: dict[str, Any], *, now: datetime) -> None:
    """Tell everyone who takes part what changed since `before`, a snapshot; in the caller's transaction."""
    after = snapshot(initiative)
    if before != after:
        # All of it: who is about to hear of one change hears of a later one in the same mail.
        notices.changed(initiative, before, now=now)
