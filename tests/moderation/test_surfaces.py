"""Hiding takes back everything at once: every page, feed and file is requested before and after."""

import pytest
from django.utils import timezone

from locations.visibility import Visibility
from meetups.moderated import DATE, MEETUP, PHOTO, PLACE, WELCOME
from page_cache import versions
from tests.addresses import ADDRESSES
from tests.mailbox import letters
from tests.scenario import Town
from tests.visitors import rolled_back, visitor

pytestmark = pytest.mark.django_db
MARKS = {
    "meetup": "Zonderling-title",
    "date": "Zonderling-thema",
    "welcome": "Zonderling-welkom",
    "place": "Zonderling-plek",
    "photo": "Zonderling-foto",
}
# Not its host and the coordinator of the town: they still see it, marked.
WALKS = [("stranger", ""), ("stranger", "/en"), ("parent", ""), ("officer", ""), ("coordinator_elsewhere", "")]


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def write(town: Town) -> dict[str, tuple]:
    """Put a text that occurs nowhere else in each thing, and return the thing with its kind."""
    welcome = town.coffee.hosts.get()
    for field in ("title", "summary", "description", "greeting", "cost", "stay"):
        setattr(town.coffee, field, MARKS["meetup"])
    town.coffee.save()
    welcome.welcome = MARKS["welcome"]
    welcome.save()
    town.library.description = town.library.directions = MARKS["place"]
    town.library.save()
    town.next_week.theme = MARKS["date"]
    town.next_week.save()
    type(town.place_photo).objects.filter(pk=town.place_photo.pk).update(description=MARKS["photo"])
    return {
        "photo": (PHOTO, town.place_photo),
        "meetup": (MEETUP, town.coffee),
        "date": (DATE, town.next_week),
        "welcome": (WELCOME, welcome),
        "place": (PLACE, town.library),
    }


def surfaces(town: Town, mark: str) -> set[tuple[str, str]]:
    """Return (URL name, role) of every response that contains `mark`."""
    found = set()
    for role, prefix in WALKS:
        client = visitor(town.people[role])
        for address in ADDRESSES:
            if address.get[role] in {200, 404}:
                response = client.get(prefix + address.path(town), headers={"accept-encoding": "identity"})
                if mark.encode() in getattr(response, "content", b""):
                    found.add((address.name, role))
    return found


@pytest.mark.parametrize("kind", MARKS)
def test_what_is_hidden_is_nowhere_and_what_is_shown_again_is_where_it_was(
    town, kind, django_capture_on_commit_callbacks
):
    mark = MARKS[kind]
    with rolled_back():
        line, thing = write(town)[kind]
        versions.renew([town.hengelo.pk])
        before = surfaces(town, mark)
        assert {name for name, role in before if role == "stranger"} >= {
            "meetup": {"meetup", "occurrence", "agenda", "municipality", "location", "meetup_feed", "meetup_poster"},
            "date": {"meetup", "occurrence", "agenda", "location_feed", "meetup_feed"},
            "welcome": {"meetup", "occurrence"},
            "photo": {"location", "location_poster", "meetup", "occurrence"},
            "place": {"location", "meetup", "occurrence", "location_feed"},
        }[kind]
        with django_capture_on_commit_callbacks(execute=True):
            line.set_visibility(line.lock(thing.pk), Visibility.HIDDEN, now=timezone.now())
        after = surfaces(town, mark)
        assert after == set()
        assert all(mark not in mail.subject + mail.body for mail in letters())
        with django_capture_on_commit_callbacks(execute=True):
            line.set_visibility(line.lock(thing.pk), Visibility.SHOWN, now=timezone.now())
        assert surfaces(town, mark) == before
