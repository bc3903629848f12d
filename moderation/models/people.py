"""What is stored about people: trust, blocks, and who is away."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TrustQuerySet(models.QuerySet["Trust"]):
    def in_force(self) -> Self:
        """Facts that no decision withdrew."""
        return self.filter(withdrawn_by=None)


class Trust(models.Model):
    """A reason why the texts of a user need no look beforehand: the day on which it last held, and nothing else.

    A fact of its own, because presence at a meetup is forgotten after 30 days.
    """

    class Fact(models.TextChoices):
        WELCOMED = "welcomed", _("was welcomed at a meetup")
        TEXTS_FINE = "texts_fine", _("wrote something that was found fine")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trust", verbose_name=_("user")
    )
    fact = models.CharField(_("fact"), max_length=12, choices=Fact)
    on = models.DateField(_("last on"))
    # Undoing the decision gives it back.
    withdrawn_by = models.ForeignKey(
        "moderation.Decision", on_delete=models.CASCADE, null=True, blank=True, related_name="withdrew"
    )

    objects = TrustQuerySet.as_manager()

    class Meta:
        verbose_name = _("trust")
        verbose_name_plural = _("trust")
        indexes = [models.Index(fields=["on"], name="trust_by_age")]
        constraints = [models.UniqueConstraint(fields=["user", "fact"], name="trust_once")]

    def __str__(self) -> str:
        return self.get_fact_display()


class BlockQuerySet(models.QuerySet["Block"]):
    def by(self, user: Any) -> Self:
        """The blocks of `user`; none for an anonymous one."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class Block(models.Model):
    """`user` does not want to see anything of `blocked`, who never hears of it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks", verbose_name=_("user")
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("blocked person")
    )
    on = models.DateField(_("since"))

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(user=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.blocked_id}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        """Absences on this day."""
        return self.filter(from_on__lte=day, until_on__gte=day)


class Absence(models.Model):
    """The days on which someone who looks after a town is away, so that others are asked; one per person."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absence", verbose_name=_("user")
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("up to and including"))

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} {self.until_on}"
