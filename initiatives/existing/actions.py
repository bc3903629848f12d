"""Listing a group that exists already, telling its people, and what they say: it is right, or remove it.

Every action locks the row of the Initiative before deciding anything.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.limits import keyed_hash
from accounts.models import User
from initiatives import history, search_words
from initiatives.existing import notices
from initiatives.models import ExistingGroup, Initiative, RefusedAddress
from initiatives.moderated import INITIATIVE
from initiatives.proposing.slugs import free_slug, lock_slugs
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Stage, Step
from locations.models import Municipality
from locations.visibility import Visibility
from moderation.actions import looks
from page_cache import versions

PER_DAY = 3  # groups that one person lists
TELL_AGAIN_AFTER = timedelta(days=1)  # one mail a day to an address, however many groups are listed with it


def hash_for(town: Municipality, email: str) -> str:
    """Return what is remembered of the address of a group in this town."""
    return keyed_hash(f"existing group {town.pk} {email}")


@transaction.atomic
def list_group(*, by: User, town: Municipality, email: str, fields: dict[str, Any], now: datetime) -> Initiative:
    """Put a group on the site that runs outside Pedbasis; words of someone we do not know yet wait for a look.

    Its people are told at `email` once everyone can see it. Idempotent: a double tap is one group. Raises CannotDo with
    NOT_TO_BE_LISTED or TOO_MANY_GROUPS, or moderation's CannotDo(TOO_MANY_WAIT).
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counts groups of this person
    mine = ExistingGroup.objects.filter(listed_by=by)
    same = mine.filter(initiative__municipality=town, initiative__title=fields["title"])
    if (existing := same.select_related("initiative").first()) is not None:
        return existing.initiative
    _check_address(town, email, fields["title"])
    if mine.filter(created_at__gt=now - timedelta(days=1)).count() >= PER_DAY:
        raise CannotDo(Refusal.TOO_MANY_GROUPS)
    initiative = Initiative(municipality=town, created_at=now, slug=_own_slug(), **fields)
    initiative.save(force_insert=True)
    group = ExistingGroup(initiative=initiative, listed_by=by, created_at=now, email=email)
    group.address_hash = hash_for(town, email)
    group.save(force_insert=True)
    return _publish(initiative, group, by, now)


@transaction.atomic
def list_group_as_guest(
    *, own_email: str, language: str, town: Municipality, email: str, fields: dict[str, Any], now: datetime
) -> ExistingGroup:
    """Keep a group that someone without an account wants to list, and mail them a link to confirm that.

    Idempotent. Raises CannotDo(NOT_TO_BE_LISTED).
    """
    with connection.cursor() as cursor:  # a double tap waits for the first one
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"existing group of {own_email}"])
    waiting = ExistingGroup.objects.filter(guest_email=own_email, initiative__municipality=town)
    if (same := waiting.filter(initiative__title=fields["title"]).first()) is not None:
        return same
    _check_address(town, email, fields["title"])
    initiative = Initiative(municipality=town, created_at=now, active_at=now, slug=_own_slug(), **fields)
    initiative.save(force_insert=True)
    group = ExistingGroup(initiative=initiative, guest_email=own_email, guest_language=language, created_at=now)
    group.email, group.address_hash = email, hash_for(town, email)
    group.save(force_insert=True)
    notices.confirm_listing(group)
    return group


@transaction.atomic
def confirm_listing(*, group: ExistingGroup, now: datetime) -> Initiative:
    """Put the group of a guest on the site, once someone looked, and forget the address of the guest. Idempotent.

    Raises CannotDo with GROUP_GONE or NOT_TO_BE_LISTED.
    """
    initiative, fresh = lock(group)
    if fresh.is_confirmed:
        return initiative
    _check_address(initiative.municipality, fresh.email, initiative.title)
    fresh.guest_email = ""
    fresh.save(update_fields=["guest_email"])
    return _publish(initiative, fresh, None, now)


def _own_slug() -> str:
    return f"groep-{uuid.uuid4().hex[:12]}"  # until it is published


def _check_address(town: Municipality, email: str, title: str) -> None:
    """Refuse an address whose people said no, and a group that is on the site already; the reason tells not which."""
    digest = hash_for(town, email)
    listed = ExistingGroup.objects.filter(address_hash=digest, initiative__published_at__isnull=False)
    is_there = listed.filter(initiative__title__iexact=title).exists()
    if is_there or RefusedAddress.objects.filter(municipality=town, address_hash=digest).exists():
        raise CannotDo(Refusal.NOT_TO_BE_LISTED)


