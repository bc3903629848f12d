"""Concern: a worry about the safety of a child, written to the fixed contacts of a town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from locations.models import Municipality

MAX_WORDS = 4000


class ConcernQuerySet(models.QuerySet["Concern"]):
    def unread(self) -> Self:
        """Concerns that nobody has read, the one that goes up first at the top."""
        return self.filter(read_at=None).order_by("goes_up_at", "pk")

    def read_only(self) -> Self:
        """Concerns that someone read and nobody handled yet."""
        return self.filter(read_at__isnull=False, handled_at=None).order_by("pk")


class Concern(models.Model):
    """What someone wrote who worries about a child: only what they typed, not who they are or where they were."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="+", verbose_name=_("municipality")
    )
    words = models.TextField(_("what the worry is"), max_length=MAX_WORDS)
    reply_to = models.CharField(_("how to reach the writer"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=5, default="nl")
    # A keyed hash of the form and what was typed: the same form sent twice is one concern.
    fingerprint = models.CharField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("written at"))
    read_by = models.DateTimeField(_("will be read before"))  # what the writer was promised
    level = models.PositiveSmallIntegerField(_("level"), default=0)  # moderation.levels.Level: how far it went up
    told_at = models.DateTimeField(_("this level was told at"))
    goes_up_at = models.DateTimeField(_("goes up at, if nobody reads it"))
    # Who was named in it when it was written: a new first name does not let them in.
    left_out = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("left out"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("read by"),
    )
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    objects = ConcernQuerySet.as_manager()

    if TYPE_CHECKING:
        municipality_id: int
        reader_id: int | None

    class Meta:
        verbose_name = _("worry about a child")
        verbose_name_plural = _("worries about a child")
        indexes = [
            models.Index(fields=["goes_up_at", "id"], name="concern_unread", condition=Q(read_at=None)),
            models.Index(fields=["municipality", "created_at"], name="concern_by_town"),
            models.Index(fields=["created_at"], name="concern_by_age"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="concern_has_words"),
            models.CheckConstraint(condition=Q(level__lte=2), name="concern_level_exists"),
            models.CheckConstraint(condition=Q(read_by__gt=F("created_at")), name="concern_promise_is_later"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=False) | Q(reader=None, handled_at=None),
                name="concern_handled_after_reading",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("concern_read", args=[self.pk])
