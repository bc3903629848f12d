"""Initiative: an idea of a parent, from the first words to a running meetup."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.moments import CODES
from initiatives.refusals import Refusal
from initiatives.stages import LIVE, OPEN, EndReason, Part, Stage, Step
from locations.models import Location, Municipality
from locations.visibility import Visibility
from meetups.models import AgeBand, Meetup, Occurrence
from moderation.models import Block
from moderation.permissions import cases_of
from photos.models import Photo

SEARCH_CONFIG = "initiatives_dutch"  # accents are removed before stemming; see migration 0001
TITLE_WORDS = Func(F("words"), template="ts_filter(%(expressions)s, '{a}')", output_field=SearchVectorField())
PUBLIC = Q(published_at__isnull=False, visibility="shown")
LISTED = PUBLIC & ~Q(stage="ended")


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def published(self) -> Self:
        """Initiatives that are no drafts, also those that wait for a look or are hidden."""
        return self.filter(published_at__isnull=False)

    def public(self) -> Self:
        """Initiatives that everyone may see, ended ones included."""
        return self.published().filter(visibility=Visibility.SHOWN)

    def listed(self) -> Self:
        """Initiatives in lists: public, and not ended."""
        return self.public().exclude(stage=Stage.ENDED)

    def live(self) -> Self:
        """Initiatives that people gather for."""
        return self.filter(stage__in=LIVE)

    def running_elsewhere(self) -> Self:
        """Groups that run outside Pedbasis, and of which nobody looks after the page; with what that is known by."""
        unclaimed = self.filter(existing__isnull=False, existing__claimed_at=None, meetup=None)
        return unclaimed.select_related("municipality", "existing", "wished_place")

    def of(self, user: Any) -> Self:
        """Initiatives that `user` started, alone or with others; drafts included."""
        return self.filter(initiators__user_id=user.pk) if user.is_authenticated else self.none()

    def quiet(self, since: datetime) -> Self:
        """Public, open initiatives for which nobody did anything since this moment.

        One that runs is not quiet while its meetup has dates to come, or had one since; and of a group that runs
        elsewhere, nobody tells us what happens.
        """
        later = Occurrence.objects.scheduled().filter(meetup=OuterRef("meetup"), ends_at__gt=since)
        rows = self.public().filter(stage__in=OPEN, active_at__lte=since)
        elsewhere = Q(existing__isnull=False, meetup=None)
        return rows.exclude(Q(stage=Stage.RUNNING) & (Exists(later) | elsewhere))

    def unblocked(self, user: Any) -> Self:
        """Leave out those of someone whom `user` blocked, for the lists that `user` sees."""
        if not user.is_authenticated:
            return self
        blocked = Block.objects.by(user).values("blocked")
        return self.exclude(pk__in=Initiator.objects.filter(user__in=blocked).values("initiative"))

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def visible_to(self, user: Any) -> Self:
        """Initiatives that `user` may see: public ones, and their own."""
        return self.filter(pk__in=self.public().values("pk")) | self.of(user)


class Initiative(models.Model):
    """Something a parent wants to start. Its page and address live on when it runs, and when it ended."""

    class Shape(models.TextChoices):
        REGULAR = "regular", _("it comes back")
        ONCE = "once", _("once")
        OUTDOORS = "outdoors", _("it comes back, without a building")

    class Ask(models.TextChoices):
        """What kind of thing is still missing."""

        HANDS = "hands", _("hands to help")
        ROOM = "room", _("a room")
        THINGS = "things", _("things")
        MONEY = "money", _("money")

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="initiatives", verbose_name=_("municipality")
    )
    slug = models.SlugField(_("web address"), unique=True, max_length=100)
    title = models.CharField(_("title"), max_length=80)
    what = models.TextField(_("what you would like"), max_length=1000)
    for_whom = models.CharField(_("for whom it is"), max_length=300)
    needed = models.TextField(_("what is still needed"), max_length=600, blank=True)  # a line each; rows: Need
    # The kinds of what is missing now, to search by; `needs.recount` keeps it in step with needs and commitments.
    asks = ArrayField(
        models.CharField(max_length=6, choices=Ask), default=list, db_default=[], blank=True, editable=False
    )
    shape = models.CharField(_("how often"), max_length=8, choices=Shape, default=Shape.REGULAR)
    wished_place = models.ForeignKey(
        Location,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="wished_by",
        verbose_name=_("where you would like it"),
    )
    meeting_point = models.CharField(_("where you meet outdoors"), max_length=200, blank=True)
    # Of a group that runs outside Pedbasis: see ExistingGroup.
    meets_when = models.CharField(_("when it meets"), max_length=200, blank=True, db_default="")
    meets_where = models.CharField(_("where it meets"), max_length=200, blank=True, db_default="")
    website = models.URLField(_("website"), max_length=200, blank=True, db_default="")
    themes = ArrayField(
        models.CharField(max_length=12, choices=Meetup.Kind),
        verbose_name=_("what it is about"),
        default=list,
        blank=True,
    )
    age_bands = ArrayField(
        models.CharField(max_length=5, choices=AgeBand), verbose_name=_("ages"), default=list, blank=True
    )
    languages = ArrayField(
        models.CharField(max_length=3), verbose_name=_("languages spoken"), default=list, blank=True
    )  # ISO 639-1
    moments = ArrayField(
        models.CharField(max_length=11), verbose_name=_("when it could be"), default=list, blank=True
    )  # codes of initiatives.moments; none: any
    born_at_meetup = models.ForeignKey(
        Meetup,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="grown_initiatives",
        verbose_name=_("the meetup where it began"),
    )
    born_at_place = models.ForeignKey(
        Location,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="grown_initiatives",
        verbose_name=_("the place where it began"),
    )
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copies",
        editable=False,
        verbose_name=_("copied from"),
    )
    # The first of the family: where the idea began that was copied, and copied again.
    root = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="family",
        editable=False,
        verbose_name=_("first of the family"),
    )
    photo = models.OneToOneField(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="initiative"
    )
    meetup = models.OneToOneField(
        Meetup, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="initiative"
    )  # once it runs
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)  # those who said "I come"
    stage = models.CharField(_("stage"), max_length=9, choices=Stage, default=Stage.IDEA)
    end_reason = models.CharField(_("why it ended"), max_length=12, choices=EndReason, blank=True)
    end_note = models.CharField(_("what happened"), max_length=300, blank=True)
    # In which other idea it continues; kept when that one ends or continues elsewhere too, see `merges.leads_to`.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged_from",
        editable=False,
        verbose_name=_("continues in"),
    )
    visibility = models.CharField(
        _("visibility"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)  # null: a draft
    # When someone last did something: proposed, supported, changed, took a step. Never a clock.
    active_at = models.DateTimeField(_("last active at"), default=timezone.now, editable=False)
    words = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=SEARCH_CONFIG)
        + SearchVector("what", "for_whom", weight="B", config=SEARCH_CONFIG)
        + SearchVector("needed", "meeting_point", weight="C", config=SEARCH_CONFIG),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    # What people wrote, in the order of the form.
    TEXTS = ("title", "what", "for_whom", "needed", "meeting_point", "meets_when", "meets_where", "website", "end_note")

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        indexes = [
            # Lists leave out what ended, so however much ended, it costs nothing.
            models.Index(
                fields=["municipality", "-published_at", "-id"], name="initiative_listed_of_town", condition=LISTED
            ),
            models.Index(fields=["-published_at", "-id"], name="initiative_listed", condition=LISTED),
            models.Index(
                fields=["wished_place", "-published_at", "-id"],
                name="initiative_listed_at_place",
                condition=LISTED & Q(wished_place__isnull=False),
            ),
            models.Index(fields=["stage", "-published_at", "-id"], name="initiative_by_stage", condition=PUBLIC),
            GinIndex(fields=["words"], name="initiative_words"),
            GinIndex(TITLE_WORDS, name="initiative_title_words"),
            GinIndex(fields=["themes"], name="initiative_themes", condition=LISTED),
            GinIndex(fields=["asks"], name="initiative_asks", condition=LISTED),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="ended") & ~Q(end_reason="") | ~Q(stage="ended") & Q(end_reason="", end_note=""),
                name="initiative_ended_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(stage="ended", end_reason="merged"),
                name="initiative_merged_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | Q(stage="idea"), name="initiative_draft_is_an_idea"
            ),
            models.CheckConstraint(
                condition=Q(shape="outdoors") | Q(meeting_point=""), name="initiative_meeting_point_is_outdoors"
            ),
            models.CheckConstraint(condition=Q(moments__contained_by=list(CODES)), name="initiative_moments_are_known"),
            models.CheckConstraint(
                condition=Q(asks__contained_by=["hands", "room", "things", "money"]), name="initiative_asks_are_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("initiative", args=[self.slug])

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_public(self) -> bool:
        return not self.is_draft and self.visibility == Visibility.SHOWN

    @property
    def is_open(self) -> bool:
        """Whether people can take part."""
        return self.stage in OPEN

    @property
    def refusal(self) -> Refusal | None:
        """Why nobody can take part now; None if people can."""
        if self.is_ended:
            return Refusal.ENDED
        if self.stage == Stage.PAUSED:
            return Refusal.PAUSED
        if self.stage == Stage.RUNNING and self.runs_elsewhere:
            return Refusal.RUNS_ELSEWHERE
        return None if self.is_public else Refusal.NOT_PUBLIC

    @property
    def is_ended(self) -> bool:
        return self.stage == Stage.ENDED

    @property
    def is_group(self) -> bool:
        """Whether it was listed as a group that runs outside Pedbasis, and has not become a meetup yet."""
        return self.meetup_id is None and hasattr(self, "existing")

    @property
    def runs_elsewhere(self) -> bool:
        """Whether it is such a group, and nobody of it looks after its page: people just go there."""
        return self.is_group and not self.existing.is_claimed

    @property
    def kind(self) -> str:
        """What it is about, as a Meetup.Kind: the first of its themes."""
        return self.themes[0] if self.themes else Meetup.Kind.OTHER.value

    @property
    def photo_purpose(self) -> str:
        """What a photo must have been given for to be the photo of this initiative."""
        return f"initiative:{self.pk}"

    def is_visible_to(self, user: Any) -> bool:
        """Whether `user` may see it: everyone if it is public, else who started it or may decide about it."""
        if self.is_public:
            return True
        if not user.is_authenticated:
            return False
        is_own = self.initiators.filter(user_id=user.pk).exists()
        return (
            is_own
            or self.was_listed_by(user)
            or (not self.is_draft and cases_of(user).of("initiative", self.pk).exists())
        )

    def was_listed_by(self, user: Any) -> bool:
        """Whether `user` listed this group; only they see that."""
        return user.is_authenticated and self.runs_elsewhere and self.existing.listed_by_id == user.pk

    def without_hidden_texts(self) -> Self:
        """Take the texts off this instance if not everyone may see them, for mails; return it. Not to be saved."""
        if not self.is_public:
            for name in self.TEXTS:
                setattr(self, name, "")
            self.title = gettext("An idea")
        return self

    def town_ids(self) -> set[int]:
        """Return the ids of the towns whose pages show this initiative: its own, and that of where it was born."""
        born_at = self.born_at_place
        return {self.municipality_id} | ({born_at.municipality_id} if born_at else set())

    def touch(self, now: datetime) -> None:
        """Note, without saving, that someone did something."""
        self.active_at = max(now, self.active_at)


class Initiator(models.Model):
    """Someone who started an initiative: the proposer, or who started it together with them."""

    class As(models.TextChoices):
        PROPOSER = Part.PROPOSER.value, Part.PROPOSER.label
        CO_INITIATOR = Part.CO_INITIATOR.value, Part.CO_INITIATOR.label

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="initiators")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="initiatives", verbose_name=_("user")
    )
    part = models.CharField(_("part"), max_length=12, choices=As)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-part", "since", "pk"]  # the proposer first
        verbose_name = _("initiator")
        verbose_name_plural = _("initiators")
        constraints = [
            models.UniqueConstraint(fields=["initiative", "user"], name="initiator_once"),
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(part="proposer"), name="initiative_has_one_proposer"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class HistoryEntry(models.Model):
    """One step in the history of an initiative: what, when, by whom, and whether from a page or a mail."""

    class Via(models.TextChoices):
        PAGE = "page", _("on the site")
        MAIL = "mail", _("from an email")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="history")
    step = models.CharField(_("step"), max_length=12, choices=Step)
    stage_before = models.CharField(_("stage before"), max_length=9, choices=Stage)
    stage_after = models.CharField(_("stage after"), max_length=9, choices=Stage)
    # Only those who started it: who takes part is not named here. None: someone who takes part, or an erased account.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    via = models.CharField(_("via"), max_length=4, choices=Via, default=Via.PAGE)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.step}"
