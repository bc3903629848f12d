"""Occurrence: one date of a meetup."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from locations.models import Location, Municipality
from locations.visibility import Visibility
from meetups.models.meetup import Meetup
from meetups.refusals import Refusal

# OccurrenceQuerySet.listed and joinable as SQL conditions on occurrence o and meetup m, at %(now)s.
LISTED = "m.status = 'active' AND m.visibility = 'shown' AND o.closed_at IS NULL AND o.ends_at > %(now)s"
JOINABLE = f"{LISTED} AND o.status = 'scheduled'"


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def public(self) -> Self:
        """Dates of public meetups."""
        return self.filter(meetup__status=Meetup.Status.ACTIVE, meetup__visibility=Visibility.SHOWN)

    def running(self) -> Self:
        """Dates of meetups that did not end, also of those that are not shown."""
        return self.filter(meetup__status=Meetup.Status.ACTIVE)

    def in_calendars(self, now: datetime) -> Self:
        """Dates that feeds show: those of public meetups, and for a while those of ended ones.

        That is how calendars receive the cancellations.
        """
        return self.filter(meetup__in=Meetup.objects.in_calendars(now).values("pk"))

    def in_own_calendars(self, now: datetime) -> Self:
        """Dates that the feed of someone who signed up shows: also while the texts of the meetup are not shown."""
        return self.filter(meetup__in=Meetup.objects.keeping_dates(now).values("pk"))

    def scheduled(self) -> Self:
        return self.filter(status=Occurrence.Status.SCHEDULED)

    def coming(self, now: datetime) -> Self:
        """Dates that are not over and not closed, cancelled ones included, earliest first."""
        # The bound on the start makes its index usable: no date is longer than a day.
        is_not_over = Q(ends_at__gt=now, starts_at__gt=now - timedelta(days=1))
        return self.filter(is_not_over, closed_at=None).order_by("starts_at", "pk")

    def listed(self, now: datetime) -> Self:
        """Coming dates in public lists; cancelled ones too, so that nobody turns up in vain."""
        return self.public().coming(now)

    def joinable(self, now: datetime) -> Self:
        """Dates that are open for sign-up: those for which `sign_up_refusal` returns None."""
        return self.listed(now).scheduled()

    def unblocked(self, user: Any) -> Self:
        """Leave out dates with a host whom `user` blocked, for the lists that `user` sees."""
        if not user.is_authenticated:
            return self
        return self.filter(meetup__in=Meetup.objects.unblocked(user).values("pk"))

    def planned(self, now: datetime) -> Self:
        """Dates that take place, also while their meetup is not shown: for who manages it, and who signed up."""
        return self.running().coming(now).scheduled()

    def to_close(self, now: datetime, *, since: datetime) -> Self:
        """Dates that ended after `since` and that no host closed yet, earliest first."""
        over = self.scheduled().filter(ends_at__gt=since, ends_at__lte=now, starts_at__gt=since - timedelta(days=1))
        return over.filter(closed_at=None).order_by("ends_at", "pk")

    def hosted_by(self, user: Any) -> Self:
        """Dates of meetups of which `user` is a host."""
        return self.filter(meetup__in=Meetup.objects.hosted_by(user).values("pk"))

    def in_municipality(self, municipality: Municipality) -> Self:
        return self.filter(location__municipality=municipality)


class Occurrence(models.Model):
    """One date of a Meetup; a one-off Meetup has exactly one."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("is on")
        CANCELLED = "cancelled", _("cancelled")

    # db_index=False: a constraint and an index below start with these columns.
    meetup = models.ForeignKey(
        Meetup, on_delete=models.CASCADE, related_name="occurrences", db_index=False, verbose_name=_("meetup")
    )
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="occurrences", db_index=False, verbose_name=_("place")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    planned_for = models.DateField(_("date"))  # the local date from the rule; part of the URL
    theme = models.CharField(_("theme"), max_length=120, blank=True)
    capacity = models.PositiveSmallIntegerField(_("spaces for adults"), null=True, blank=True)  # null: the meetup's
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SCHEDULED)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    visibility = models.CharField(
        _("theme and reason: visibility"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )
    is_edited = models.BooleanField(_("changed by hand"), default=False)  # no longer follows the rule
    seats_taken = models.PositiveIntegerField(_("adults coming"), default=0)
    # RFC 5545 SEQUENCE: bumped on each change that calendars show (meetups.schedule.actions.stamps).
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)  # RFC 5545 LAST-MODIFIED
    # What the host filled in.
    walk_in_adults = models.PositiveSmallIntegerField(_("adults who walked in"), default=0)
    walk_in_children = models.PositiveSmallIntegerField(_("children who walked in"), default=0)
    head_adults = models.PositiveSmallIntegerField(_("adults in all"), null=True, blank=True)
    head_children = models.PositiveSmallIntegerField(_("children in all"), null=True, blank=True)
    host_note = models.TextField(_("note"), blank=True, max_length=2000)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # What people wrote about this date alone, in the order of the form.
    TEXTS = ("theme", "cancel_reason")

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("date")
        verbose_name_plural = _("dates")
        indexes = [
            models.Index(fields=["starts_at", "id"], name="occurrence_by_start"),
            models.Index(fields=["location", "starts_at"], name="occurrence_by_location"),
            models.Index(fields=["closed_at"], name="occurrence_closed", condition=Q(closed_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meetup", "planned_for"], name="occurrence_once_a_day"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="occurrence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(status="cancelled") | Q(cancel_reason=""),
                name="occurrence_reason_only_when_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(head_adults__isnull=False, head_children__isnull=False),
                name="occurrence_closed_with_head_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meetup_id} {self.planned_for}"

    def get_absolute_url(self) -> str:
        return reverse("occurrence", args=[self.meetup.slug, self.planned_for])

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def shown_theme(self) -> str:
        """The theme for everyone; empty while it is hidden."""
        return self.theme if self.visibility == Visibility.SHOWN else ""

    @property
    def shown_cancel_reason(self) -> str:
        """Why it is cancelled, for everyone; empty while that is hidden."""
        return self.cancel_reason if self.visibility == Visibility.SHOWN else ""

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def town_ids(self) -> set[int]:
        """The ids of the towns whose pages show this date: its own, and that of its meetup."""
        return {self.location.municipality_id, self.meetup.location.municipality_id}

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    def is_done(self, now: datetime) -> bool:
        """Whether it is over or was closed by a host."""
        return self.is_over(now) or self.is_closed

    def refusal(self, now: datetime) -> Refusal | None:
        """Return why nobody can come, or None if people can; about the date alone."""
        if self.is_cancelled:
            return Refusal.CANCELLED
        if self.meetup.status == Meetup.Status.ENDED:
            return Refusal.ENDED
        if self.is_over(now):
            return Refusal.OVER
        return Refusal.CLOSED if self.is_closed else None

    def sign_up_refusal(self, now: datetime) -> Refusal | None:
        """Return why sign-up is not possible, or None if it is."""
        return self.refusal(now) or (None if self.meetup.is_shown else Refusal.HIDDEN)

    def without_hidden_texts(self) -> Self:
        """Take the texts off this instance and its meetup if they are not shown; return it. Not to be saved."""
        if not self.meetup.is_shown:
            self.theme = self.cancel_reason = ""
        self.meetup.without_hidden_texts()
        return self

    @property
    def local_date(self) -> date:
        """The local date in Amsterdam."""
        return timezone.localdate(self.starts_at)

    @property
    def places(self) -> int | None:
        """Seats for adults on this date; None when there is no limit."""
        return self.meetup.capacity if self.capacity is None else self.capacity


class FormerDate(models.Model):
    """A URL that a date once had: it redirects permanently to the current one.

    A date that now uses this URL itself takes precedence. Without `occurrence`, the date was deleted.
    """

    meetup = models.ForeignKey(Meetup, on_delete=models.CASCADE, related_name="former_dates", db_index=False)
    planned_for = models.DateField(_("date"))
    occurrence = models.ForeignKey(Occurrence, on_delete=models.SET_NULL, null=True, related_name="former_dates")

    class Meta:
        verbose_name = _("former address of a date")
        verbose_name_plural = _("former addresses of dates")
        constraints = [models.UniqueConstraint(fields=["meetup", "planned_for"], name="former_date_once")]

    def __str__(self) -> str:
        return f"{self.meetup_id} {self.planned_for}"
