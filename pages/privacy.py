"""What we know about a person, in all apps: giving it to them, and erasing it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import privacy as accounts
from accounts.models import User
from accounts.privacy import instant
from insights import privacy as insights
from meetups import privacy as meetups
from notifications import privacy as notifications

# Every app that knows something of a person: each has `export`, `erase` and the `RULES` of how long it is kept.
# Meetups come before notifications: the mail about a withdrawal is erased too.
APPS = (meetups, notifications, accounts, insights)


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return everything we keep about `user`, for a person and a program to read (GDPR art. 15 and 20)."""
    everything = {"about": "Everything that Pedbasis keeps about you.", "made_at": instant(now)}
    for app in reversed(APPS):
        everything |= app.export(user, now)
    return everything


@transaction.atomic
def erase(*, user: User, now: datetime) -> None:
    """Erase `user` in all apps (GDPR art. 17).

    Figures that were made before know no names; see docs/data-protection.md.
    """
    for app in APPS:
        app.erase(user=user, now=now)
    user.delete()
