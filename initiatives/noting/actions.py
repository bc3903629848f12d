"""Noting an idea for a parent at a meetup, and making it one's own with the card."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from initiatives import history, needs
from initiatives.models import Card, Initiative, Initiator
from initiatives.noting.codes import code_of, hash_of
from initiatives.refusals import CannotDo, Refusal
from meetups.models import Meetup


@transaction.atomic
def note(*, by: User, meetup: Meetup, fields: dict[str, Any], now: datetime) -> Card:
    """Keep a parent's idea, with her yes, as a draft that waits for her; the same note twice (a double tap) is one."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    same = Card.objects.filter(noted_by=by, initiative__what=fields["what"], initiative__born_at_meetup=meetup)
    if (existing := same.filter(initiative__initiators=None).first()) is not None:
        return existing
    idea = Initiative(
        municipality=meetup.location.municipality,
        slug=f"kaart-{uuid.uuid4().hex[:12]}",
        born_at_meetup=meetup,
        born_at_place=meetup.location,
        created_at=now,
        active_at=now,
        **fields,
    )
    idea.save(force_insert=True)
    needs.sync(idea)
    return Card.objects.create(initiative=idea, code_hash=hash_of(code_of(idea.pk)), noted_by=by, created_at=now)


@transaction.atomic
def claim(*, card: Card, by: User, now: datetime) -> Initiative:
    """Make a noted idea the draft of `by`; idempotent. Raises CannotDo(CARD_GONE) when someone has it or it is late."""
    try:
        idea = history.lock(card.initiative_id)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.CARD_GONE) from gone
    if idea.initiators.filter(user=by).exists():
        return idea
    if idea.initiators.exists() or card.is_late(now):
        raise CannotDo(Refusal.CARD_GONE)
    Initiator.objects.create(initiative=idea, user=by, part=Initiator.As.PROPOSER, since=now)
    idea.touch(now)
    idea.save(update_fields=["active_at"])
    return idea


@transaction.atomic
def discard(*, card: Card, by: User, now: datetime) -> None:
    """Delete a note that nobody claimed yet, for the host who made it; raises CannotDo(CARD_GONE)."""
    try:
        idea = history.lock(card.initiative_id)
    except Initiative.DoesNotExist:
        return
    if card.noted_by_id != by.pk or idea.initiators.exists():
        raise CannotDo(Refusal.CARD_GONE)
    idea.delete()
