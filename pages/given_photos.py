"""Personal data in the app photos: export, erasure and retention rules. Here, because photos is below accounts."""

import base64
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from photos import actions
from photos.models import COPY_KEPT, DRAFT_KEPT, Photo


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return the photos that `user` gave: the address of each that everyone sees, and the others themselves."""
    given = Photo.objects.filter(given_by=user).select_related("sealed").order_by("pk")
    return {"photos": [_photo(row) for row in given]}


def erase(*, user: User, now: datetime) -> None:
    """Remove every photo that `user` gave, from all pages and from the store."""
    actions.erase(user=user, now=now)


def _photo(row: Photo) -> dict[str, Any]:
    sealed = getattr(row, "sealed", None)
    return {
        "given_for": row.purpose,
        "what_it_shows": row.description,
        "recognisable_children": row.children,
        "answered_at": instant(row.answered_at),
        "given_at": instant(row.created_at),
        "state": row.state,
        "hidden_at": instant(row.hidden_at),
        "address": settings.SITE_URL + row.url(row.dimensions.largest) if row.is_visible else None,
        "webp_in_base64": base64.b64encode(sealed.image).decode() if sealed else None,
    }


RULES = [
    Rule(
        name="photos",
        what=_("Photos that you gave, what they show, and what you said about children in them"),
        why=_("So that people recognise the host and the place, and we can show that parents said yes"),
        seen_by=_("everyone; the answer about children: you, and the people who manage the site"),
        until=_("until you or a coordinator removes them, or you delete your account"),
    ),
    Rule(
        name="photo_files",
        what=_("The file of a photo as you sent it, with all that your phone wrote in it"),
        why=_("To make the photo on the page of it, without that"),
        seen_by=_("nobody"),
        until=_("seconds: until the photo has been made"),
    ),
    Rule(
        name="photo_drafts",
        what=_("A photo that you sent and did not save, or that you took off the page"),
        why=_("So that you do not have to send it again, and can put it back"),
        seen_by=_("you"),
        until=_("24 hours"),
        keep=DRAFT_KEPT,
        forget=actions.forget_drafts,
        overdue=Photo.objects.abandoned_drafts,
    ),
    Rule(
        name="hidden_photos",
        what=_("A copy of a photo that was hidden"),
        why=_("To show it again, if it was hidden wrongly"),
        seen_by=_("those who decide about it"),
        until=_("30 days after it was hidden"),
        keep=COPY_KEPT,
        forget=actions.forget_copies,
        overdue=Photo.objects.hidden_too_long,
    ),
]