def _publish(initiative: Initiative, group: ExistingGroup, by: User | None, now: datetime) -> Initiative:
    town = initiative.municipality
    lock_slugs()
    initiative.slug = free_slug(initiative.title, town)
    initiative.visibility = looks.first_visibility(by=by, town=town, now=now)
    initiative.stage = Stage.RUNNING
    initiative.published_at = initiative.active_at = now
    initiative.save()
    history.record(initiative, Step.LISTED, before=initiative.stage, by=None, now=now)
    if initiative.visibility == Visibility.WAITING:
        initiative.visibility = looks.ask_for_first_look(kind=INITIATIVE, object_id=initiative.pk, by=by, now=now)
    _tell(initiative, group, now)
    search_words.store(initiative)
    versions.invalidate_pages(*initiative.town_ids())
    return initiative


@transaction.atomic
def tell(*, pk: int, now: datetime) -> None:
    """Tell the people of a group that it is on the site, if everyone can see it and they were not told. Idempotent."""
    group = ExistingGroup.objects.untold().filter(pk=pk).first()
    if group is not None:
        with_lock = lock(group)
        _tell(*with_lock, now)


def _tell(initiative: Initiative, group: ExistingGroup, now: datetime) -> None:
    if group.told_at is not None or group.is_claimed or not initiative.is_public:
        return
    # An address with several groups hears of the next one a day later.
    if ExistingGroup.objects.filter(email=group.email, told_at__gt=now - TELL_AGAIN_AFTER).exists():
        return
    group.told_at = now
    group.save(update_fields=["told_at"])
    notices.tell(group)


def tell_all(*, now: datetime) -> None:
    """Tell the people of every group that can be seen since a short while, each in a transaction of its own."""
    for pk in ExistingGroup.objects.untold().order_by("pk").values_list("pk", flat=True):
        tell(pk=pk, now=now)


@transaction.atomic
def send_link(*, group: ExistingGroup, now: datetime) -> None:
    """Send the link to the address of the group once more, at most once a day; nothing if someone claimed it."""
    initiative, fresh = lock(group)
    if initiative.is_public and not fresh.is_claimed:
        notices.send_link(fresh, now=now)


@transaction.atomic
def keep(*, group: ExistingGroup, now: datetime) -> ExistingGroup:
    """Note that the people of the group say that it is right; whoever has the link speaks for them. Idempotent.

    Raises CannotDo with GROUP_GONE or GROUP_CLAIMED.
    """
    initiative, fresh = lock_unclaimed(group)
    fresh.kept_at = now
    fresh.save(update_fields=["kept_at"])
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    versions.invalidate_pages(*initiative.town_ids())
    return fresh


@transaction.atomic
def remove(*, group: ExistingGroup, now: datetime) -> None:
    """Delete a group at once, because its people say so, and remember of its address only a hash: no is final.

    Idempotent: what is gone is gone. Raises CannotDo(GROUP_CLAIMED).
    """
    try:
        initiative, fresh = lock_unclaimed(group)
    except CannotDo as refusal:
        if refusal.refusal == Refusal.GROUP_GONE:
            return
        raise
    RefusedAddress.objects.get_or_create(
        municipality=initiative.municipality, address_hash=fresh.address_hash, defaults={"refused_at": now}
    )
    towns = initiative.town_ids()
    initiative.delete()
    versions.invalidate_pages(*towns)


def lock(group: ExistingGroup) -> tuple[Initiative, ExistingGroup]:
    """Return the initiative, locked, and a fresh copy of the group; raise CannotDo(GROUP_GONE)."""
    try:
        initiative = history.lock(group.initiative_id)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.GROUP_GONE) from gone
    # Read after the lock: what was read together with it may be from before.
    fresh = ExistingGroup.objects.get(initiative=initiative)
    fresh.initiative = initiative
    return initiative, fresh


def lock_unclaimed(group: ExistingGroup) -> tuple[Initiative, ExistingGroup]:
    """The same; also raise CannotDo with GROUP_CLAIMED once someone of the group looks after the page."""
    initiative, fresh = lock(group)
    if fresh.is_claimed:
        raise CannotDo(Refusal.GROUP_CLAIMED)
    return initiative, fresh
