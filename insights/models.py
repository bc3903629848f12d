"""Participation figures: how many visits, how many newcomers, how many came back. Never who.

A `Visit` identifies a person only by a keyed hash of their town and e-mail address, with a key for each year. The keys
of two years are kept, so that someone who came in December is not new in January. Older keys are destroyed
(`actions.forget_keys`); after that nobody can tell whose visits those were. See docs/data-protection.md.
"""

from __future__ import annotations

import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from locations.models import Location, Municipality
from meetups.models import Occurrence


def new_secret() -> bytes:
    return secrets.token_bytes(32)


class YearKey(models.Model):
    """The secret for hashing the people of one year. The row stays when the secret is destroyed."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    secret = models.BinaryField(null=True, default=new_secret)
    destroyed_at = models.DateTimeField(_("destroyed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of a year")
        verbose_name_plural = _("keys of years")
        constraints = [
            models.CheckConstraint(
                condition=Q(secret__isnull=True, destroyed_at__isnull=False)
                | Q(secret__isnull=False, destroyed_at__isnull=True),
                name="yearkey_secret_or_destroyed",
            )
        ]

    def __str__(self) -> str:
        return str(self.year)


class Visit(models.Model):
    """One family that came to one date, pseudonymous."""

    # No separate indexes: the constraint and index below start with these columns, and places are never deleted.
    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="visits", db_index=False, verbose_name=_("date")
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+", db_index=False)
    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("place")
    )
    occurred_on = models.DateField(_("date"))
    # The attendance that this was counted from, for corrections. Not a foreign key, because a visit stays counted when
    # someone erases their account. Set to null when the key of the year is destroyed.
    attendance_id = models.BigIntegerField(null=True, editable=False)
    person = models.BinaryField(max_length=16, editable=False)
    # The same person, hashed with last year's key.
    person_last_year = models.BinaryField(max_length=16, null=True, editable=False)
    visits_before = models.PositiveIntegerField(default=0)  # visits by this person up to the end of last year
    nth = models.PositiveIntegerField(_("visit number"), default=1)  # 1: new in this town, 2: came back, ...
    adults = models.PositiveSmallIntegerField(_("adults"))
    children = models.PositiveSmallIntegerField(_("children"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["municipality", "occurred_on"], name="visit_by_town"),
            models.Index(fields=["person"], name="visit_by_person"),
            models.Index(
                fields=["person_last_year"], name="visit_by_last_year", condition=Q(person_last_year__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "attendance_id"], name="visit_counted_once"),
            models.CheckConstraint(condition=Q(nth__gte=1), name="visit_nth_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.occurrence_id} {self.nth}"


class Tally(models.Model):
    """The number of people at one date as the host counted them, with or without a name."""

    occurrence = models.OneToOneField(Occurrence, on_delete=models.CASCADE, related_name="tally", primary_key=True)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+", db_index=False)
    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("place")
    )
    occurred_on = models.DateField(_("date"))
    adults = models.PositiveIntegerField(_("adults"))
    children = models.PositiveIntegerField(_("children"))
    unknown = models.PositiveIntegerField(_("families without an email address"), default=0, db_default=0)
    closed_at = models.DateTimeField(_("closed at"), db_index=True)  # of the occurrence when it was counted

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        indexes = [models.Index(fields=["municipality", "occurred_on"], name="tally_by_town")]

    def __str__(self) -> str:
        return f"{self.occurrence_id} {self.adults}+{self.children}"


class MonthlyFigureQuerySet(models.QuerySet["MonthlyFigure"]):
    def of_town(self, municipality: Municipality) -> Self:
        """Figures of the town as a whole, oldest month first."""
        return self.filter(municipality=municipality, location=None).order_by("month")

    def final(self) -> Self:
        """Months that no longer change."""
        return self.filter(final_at__isnull=False)


class MonthlyFigure(models.Model):
    """One month of a town, or of one place (`location`) in it: a roll-up for the figures page.

    The numbers are exact; only `insights.figures` reads them and decides what may be published. Visits of families are
    split over four disjoint counts: `newcomers`, `second_visits`, `later_visits` and `unknown`.
    """

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="monthly_figures", db_index=False
    )
    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    month = models.DateField(_("month"))  # its first day
    held = models.PositiveIntegerField(_("times"), default=0, db_default=0)  # number of meetups
    dates = models.PositiveIntegerField(_("times closed"), default=0)  # meetups closed in time
    visits = models.PositiveIntegerField(_("visits"), default=0)  # heads, as the hosts counted them
    newcomers = models.PositiveIntegerField(_("newcomers"), default=0)
    second_visits = models.PositiveIntegerField(_("second visits"), default=0)
    later_visits = models.PositiveIntegerField(_("third and later visits"), default=0, db_default=0)
    unknown = models.PositiveIntegerField(_("families without an email address"), default=0, db_default=0)
    regulars = models.PositiveIntegerField(_("people who keep coming"), default=0)  # of the quarter, in its last month
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)
    final_at = models.DateTimeField(_("final since"), null=True, blank=True)  # from then on the row does not change

    objects = MonthlyFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure of a month")
        verbose_name_plural = _("figures of months")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "month", "location"], name="figure_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="figure_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.month}"
