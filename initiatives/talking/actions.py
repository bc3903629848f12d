"""Saying something to those who take part; following an idea.

`say` locks the row of the Initiative before deciding anything. Deleting locks only the post, as moderation does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from initiatives import history
from initiatives.models import Audience, Follow, Initiative, Post
from initiatives.moderated import POST
from initiatives.permissions import audiences_of, audiences_to_choose, parts_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import INITIATORS
from locations.visibility import Visibility
from moderation.actions import looks

SAME_WITHIN = timedelta(hours=1)  # the same text again is a double tap, or a retry after a lost connection


@transaction.atomic
def say(*, initiative: Initiative, by: User, text: str, audience: str, now: datetime) -> Post:
    """Say something to those who take part; the text of someone we do not know yet waits for a look.

    The same text for the same audience, while it waits or within `SAME_WITHIN`, is one post. Who works for the
    municipality always lets the municipality read. Raises CannotDo with JOIN_FIRST, ENDED, PAUSED or NOT_PUBLIC, and
    moderation's CannotDo(TOO_MANY_WAIT).
    """
    initiative = history.lock(initiative.pk)
    if refusal := initiative.refusal:
        raise CannotDo(refusal)
    if not audiences_of(by, initiative, parts_of(by, initiative)):
        raise CannotDo(Refusal.JOIN_FIRST)
    choices = audiences_to_choose(by, initiative)
    audience = Audience(audience) if audience in choices else choices[0]
    for same in initiative.posts.kept().filter(author=by, text=text, audience=audience).order_by("-created_at"):
        if same.visibility == Visibility.WAITING or now - same.created_at < SAME_WITHIN:
            return same
    post = Post(initiative=initiative, author=by, text=text, audience=audience, created_at=now)
    post.visibility = looks.first_visibility(by=by, town=initiative.municipality, now=now)
    post.shown_at = now if post.visibility == Visibility.SHOWN else None
    post.save(force_insert=True)
    if post.visibility == Visibility.WAITING:
        post.visibility = looks.ask_for_first_look(kind=POST, object_id=post.pk, by=by, now=now)
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    return post


@transaction.atomic
def delete(*, post: Post, by: User, now: datetime) -> Post:
    """Delete one's own post: nobody else sees it from now on. Idempotent. Raises CannotDo(NOT_YOUR_TEXT)."""
    post = _lock_own(post, by)
    if post.deleted_at is None:
        post.deleted_at = now
        post.save(update_fields=["deleted_at"])
    return post


@transaction.atomic
def put_back(*, post: Post, by: User, now: datetime) -> Post:
    """Undo deleting a post, for the same audience as before. Idempotent.

    Raises CannotDo with NOT_YOUR_TEXT or TOO_LATE_TO_PUT_BACK.
    """
    post = _lock_own(post, by)
    if post.deleted_at is not None:
        if not post.can_be_put_back(now):
            raise CannotDo(Refusal.TOO_LATE_TO_PUT_BACK)
        post.deleted_at = None
        post.save(update_fields=["deleted_at"])
    return post


def _lock_own(post: Post, by: User) -> Post:
    fresh = Post.objects.select_for_update(no_key=True).filter(pk=post.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.TOO_LATE_TO_PUT_BACK)
    if fresh.author_id != by.pk:
        raise CannotDo(Refusal.NOT_YOUR_TEXT)
    return fresh


@transaction.atomic
def set_following(*, initiative: Initiative, user: User, is_on: bool, now: datetime) -> Follow:
    """Start or stop the daily mail about an initiative. Idempotent. Raises CannotDo(JOIN_FIRST) on starting."""
    initiative = history.lock(initiative.pk)
    if is_on and not audiences_of(user, initiative, parts_of(user, initiative)):
        raise CannotDo(Refusal.JOIN_FIRST)
    follow = Follow.objects.filter(initiative=initiative, user=user).first()
    if follow is None:
        return Follow.objects.create(initiative=initiative, user=user, is_on=is_on, since=now)
    if follow.is_on != is_on:
        follow.is_on, follow.since = is_on, now
        follow.save(update_fields=["is_on", "since"])
    return follow


def follows(user: User, initiative: Initiative) -> bool:
    """Whether `user` gets the daily mail: as they chose, else only if they started it; two queries at most."""
    chosen = Follow.objects.filter(initiative=initiative, user=user).values_list("is_on", flat=True).first()
    return bool(INITIATORS & parts_of(user, initiative)) if chosen is None else chosen
