"""A photo that is hidden, on the pages that show it; tests/moderation/test_surfaces.py walks all others."""

import pytest
from django.utils import timezone

from meetups.models import Host
from page_cache import versions
from photos import actions, shown
from photos.models import Photo
from photos.shapes import PORTRAIT
from tests.addresses import ADDRESSES, ROLES
from tests.factories import make_meetup, make_municipality, make_occurrence, make_photo, make_role, make_user
from tests.photos.giving import settle
from tests.scenario import Town
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


PAGES = {
    "place": {"location", "location_poster", "location_photo", "meetup", "occurrence", "my_export"},
    "portrait": {"meetup", "meetup_poster", "occurrence", "host_portrait", "meetup_edit", "my_export"},
}


def pages_with(town: Town, *photos: Photo) -> list[set[str]]:
    """Return, for each photo, which of PAGES show it to any role; cached pages in both languages."""
    found: list[set[str]] = [set() for _ in photos]
    for address in ADDRESSES:
        if address.name not in set().union(*PAGES.values()):
            continue
        for role in ROLES:
            if address.get[role] != 200:
                continue
            for language in ("", "/en") if role == "stranger" else ("",):
                response = visitor(town.people[role]).get(language + address.path(town))
                words = "" if response.streaming else response.content.decode(errors="replace")
                for names, photo in zip(found, photos, strict=True):
                    if photo.token in words:
                        names.add(address.name)
    return found


def test_a_hidden_photo_is_on_no_page(town, django_capture_on_commit_callbacks):
    photos = (town.place_photo, town.coffee.hosts.get().portrait)
    assert pages_with(town, *photos) == [*PAGES.values()]
    with django_capture_on_commit_callbacks(execute=True):
        for photo in photos:
            actions.hide(photo=photo, now=timezone.now())
    assert pages_with(town, *photos) == [set(), set()]
    for role in ROLES:
        for photo in photos:
            for width in photo.dimensions.widths:
                assert visitor(town.people[role]).get(photo.url(width)).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        for photo in photos:
            actions.show(photo=photo, now=timezone.now())
        settle()
    assert pages_with(town, *photos) == [*PAGES.values()]


def test_pages_of_every_town_that_shows_a_photo_are_made_again(town, django_capture_on_commit_callbacks, monkeypatch):
    """A meetup of another town that has a date at this place shows the photo of the place too."""
    elsewhere = make_municipality("Borne")
    other = make_meetup()
    make_occurrence(other, location=town.library)
    assert shown.towns_showing(town.place_photo) == {town.hengelo.pk, other.location.municipality_id}
    assert shown.towns_showing(Photo(pk=0)) == set()
    renewed = []
    monkeypatch.setattr(versions, "renew", lambda towns, calendars=True: renewed.append((set(towns), calendars)))
    with django_capture_on_commit_callbacks(execute=True):
        actions.hide(photo=town.place_photo, now=timezone.now())
    assert renewed == [({town.hengelo.pk, other.location.municipality_id}, False)]
    assert elsewhere.pk not in renewed[0][0]


@pytest.mark.parametrize("number", [1, 30])
def test_pages_with_photos_cost_as_many_queries_as_without(town, number, django_assert_max_num_queries):
    for _ in range(number):
        user = make_role("host", town.hengelo)
        Host.objects.create(meetup=town.coffee, user=user, portrait=make_photo(user, shape=PORTRAIT))
    for page in (town.coffee, town.next_week, town.library):
        with django_assert_max_num_queries(3):
            assert visitor(None).get(page.get_absolute_url() + "?x=1").status_code == 200


def test_the_poster_shows_the_next_portrait_when_the_first_is_hidden(town):
    first = town.coffee.hosts.get().portrait
    user = make_role("host", town.hengelo, make_user("Ada"))
    second = make_photo(user, shape=PORTRAIT)
    Host.objects.create(meetup=town.coffee, user=user, portrait=second)
    poster = f"/bijeenkomsten/{town.coffee.slug}/poster/?x=1"
    page = visitor(None).get(poster).content.decode()
    assert (first.token in page, second.token in page) == (True, False)
    actions.hide(photo=first, now=timezone.now())
    page = visitor(None).get(poster).content.decode()
    assert (first.token in page, second.token in page) == (False, True)
    assert "Ada" in page


def test_calendars_and_mails_have_no_photo(town):
    for name in ("agenda_feed", "municipality_feed", "location_feed", "meetup_feed", "occurrence_ics"):
        address = next(address for address in ADDRESSES if address.name == name)
        assert b"fotos" not in visitor(None).get(address.path(town)).content
