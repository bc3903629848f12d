"""Prepares the database for the benchmark: signed-in users, and dates to join."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Role, User
from locations.models import Municipality
from meetups.models import Occurrence

PARENTS = 400
DATES = 7


def session_of(user: User) -> str:
    """Sign `user` in and return the session's cookie value."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


class Command(BaseCommand):
    help = "Print the URLs and cookies that the benchmark uses, one per line."

    def handle(self, *args: Any, **options: Any) -> None:
        town = Municipality.objects.get(slug="hengelo")
        officer = User.objects.filter(roles__kind=Role.Kind.POLICY_OFFICER, roles__municipality=town)[0]
        now = timezone.now()
        dates = (
            Occurrence.objects.joinable(now).in_municipality(town).filter(starts_at__gt=now).select_related("meetup")
        )[:DATES]
        for date in dates:
            date.meetup.__class__.objects.filter(pk=date.meetup_id).update(capacity=None, newcomer_places=0)
        stamp = now.strftime("%H%M%S%f")
        parents = User.objects.bulk_create(
            [User(email=f"bench{stamp}-{n}@example.org", first_name="Bo", password="!") for n in range(PARENTS)]
        )
        paths = ",".join(f"{date.get_absolute_url()}aanmelden/" for date in dates)
        self.stdout.write(f"date {dates[0].get_absolute_url()}")
        self.stdout.write(f"parent sessionid={session_of(parents[0])}")
        self.stdout.write(f"officer sessionid={session_of(officer)}")
        self.stdout.write(f"joins {paths} {' '.join(session_of(parent) for parent in parents[1:])}")
