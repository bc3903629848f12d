"""Notices about groups that exist already: each function writes letters to the outbox, in the caller's transaction.

`initiatives.existing.emails` composes the mails when they are sent, from the rows as they are then.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Role, User
from initiatives.models import Claim, ExistingGroup
from locations.models import Municipality
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post


def confirm_listing(group: ExistingGroup) -> None:
    """Ask a guest to confirm, by opening a link, that they want to list a group."""
    post(
        Letter(
            topic=Topic.CONFIRMATION,
            template="existing_groups.confirm",
            object_id=group.pk,
            to=Recipient(None, group.guest_email, group.guest_language),
            dedupe_key=f"existing_group_confirm:{group.pk}",
        )
    )


def tell(group: ExistingGroup) -> None:
    """Tell the people of a group that it is on the site; to strangers, so without a word of who listed it."""
    _to_people(group, "told")


def send_link(group: ExistingGroup, *, now: datetime) -> None:
    """Send the people of a group the same link again; at most once a day."""
    _to_people(group, f"{now:%Y%m%d}")


def taken_over(group: ExistingGroup, by: User) -> None:
    """Tell the people of a group, at the address that is forgotten now, that `by` looks after its page; once."""
    if group.email != by.email:
        _to_people(group, "taken_over", template="existing_groups.taken_over")


def _to_people(group: ExistingGroup, key: str, template: str = "existing_groups.told") -> None:
    post(
        Letter(
            topic=Topic.CONFIRMATION,
            template=template,
            object_id=group.pk,
            to=Recipient(None, group.email, "nl"),
            dedupe_key=f"existing_group:{group.pk}:{key}",
        )
    )


def coordinators_of(town: Municipality) -> QuerySet[User]:
    """Return who can be asked to check something in this town."""
    roles = Role.objects.filter(kind=Role.Kind.COORDINATOR, municipality=town)
    return User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk")


def claimed(claim: Claim) -> None:
    """Ask the coordinators of the town, other than who asks, to check a claim."""
    town = claim.group.initiative.municipality
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="group_claims.made",
                object_id=claim.pk,
                to=Recipient.of(coordinator),
                dedupe_key=f"group_claim:{claim.pk}:{coordinator.pk}",
            )
            for coordinator in coordinators_of(town).exclude(pk=claim.by_id)
        )
    )


def answered(claim: Claim) -> None:
    """Tell who asked what became of their claim."""
    post(
        Letter(
            topic=Topic.CHANGED,
            template="group_claims.answered",
            object_id=claim.pk,
            to=Recipient.of(claim.by),
            dedupe_key=f"group_claim:{claim.pk}:answered",
        )
    )
