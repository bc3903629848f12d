"""Prepares the database for the benchmark: signed-in users, and dates to join."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.devices import SEEN_SESSION_KEY
from accounts.models import Role, User
from locations.models import Municipality
from meetups.models import Occurrence

PARENTS = 3000
DATES = 28  # the numbers of bench.joining


def sign_in(users: list[User], now: datetime) -> list[str]:
    """Sign these users in, on devices that were used today, and return the values of the cookies."""
    store = SessionStore()
    keys = [get_random_string(32, VALID_KEY_CHARS) for _user in users]
    rows = [
        Session(
            session_key=key, session_data=store.encode(data_of(user, key, now)), expire_date=now + timedelta(days=1)
        )
        for user, key in zip(users, keys, strict=True)
    ]
    Session.objects.bulk_create(rows)
    return keys


def data_of(user: User, key: str, now: datetime) -> dict[str, str]:
    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        SEEN_SESSION_KEY: f"{timezone.localdate(now)} {key}",
    }


class Command(BaseCommand):
    help = "Print the URLs and cookies that the benchmark uses, one per line."

    def handle(self, *args: Any, **options: Any) -> None:
        town = Municipality.objects.get(slug="hengelo")
        officer = User.objects.filter(roles__kind=Role.Kind.POLICY_OFFICER, roles__municipality=town)[0]
        now = timezone.now()
        dates = (
            Occurrence.objects.joinable(now)
            .in_municipality(town)
            .filter(starts_at__gt=now)
            .select_related("meetup", "location")
        )[:DATES]
        for date in dates:
            date.meetup.__class__.objects.filter(pk=date.meetup_id).update(capacity=None, newcomer_places=0)
        stamp = now.strftime("%H%M%S%f")
        parents = User.objects.bulk_create(
            [User(email=f"bench{stamp}-{n}@example.org", first_name="Bo", password="!") for n in range(PARENTS)]
        )
        of_officer, of_parent, *cookies = sign_in([officer, *parents], now)
        self.stdout.write(f"date {dates[0].get_absolute_url()}")
        self.stdout.write(f"meetup {dates[0].meetup.get_absolute_url()}")
        self.stdout.write(f"place {dates[0].location.get_absolute_url()}")
        self.stdout.write(f"parent sessionid={of_parent}")
        self.stdout.write(f"officer sessionid={of_officer}")
        self.stdout.write(f"joins {','.join(date.get_absolute_url() for date in dates)} {' '.join(cookies)}")
