"""Notices about an initiative: each function writes letters to the outbox, in the caller's transaction.

`initiatives.emails` composes the mails when they are sent, from the rows as they are then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from initiatives.models import HistoryEntry, Initiative, Invitation, Support
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post

CHANGES_SETTLE = timedelta(minutes=10)  # so that someone who changes three things writes to people once


def guest_confirm(support: Support) -> None:
    """Ask a guest to confirm their address by opening a link; nothing new is sent for the same request."""
    _send_link(support, f"{support.asked_at.timestamp():.6f}")


def resend_link(support: Support, *, now: datetime) -> None:
    """Send the link again to a guest who takes part and filled in the form once more; at most once an hour."""
    _send_link(support, f"{now:%Y%m%d%H}")


def _send_link(support: Support, key: str) -> None:
    post(
        Letter(
            topic=Topic.CONFIRMATION,
            template="initiatives.guest_confirm",
            object_id=support.pk,
            to=recipient(support),
            dedupe_key=f"initiative_confirm:{support.pk}:{key}",
        )
    )


def changed(initiative: Initiative, before: dict[str, Any], *, now: datetime) -> None:
    """Tell everyone who takes part what it was before; who is about to hear already hears it all in one mail."""
    template = "initiatives.changed"
    people = one_each(initiative)
    about_to_hear = set(
        Message.objects.unsent()
        .filter(template=template, object_id__in=[support.pk for support in people])
        .values_list("object_id", flat=True)
    )
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template=template,
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_changed:{support.pk}:{now.timestamp():.6f}",
                due_at=now + CHANGES_SETTLE,
                facts={"before": before},
            )
            for support in people
            if support.pk not in about_to_hear
        )
    )


def step_taken(initiative: Initiative, entry: HistoryEntry) -> None:
    """Tell everyone who takes part that it is paused, goes on, or ended."""
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="initiatives.step_taken",
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_step:{support.pk}:{entry.pk}",
                facts={"entry": entry.pk},
            )
            for support in one_each(initiative)
        )
    )


def invitation(invitation: Invitation) -> None:
    """Ask someone to start an idea together; to a stranger, so without a word of who invites."""
    post(
        Letter(
            topic=Topic.CONFIRMATION,
            template="initiative_invitations.asked",
            object_id=invitation.pk,
            to=Recipient(None, invitation.email, invitation.language),
            dedupe_key=f"initiative_invitation:{invitation.pk}",
        )
    )


def one_each(initiative: Initiative) -> list[Support]:
    """Return one live commitment of each person who takes part, initiators left out: they know."""
    initiators = initiative.initiators.values("user")
    people: dict[Any, Support] = {}
    for support in initiative.supports.live().exclude(user__in=initiators).select_related("user"):
        people.setdefault(_person(support), support)
    return list(people.values())


def _person(support: Support) -> Any:
    """Return what identifies whose commitment this is; two first names on one address are two people."""
    return support.user_id or (support.guest_email.lower(), support.guest_name.lower())


def recipient(support: Support) -> Recipient:
    return Recipient.of(support.user) if support.user else Recipient(None, support.guest_email, support.language)


def withdrawn(support: Support) -> None:
    """Let someone hear what is still to be sent about this commitment by another of theirs; if there is none, not."""
    others = support.initiative.supports.live().exclude(pk=support.pk)
    key = _person(support)
    other = next((other for other in others.order_by("pk") if _person(other) == key), None)
    if other is not None:
        unsent = Message.objects.unsent().filter(template__startswith="initiatives.", object_id=support.pk)
        unsent.exclude(template="initiatives.guest_confirm").update(object_id=other.pk)
    cancel_for([support])


def cancel_for(supports: Iterable[Support]) -> None:
    """Delete what is still to be sent about these commitments: what is named "initiatives." is about one of them."""
    pks = [support.pk for support in supports]
    Message.objects.unsent().filter(template__startswith="initiatives.", object_id__in=pks).delete()
