"""The daily mail to those who follow an idea: when it is due, and what is news for one reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import ngettext

from accounts.models import User
from initiatives import labels
from initiatives.models import Answer, Follow, HistoryEntry, Initiative, Initiator, Post, Question, Support
from initiatives.permissions import audiences_of, is_of_municipality, parts_of
from initiatives.stages import Part, Step
from locations.visibility import Visibility
from meetups.clock import local_date, localise
from moderation.models import Block
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post

SENT_AT = time(18)  # in Amsterdam
LOOK_BACK = timedelta(days=3)  # for ideas with news, so that a day without a worker loses nothing
MOST_POSTS = 20
# Those who take part hear of these in a mail of its own (initiatives.notices.step_taken).
TOLD_TO_SUPPORTERS = (Step.PAUSED, Step.RESUMED, Step.ENDED, Step.MERGED, Step.REOPENED, Step.SEEKS)
NO_NEWS = (Step.PUBLISHED, Step.GATHERED, Step.PAUSED_QUIET)  # of the last, all hear in a mail of its own


def plan(*, now: datetime) -> None:
    """Post the daily mails from 18:00 in Amsterdam; idempotent, also when two workers run it or one is killed.

    Each mail tells of what happened up to 18:00 exactly, so that it does not matter when this runs.
    """
    until = localise(local_date(now), SENT_AT)
    if now >= until:
        for pk in sorted(_ideas_with_news(until)):
            _plan_one(pk, until)


def _ideas_with_news(until: datetime) -> set[int]:
    since = until - LOOK_BACK
    posts = Post.objects.filter(shown_at__gt=since)
    questions = Question.objects.filter(shown_at__gt=since)
    supports = Support.objects.live().filter(asked_at__gt=since)
    steps = HistoryEntry.objects.filter(at__gt=since).exclude(step__in=NO_NEWS)
    found = {pk for rows in (posts, questions, supports, steps) for pk in rows.values_list("initiative_id", flat=True)}
    answers = Answer.objects.filter(created_at__gt=since)
    return found.union(answers.values_list("question__initiative_id", flat=True))


@transaction.atomic
def _plan_one(pk: int, until: datetime) -> None:
    if not Initiative.objects.public().filter(pk=pk).exists():
        return
    started = [
        Follow(initiative_id=pk, user_id=row.user_id, is_on=True, since=row.since)
        for row in Initiator.objects.filter(initiative=pk).exclude(
            user__in=Follow.objects.filter(initiative=pk).values("user")
        )
    ]
    Follow.objects.bulk_create(started, ignore_conflicts=True)
    due = Follow.objects.filter(Q(told_until=None) | Q(told_until__lt=until), initiative=pk, is_on=True)
    follows = list(due.filter(user__is_active=True, since__lt=until).select_related("user"))
    post(
        *(
            Letter(
                topic=Topic.CHANGED,
                template="talking.digest",
                object_id=follow.pk,
                to=Recipient.of(follow.user),
                dedupe_key=f"digest:{pk}:{follow.user_id}:{local_date(until)}",
                facts={
                    "since": max(follow.told_until or follow.since, follow.since).isoformat(),
                    "until": until.isoformat(),
                },
            )
            for follow in follows
        )
    )
    Follow.objects.filter(pk__in=[follow.pk for follow in follows]).update(told_until=until)


@dataclass(frozen=True)
class News:
    """What is new for one reader."""

    posts: list[Post] = field(default_factory=list)
    more_posts: int = 0
    commitments: list[str] = field(default_factory=list)  # numbers in words, no names
    questions: list[Question] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    steps: list[HistoryEntry] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any([self.posts, self.commitments, self.questions, self.answers, self.steps])


def news_for(user: User, initiative: Initiative, since: datetime, until: datetime) -> News | None:
    """Return what happened after `since`, up to and including `until`, that this reader may know and did not do.

    None for someone who does not take part (any more).
    """
    parts = parts_of(user, initiative)
    audiences = audiences_of(user, initiative, parts)
    if not audiences:
        return None
    posts = initiative.posts.all().read_by(user, audiences).shown_between(since, until)
    labelled = list(labels.with_labels(posts).order_by("shown_at", "pk"))
    for said in labelled:
        said.label = labels.label_of(said.author_part, said.author_role)  # type: ignore[attr-defined]
    blocked = Block.objects.by(user).values("blocked")
    questions = initiative.questions.shown().exclude(Q(asked_by=user) | Q(asked_by__in=blocked, asked_by__isnull=False))
    answers = Answer.objects.shown().filter(question__initiative=initiative, question__visibility=Visibility.SHOWN)
    answers = answers.exclude(Q(by=user, by__isnull=False) | Q(question__asked_by__in=blocked))
    answers = answers.filter(Q(question__asked_by=None) | ~Q(question__asked_by=user))  # who asked was told at once
    return News(
        posts=labelled[:MOST_POSTS],
        more_posts=max(0, len(labelled) - MOST_POSTS),
        commitments=[] if is_of_municipality(user, initiative) else _commitments(user, initiative, since, until),
        questions=list(questions.filter(shown_at__gt=since, shown_at__lte=until).select_related("asked_by")),
        answers=list(answers.filter(created_at__gt=since, created_at__lte=until).select_related("question", "by")),
        steps=_steps(user, initiative, parts, since, until),
    )


def _steps(
    user: User, initiative: Initiative, parts: frozenset[Part], since: datetime, until: datetime
) -> list[HistoryEntry]:
    rows = (
        initiative.history.filter(at__gt=since, at__lte=until)
        .exclude(step__in=NO_NEWS)
        .exclude(by=user, by__isnull=False)
    )
    return list(rows.exclude(step__in=TOLD_TO_SUPPORTERS) if Part.SUPPORTER in parts else rows)


def _commitments(user: User, initiative: Initiative, since: datetime, until: datetime) -> list[str]:
    """Return what others committed to, as numbers: "2 families come", "someone has a room"."""
    rows = initiative.supports.live().filter(asked_at__gt=since, asked_at__lte=until)
    kinds = list(rows.exclude(user=user, user__isnull=False).order_by("pk").values_list("kind", "thing"))
    counted = {what: kinds.count(what) for what in dict.fromkeys(sorted(kinds))}
    return [_in_words(kind, thing, number) for (kind, thing), number in counted.items()]


def _in_words(kind: str, thing: str, number: int) -> str:
    texts: dict[Any, str] = {
        Support.Kind.COME: ngettext("A family comes", "{number} families come", number),
        Support.Kind.HELP: ngettext("Someone helps", "{number} people help", number),
        Support.Thing.ROOM: ngettext("Someone has a room", "{number} people have a room", number),
        Support.Thing.MATERIAL: ngettext("Someone has things", "{number} people have things", number),
        Support.Thing.MONEY: ngettext("Someone has money", "{number} people have money", number),
        Support.Thing.SKILL: ngettext("Someone has a skill", "{number} people have a skill", number),
    }
    return texts[thing or kind].format(number=number)
