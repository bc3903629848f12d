"""When one idea continues in another: where it leads, what joined it, and questions that are no longer possible."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from initiatives import merge_notices
from initiatives.models import Initiative, Merge
from moderation.models import Block


def chain(initiative: Initiative) -> list[Initiative]:
    """Return the ideas in which this one continues, one after another.

    It comes to an end: an idea only ever continues in one that has not ended then.
    """
    found: list[Initiative] = []
    while (following := (found[-1] if found else initiative).merged_into) is not None:
        found.append(following)
    return found


def leads_to(initiative: Initiative) -> Initiative | None:
    """Return the idea in which this one continues now, the last of the chain; None unless everyone may see that one."""
    last = chain(initiative)[-1:]
    return last[0] if last and last[0].is_public else None


def joined(user: Any) -> ArraySubquery:
    """Return the expression for the ideas that continue in an initiative and that `user` may see in lists, as JSON."""
    rows = Initiative.objects.public().unblocked(user).filter(merged_into=OuterRef("pk")).order_by("active_at", "pk")
    return ArraySubquery(rows.values(json=JSONObject(title="title", town_id="municipality")))


def questions_for(initiative: Initiative, user: Any) -> list[Merge]:
    """Return the open questions about this idea that `user`, who started it, sees: none of whom they blocked."""
    rows = Merge.objects.open().about(initiative).select_related("ending", "into")
    rows = rows.exclude(asked_by__in=Block.objects.by(user).values("blocked"), asked_by__isnull=False)
    return [row for row in rows if row.asking.is_public and row.asked.is_public]


def lapse(initiative: Initiative, *, now: datetime) -> None:
    """Close the open questions about an idea that has ended; who asked about it from the other side hears that.

    The caller has locked the initiative.
    """
    for merge in Merge.objects.open().about(initiative).select_related("ending", "into"):
        merge.answer(Merge.State.LAPSED, now)
        merge.save(update_fields=["state", "answered_at"])
        if merge.asking != initiative:
            merge_notices.answered(merge)
