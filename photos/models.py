"""Photos that people give: what is known about each, and the bytes that wait in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from photos.shapes import SHAPES, Shape

MAX_BYTES = 20 * 1024 * 1024  # of what people give; phones make 2 to 12 MB
MAX_COPY_BYTES = 128 * 1024
MIN_DESCRIPTION, MAX_DESCRIPTION = 5, 200
DRAFT_KEPT = timedelta(days=1)  # a photo that is part of no page: the form was left, or the photo taken away
COPY_KEPT = timedelta(days=30)  # after hiding: so long it can be shown again


def new_token() -> str:
    return secrets.token_hex(16)


def fingerprint_of(data: bytes) -> str:
    """Return what tells whether two files are the same."""
    return hashlib.sha256(data).hexdigest()[:32]


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible(self) -> Self:
        """Photos that everyone may see, and whose files are in the store."""
        return self.public().filter(state=Photo.State.READY)

    def public(self) -> Self:
        """Photos that are part of a page and not hidden."""
        return self.filter(attached_at__isnull=False, visibility=Photo.Visibility.SHOWN)

    def drafts(self) -> Self:
        """Photos that are part of no page yet, or no longer."""
        return self.filter(attached_at=None, visibility=Photo.Visibility.SHOWN)

    def draft_for(self, user: Any, purpose: str) -> Photo | None:
        """Return the photo that `user` gave for this purpose before, and that is part of no page; else None."""
        usable = self.drafts().exclude(state__in=UNUSABLE)
        return usable.filter(given_by_id=user.pk, purpose=purpose).first()

    def unsettled(self) -> Self:
        """Photos with work left: to convert, to put in the store, or to take out of it."""
        is_public = Q(attached_at__isnull=False, visibility=Photo.Visibility.SHOWN)
        is_unusable = Q(state__in=UNUSABLE)
        return self.filter(
            Q(state=Photo.State.WAITING)
            | ((~is_public | is_unusable) & Q(has_files=True))
            | (is_public & Q(state=Photo.State.SEALED))
        )

    def due(self, now: datetime) -> Self:
        """Photos with work left that no worker has now, the oldest first."""
        return self.unsettled().filter(Q(busy_until=None) | Q(busy_until__lte=now)).order_by("created_at", "pk")

    def abandoned_drafts(self, now: datetime) -> Self:
        """Drafts that nobody came back to."""
        return (
            self.drafts()
            .annotate(draft_since=Coalesce("detached_at", "created_at"))
            .filter(draft_since__lt=now - DRAFT_KEPT)
        )

    def hidden_too_long(self, now: datetime) -> Self:
        """Hidden photos whose copy should have been deleted."""
        return self.filter(hidden_at__lt=now - COPY_KEPT).exclude(state=Photo.State.GONE)

    def unused(self) -> Self:
        """Photos that were made part of a page, while no row refers to them any more: that row was deleted."""
        found = self.filter(attached_at__isnull=False)
        for relation in Photo._meta.related_objects:
            if relation.related_model not in {Incoming, SealedCopy}:
                found = found.filter(**{f"{relation.name}__isnull": True})
        return found


class Photo(models.Model):
    """One photo that someone gave. Its files are named after its token, which never changes and tells nothing.

    A public photo has its three widths in the store, and nothing in the database. A photo that is not public, a draft
    or a hidden one, has nothing in the store, and its largest width in the database (`SealedCopy`). `photos.settling`
    brings each photo where it belongs.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")  # for the worker; its bytes are in Incoming
        READY = "ready", _("ready")  # its files are in the store
        SEALED = "sealed", _("put away")  # its largest width is in SealedCopy
        REFUSED = "refused", _("cannot be used")
        GONE = "gone", _("deleted")  # hidden for so long that its copy was deleted

    class Reason(models.TextChoices):
        BROKEN = "broken", _("This photo did not arrive whole, or the file is damaged. Please choose it once more.")
        TOO_LARGE = "too_large", _("This photo has too many pixels for us. Please choose a smaller copy of it.")
        UNSUPPORTED = "unsupported", _("We cannot read this kind of photo. Save it as JPEG and choose that file.")

    class Visibility(models.TextChoices):
        SHOWN = "shown", _("shown")
        HIDDEN = "hidden", _("hidden")

    class Children(models.TextChoices):
        NONE = "none", _("No, nobody can recognise a child")
        AGREED = "agreed", _("Yes, and their parents said yes")

    token = models.CharField(_("token"), max_length=32, unique=True, default=new_token, editable=False)
    shape = models.CharField(_("shape"), max_length=10, choices=[(name, name) for name in SHAPES])
    description = models.CharField(_("what the photo shows"), max_length=MAX_DESCRIPTION, blank=True)
    children = models.CharField(_("recognisable children"), max_length=6, choices=Children, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)  # the question about children
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("given by")
    )
    purpose = models.CharField(_("for"), max_length=40)  # what it may become part of, such as "host:12"
    fingerprint = models.CharField(max_length=32)  # of the file: one that is sent twice is one photo
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    visibility = models.CharField(_("visibility"), max_length=6, choices=Visibility, default=Visibility.SHOWN)
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    created_at = models.DateTimeField(_("given at"), default=timezone.now)
    attached_at = models.DateTimeField(_("part of a page since"), null=True, blank=True)  # None: a draft
    detached_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    has_files = models.BooleanField(default=False)  # there may be files of it in the store
    busy_until = models.DateTimeField(null=True, blank=True)  # a worker has it, or the store was away
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        indexes = [
            models.Index(fields=["purpose"], name="photo_purpose"),
            models.Index(fields=["created_at"], name="photo_waiting", condition=Q(state="waiting")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(token__regex="^[0-9a-f]{32}$"), name="photo_token_is_unguessable"),  # noqa: S106
            models.CheckConstraint(
                condition=Q(attached_at=None) | ~Q(description="") & ~Q(children="") & Q(answered_at__isnull=False),
                name="photo_on_a_page_is_described",
            ),
            models.CheckConstraint(
                condition=Q(state="refused") & ~Q(reason="") | ~Q(state="refused") & Q(reason=""),
                name="photo_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(visibility="hidden", hidden_at__isnull=False) | Q(visibility="shown", hidden_at=None),
                name="photo_hidden_has_instant",
            ),
            models.CheckConstraint(condition=~Q(state="ready") | Q(has_files=True), name="photo_ready_has_files"),
            models.UniqueConstraint(
                fields=["given_by", "purpose"],
                condition=Q(attached_at=None, visibility="shown"),
                name="photo_one_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.purpose

    @property
    def dimensions(self) -> Shape:
        return SHAPES[self.shape]

    @property
    def is_public(self) -> bool:
        """Whether it is part of a page and not hidden; the same as PhotoQuerySet.public."""
        return self.attached_at is not None and self.visibility == self.Visibility.SHOWN

    @property
    def is_visible(self) -> bool:
        """Whether everyone may see it now; the same as PhotoQuerySet.visible."""
        return self.is_public and self.state == self.State.READY

    @property
    def is_waiting(self) -> bool:
        """Whether a worker still has to make its files."""
        return self.state == self.State.WAITING or (self.is_public and self.state == self.State.SEALED)

    @property
    def is_being_made(self) -> bool:
        """Whether it will be on its page by itself, as soon as a worker has made its files."""
        return self.is_waiting and not self.is_hidden

    @property
    def is_hidden(self) -> bool:
        return self.visibility == self.Visibility.HIDDEN

    @property
    def is_unusable(self) -> bool:
        """Whether there is nothing to show, now or later."""
        return self.state in UNUSABLE

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    def url(self, width: int) -> str:
        return reverse("photo", args=[self.token, width])

    @property
    def src(self) -> str:
        """The address of the middle width, for a browser that does not know srcset."""
        return self.url(sorted(self.dimensions.widths)[1])

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.url(width)} {width}w" for width in self.dimensions.widths)


UNUSABLE = (Photo.State.REFUSED, Photo.State.GONE)


def _size(field: str) -> Func:
    return Func(F(field), function="octet_length", output_field=IntegerField())


class Incoming(models.Model):
    """The file as someone gave it, until a worker has made the photo of it: it is not kept."""

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, primary_key=True, related_name="incoming")
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=LessThanOrEqual(_size("data"), MAX_BYTES), name="incoming_is_small")
        ]

    def __str__(self) -> str:
        return str(self.photo_id)


class SealedCopy(models.Model):
    """The largest width of a photo that is not public, from which its files can be made again."""

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, primary_key=True, related_name="sealed")
    image = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(_size("image"), MAX_COPY_BYTES), name="sealed_copy_is_small"
            )
        ]

    def __str__(self) -> str:
        return str(self.photo_id)


class Discarded(models.Model):
    """The token of a removed photo, until its files are gone from the store."""

    token = models.CharField(max_length=32, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.token
