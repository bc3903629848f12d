"""Groups that exist already, for tests."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from initiatives.existing import actions
from initiatives.models import ExistingGroup, Initiative
from locations.models import Municipality
from moderation.demo_data import know
from tests.factories import make_user

EMAIL = "info@rennen.example"
GROUP: dict[str, Any] = {
    "title": "Rennende Moeders",
    "what": "Samen een rondje rennen, met of zonder wagen.",
    "for_whom": "moeders met jonge kinderen",
    "meets_when": "elke zaterdag om 10 uur",
    "meets_where": "bij de fontein in het park",
}


def form(town: Municipality, **fields: Any) -> dict[str, Any]:
    """What is typed in the form to list a group."""
    return GROUP | {"gemeente": town.slug, "email": EMAIL} | fields


def fill_in(town: Municipality, **fields: Any) -> Any:
    """Fill in the form without an account."""
    return Client().post("/initiatieven/bestaat-al/", form(town, **fields))


def list_group(
    town: Municipality,
    by: User | None,
    *,
    email: str = EMAIL,
    is_known: bool = True,
    now: datetime | None = None,
    **fields: Any,
) -> Initiative:
    """List a group for `by`, whose texts need no look unless said so, or for a guest who confirmed it."""
    now = now or timezone.now()
    listed: dict[str, Any] = {"town": town, "email": email, "fields": GROUP | fields, "now": now}
    if by is None:
        group = actions.list_group_as_guest(own_email="noor@guest.example", language="nl", **listed)
        return actions.confirm_listing(group=group, now=now)
    if is_known:
        know([by], now=now)
    return actions.list_group(by=by, **listed)


def make_group(town: Municipality, **fields: Any) -> ExistingGroup:
    """A group that everyone sees, listed by someone."""
    idea = list_group(town, fields.pop("by", None) or make_user("Samira"), **fields)
    return ExistingGroup.objects.select_related("initiative__municipality").get(initiative=idea)
