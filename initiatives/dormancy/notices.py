"""Notices about a quiet initiative: each function writes letters to the outbox, in the caller's transaction.

`initiatives.dormancy.emails` composes the mails when they are sent, from the rows as they are then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from initiatives.models import Initiative
from initiatives.notices import recipient
from initiatives.plan_notices import one_of_each_address
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post


def asked(initiative: Initiative, *, now: datetime) -> None:
    """Ask those who started it whether it continues."""
    _to_initiators(initiative, "dormancy.asked", now=now)


def offered(initiative: Initiative, *, now: datetime) -> None:
    """Ask those who take part whether they take it over, and tell those who started it; both learn when it pauses."""
    _to_initiators(initiative, "dormancy.offered", now=now)
    sought(initiative, now=now)


def sought(initiative: Initiative, *, now: datetime) -> None:
    """Ask those who take part whether they take it over: one mail for each address."""
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="initiatives.takeover",
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_takeover:{support.pk}{_moment(now)}",
                due_at=now,
            )
            for support in one_of_each_address(initiative)
        )
    )


def paused(initiative: Initiative, *, now: datetime) -> None:
    """Tell those who started it that it is paused, with the way back."""
    _to_initiators(initiative, "dormancy.paused", now=now)


def taken_over(initiative: Initiative, *, by: User, now: datetime) -> None:
    """Tell those who started it who continues it."""
    _to_initiators(initiative, "dormancy.taken_over", now=now, but=by, facts={"by": by.pk})


def handed_over(initiative: Initiative, *, by: User, to: User, now: datetime) -> None:
    """Tell someone who started it too that it was handed over to them."""
    post(_letter(initiative, to, "dormancy.handed_over", now, {"by": by.pk}))


def is_question_unsent(initiative: Initiative) -> bool:
    """Whether nobody who started it got the question yet, because it waits in the outbox."""
    return Message.objects.unsent().filter(template="dormancy.asked", object_id=initiative.pk).exists()


def first_sent(initiative: Initiative, offered_at: datetime) -> datetime | None:
    """Return when the first mail was sent that names the day on which it pauses; None while none was."""
    supports = initiative.supports.values("pk")
    is_ours = Q(template="dormancy.offered", object_id=initiative.pk)
    is_ours |= Q(template="initiatives.takeover", object_id__in=supports)
    sent = Message.objects.filter(is_ours, state=Message.State.SENT, dedupe_key__endswith=_moment(offered_at))
    return sent.order_by("sent_at").values_list("sent_at", flat=True).first()


def _moment(at: datetime) -> str:
    """Return the end of the keys of the mails of this moment, which makes them mails of one occasion."""
    return f":{at.timestamp():.6f}"


def _to_initiators(
    initiative: Initiative,
    template: str,
    *,
    now: datetime,
    but: User | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    people = [row.user for row in initiative.initiators.select_related("user") if row.user != but]
    post(*(_letter(initiative, user, template, now, facts or {}) for user in people))


def _letter(initiative: Initiative, user: User, template: str, now: datetime, facts: dict[str, Any]) -> Letter:
    return Letter(
        topic=Topic.CHANGED,
        template=template,
        object_id=initiative.pk,
        to=Recipient.of(user),
        dedupe_key=f"{template}:{initiative.pk}:{user.pk}{_moment(now)}",
        due_at=now,
        facts=facts,
    )
