"""Case: everything about one thing that people wrote or gave, for those who decide about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from locations.models import Municipality

PROMISE = timedelta(hours=24)  # within which someone looks, where that can be promised


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        """Cases that wait for a decision, the most urgent first."""
        return self.filter(state=Case.State.OPEN).order_by("opened_at", "pk")

    def of(self, kind: str, object_id: int) -> Self:
        """The case about this thing, if there is one."""
        return self.filter(kind=kind, object_id=object_id)


class Case(models.Model):
    """One thing that people wrote or gave, with all reports and decisions about it; reopened when there is news."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for a decision")
        CLOSED = "closed", _("decided")

    class Cause(models.TextChoices):
        FIRST_TEXT = "first_text", _("first text of someone we do not know yet")
        EDIT = "edit", _("changed text of someone we do not know yet")
        REPORT = "report", _("someone reported it")
        ANSWER = "answer", _("the writer answered")

    kind = models.CharField(_("kind"), max_length=20)  # a key of moderation.kinds
    object_id = models.BigIntegerField(_("number"))
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="+", verbose_name=_("municipality")
    )
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("writer"),
    )
    title = models.CharField(_("title"), max_length=140)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    cause = models.CharField(_("why"), max_length=10, choices=Cause)
    opened_at = models.DateTimeField(_("waits since"))
    # When someone was promised to have looked; None where nobody could be asked, so nothing was promised.
    promised_at = models.DateTimeField(_("promised before"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), default=0)  # moderation.levels.Level: how far it went up
    # Texts by field that wait, while the approved ones are shown.
    proposed = models.JSONField(_("proposed texts"), default=dict, blank=True)
    # Who may not decide about it, as far as known when something last happened (moderation.permissions).
    barred = ArrayField(models.BigIntegerField(), default=list, blank=True)
    next_check_at = models.DateTimeField(null=True, editable=False)  # when to see again who must be told
    is_about_municipality = models.BooleanField(_("may be about the municipality"), default=False)
    # Raised by everything that happens, so that nobody decides about something else than they saw.
    revision = models.PositiveIntegerField(default=0)

    # The writer knows why it waits: of a mere report they never hear.
    LOOKS: ClassVar = frozenset({Cause.FIRST_TEXT, Cause.EDIT})
    KNOWN_TO_WRITER: ClassVar = LOOKS | {Cause.ANSWER}

    objects = CaseQuerySet.as_manager()

    if TYPE_CHECKING:
        municipality_id: int
        writer_id: int | None

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["opened_at", "id"], name="case_open", condition=Q(state="open")),
            models.Index(fields=["next_check_at"], name="case_to_check", condition=Q(state="open")),
            models.Index(fields=["municipality", "opened_at"], name="case_by_town"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="case_once"),
            models.CheckConstraint(condition=Q(state="open") | Q(proposed={}), name="case_closed_proposes_nothing"),
            models.CheckConstraint(condition=Q(level__lte=2), name="case_level_exists"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("case", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def is_late(self, now: datetime) -> bool:
        """Whether the promised moment has passed."""
        return self.is_open and self.promised_at is not None and self.promised_at <= now

    def promise(self, now: datetime) -> datetime | None:
        """Return before when someone will have looked; None if that was not promised, or is no longer true."""
        return self.promised_at if self.is_open and not self.is_late(now) else None
