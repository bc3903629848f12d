"""What may be shown: small numbers hidden, and nothing from which they can be worked out."""

from datetime import date
from itertools import product

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from insights import downloads
from insights.figures import FEWEST, MEASURES, Number, of_town, shown, total
from insights.models import MonthlyFigure
from tests.factories import make_location, make_municipality

TODAY = date(2026, 11, 24)
COUNTS = st.integers(min_value=0, max_value=40)


@given(COUNTS)
def test_a_number_from_1_to_4_is_hidden_and_any_other_is_shown(count):
    assert shown(count) == Number(None if 1 <= count <= 4 else count)


@given(COUNTS)
def test_what_may_still_change_moves_in_steps_of_five(count):
    number = shown(count, is_moving=True)
    assert number.value is None if 1 <= count <= 4 else number.value == count - count % 5


@pytest.mark.django_db
@pytest.mark.parametrize("day, last", [(1, "at least 10"), (14, "at least 10"), (15, "13"), (30, "13")])
def test_last_month_is_exact_when_hosts_can_no_longer_correct_it(day, last):
    town = make_municipality("Weert")
    place = make_location(town)
    for location in (None, place):
        MonthlyFigure.objects.create(
            municipality=town, location=location, month=date(2026, 10, 1), dates=4, visits=13, regulars=13
        )
    found = of_town(town, today=date(2026, 11, day))
    with translation.override("en"):
        assert [str(found.months[-1].visits), str(found.places[0].regulars)] == [last, last]
        assert str(found.total("visits")) == last


@given(st.lists(COUNTS, min_size=1, max_size=12))
def test_a_total_is_a_true_lower_bound(counts):
    number = total(shown(count) for count in counts)
    assert number.value <= sum(counts)
    assert number.is_at_least == any(1 <= count <= 4 for count in counts)
    if not number.is_at_least:
        assert number.value == sum(counts)


@given(st.lists(st.integers(min_value=0, max_value=7), min_size=1, max_size=5))
def test_what_is_published_tells_nothing_about_a_hidden_number(counts):
    """Every way of filling in the hidden numbers gives the very same page: the numbers and their total."""

    def page(filled):
        numbers = [shown(count) for count in filled]
        return numbers, total(numbers)

    published = page(counts)
    hidden = [index for index, count in enumerate(counts) if 1 <= count < FEWEST]
    for guess in product(range(1, FEWEST), repeat=len(hidden)):
        filled = list(counts)
        for index, value in zip(hidden, guess, strict=True):
            filled[index] = value
        assert page(filled) == published


@pytest.mark.django_db
def test_hidden_months_cannot_be_told_apart_on_the_page_or_in_a_download():
    """Whatever the hidden numbers are, all that is shown and downloaded is the same, places and all."""
    town = make_municipality("Weert")
    place = make_location(town, name="Library")

    def published(small: int):
        MonthlyFigure.objects.all().delete()
        for month, (newcomers, second) in enumerate([(9, small), (small, 0), (small, 6)], start=8):
            for location in (None, place):
                MonthlyFigure.objects.create(
                    municipality=town,
                    location=location,
                    month=date(2026, month, 1),
                    dates=4,
                    visits=50,
                    newcomers=newcomers,
                    second_visits=second,
                    returners=max(second, small),
                    regulars=small,
                )
        figures = of_town(town, today=TODAY)
        months = downloads.months_table(figures), downloads.places_table(figures)
        return figures.months, figures.places, [figures.total(m) for m in MEASURES], [table.csv for table in months]

    pages = [published(small) for small in (1, 2, 3, 4)]
    assert pages[1:] == pages[:1] * 3


@pytest.mark.django_db
def test_a_steady_group_is_five_families_that_keep_coming():
    town = make_municipality("Weert")
    for name, regulars in (("Steady", 5), ("Not yet", 4), ("Nobody", 0)):
        MonthlyFigure.objects.create(
            municipality=town,
            location=make_location(town, name=name),
            month=date(2026, 10, 1),
            dates=4,
            regulars=regulars,
        )
    places = of_town(town, today=TODAY).places
    assert [(place.name, place.is_steady, place.regulars.value) for place in places] == [
        ("Steady", True, 5),
        ("Nobody", False, 0),
        ("Not yet", False, None),
    ]


@pytest.mark.django_db
def test_twelve_whole_months_and_the_running_one_are_shown():
    town = make_municipality("Weert")
    figures = of_town(town, today=date(2026, 1, 31))
    assert [month.first for month in figures.months][::11] == [date(2025, 1, 1), date(2025, 12, 1)]
    assert figures.running.first == date(2026, 1, 1)
    assert figures.is_empty


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name):
    assert downloads.harmless(name) == "'" + name


def test_numbers_are_written_as_people_read_them():
    with translation.override("nl"):
        assert [str(n) for n in (Number(None), Number(2592), Number(1000, is_at_least=True))] == [
            "minder dan 5",
            "2.592",
            "minstens 1.000",
        ]
