"""Personal data in talk and questions: export, erasure and retention rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from initiatives.models import Answer, Follow, Initiative, Post, Question
from initiatives.models.talk import PUT_BACK_WITHIN
from page_cache import versions


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return what `user` said, asked and answered about ideas, and which they follow."""
    return {
        "messages_you_wrote": [
            {
                "idea": _title(row.initiative),
                "text": row.text,
                "read_by": row.audience,
                "visibility": row.visibility,
                "at": instant(row.created_at),
                "deleted_at": instant(row.deleted_at),
            }
            for row in Post.objects.filter(author=user).select_related("initiative").order_by("pk")
        ],
        "questions_you_asked": [
            {
                "idea": _title(row.initiative),
                "text": row.text,
                "visibility": row.visibility,
                "at": instant(row.created_at),
                "answered_at": instant(row.answered_at),
            }
            for row in Question.objects.filter(asked_by=user).select_related("initiative").order_by("pk")
        ],
        "answers_you_gave": [
            {"question": row.question_text, "text": row.text, "at": instant(row.created_at)}
            for row in Answer.objects.filter(by=user).order_by("pk")
        ],
        "ideas_you_follow": [
            {"idea": _title(row.initiative), "follows": row.is_on, "since": instant(row.since)}
            for row in Follow.objects.filter(user=user).select_related("initiative").order_by("pk")
        ],
    }


def _title(initiative: Initiative) -> str:
    return initiative.without_hidden_texts().title


def erase(*, user: User, now: datetime) -> None:
    """Erase what `user` said and whom they follow; questions with an answer and answers stay, without a name."""
    towns = Initiative.objects.filter(questions__asked_by=user) | Initiative.objects.filter(questions__answers__by=user)
    versions.invalidate_pages(*towns.values_list("municipality_id", flat=True).distinct())
    Post.objects.filter(author=user).delete()
    Follow.objects.filter(user=user).delete()
    answers = Answer.objects.filter(question=OuterRef("pk"), moved_to=None)
    asked = Question.objects.filter(asked_by=user).alias(has_answer=Exists(answers))
    asked.filter(has_answer=False).delete()
    Question.objects.filter(asked_by=user).update(asked_by=None)
    Answer.objects.filter(by=user).update(by=None)


def old_deleted_posts(*, now: datetime) -> QuerySet[Post]:
    """Posts that their authors deleted, and can no longer put back."""
    return Post.objects.filter(deleted_at__lt=now - PUT_BACK_WITHIN)


def forget_deleted_posts(*, now: datetime) -> None:
    """Erase posts that their authors deleted and can no longer put back."""
    old_deleted_posts(now=now).delete()


RULES = [
    Rule(
        name="posts",
        what=_("What you say to those who take part in an idea, with your first name and what you do"),
        why=_("To talk with each other about an idea"),
        seen_by=_(
            "people who take part in that idea, and professionals and coordinators of the town; the municipality only"
            " if you chose so"
        ),
        until=_("until you delete it or delete your account"),
    ),
    Rule(
        name="deleted_posts",
        what=_("A message about an idea that you deleted"),
        why=_("So that you can put it back"),
        seen_by=_("you"),
        until=_("a day"),
        keep=PUT_BACK_WITHIN,
        forget=forget_deleted_posts,
        overdue=old_deleted_posts,
    ),
    Rule(
        name="questions",
        what=_("A question that you ask the municipality, or an answer that you give for it, with your first name"),
        why=_("So that everyone can read what was asked and answered"),
        seen_by=_("everyone"),
        until=_("until you delete your account; then an answered question stays without your name"),
    ),
    Rule(
        name="follows",
        what=_("Which ideas you follow"),
        why=_("To email you once a day when there is news"),
        seen_by=_("you"),
        until=_("until you delete your account"),
    ),
]
