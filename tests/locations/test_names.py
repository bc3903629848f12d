"""The order of Dutch names, independent of database collations."""

import pytest

from locations.models import Location, Municipality
from tests.factories import make_location, make_municipality


@pytest.mark.django_db
@pytest.mark.parametrize(
    "in_order",
    [
        ["Assen", "De Bilt", "Culemborg"],
        ["'t Harde", "Harderwijk", "'s-Hertogenbosch", "Hilversum"],
        ["’s-Gravenzande", "’s Gravenzee", "Groningen"],
        ["Éénhoorn", "Eentje", "EENVOUD"],
        ["Het Anker", "De Beemster", "Een café", "café Drie"],
        ["Den Haag", "Deventer", "De Wijk"],
        ["Súdeast", "Sudhoek", "SÚDWEST"],
        ["Huis A", "Huis-B", "Huis, C", "Huis (D)"],
    ],
)
def test_names_are_sorted_as_dutch_people_expect(in_order):
    town = make_municipality()
    for name in sorted(in_order, reverse=True):
        make_location(town, name=name)
    assert [place.name for place in Location.objects.by_name()] == in_order


@pytest.mark.django_db
def test_places_with_the_same_name_have_a_stable_order():
    town = make_municipality()
    made = [make_location(town, name=name).pk for name in ("De Brug", "de brug", "BRUG")]
    assert list(Location.objects.by_name().values_list("pk", flat=True)) == made


@pytest.mark.django_db
def test_taking_part_requires_a_place():
    for name in ("Weert", "De Bilt", "'s-Hertogenbosch"):
        make_location(make_municipality(name, slug=name.strip("'").lower().replace(" ", "-")))
    make_municipality("Leeg")
    assert [town.name for town in Municipality.objects.taking_part().by_name()] == [
        "De Bilt",
        "'s-Hertogenbosch",
        "Weert",
    ]
