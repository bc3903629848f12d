"""Meetup: the recurring series, without its dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from locations.bilingual import Texts, names_in_english
from locations.models import Location
from locations.visibility import Visibility
from moderation.models import Block
from moderation.permissions import cases_of
from photos.models import Photo

FEED_RETENTION = timedelta(days=365)  # after a meetup ended: how long feeds show its cancelled dates


class AgeBand(models.TextChoices):
    """Age groups of children."""

    BABY = "0-3", _("0 to 3 years")
    CHILD = "4-12", _("4 to 12 years")
    TEEN = "13-18", _("13 to 18 years")


class MeetupQuerySet(models.QuerySet["Meetup"]):
    def running(self) -> Self:
        """Meetups that did not end; they get dates, also while they are not shown."""
        return self.filter(status=Meetup.Status.ACTIVE)

    def shown(self) -> Self:
        """Meetups that everyone may see, ended ones included."""
        return self.filter(visibility=Visibility.SHOWN)

    def active(self) -> Self:
        """Meetups that are public: running and shown."""
        return self.running().shown()

    def unblocked(self, user: Any) -> Self:
        """Leave out meetups with a host whom `user` blocked, for the lists that `user` sees."""
        if not user.is_authenticated:
            return self
        blocked = Block.objects.by(user).values("blocked")
        return self.exclude(pk__in=Host.objects.filter(user__in=blocked).values("meetup"))

    def in_calendars(self, now: datetime) -> Self:
        """Meetups that have a feed: active ones, and ended ones for FEED_RETENTION."""
        return self.keeping_dates(now).shown()

    def keeping_dates(self, now: datetime) -> Self:
        """Meetups whose dates are still in calendars of people, whether their texts are shown or not."""
        return self.running() | self.filter(status=Meetup.Status.ENDED, ended_at__gt=now - FEED_RETENTION)

    def hosted_by(self, user: Any) -> Self:
        """Meetups of which `user` is a host."""
        return self.filter(pk__in=Host.objects.serving(user).values("meetup"))

    def managed_by(self, user: Any) -> Self:
        """Meetups that `user` may change: as a host, or as coordinator of the town."""
        towns = Role.objects.of(user, Role.Kind.COORDINATOR).values("municipality")
        return self.hosted_by(user) | self.filter(location__municipality__in=towns)


class Meetup(models.Model):
    """A recurring meetup: title, location, hosts and recurrence rule."""

    class Kind(models.TextChoices):
        COFFEE = "coffee", _("coffee morning")
        PLAY = "play", _("playing together")
        WALK = "walk", _("walking or running")
        CREATIVE = "creative", _("making things")
        ANIMALS = "animals", _("with animals")
        TALK = "talk", _("talking about a theme")
        CLOTHES = "clothes", _("clothes and things")
        OTHER = "other", _("something else")

    class Mode(models.TextChoices):
        WALK_IN = "walk_in", _("just come along")
        SIGN_UP = "sign_up", _("sign up first")

    class Status(models.TextChoices):
        ACTIVE = "active", _("running")
        ENDED = "ended", _("ended")

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="meetups", verbose_name=_("place"))
    title = models.CharField(_("title"), max_length=80)
    slug = models.SlugField(_("web address"), unique=True, max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COFFEE)
    summary = models.CharField(_("in one sentence"), max_length=200)
    description = models.TextField(_("more information"), blank=True, max_length=4000)
    # What to expect.
    greeting = models.CharField(_("who welcomes you, and how you recognise them"), max_length=300, blank=True)
    cost = models.CharField(_("what it costs"), max_length=120, blank=True)
    is_free = models.BooleanField(_("free of charge"), null=True, blank=True)  # None: not known, so never called free
    stay = models.CharField(_("how long people stay"), max_length=200, blank=True)
    # The same in English, if someone wrote it.
    title_en = models.CharField(_("title, in English"), max_length=80, blank=True, default="", db_default="")
    summary_en = models.CharField(
        _("in one sentence, in English"), max_length=200, blank=True, default="", db_default=""
    )
    description_en = models.TextField(
        _("more information, in English"), max_length=4000, blank=True, default="", db_default=""
    )
    greeting_en = models.CharField(
        _("who welcomes you, in English"), max_length=300, blank=True, default="", db_default=""
    )
    cost_en = models.CharField(_("what it costs, in English"), max_length=120, blank=True, default="", db_default="")
    stay_en = models.CharField(
        _("how long people stay, in English"), max_length=200, blank=True, default="", db_default=""
    )
    age_bands = ArrayField(
        models.CharField(max_length=5, choices=AgeBand), verbose_name=_("ages"), default=list, blank=True
    )
    languages = ArrayField(
        models.CharField(max_length=3), verbose_name=_("languages spoken"), default=list, blank=True
    )  # ISO 639-1
    mode = models.CharField(_("coming along"), max_length=8, choices=Mode, default=Mode.SIGN_UP)
    capacity = models.PositiveSmallIntegerField(_("spaces for adults"), null=True, blank=True)  # null: no limit
    newcomer_places = models.PositiveSmallIntegerField(_("spaces kept for newcomers"), default=0)
    # RRULE: a validated subset of RFC 5545 (see meetups.schedule.recurrence); "" means a single date.
    rrule = models.CharField(_("rhythm"), max_length=120, blank=True)
    first_on = models.DateField(_("first date"))
    start_time = models.TimeField(_("from"))
    end_time = models.TimeField(_("until"))
    skip_public_holidays = models.BooleanField(_("skip public holidays"), default=True)
    skip_school_holidays = models.BooleanField(_("skip school holidays"), default=False)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    visibility = models.CharField(
        _("visibility"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # What people wrote, in the order of the form; and with the English versions.
    BILINGUAL = ("title", "summary", "greeting", "cost", "stay", "description")
    TEXTS = BILINGUAL + names_in_english(BILINGUAL)
    # The fields that calendar events show (meetups.calendars.ics), and those that decide in which language.
    SHOWN_IN_CALENDARS = ("title", "summary", "greeting", *names_in_english(BILINGUAL))

    objects = MeetupQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("meetup")
        verbose_name_plural = _("meetups")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")),
                name="meetup_ends_after_start",
                violation_error_message=_("The end must be later than the start, on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=1),
                name="meetup_capacity_at_least_one",
                violation_error_message=_("There must be at least one space. Leave it empty for no limit."),
            ),
            models.CheckConstraint(
                condition=Q(capacity=None, newcomer_places=0)
                | Q(capacity__isnull=False, newcomer_places__lte=F("capacity")),
                name="meetup_newcomer_places_fit",
                violation_error_message=_("There cannot be more spaces for newcomers than spaces in all."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meetup", args=[self.slug])

    @property
    def is_shown(self) -> bool:
        return self.visibility == Visibility.SHOWN

    def is_visible_to(self, user: Any) -> bool:
        """Whether `user` may see this meetup: everyone if it is shown, else who may change it or decide about it."""
        if self.is_shown:
            return True
        if not user.is_authenticated:
            return False
        mine = Meetup.objects.managed_by(user).filter(pk=self.pk)
        return mine.exists() or cases_of(user).of("meetup", self.pk).exists()

    def without_hidden_texts(self) -> Self:
        """Take the texts off this instance if they are not shown, for people who signed up; return it.

        Their date still takes place. Not to be saved.
        """
        if not self.is_shown:
            for name in self.TEXTS:
                setattr(self, name, "")
            self.title = gettext("A meetup")
        return self

    def town_ids(self) -> set[int]:
        """Return the ids of the towns whose pages show this meetup: its own, and those where it has a date."""
        with_dates = Location.objects.filter(occurrences__meetup=self).values_list("municipality_id", flat=True)
        return {self.location.municipality_id, *with_dates.distinct()}

    @property
    def holidays(self) -> tuple[str, ...]:
        """The public holidays that are skipped: those of its town, or none."""
        return tuple(self.location.municipality.holidays) if self.skip_public_holidays else ()

    @property
    def texts(self) -> Texts:
        """What people wrote, in English on English pages if all of it is there in English."""
        return Texts(self)

    @property
    def is_walk_in(self) -> bool:
        return self.mode == self.Mode.WALK_IN


# MeetupQuerySet.unblocked as a SQL condition on meetup m, for the user %(user)s.
UNBLOCKED = """NOT EXISTS (
    SELECT FROM moderation_block b JOIN meetups_host h ON h.user_id = b.blocked_id
    WHERE b.user_id = %(user)s AND h.meetup_id = m.id
)"""

# HostQuerySet.in_role as SQL, for host h of meetup m.
HOST_IN_ROLE = f"""EXISTS (
    SELECT FROM accounts_role r JOIN locations_location home ON home.municipality_id = r.municipality_id
    WHERE r.user_id = h.user_id AND r.kind = '{Role.Kind.HOST}' AND home.id = m.location_id
)"""


class HostQuerySet(models.QuerySet["Host"]):
    def in_role(self) -> Self:
        """Hosts who still have the host role in the town of the meetup."""
        town = OuterRef("meetup__location__municipality")
        return self.filter(Exists(Role.objects.filter(user=OuterRef("user"), kind=Role.Kind.HOST, municipality=town)))

    def unblocked(self, user: Any) -> Self:
        """Leave out those whom `user` blocked."""
        return self.exclude(user__in=Block.objects.by(user).values("blocked")) if user.is_authenticated else self

    def serving(self, user: Any) -> Self:
        """Rows of `user`, where they still have the host role."""
        return self.in_role().filter(user_id=user.pk)


class Host(models.Model):
    """Someone who welcomes people at a meetup (gastvrouw, gastheer)."""

    meetup = models.ForeignKey(Meetup, on_delete=models.CASCADE, related_name="hosts", verbose_name=_("meetup"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hostings", verbose_name=_("host")
    )
    welcome = models.CharField(_("words of welcome"), max_length=300, blank=True)
    visibility = models.CharField(
        _("words of welcome: visibility"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )
    portrait = models.OneToOneField(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="host"
    )
    # A host sees no names of dates before this. None: from before this was recorded, so no limit.
    since = models.DateTimeField(_("host since"), null=True, default=timezone.now, editable=False)

    objects = HostQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [
            models.UniqueConstraint(
                fields=["meetup", "user"],
                name="host_once",
                violation_error_message=_("This person is already a host of this meetup."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def shown_welcome(self) -> str:
        """The words of welcome for everyone; empty while they wait or are hidden."""
        return self.welcome if self.visibility == Visibility.SHOWN else ""

    @property
    def portrait_purpose(self) -> str:
        """What a photo must have been given for to be the portrait of this host at this meetup."""
        return f"host:{self.pk}"
