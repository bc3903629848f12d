"""Querysets that are compiled once."""

from datetime import date, datetime, timedelta

import pytest
from django.db.models import Count, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from locations.models import Municipality
from meetups.models import Occurrence
from page_cache.compiled import Compiled
from tests.factories import make_meetup, make_municipality, make_occurrence

pytestmark = pytest.mark.django_db


@Compiled
def dates(slug: str, on: date, number: int, now: datetime) -> QuerySet[Occurrence]:
    """Dates of a meetup."""
    coming = Occurrence.objects.coming(now).filter(meetup__slug=slug, planned_for__gte=on, pk__gte=number)
    return coming.select_related("meetup__location", "location__photo").annotate(
        people=Count("attendances"), facts=JSONObject(number="seats_taken")
    )


def test_same_rows_with_related_objects_annotations_and_other_values(django_assert_num_queries):
    coffee, walk = make_meetup(title="Koffie"), make_meetup(title="Wandelen")
    now = timezone.now()
    first = make_occurrence(coffee, seats_taken=3)
    second = make_occurrence(walk, seats_taken=5)
    for meetup, occurrence in ((coffee, first), (walk, second), (coffee, first)):
        values = {"slug": meetup.slug, "on": occurrence.planned_for, "number": occurrence.pk, "now": now}
        with django_assert_num_queries(1):
            (found,) = dates(**values)
            assert found.meetup.location.name == meetup.location.name
            assert found.location.photo is None
        assert found == occurrence
        assert (found.people, found.facts) == (0, {"number": occurrence.seats_taken})
        assert list(dates.build(**values)) == [found]
        assert dates(**values | {"number": occurrence.pk + 1}) == []
        assert dates(**values | {"on": occurrence.planned_for + timedelta(days=1)}) == []
        assert dates(**values | {"now": occurrence.ends_at}) == []
        assert dates.first(**values | {"slug": "nergens"}) is None


def test_objects_can_be_saved():
    occurrence = make_occurrence(make_meetup())
    found = dates.first(slug=occurrence.meetup.slug, on=occurrence.planned_for, number=0, now=timezone.now())
    found.theme = "Slapen"
    found.save()
    assert Occurrence.objects.get().theme == "Slapen"


def test_it_is_written_once(monkeypatch):
    town = make_municipality("Hengelo")
    written = []

    @Compiled
    def named(name: str) -> QuerySet[Municipality]:
        written.append(name)
        return Municipality.objects.filter(name=name)

    assert [named(name="Hengelo"), named(name="Leiden"), named(name="Hengelo")] == [[town], [], [town]]
    assert len(written) == 1


def test_value_that_is_not_compared_is_an_error():
    @Compiled
    def everything(name: str) -> QuerySet[Municipality]:
        return Municipality.objects.all()

    with pytest.raises(ValueError, match="everything"):
        everything(name="Hengelo")
