"""Notices about continuing together: each function writes letters to the outbox, in the caller's transaction.

`initiatives.merging.emails` composes the mails when they are sent, from the rows as they are then. Those to who takes
part begin with "initiatives.", as their object is a commitment.
"""

from __future__ import annotations

from django.db.models import QuerySet

from initiatives.models import Initiative, Initiator, Merge
from initiatives.notices import one_each, recipient
from moderation.models import Block
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post


def asked(merge: Merge) -> None:
    """Ask those who started the other idea, except who blocked the one who asks: nobody hears of that."""
    people = merge.asked.initiators.select_related("user")
    if merge.asked_by_id is not None:
        people = people.exclude(user__in=Block.objects.filter(blocked=merge.asked_by_id).values("user"))
    _post(merge, "initiative_merges.asked", "asked", people)


def answered(merge: Merge, *, but: int | None = None) -> None:
    """Tell those who asked what became of it; of a yes, everyone who started one of both, except who gave it."""
    people = merge.asking.initiators.select_related("user")
    if merge.state == Merge.State.AGREED:
        both = Initiator.objects.filter(initiative__in=[merge.ending_id, merge.into_id])
        people = both.exclude(user=but).select_related("user")
    _post(merge, "initiative_merges.answered", merge.state, people)


def _post(merge: Merge, template: str, key: str, people: QuerySet[Initiator]) -> None:
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template=template,
                object_id=merge.pk,
                to=Recipient.of(person.user),
                dedupe_key=f"initiative_merge:{merge.pk}:{key}:{person.user_id}",
                facts={"state": merge.state},
            )
            for person in people
        )
    )


def merged(ending: Initiative, into: Initiative, *, merge: Merge) -> None:
    """Ask everyone who takes part in the idea that ended whether they join the other; not who started that one."""
    started = set(into.initiators.values_list("user_id", flat=True))
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="initiatives.merged",
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_merged:{merge.pk}:{support.pk}",
                facts={"initiative": ending.pk},
            )
            for support in one_each(ending)
            if support.user_id not in started
        )
    )


def cancel_for(merge: Merge) -> None:
    """Delete what is still to be sent about this question."""
    Message.objects.unsent().filter(template__startswith="initiative_merges.", object_id=merge.pk).delete()
