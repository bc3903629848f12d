"""The difference between the dates of a meetup and its rule, without a database."""

from datetime import date, time, timedelta

import pytest

from locations.holidays import Holiday
from locations.models import Location, Municipality
from meetups.models import Meetup, Occurrence
from meetups.schedule.difference import Difference, difference, follows_rule, in_step, out_of_step, wanted_dates
from meetups.schedule.recurrence import HORIZON
from tests.factories import at

TODAY = date(2026, 12, 1)  # a Tuesday
NOW = at(TODAY, 8)
WEEK = timedelta(weeks=1)
TOWN = Municipality(pk=1, name="Weert", school_region="Noord", holidays=[Holiday.NEW_YEAR])
HOME, ELSEWHERE = (Location(pk=pk, municipality=TOWN) for pk in (1, 2))
NOT_BY_RULE = [{"is_edited": True}, {"closed_at": NOW}, {"status": Occurrence.Status.CANCELLED}]
OTHER_TIME = {"starts_at": at(TODAY, 14), "ends_at": at(TODAY, 15)}


def weekly(**fields):
    """Return an unsaved meetup on every Tuesday from 1 December 2026, 9.30 to 11.30, without skipped holidays."""
    return Meetup(
        **{
            "pk": 1,
            "location": HOME,
            "rrule": "FREQ=WEEKLY;BYDAY=TU",
            "first_on": TODAY,
            "start_time": time(9, 30),
            "end_time": time(11, 30),
            "skip_public_holidays": False,
        }
        | fields
    )


def make_date(pk=1, on=TODAY, **fields):
    """Return an unsaved date with the time and location of the meetup."""
    times = {"starts_at": at(on, 9, 30), "ends_at": at(on, 11, 30)}
    return Occurrence(**{"pk": pk, "planned_for": on, "location": HOME} | times | fields)


def compare(*coming, wanted=(), existing=None, signed_up=(), also_signed_up=False, now=NOW):
    return difference(
        weekly(),
        coming,
        wanted=set(wanted),
        existing={row.planned_for for row in coming} if existing is None else existing,
        signed_up=signed_up,
        also_signed_up=also_signed_up,
        now=now,
    )


# Create


def test_wanted_dates_without_a_row_are_created_in_order():
    wanted = [TODAY + 2 * WEEK, TODAY, TODAY + WEEK]

    assert compare(wanted=wanted) == Difference(create=sorted(wanted))


def test_date_that_has_a_row_is_not_created_again_even_if_that_row_is_not_among_the_coming_ones():
    assert compare(wanted=[TODAY, TODAY + WEEK], existing={TODAY}) == Difference(create=[TODAY + WEEK])


@pytest.mark.parametrize(("now", "created"), [(at(TODAY, 9, 29), [TODAY]), (at(TODAY, 9, 30), [])])
def test_date_that_has_started_is_not_created(now, created):
    assert compare(wanted=[TODAY], now=now) == Difference(create=created)


# Remove, move or keep


def test_wanted_date_in_step_stays_as_it_is():
    dates = [make_date(), make_date(2, TODAY + WEEK)]

    assert compare(*dates, wanted=[TODAY, TODAY + WEEK], signed_up={2}, also_signed_up=True) == Difference()


def test_empty_date_that_is_not_wanted_is_removed():
    gone = make_date()

    assert compare(gone) == Difference(remove=[gone])


def test_empty_date_that_is_not_wanted_is_removed_even_out_of_step():
    gone = make_date(**OTHER_TIME)

    assert compare(gone) == Difference(remove=[gone])


@pytest.mark.parametrize("fields", [{"theme": "Slapen"}, {"capacity": 8}, {"theme": "Slapen", **OTHER_TIME}])
def test_date_with_a_theme_or_spaces_of_its_own_is_not_removed(fields):
    kept = make_date(**fields)

    assert compare(kept) == Difference(keep=[kept])


@pytest.mark.parametrize("fields", [{}, OTHER_TIME])
@pytest.mark.parametrize("also_signed_up", [False, True])
def test_date_with_sign_ups_is_never_removed(also_signed_up, fields):
    kept, gone = make_date(**fields), make_date(2, TODAY + WEEK)

    found = compare(kept, gone, signed_up={1}, also_signed_up=also_signed_up)

    assert found == Difference(remove=[gone], keep=[kept])


@pytest.mark.parametrize("fields", [{}, {"theme": "Slapen"}, {"capacity": 8}])
def test_empty_date_out_of_step_is_moved(fields):
    moved = make_date(**OTHER_TIME, **fields)

    assert compare(moved, wanted=[TODAY]) == Difference(move=[moved])


