"""The talk and the questions on the page of an idea."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext

from initiatives import labels
from initiatives.models import Answer, Initiative, Post, Question
from initiatives.models.talk import fingerprint
from initiatives.moderated import POST, QUESTION
from initiatives.permissions import audiences_of, audiences_to_choose, may_answer, may_ask
from initiatives.questions import officers_of
from initiatives.stages import Part
from initiatives.talking.actions import follows
from initiatives.talking.forms import PostForm, QuestionForm
from locations.visibility import Visibility
from meetups.clock import local_date
from moderation.marks import Mark, own_marks
from moderation.models import Block

POSTS_PER_PAGE = 20
MOST_QUESTIONS = 30


def public_questions() -> ArraySubquery:
    """Return the expression for the questions of an initiative that everyone sees, with their answers, as JSON.

    Those without an answer come first, then the newest: nobody can reorder them.
    """
    answers = Answer.objects.shown().filter(question=OuterRef("pk")).order_by("created_at", "pk")
    answer = JSONObject(
        pk="pk",
        text="text",
        name="by__first_name",
        role=labels.role_of("by", "question__initiative__municipality"),
        moved_to="moved_to",
        question_text="question_text",
        idea_fingerprint="idea_fingerprint",
        at="created_at",
    )
    question = JSONObject(
        pk="pk",
        text="text",
        name="asked_by__first_name",
        asked_by="asked_by_id",
        at="created_at",
        first_due_on="first_due_on",
        due_on="due_on",
        answered_at="answered_at",
        answers=ArraySubquery(answers.values(json=answer)),
    )
    has_answer = Exists(Answer.objects.shown().filter(question=OuterRef("pk"), moved_to=None))
    rows = Question.objects.shown().filter(initiative=OuterRef("pk")).alias(has_answer=has_answer)
    rows = rows.order_by(F("answered_at").desc(nulls_first=True), "has_answer", "-created_at", "-pk")
    return ArraySubquery(rows.values(json=question)[:MOST_QUESTIONS])


@dataclass(frozen=True)
class AnswerShown:
    """An answer, or why it comes later, as the page shows it."""

    pk: int
    name: str
    label: str
    text: str
    at: datetime
    moved_to: date | None
    question_before: str  # the text that it answered, if the question changed since
    is_question_changed: bool
    is_idea_changed: bool


@dataclass(frozen=True)
class QuestionShown:
    """A question as the page shows it."""

    pk: int
    name: str
    text: str
    at: datetime
    first_due_on: date | None
    due_on: date | None
    is_answered: bool  # says who asked
    is_overdue: bool
    is_own: bool = False
    is_waiting: bool = False  # only who asked sees it
    mark: Mark | None = None
    answers: list[AnswerShown] = field(default_factory=list)

    @property
    def was_moved(self) -> bool:
        return self.due_on != self.first_due_on

    @property
    def has_answer(self) -> bool:
        return any(answer.moved_to is None for answer in self.answers)


def context_for(initiative: Initiative, user: Any, parts: Collection[Part], now: datetime) -> dict[str, Any]:
    """Return what the page shows `user`, who has these parts, of talk and questions; no query for a stranger.

    `initiative` has `questions_json`, annotated with `public_questions`.
    """
    if not initiative.is_public:
        return {}
    context: dict[str, Any] = {"questions": questions_on_page(initiative, user, now), "has_talk": True}
    if not user.is_authenticated:
        return context
    audiences = audiences_of(user, initiative, parts)
    context |= {"reads_talk": bool(audiences), "may_answer": may_answer(user, initiative)}
    if audiences:
        context |= talk_context(initiative, user, audiences, now=now)
        context["follows"] = follows(user, initiative)
    if initiative.refusal is None:
        if audiences:
            context["post_form"] = PostForm(audiences=audiences_to_choose(user, initiative))
        if may_ask(user, initiative, parts) and officers_of(initiative):
            context["question_form"] = QuestionForm()
    return context


def talk_context(
    initiative: Initiative, user: Any, audiences: Collection[str], *, now: datetime, before: int | None = None
) -> dict[str, Any]:
    """Return the newest posts that `user` sees, oldest of them first; of those older than the post `before`, if given.

    Two queries, one more for the marks of own posts that others do not see.
    """
    rows: QuerySet[Post] = initiative.posts.all().seen_by(user, audiences, now=now)
    if before is not None:
        edge = Post.objects.filter(initiative=initiative, pk=before).values("created_at")
        rows = rows.filter(created_at__lte=edge[:1]).exclude(created_at=edge[:1], pk__gte=before)
    found = list(labels.with_labels(rows).order_by("-created_at", "-pk")[: POSTS_PER_PAGE + 1])
    posts = found[:POSTS_PER_PAGE][::-1]
    marks = own_marks(POST, [post for post in posts if post.author_id == user.pk], now=now)
    for post in posts:
        post.mark = marks.get(post.pk)  # type: ignore[attr-defined]
        post.label = labels.label_of(post.author_part, post.author_role)  # type: ignore[attr-defined]
        post.is_own = post.author_id == user.pk  # type: ignore[attr-defined]
    return {"posts": posts, "earlier": posts[0].pk if len(found) > POSTS_PER_PAGE else None}


def questions_on_page(initiative: Initiative, user: Any, now: datetime) -> list[QuestionShown]:
    """Return the questions that `user` sees: the public ones, not those of people they blocked, and their own."""
    today, digest = local_date(now), fingerprint(initiative)
    rows: list[dict[str, Any]] = initiative.questions_json  # type: ignore[attr-defined]
    shown = [_shown(row, digest, user, today) for row in rows]
    if not user.is_authenticated:
        return shown
    blocked = set(Block.objects.by(user).values_list("blocked", flat=True)) if rows else set()
    visible = [question for question, row in zip(shown, rows, strict=True) if row["asked_by"] not in blocked]
    return [*_own_unshown(initiative, user, now), *visible]


def _own_unshown(initiative: Initiative, user: Any, now: datetime) -> list[QuestionShown]:
    rows = list(initiative.questions.filter(asked_by=user).exclude(visibility=Visibility.SHOWN))
    marks = own_marks(QUESTION, rows, now=now)
    return [
        QuestionShown(
            pk=row.pk,
            name=user.first_name,
            text=row.text,
            at=row.created_at,
            first_due_on=row.first_due_on,
            due_on=row.due_on,
            is_answered=False,
            is_overdue=False,
            is_own=True,
            is_waiting=True,
            mark=marks.get(row.pk),
        )
        for row in rows
    ]


def _shown(row: dict[str, Any], digest: str, user: Any, today: date) -> QuestionShown:
    answers = [_answer(answer, row["text"], digest) for answer in row["answers"]]
    due_on, is_answered = _date(row["due_on"]), row["answered_at"] is not None
    has_answer = is_answered or any(answer.moved_to is None for answer in answers)
    return QuestionShown(
        pk=row["pk"],
        name=row["name"] or gettext("someone"),
        text=row["text"],
        at=datetime.fromisoformat(row["at"]),
        first_due_on=_date(row["first_due_on"]),
        due_on=due_on,
        is_answered=is_answered,
        is_overdue=due_on is not None and due_on < today and not has_answer,
        is_own=user.is_authenticated and row["asked_by"] == user.pk,
        answers=answers,
    )


def _answer(row: dict[str, Any], question: str, digest: str) -> AnswerShown:
    is_changed = row["question_text"] != question
    role = [labels.role_in_words(role) for role in row["role"]]
    return AnswerShown(
        pk=row["pk"],
        name=row["name"] or gettext("someone"),
        label=", ".join(role) or gettext("municipality"),
        text=row["text"],
        at=datetime.fromisoformat(row["at"]),
        moved_to=_date(row["moved_to"]),
        question_before=row["question_text"] if is_changed else "",
        is_question_changed=is_changed,
        is_idea_changed=row["idea_fingerprint"] != digest,
    )


def _date(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
