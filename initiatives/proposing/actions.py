"""Proposing an initiative: drafts, publishing, changing."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from initiatives import changes, consent, history, needs, search_words
from initiatives.models import Initiative, Initiator
from initiatives.moderated import INITIATIVE
from initiatives.permissions import started
from initiatives.proposing.slugs import free_slug, lock_slugs
from initiatives.refusals import CannotDo, Refusal
from initiatives.sharing.actions import take_along
from initiatives.stages import Step
from locations.models import Municipality
from locations.visibility import Visibility
from moderation.actions import looks
from page_cache import versions

MAX_DRAFTS = 5


@transaction.atomic
def save_draft(
    *, by: User, town: Municipality, now: datetime, fields: dict[str, Any], source: Initiative | None = None
) -> Initiative:
    """Keep an idea that is not finished, or copied from `source`; only `by` sees it. The same draft twice is one.

    Raises CannotDo(TOO_MANY_DRAFTS).
    """
    _lock(by)
    drafts = Initiative.objects.of(by).filter(published_at=None)
    if (same := drafts.filter(municipality=town, title=fields["title"], what=fields["what"]).first()) is not None:
        return same
    if drafts.count() >= MAX_DRAFTS:
        raise CannotDo(Refusal.TOO_MANY_DRAFTS)
    draft = Initiative(
        municipality=town, slug=f"concept-{uuid.uuid4().hex[:12]}", created_at=now, active_at=now, **fields
    )
    draft.save(force_insert=True)
    Initiator.objects.create(initiative=draft, user=by, part=Initiator.As.PROPOSER, since=now)
    needs.sync(draft)
    if source is not None:
        take_along(copy=draft, source=source, now=now)
    return draft


@transaction.atomic
def propose(
    *, by: User, town: Municipality, now: datetime, fields: dict[str, Any], source: Initiative | None = None
) -> Initiative:
    """Publish an idea, maybe copied from `source`; the texts of someone we do not know yet wait for a look.

    Idempotent: the same idea of the same person (a double tap, a retry) is the one that exists. Raises moderation's
    CannotDo(TOO_MANY_WAIT).
    """
    _lock(by)
    published = Initiative.objects.of(by).published()
    same = published.filter(municipality=town, title=fields["title"], what=fields["what"]).exclude(stage="ended")
    if (existing := same.first()) is not None:
        return existing
    initiative = _publish(Initiative(municipality=town, created_at=now, **fields), by, now)
    if source is not None:
        take_along(copy=initiative, source=source, now=now)
    return initiative


@transaction.atomic
def publish_draft(*, draft: Initiative, by: User, now: datetime, fields: dict[str, Any]) -> Initiative:
    """Publish a draft with these fields; does nothing if it is published already. Raises as `propose` does."""
    _lock(by)
    initiative = history.lock(draft.pk)
    if not initiative.is_draft:
        return initiative
    for name, value in fields.items():
        setattr(initiative, name, value)
    return _publish(initiative, by, now)


def _publish(initiative: Initiative, by: User, now: datetime) -> Initiative:
    town = initiative.municipality
    lock_slugs()
    initiative.slug = free_slug(initiative.title, town)
    initiative.visibility = looks.first_visibility(by=by, town=town, now=now)
    initiative.published_at = initiative.active_at = now
    initiative.save()
    Initiator.objects.get_or_create(
        initiative=initiative, user=by, defaults={"part": Initiator.As.PROPOSER, "since": now}
    )
    needs.sync(initiative)
    history.record(initiative, Step.PUBLISHED, before=initiative.stage, by=by, now=now)
    if initiative.visibility == Visibility.WAITING:
        initiative.visibility = looks.ask_for_first_look(kind=INITIATIVE, object_id=initiative.pk, by=by, now=now)
    search_words.store(initiative)
    versions.invalidate_pages(*initiative.town_ids())
    return initiative


@transaction.atomic
def change(*, initiative: Initiative, by: User, now: datetime, fields: dict[str, Any]) -> Initiative:
    """Save changes to an initiative or a draft; never who proposed it or its town.

    Changed texts of someone we do not know yet wait for a look. People who take part hear what they said "I come" to,
    and what it is now. Raises CannotDo with NOT_YOURS or ENDED.
    """
    initiative = history.lock(initiative.pk)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    before = changes.snapshot(initiative)
    if not initiative.is_draft:
        fields = looks.hold_changes(kind=INITIATIVE, thing=initiative, by=by, fields=fields, now=now)
    for name, value in fields.items():
        setattr(initiative, name, value)
    initiative.touch(now)
    consent.drop_plan_that_no_longer_fits(initiative, by=by, now=now)
    initiative.save()
    needs.sync(initiative)
    search_words.store(initiative)
    if initiative.is_public:
        changes.announce(initiative, before, now=now)
    versions.invalidate_pages(*initiative.town_ids())
    return initiative


@transaction.atomic
def delete_draft(*, draft: Initiative, by: User, now: datetime) -> None:
    """Delete a draft; raises CannotDo(NOT_YOURS), or NOT_IN_THIS_STAGE when it is published by now."""
    draft = history.lock(draft.pk)
    if not started(by, draft):
        raise CannotDo(Refusal.NOT_YOURS)
    if not draft.is_draft:
        raise CannotDo(Refusal.NOT_IN_THIS_STAGE)
    draft.delete()


def _lock(by: User) -> None:
    """Let the double tap of a person wait for the first one."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