def test_date_with_sign_ups_is_moved_only_if_asked():
    moved = make_date(**OTHER_TIME)

    assert compare(moved, wanted=[TODAY], signed_up={1}) == Difference(keep=[moved])
    assert compare(moved, wanted=[TODAY], signed_up={1}, also_signed_up=True) == Difference(move=[moved])


@pytest.mark.parametrize("fields", NOT_BY_RULE)
def test_date_that_was_changed_closed_or_cancelled_is_left_alone(fields):
    unwanted, moved = make_date(**fields), make_date(**OTHER_TIME | fields)

    assert compare(unwanted) == compare(moved, wanted=[TODAY]) == compare(moved, signed_up={1}) == Difference()


def test_kept_dates_are_in_order_of_their_start():
    later, earlier = make_date(1, TODAY + WEEK), make_date(2)

    assert compare(later, earlier, signed_up={1, 2}).keep == [earlier, later]


# In step


@pytest.mark.parametrize("fields", NOT_BY_RULE)
def test_rule_applies_until_a_date_is_changed_closed_or_cancelled(fields):
    assert follows_rule(make_date())
    assert not follows_rule(make_date(**fields))


def test_date_is_in_step_with_the_same_times_and_location():
    assert in_step(make_date(), weekly())
    assert not in_step(make_date(starts_at=at(TODAY, 9)), weekly())
    assert not in_step(make_date(ends_at=at(TODAY, 12)), weekly())
    assert not in_step(make_date(location=ELSEWHERE), weekly())


def test_date_is_in_step_by_the_clock_of_amsterdam_in_summer_too():
    summer = date(2027, 6, 1)

    assert make_date(on=summer).starts_at.utcoffset() != make_date().starts_at.utcoffset()
    assert in_step(make_date(on=summer), weekly())


def test_out_of_step_are_dates_that_the_rule_no_longer_gives_or_gives_another_time():
    rows = [
        make_date(1),
        make_date(2, TODAY + timedelta(days=1)),
        make_date(3, TODAY + WEEK, starts_at=at(TODAY + WEEK, 9)),
        *(make_date(4 + n, TODAY + timedelta(days=2 + n), **fields) for n, fields in enumerate(NOT_BY_RULE)),
    ]

    assert out_of_step(weekly(), rows, TODAY) == {2, 3}


# Wanted


def test_wanted_dates_run_from_today_up_to_and_including_the_horizon():
    started = weekly(first_on=TODAY - 10 * WEEK)

    assert wanted_dates(started, TODAY) == {TODAY + n * WEEK for n in range(27)}
    assert max(wanted_dates(started, TODAY)) == TODAY + HORIZON


def test_horizon_starts_at_the_first_date_if_that_is_later():
    first_on = TODAY + 50 * WEEK

    assert wanted_dates(weekly(first_on=first_on), TODAY) == {first_on + n * WEEK for n in range(27)}
    assert wanted_dates(weekly(first_on=first_on, rrule=""), TODAY) == {first_on}


def test_rule_that_has_ended_wants_no_dates():
    ended = weekly(first_on=TODAY - 10 * WEEK, rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=3")

    assert wanted_dates(ended, TODAY) == set()


@pytest.mark.parametrize(
    ("choice", "skipped"),
    [
        ({}, []),
        ({"skip_public_holidays": True}, [date(2027, 1, 1)]),  # of the town, which does not skip Christmas Day
        ({"skip_school_holidays": True}, [date(2026, 12, 25), date(2027, 1, 1)]),
    ],
)
def test_holidays_that_the_meetup_skips_are_not_wanted(choice, skipped):
    fridays = weekly(rrule="FREQ=WEEKLY;BYDAY=FR;UNTIL=20270108", **choice)

    assert wanted_dates(fridays, TODAY) == {date(2026, 12, 4) + n * WEEK for n in range(6)} - set(skipped)


def test_school_holidays_are_those_of_the_region():
    friday = weekly(rrule="", first_on=date(2026, 7, 10), skip_school_holidays=True)  # summer: Noord, not yet Zuid
    south = Location(municipality=Municipality(school_region="Zuid"))

    assert wanted_dates(friday, TODAY.replace(month=7)) == set()
    friday.location = south
    assert wanted_dates(friday, TODAY.replace(month=7)) == {date(2026, 7, 10)}


def test_holidays_beyond_the_horizon_of_today_are_skipped_for_a_later_first_date():
    new_year = weekly(rrule="", first_on=date(2028, 1, 1), skip_public_holidays=True)

    assert wanted_dates(new_year, TODAY) == set()
