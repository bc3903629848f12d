"""What the database refuses, and what a place says about itself."""

import pytest
from django.db import IntegrityError, transaction

from locations.models import Location, Municipality
from locations.templatetags.places import FACILITY_ICONS, facilities
from tests.factories import make_location, make_meetup, make_municipality

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("latitude, longitude", [(50.4, 5.0), (53.9, 5.0), (52.0, 2.9), (52.0, 7.5), (5.0, 52.0)])
def test_a_place_outside_the_country_is_refused(latitude, longitude):
    town = make_municipality()
    with pytest.raises(IntegrityError, match="location_in_the_netherlands"), transaction.atomic():
        make_location(town, latitude=latitude, longitude=longitude)


def test_a_place_does_not_replace_itself():
    place = make_location()
    with pytest.raises(IntegrityError, match="location_not_replaced_by_itself"), transaction.atomic():
        Location.objects.filter(pk=place.pk).update(replaced_by=place.pk)


def test_two_places_do_not_share_an_address_on_the_web():
    place = make_location()
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        make_location(place.municipality, slug=place.slug)


@pytest.mark.parametrize("field", ["slug", "cbs_code"])
def test_two_towns_do_not_share_a_web_address_or_a_code(field):
    town = make_municipality()
    with pytest.raises(IntegrityError, match=field), transaction.atomic():
        make_municipality("Other", **{field: getattr(town, field)})


def test_a_town_with_places_and_a_place_with_meetups_stay():
    meetup = make_meetup()
    with pytest.raises(Exception, match="protected"):
        meetup.location.municipality.delete()
    with pytest.raises(Exception, match="protected"):
        meetup.location.delete()
    assert Municipality.objects.count() == Location.objects.count() == 1


def test_current_places_are_those_that_were_not_replaced():
    new = make_location()
    old = make_location(new.municipality, replaced_by=new)
    assert list(Location.objects.current()) == [new]
    assert list(new.replaces.all()) == [old]


def test_facilities_say_first_what_there_is_then_what_not_then_what_nobody_knows():
    place = make_location(free_coffee=True, step_free=False)
    rows = facilities(place)
    assert [row["has"] for row in rows] == [True, False] + [None] * 6
    assert [row["icon"] for row in rows[:2]] == ["cup", "ramp"]
    assert set(FACILITY_ICONS) == set(Location.FACILITIES)
