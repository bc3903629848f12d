"""What may be published: whole fives of final months, with remainders carried over. See also test_nobody_found."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from insights import downloads, figures
from insights.figures import ComingMonth, Missing, Number, of_town
from insights.models import MonthlyFigure
from meetups.clock import AMSTERDAM, add_months
from tests.factories import at, make_location, make_meetup, make_municipality, make_occurrence

NOW = at(date(2026, 11, 24), 12)
FEW, NOT_SHOWN, NO_DATE = (Number(None, reason) for reason in (Missing.FEW, Missing.NOT_SHOWN, Missing.NO_DATE))
COUNTS = st.integers(min_value=0, max_value=40)


def make_figure(town, month: date, location=None, **numbers) -> MonthlyFigure:
    """Create a final month with one closed date, unless `numbers` say otherwise."""
    numbers = {"held": 1, "dates": 1, "final_at": datetime(2026, 1, 1, tzinfo=AMSTERDAM)} | numbers
    return MonthlyFigure.objects.create(municipality=town, location=location, month=month, **numbers)


def make_months(town, measure: str, counts, last=date(2026, 10, 1)) -> None:
    for back, count in enumerate(reversed(counts)):
        make_figure(town, add_months(last, -back), **{measure: count})


@pytest.fixture
def weert(db):
    return make_municipality("Weert")


@given(st.lists(COUNTS, max_size=14))
def test_fives_are_published_as_soon_as_possible_and_the_remainder_is_carried_over(counts):
    count, published = figures.Fives(), []
    for number in counts:
        count.add(number)
        published.append(count.take())
    for index in range(len(counts) + 1):
        assert sum(published[:index]) == sum(counts[:index]) // 5 * 5


def test_small_months_are_not_lost_in_a_total(weert):
    """52 new families over months that are each small add up to about 50."""
    counts = [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5]
    assert sum(counts) == 52
    make_months(weert, "newcomers", counts)
    found = of_town(weert, now=NOW)
    assert found.total("newcomers") == Number(50)
    assert [month.newcomers for month in found.months] == [FEW, *[Number(5)] * 6, FEW, *[Number(5)] * 4]


def test_every_number_of_a_month_and_every_total_is_right_to_within_four(weert):
    counts = [0, 1, 7, 22, 3, 0, 4, 4, 9, 11, 40, 2, 3]
    make_months(weert, "newcomers", counts)
    found = of_town(weert, now=NOW)
    for month, count in zip(found.months, counts[1:], strict=True):
        assert abs((month.newcomers.value or 0) - count) <= 4
    assert abs(found.total("newcomers").value - sum(counts[1:])) <= 4


def test_a_month_without_closed_dates_has_no_numbers_and_passes_on_the_remainder(weert):
    make_figure(weert, date(2026, 8, 1), newcomers=4)
    make_figure(weert, date(2026, 9, 1), held=3, dates=0)
    make_figure(weert, date(2026, 10, 1), newcomers=1)
    months = of_town(weert, now=NOW).months[-3:]
    assert [(month.newcomers, month.held, month.closed) for month in months] == [
        (FEW, 1, 1),
        (NO_DATE, 3, 0),
        (Number(5), 1, 1),
    ]


def test_heads_of_fewer_than_five_families_are_not_shown_and_carried_over(weert):
    """6 visits by 2 families are not shown; they are included once there are 3 more families."""
    make_figure(weert, date(2026, 9, 1), visits=6, newcomers=2)
    make_figure(weert, date(2026, 10, 1), visits=9, newcomers=3)
    months = of_town(weert, now=NOW).months[-2:]
    assert [(month.families, month.visits) for month in months] == [(NOT_SHOWN, NOT_SHOWN), (Number(5), Number(15))]


def test_heads_are_carried_over_for_two_months_at_most(weert):
    """Otherwise one month would include a year of heads, if a host listed families for the first time."""
    for month in range(1, 10):
        make_figure(weert, date(2026, month, 1), visits=100)
    make_figure(weert, date(2026, 10, 1), visits=20, newcomers=10)
    months = of_town(weert, now=NOW).months
    assert [month.visits for month in months[-10:]] == [*[NOT_SHOWN] * 9, Number(220)]


def test_families_are_the_sum_of_new_second_and_others(weert):
    make_figure(weert, date(2026, 9, 1), visits=70, newcomers=10)
    make_figure(weert, date(2026, 10, 1), visits=90, newcomers=7, second_visits=9, later_visits=21, unknown=5)
    month = of_town(weert, now=NOW).months[-1]
    assert [month.newcomers, month.second_visits, month.later_or_unknown] == [Number(5), Number(5), Number(25)]
    assert month.families == Number(35)
    # 70-10 and 90-42 companions, of whom 60 are in the visits of September: 70, unrounded
    assert [m.visits for m in of_town(weert, now=NOW).months[-2:]] == [Number(70), Number(80)]


def test_a_single_third_visit_is_not_revealed(weert):
    make_figure(weert, date(2026, 9, 1), newcomers=6, second_visits=0)
    make_figure(weert, date(2026, 10, 1), second_visits=5, later_visits=1)
    month = of_town(weert, now=NOW).months[-1]
    assert [month.second_visits, month.later_or_unknown, month.families] == [Number(5), FEW, Number(5)]


def test_a_town_with_four_regular_families_looks_like_one_with_none(weert):
    """Publishing later visits separately would reveal them: many visits, by at most four families."""
    shown = {}
    for name, numbers in {"regular": {"later_visits": 46, "unknown": 0}, "others": {"unknown": 46}}.items():
        town = make_municipality(name)
        make_figure(town, date(2026, 7, 1), held=12, dates=12, newcomers=12, second_visits=12)
        make_figure(town, date(2026, 9, 1), held=12, dates=12, regulars=4 if name == "regular" else 0, **numbers)
        shown[name] = of_town(town, now=NOW)
    assert shown["regular"] == shown["others"]
    assert shown["regular"].quarters[-1].regulars == FEW


@pytest.mark.parametrize(
    "visits, regulars, shown",
    [
        (((20, 4), (20, 4), (20, 4)), 12, Number(10)),
        (((20, 4), (20, 4), (20, 4)), 4, FEW),
        (((20, 4), (1, 1), (20, 4)), 12, Number(10)),  # one quiet month does not matter
        (((20, 4), (20, 4), (2, 1)), 20, Number(10)),  # 40 visits: at most thirteen families three times
        (((0, 0), (0, 0), (60, 4)), 12, Number(10)),
        (((0, 0), (0, 0), (60, 2)), 12, NOT_SHOWN),  # nobody comes three times to two dates
        (((30, 1), (30, 1), (10, 1)), 20, Number(10)),  # at most one visit of each at the last date
        (((5, 4), (4, 4), (4, 4)), 12, NOT_SHOWN),
    ],
)
def test_regulars_never_exceed_what_the_visits_allow(weert, visits, regulars, shown):
    for month, (count, closed) in zip((7, 8, 9), visits, strict=True):
        make_figure(
            weert,
            date(2026, month, 1),
            held=closed,
            dates=closed,
            later_visits=count,
            regulars=regulars if month == 9 else 0,
        )
    assert of_town(weert, now=NOW).quarters[-1].regulars == shown


def test_the_last_four_quarters_that_are_final_are_shown(weert):
    make_months(weert, "unknown", [15] * 24)
    found = of_town(weert, now=NOW)
    assert [(quarter.first, quarter.last) for quarter in found.quarters] == [
        (date(2025, 10, 1), date(2025, 12, 1)),
        (date(2026, 1, 1), date(2026, 3, 1)),
        (date(2026, 4, 1), date(2026, 6, 1)),
        (date(2026, 7, 1), date(2026, 9, 1)),
    ]
    assert found.next_quarter == (date(2026, 10, 1), date(2026, 12, 1), date(2027, 1, 15))
    assert {(quarter.held, quarter.closed, quarter.regulars) for quarter in found.quarters} == {(3, 3, FEW)}


def test_regulars_of_a_quarter_that_ends_with_a_month_without_dates_count(weert):
    make_figure(weert, date(2026, 7, 1), dates=4, later_visits=30)
    make_figure(weert, date(2026, 9, 1), held=0, dates=0, regulars=7)
    assert of_town(weert, now=NOW).quarters[-1].regulars == Number(5)


def make_places(town, *places, in_town=20, visits=100) -> None:
    """Create a town with `in_town` regular families, and its places, given as (name, regular families)."""
    for month in (7, 8, 9):
        make_figure(town, date(2026, month, 1), dates=4, later_visits=visits, regulars=in_town if month == 9 else 0)
    for name, regulars in places:
        make_figure(town, date(2026, 9, 1), make_location(town, name=name), held=4, dates=3, regulars=regulars)


def places_of(town):
    return [(place.name, place.has_regular_group, place.regulars) for place in of_town(town, now=NOW).places]


def test_a_regular_group_is_five_families_that_keep_coming(weert):
    make_places(weert, ("Not yet", 4), ("Nobody", 0), ("Steady", 9))
    assert places_of(weert) == [("Steady", True, Number(5)), ("Nobody", False, FEW), ("Not yet", False, FEW)]
    assert {(place.held, place.closed) for place in of_town(weert, now=NOW).places} == {(4, 3)}


def test_places_together_never_show_more_regulars_than_the_visits_allow(weert):
    """When the limit is used up, a place shows no number: it may well have a regular group."""
    make_places(weert, ("Small", 7), ("First", 12), ("Second", 12), visits=20)
    assert places_of(weert) == [
        ("First", True, Number(10)),
        ("Second", True, Number(10)),
        ("Small", None, NOT_SHOWN),
    ]


@pytest.mark.parametrize("in_town", [4, 0])
def test_no_place_has_a_regular_group_when_the_town_has_none(weert, in_town):
    make_places(weert, ("Library", in_town), in_town=in_town)
    assert places_of(weert) == [("Library", False, FEW)]


def test_a_place_without_closed_dates_has_no_number(weert):
    make_places(weert)
    make_figure(weert, date(2026, 9, 1), make_location(weert, name="Forgotten"), held=4, dates=0)
    assert places_of(weert) == [("Forgotten", None, NO_DATE)]


@pytest.mark.parametrize(
    "now, last, coming",
    [
        (at(date(2026, 11, 14), 23), date(2026, 9, 1), [date(2026, 10, 1), date(2026, 11, 1)]),
        (at(date(2026, 11, 15), 0), date(2026, 10, 1), [date(2026, 11, 1)]),
        (at(date(2026, 11, 30), 23), date(2026, 10, 1), [date(2026, 11, 1)]),
        (at(date(2026, 12, 1), 0), date(2026, 10, 1), [date(2026, 11, 1), date(2026, 12, 1)]),
        (at(date(2027, 1, 15), 0), date(2026, 12, 1), [date(2027, 1, 1)]),
    ],
)
def test_twelve_final_months_and_the_coming_ones_are_shown(weert, now, last, coming):
    found = of_town(weert, now=now)
    assert [month.first for month in found.months][::11] == [add_months(last, -11), last]
    assert [month.first for month in found.coming] == coming
    assert found.is_empty


def test_a_month_that_is_not_final_shows_only_the_number_of_meetups(weert):
    meetup = make_meetup(make_location(weert))
    for day, closed in ((3, True), (10, True), (17, False), (26, False)):
        date_of = make_occurrence(meetup, on=date(2026, 11, day), head_adults=1, head_children=0)
        if closed:
            date_of.closed_at = date_of.ends_at
            date_of.save()
    make_occurrence(meetup, on=date(2026, 11, 4), status="cancelled")
    make_figure(weert, date(2026, 11, 1), final_at=None, newcomers=80)
    found = of_town(weert, now=NOW)
    assert found.coming == [ComingMonth(date(2026, 11, 1), held=3, closed=2, from_on=date(2026, 12, 15))]
    assert found.is_new
    assert not found.is_empty


def test_a_month_that_is_over_but_not_finalised_is_not_shown(weert):
    make_figure(weert, date(2026, 9, 1), newcomers=5)
    october = make_figure(weert, date(2026, 10, 1), newcomers=5, final_at=None)
    assert of_town(weert, now=NOW).months[-1].first == date(2026, 9, 1)
    october.final_at = NOW
    october.save()
    assert of_town(weert, now=NOW).months[-1].first == date(2026, 10, 1)


def test_a_published_month_never_changes(weert):
    make_months(weert, "newcomers", [3, 4, 1, 0, 9, 6, 2, 2, 2, 7, 1, 1, 1, 1, 8, 3, 3])
    seen: dict[date, set] = {}
    for days in range(0, 400, 10):
        for month in of_town(weert, now=NOW - timedelta(days=200) + timedelta(days=days)).months:
            if month.held:
                seen.setdefault(month.first, set()).add(month)
    assert len(seen) == 17
    assert {len(months) for months in seen.values()} == {1}


@pytest.mark.parametrize("years", [1, 10])
def test_the_figures_cost_two_queries_however_long_the_archive(weert, years, django_assert_num_queries):
    make_months(weert, "newcomers", [5] * 12 * years)
    with django_assert_num_queries(2):
        of_town(weert, now=NOW)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_formulas_in_names_are_escaped(name):
    assert downloads.escape_formula(name) == "'" + name


def test_numbers_are_formatted_for_the_locale():
    with translation.override("nl"):
        assert [str(number) for number in (FEW, NOT_SHOWN, NO_DATE, Number(2595))] == [
            "minder dan 5",
            "niet getoond",
            "–",
            "2.595",
        ]
        assert [number.about for number in (FEW, Number(1000))] == ["minder dan 5", "ongeveer 1.000"]
