"""Notices about day, place and beginning: each function writes letters to the outbox, in the caller's transaction.

`initiatives.plan_emails` composes the mails when they are sent, from the rows as they are then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Role, User
from initiatives.models import Initiative, PlaceContact, PlaceRequest, Support
from initiatives.notices import CHANGES_SETTLE, one_each, recipient
from notifications.models import Message, Topic
from notifications.outbox import Letter, Recipient, post

Asked = tuple[str, Recipient]  # "place", "coordinator" or "town", and who that is


def people_to_ask(request: PlaceRequest) -> list[Asked]:
    """Return who is asked on behalf of the place: its contact, else those who coordinate the town, else the town."""
    contact = PlaceContact.objects.filter(location=request.place_id).first()
    if contact is not None:
        return [("place", Recipient(None, contact.email, "nl"))]
    town = request.place.municipality
    roles = Role.objects.filter(kind=Role.Kind.COORDINATOR, municipality=town, user__is_active=True)
    coordinators = User.objects.filter(pk__in=roles.values("user")).order_by("pk")
    if found := [("coordinator", Recipient.of(user)) for user in coordinators]:
        return found
    return [("town", Recipient(None, town.contact_email, "nl"))] if town.contact_email else []


def ask(request: PlaceRequest, *, now: datetime, again: bool = False) -> None:
    """Ask the place. When the plan changed, wait until it has settled, so that three changes are one question."""
    _to_place(request, "asked", now=now, due_at=now + CHANGES_SETTLE if again else None, is_again=again)


def remind(request: PlaceRequest, number: int, *, now: datetime) -> None:
    """Remind the place of the question, for the first or the second time."""
    _to_place(request, f"reminder{number}", now=now, is_reminder=True)


def told(request: PlaceRequest, what: str, *, now: datetime) -> None:
    """Tell the place what became of it: "off", "accepted", "refused" or "began"."""
    _post_to_place(request, "initiative_places.told", what, now=now, facts={"what": what})


def _to_place(request: PlaceRequest, key: str, *, now: datetime, due_at: datetime | None = None, **facts: Any) -> None:
    _post_to_place(request, "initiative_places.asked", key, now=now, due_at=due_at, facts=facts)


def _post_to_place(
    request: PlaceRequest,
    template: str,
    key: str,
    *,
    now: datetime,
    facts: dict[str, Any],
    due_at: datetime | None = None,
) -> None:
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template=template,
                object_id=request.pk,
                to=to,
                # The address is part of the key: once a place has a contact, that is asked too.
                dedupe_key=f"initiative_place:{request.pk}:{key}:{to.user_id or to.email}"[:200],
                due_at=due_at or now,
                facts=facts | {"to": role},
            )
            for role, to in people_to_ask(request)
        )
    )


def answered(request: PlaceRequest, *, now: datetime) -> None:
    """Tell those who started it what the place answered."""
    key = f"{request.pk}:{request.state}:{now.timestamp():.6f}"
    _to_initiators(request, "initiative_places.answered", key, {"state": request.state})


def taken(request: PlaceRequest) -> None:
    """Tell those who started it that the place wanted to say yes, but agreed to something else at that time."""
    _to_initiators(request, "initiative_places.answered", f"{request.pk}:taken", {"state": "taken"})


def silent(request: PlaceRequest) -> None:
    """Tell those who started it whom to call, as the place does not answer."""
    _to_initiators(request, "initiative_places.silent", f"{request.pk}:silent", {})


def _to_initiators(request: PlaceRequest, template: str, key: str, facts: dict[str, Any]) -> None:
    initiators = request.initiative.initiators.select_related("user")
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template=template,
                object_id=request.pk,
                to=Recipient.of(initiator.user),
                dedupe_key=f"initiative_place:{key}:by{initiator.user_id}",
                facts=facts,
            )
            for initiator in initiators
        )
    )


def place_is_gone(request: PlaceRequest, *, now: datetime) -> None:
    """Tell everyone who takes part that the place took its yes back."""
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="initiatives.place_gone",
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_place_gone:{support.pk}:{now.timestamp():.6f}",
                facts={"request": request.pk},
            )
            for support in one_each(request.initiative)
        )
    )


def invite(initiative: Initiative, *, now: datetime) -> None:
    """Invite everyone who takes part to the first date: one mail for each address, in the order of taking part."""
    post(
        *(
            Letter(
                topic=Topic.CONFIRMATION,
                template="initiatives.begins",
                object_id=support.pk,
                to=recipient(support),
                dedupe_key=f"initiative_invited:{support.pk}",
                due_at=now,
            )
            for support in one_of_each_address(initiative)
        )
    )


def one_of_each_address(initiative: Initiative) -> Iterable[Support]:
    """Return one live commitment of each address, "I come" before others; those who started it are left out."""
    own = {initiator.user.email for initiator in initiative.initiators.select_related("user")}
    people: dict[str, Support] = {}
    rows = initiative.supports.live().select_related("user").order_by("asked_at", "pk")
    for support in sorted(rows, key=lambda row: row.kind != Support.Kind.COME):
        if support.email.lower() not in own:
            people.setdefault(support.email.lower(), support)
    return people.values()


def cancel_for(request: PlaceRequest) -> None:
    """Delete what is still to be sent about this request."""
    Message.objects.unsent().filter(template__startswith="initiative_places.", object_id=request.pk).delete()
