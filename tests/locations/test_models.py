"""The constraints and properties of towns and places."""

import pytest
from django.db import IntegrityError, transaction

from locations.models import Location, Municipality
from locations.templatetags.places import FACILITY_ICONS, facilities
from tests.factories import make_location, make_meetup, make_municipality

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("latitude, longitude", [(50.4, 5.0), (53.9, 5.0), (52.0, 2.9), (52.0, 7.5), (5.0, 52.0)])
def test_place_outside_the_netherlands_is_refused(latitude, longitude):
    town = make_municipality()
    with pytest.raises(IntegrityError, match="location_in_the_netherlands"), transaction.atomic():
        make_location(town, latitude=latitude, longitude=longitude)


def test_place_cannot_replace_itself():
    place = make_location()
    with pytest.raises(IntegrityError, match="location_not_replaced_by_itself"), transaction.atomic():
        Location.objects.filter(pk=place.pk).update(replaced_by=place.pk)


def test_slug_of_place_is_unique():
    place = make_location()
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        make_location(place.municipality, slug=place.slug)


@pytest.mark.parametrize("field", ["slug", "cbs_code"])
def test_slug_and_code_of_town_are_unique(field):
    town = make_municipality()
    with pytest.raises(IntegrityError, match=field), transaction.atomic():
        make_municipality("Other", **{field: getattr(town, field)})


def test_town_with_places_and_place_with_meetups_cannot_be_deleted():
    meetup = make_meetup()
    with pytest.raises(Exception, match="protected"):
        meetup.location.municipality.delete()
    with pytest.raises(Exception, match="protected"):
        meetup.location.delete()
    assert Municipality.objects.count() == Location.objects.count() == 1


def test_current_excludes_replaced_places():
    new = make_location()
    old = make_location(new.municipality, replaced_by=new)
    assert list(Location.objects.current()) == [new]
    assert list(new.replaces.all()) == [old]


def test_facilities_are_sorted_present_absent_unknown():
    place = make_location(free_coffee=True, step_free=False)
    rows = facilities(place)
    assert [row["has"] for row in rows] == [True, False] + [None] * 6
    assert [row["icon"] for row in rows[:2]] == ["cup", "ramp"]
    assert set(FACILITY_ICONS) == set(Location.FACILITIES)
