"""Every public page is cached for people without a session, and shows a change at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from locations.models import Location
from meetups.managing.actions import planning, single_dates
from page_cache import middleware
from page_cache.unchanged import kept
from tests import attending
from tests.addresses import ADDRESSES
from tests.factories import make_user
from tests.scenario import Town

pytestmark = pytest.mark.django_db
# What strangers may read but is not cached in Valkey, and why.
NOT_CACHED = {
    "for one person, behind a secret or a step": {
        *("personal_feed", "account_inactive", "account_password_reset_completed", "concern_sent", "reported"),
    },
    "for machines": {"healthz", "readyz", "robots", "manifest", "service_worker", "place_suggestions"},
    "kept by browsers, or drawn once and kept elsewhere": {
        *("map", "photo", "town_logo", "town_colours", "colour_sample", "occurrence_ics"),
        *("municipality_picture", "location_picture", "meetup_picture", "occurrence_picture", "initiative_picture"),
    },
}
PUBLIC = [
    "home",
    "agenda",
    "municipalities",
    "municipality",
    "locations",
    "location",
    "location_poster",
    "meetup",
    "meetup_poster",
    "occurrence",
    "initiatives",
    "initiative",
    "privacy",
    "accessibility",
    "offline",
    "reporting",
    "agenda_feed",
    "municipality_feed",
    "location_feed",
    "meetup_feed",
    "municipality_ideas_feed",
]
BY_NAME = {address.name: address for address in ADDRESSES}


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def committed(act: Callable[[], Any], capture: Any) -> None:
    with capture(execute=True):
        act()


@pytest.mark.parametrize("name", PUBLIC)
def test_second_stranger_gets_the_cached_page(town, name):
    path = BY_NAME[name].path(town)
    first = Client().get(path)
    with CaptureQueriesContext(connection) as queries:
        second = Client().get(path)
    assert (first.status_code, len(queries)) == (200, 0)
    assert second.content == first.content
    assert "ETag" in second
    assert not second.cookies
    assert b"csrfmiddlewaretoken" not in second.content


def test_every_public_page_is_cached_or_has_a_reason_not_to_be():
    for_strangers = {address.name for address in ADDRESSES if address.get["stranger"] == 200}
    pages = {name for name in for_strangers if set(BY_NAME[name].post.values()) == {405}}
    assert pages == {*PUBLIC}.union(*NOT_CACHED.values())


CHANGES: dict[str, Callable[[Town], Any]] = {
    "sign-up": lambda town: attending.join(
        occurrence=town.next_week, user=make_user(), party=attending.Party(adults=3)
    ),
    "cancelled": lambda town: single_dates.cancel_occurrence(
        occurrence=town.next_week, reason="Storm", by=town.coordinator, now=timezone.now()
    ),
    "ended": lambda town: planning.end_meetup(meetup=town.coffee, reason="", by=town.coordinator, now=timezone.now()),
}
SHOWING = {
    "sign-up": ["occurrence"],
    "cancelled": ["municipality", "location", "meetup", "occurrence"],
    "ended": ["municipality", "location", "meetup", "occurrence"],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("cached", ["in Valkey", "in memory"])
def test_change_shows_at_once(town, change, cached, monkeypatch, django_capture_on_commit_callbacks):
    if cached == "in memory":
        monkeypatch.setattr(middleware, "load", lambda client, key: None)
    town.next_week.meetup.__class__.objects.filter(pk=town.coffee.pk).update(capacity=6)
    paths = [BY_NAME[name].path(town) for name in SHOWING[change]]
    before = {}
    for path in paths:
        for _ in range(3):
            before[path] = Client().get(path).content
        assert cached == "in Valkey" or kept.get(path).made
    committed(lambda: CHANGES[change](town), django_capture_on_commit_callbacks)
    for path in paths:
        assert Client().get(path).content != before[path], path


def test_change_of_a_place_shows_on_its_pages(town):
    """Without any invalidation: what is kept in memory is compared with the rows."""
    paths = [BY_NAME[name].path(town) for name in ("location", "locations", "municipality", "occurrence", "meetup")]
    for path in paths:
        for _ in range(3):
            Client().get(path)
    Location.objects.filter(pk=town.library.pk).update(name="Nieuwe bibliotheek")
    with transaction.atomic():
        middleware.get_redis_connection("default").flushdb()
    for path in paths:
        assert "Nieuwe bibliotheek" in Client().get(path).content.decode(), path
