"""Exporting and erasing a person's data in all apps."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import privacy as accounts
from accounts.models import User
from accounts.privacy import instant
from initiatives import privacy as initiatives
from insights import privacy as insights
from meetups import privacy as meetups
from moderation import privacy as moderation
from notifications import privacy as notifications
from pages import given_photos

# Every app with personal data: each has `export`, `erase` and its retention `RULES`.
# Initiatives and meetups come before notifications, which also erase the mail about a withdrawal.
APPS = (initiatives, meetups, given_photos, moderation, notifications, accounts, insights)


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return everything stored about `user`, readable for people and machines (GDPR art. 15 and 20)."""
    everything = {"about": "Everything that Pedbasis keeps about you.", "made_at": instant(now)}
    for app in reversed(APPS):
        everything |= app.export(user, now)
    return everything


@transaction.atomic
def erase(*, user: User, now: datetime) -> None:
    """Erase `user` in all apps (GDPR art. 17).

    Figures that were already counted contain no names and stay; see docs/data-protection.md.
    """
    # Before any other row, as actions of this user do that count what they did: or two of those wait for each other.
    if User.objects.select_for_update(no_key=True).filter(pk=user.pk).first() is None:
        return  # in another tab
    for app in APPS:
        app.erase(user=user, now=now)
    user.delete()
