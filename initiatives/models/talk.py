"""What people say to each other under an initiative, their questions to an official, and who follows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models.initiative import Initiative
from locations.visibility import Visibility
from moderation.models import Block

POST_LENGTH = 1000
QUESTION_LENGTH = 500
ANSWER_LENGTH = 2000
PUT_BACK_WITHIN = timedelta(days=1)  # after deleting one's own post; then it is erased


def _visibility() -> Any:
    return models.CharField(_("visibility"), max_length=7, choices=Visibility, default=Visibility.SHOWN, editable=False)


class Audience(models.TextChoices):
    """Who reads a post, as its author chose when writing it."""

    NETWORK = "network", _("only people who take part")
    MUNICIPALITY = "municipality", _("people who take part, and the municipality")


class PostQuerySet(models.QuerySet["Post"]):
    def kept(self) -> Self:
        """Posts that their authors did not delete."""
        return self.filter(deleted_at=None)

    def read_by(self, user: Any, audiences: Collection[str]) -> Self:
        """Posts of others that someone who reads for these audiences sees; never those of people they blocked."""
        blocked = Block.objects.by(user).values("blocked")
        shown = self.kept().filter(visibility=Visibility.SHOWN, audience__in=audiences)
        return shown.exclude(author_id=user.pk).exclude(author__in=blocked)

    def seen_by(self, user: Any, audiences: Collection[str], *, now: datetime) -> Self:
        """What `user` sees in the talk: also their own posts that wait, are hidden, or can still be put back."""
        can_be_put_back = Q(deleted_at=None) | Q(deleted_at__gt=now - PUT_BACK_WITHIN)
        others = self.read_by(user, audiences)
        return self.filter(Q(author_id=user.pk) & can_be_put_back | Q(pk__in=others.values("pk")))

    def shown_between(self, since: datetime, until: datetime) -> Self:
        """Posts that people could read for the first time after `since`, up to and including `until`."""
        return self.filter(shown_at__gt=since, shown_at__lte=until)


class Post(models.Model):
    """Something that someone who takes part said to the others."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts", verbose_name=_("author")
    )
    text = models.TextField(_("message"), max_length=POST_LENGTH)
    audience = models.CharField(_("who reads it"), max_length=12, choices=Audience, editable=False)
    visibility = _visibility()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    shown_at = models.DateTimeField(null=True, editable=False)  # when others could read it for the first time
    deleted_at = models.DateTimeField(null=True, editable=False)  # by its author

    objects = PostQuerySet.as_manager()

    if TYPE_CHECKING:
        author_id: int

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["initiative", "-created_at", "-id"], name="post_newest"),
            models.Index(fields=["shown_at"], name="post_by_shown"),
            models.Index(fields=["deleted_at"], name="post_deleted", condition=Q(deleted_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="post_says_something"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="post_audience_is_known"),
            models.CheckConstraint(
                condition=~Q(visibility="shown") | Q(shown_at__isnull=False), name="post_shown_has_instant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.author_id}"

    def get_absolute_url(self) -> str:
        return f"{self.initiative.get_absolute_url()}#post-{self.pk}"

    def can_be_put_back(self, now: datetime) -> bool:
        return self.deleted_at is not None and self.deleted_at > now - PUT_BACK_WITHIN


class QuestionQuerySet(models.QuerySet["Question"]):
    def shown(self) -> Self:
        """Questions that everyone may see, if they may see the initiative."""
        return self.filter(visibility=Visibility.SHOWN)

    def unanswered(self) -> Self:
        """Questions with no answer that people see, and of which who asked did not say that they are answered."""
        answers = Answer.objects.shown().filter(moved_to=None)
        return self.filter(answered_at=None).exclude(pk__in=answers.values("question"))


class Question(models.Model):
    """A question to the municipality, for everyone to read, with the date on which an answer is due."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="questions")
    # None: an erased account.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    text = models.TextField(_("question"), max_length=QUESTION_LENGTH)
    visibility = _visibility()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    shown_at = models.DateTimeField(null=True, editable=False)  # when people could read it first: the clock starts
    first_due_on = models.DateField(_("answer due on, at first"), null=True, editable=False)
    due_on = models.DateField(_("answer due on"), null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)  # said by who asked, never by an official

    objects = QuestionQuerySet.as_manager()

    if TYPE_CHECKING:
        asked_by_id: int | None

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [
            models.Index(fields=["initiative", "-created_at"], name="question_newest"),
            models.Index(fields=["shown_at"], name="question_by_shown"),
            models.Index(fields=["due_on"], name="question_due", condition=Q(answered_at=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_says_something"),
            models.CheckConstraint(
                condition=Q(shown_at__isnull=False, first_due_on__isnull=False, due_on__isnull=False)
                & Q(due_on__gte=F("first_due_on"))
                | Q(shown_at=None, first_due_on=None, due_on=None) & ~Q(visibility="shown"),
                name="question_shown_has_due_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{self.initiative.get_absolute_url()}#question-{self.pk}"

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.SHOWN and self.initiative.is_public

    @property
    def was_moved(self) -> bool:
        return self.due_on != self.first_due_on

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer that everyone sees."""
        return self.answers.shown().filter(moved_to=None).exists()


class AnswerQuerySet(models.QuerySet["Answer"]):
    def shown(self) -> Self:
        """Answers that everyone may see, if they may see the question."""
        return self.filter(visibility=Visibility.SHOWN)


class Answer(models.Model):
    """What an official answered, or why the answer comes later and when."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    # None: an erased account.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    text = models.TextField(_("answer"), max_length=ANSWER_LENGTH)
    moved_to = models.DateField(_("answer due on instead"), null=True, editable=False)  # null: it is the answer
    # The question as it read then; empty when that text was not shown.
    question_text = models.TextField(max_length=QUESTION_LENGTH, editable=False, blank=True)
    idea_fingerprint = models.CharField(max_length=64, editable=False)  # of the idea as it was then
    visibility = _visibility()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        indexes = [models.Index(fields=["created_at"], name="answer_by_created")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="answer_says_something"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(moved_to__isnull=False), name="question_moved_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.pk}"


def fingerprint(initiative: Initiative) -> str:
    """Return a digest of what an answer may be about, to see later that it was changed."""
    names = ("title", "what", "for_whom", "shape", "wished_place_id", "meeting_point", "moments")
    written = json.dumps([getattr(initiative, name) for name in names])
    return hashlib.sha256(written.encode()).hexdigest()


class Follow(models.Model):
    """What someone chose about the daily mail about an initiative, and until when they were told."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows", verbose_name=_("user")
    )
    # Without a row, who started it follows, and nobody else.
    is_on = models.BooleanField(_("follows"))
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    told_until = models.DateTimeField(null=True, editable=False)  # what happened until then is in an earlier mail

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.UniqueConstraint(fields=["initiative", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.user_id}"
