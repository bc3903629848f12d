"""From the answers in the form to a schedule, and back, without a database."""

from dataclasses import replace
from datetime import UTC, date, time, timedelta

import pytest

from meetups.schedule.answers import Answers, CurrentSchedule, Ending, Rhythm, answers_from, rule_from, schedule_from
from meetups.schedule.recurrence import PlannedDay, Problem, Rule
from tests.factories import at

TODAY = date(2026, 12, 1)  # a Tuesday
NOW = at(TODAY, 8)
WEEK = timedelta(weeks=1)
TUESDAY, THURSDAY, FRIDAY = 1, 3, 4
TUESDAYS = Answers(
    rhythm=Rhythm.WEEKLY, weekdays=(TUESDAY,), first_on=TODAY, start_time=time(9, 30), end_time=time(11, 30)
)
SAVED = CurrentSchedule(
    rule=Rule.weekly([TUESDAY]),
    first_on=TODAY - 10 * WEEK,
    start_time=time(9, 30),
    end_time=time(11, 30),
    skip_public_holidays=False,
    skip_school_holidays=False,
)
UNCHANGED = replace(TUESDAYS, first_on=SAVED.first_on)


def schedule(answers, *, existing=None, now=NOW, region="Noord", holidays=("new_year",), **options):
    return schedule_from(answers, existing=existing, now=now, region=region, holidays=holidays, **options)


def planned(answers, **options):
    """Return the first dates of the preview."""
    return [day.on for day in schedule(answers, **options).plan.days[:3]]


# Rhythms


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, Rule.weekly([TUESDAY])),
        ({"weekdays": (THURSDAY, TUESDAY)}, Rule.weekly([TUESDAY, THURSDAY])),
        ({"rhythm": Rhythm.BIWEEKLY}, Rule.weekly([TUESDAY], 2)),
        ({"rhythm": Rhythm.WEEKS, "every": 3}, Rule.weekly([TUESDAY], 3)),
        ({"rhythm": Rhythm.MONTHLY, "nth": 2}, Rule.monthly(2, TUESDAY)),
        ({"rhythm": Rhythm.MONTHLY, "nth": -1}, Rule.monthly(-1, TUESDAY)),
        ({"rhythm": Rhythm.ONCE}, Rule.once()),
    ],
)
def test_each_rhythm_becomes_a_rule(change, rule):
    found = schedule(replace(TUESDAYS, **change))

    assert (found.rule, found.problems) == (rule, [])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"every": 3, "nth": 2}, Rule.weekly([TUESDAY])),
        ({"rhythm": Rhythm.BIWEEKLY, "every": 3}, Rule.weekly([TUESDAY], 2)),
        ({"rhythm": Rhythm.MONTHLY, "nth": 2, "every": 3}, Rule.monthly(2, TUESDAY)),
        ({"until": TODAY, "count": 5}, Rule.weekly([TUESDAY])),
        ({"ending": Ending.UNTIL, "until": TODAY, "count": 5}, Rule.weekly([TUESDAY], until=TODAY)),
        ({"ending": Ending.COUNT, "until": TODAY, "count": 5}, Rule.weekly([TUESDAY], count=5)),
        ({"rhythm": Rhythm.ONCE, "every": 3, "nth": 2, "ending": Ending.COUNT, "count": 5}, Rule.once()),
        ({"rhythm": Rhythm.ONCE, "weekdays": (), "ending": Ending.UNTIL}, Rule.once()),
    ],
)
def test_answers_that_do_not_belong_to_the_rhythm_or_the_ending_are_ignored(change, rule):
    found = schedule(replace(TUESDAYS, **change))

    assert (found.rule, found.problems) == (rule, [])


@pytest.mark.parametrize("ending", [{"until": date(2027, 6, 30)}, {"count": 5}])
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, Rule.weekly([TUESDAY])),
        ({"rhythm": Rhythm.WEEKS, "every": 8}, Rule.weekly([TUESDAY], 8)),
        ({"rhythm": Rhythm.MONTHLY, "nth": 1}, Rule.monthly(1, TUESDAY)),
    ],
)
def test_every_rhythm_but_once_can_end(change, rule, ending):
    kind = Ending.UNTIL if "until" in ending else Ending.COUNT

    assert schedule(replace(TUESDAYS, ending=kind, **change, **ending)).rule == replace(rule, **ending)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"weekdays": ()}, Problem.WEEKDAYS),
        ({"rhythm": Rhythm.WEEKS}, Problem.INTERVAL),
        ({"rhythm": Rhythm.WEEKS, "every": 9}, Problem.INTERVAL),
        ({"rhythm": Rhythm.MONTHLY}, Problem.NTH),
        ({"rhythm": Rhythm.MONTHLY, "nth": 1, "weekdays": ()}, Problem.WEEKDAYS),
        ({"rhythm": Rhythm.MONTHLY, "nth": 1, "weekdays": (TUESDAY, FRIDAY)}, Problem.WEEKDAYS),
        ({"ending": Ending.UNTIL, "count": 5}, Problem.NO_LAST_DATE),
        ({"ending": Ending.UNTIL, "until": date(1999, 12, 31)}, Problem.UNTIL),
        ({"ending": Ending.COUNT, "until": TODAY}, Problem.COUNT),
        ({"ending": Ending.COUNT, "count": 501}, Problem.COUNT),
    ],
)
def test_answers_that_define_no_rule_are_refused(change, problem):
    found = schedule(replace(TUESDAYS, **change))

    assert (found.rule, found.plan, found.problems) == (None, None, [problem])


@pytest.mark.parametrize("change", [{"rhythm": None}, {"first_on": None}])
def test_nothing_is_planned_before_the_rhythm_and_the_first_date_are_known(change):
    found = schedule(replace(TUESDAYS, **change))

    assert (found.plan, found.problems) == (None, [])


def test_rule_with_an_error_in_the_form_gets_no_second_one():
    found = schedule(replace(TUESDAYS, weekdays=()), is_rule_readable=False)

    assert (found.rule, found.first_on, found.problems) == (None, TODAY, [])


# Times


@pytest.mark.parametrize(
    ("start", "end", "problems"),
    [
        (time(9, 30), time(9, 30), [Problem.NO_LENGTH]),
        (time(11, 30), time(9, 30), [Problem.ENDS_BEFORE_START]),
        (time(20), time(1), [Problem.PAST_MIDNIGHT]),
        (None, time(9, 30), []),
        (time(9, 30), None, []),
    ],
)
def test_times_are_checked_when_both_are_known_and_the_dates_are_shown_anyway(start, end, problems):
    found = schedule(replace(TUESDAYS, start_time=start, end_time=end))

    assert (found.problems, len(found.plan.days)) == (problems, 27)


def test_problem_with_the_times_and_one_with_the_rule_are_both_reported():
    found = schedule(replace(TUESDAYS, end_time=time(9, 30), weekdays=()))

    assert found.problems == [Problem.NO_LENGTH, Problem.WEEKDAYS]


# The first date


@pytest.mark.parametrize(
    ("change", "first_on", "dates"),
    [
        ({}, TODAY, [TODAY, TODAY + WEEK, TODAY + 2 * WEEK]),
        (
            # From a Wednesday on: every two weeks counts from the next Tuesday, not from this week.
            {"rhythm": Rhythm.BIWEEKLY, "first_on": date(2026, 12, 2)},
            date(2026, 12, 8),
            [date(2026, 12, 8), date(2026, 12, 22), date(2027, 1, 5)],
        ),
        (
            {"rhythm": Rhythm.MONTHLY, "nth": 1, "first_on": date(2026, 12, 2)},
            date(2027, 1, 5),
            [date(2027, 1, 5), date(2027, 2, 2), date(2027, 3, 2)],
        ),
        (
            {"ending": Ending.COUNT, "count": 2, "first_on": date(2026, 12, 2)},
            date(2026, 12, 8),
            [date(2026, 12, 8), date(2026, 12, 15)],
        ),
        ({"rhythm": Rhythm.ONCE, "first_on": date(2026, 12, 2)}, date(2026, 12, 2), [date(2026, 12, 2)]),
    ],
)
def test_first_date_becomes_the_first_one_of_the_rhythm(change, first_on, dates):
    answers = replace(TUESDAYS, **change)

    assert (schedule(answers).first_on, planned(answers)) == (first_on, dates)


@pytest.mark.parametrize("rhythm", [Rhythm.ONCE, Rhythm.WEEKLY])
def test_first_date_in_the_past_is_refused(rhythm):
    found = schedule(replace(TUESDAYS, rhythm=rhythm, first_on=TODAY - timedelta(days=1)))

    assert (found.plan, found.problems) == (None, [Problem.FIRST_ON_PAST])


def test_today_is_that_of_amsterdam():
    after_midnight = at(TODAY, 0, 30).astimezone(UTC)  # there still 30 November
    yesterday = TODAY - timedelta(days=1)
    daily = replace(UNCHANGED, weekdays=tuple(range(7)))

    assert schedule(replace(TUESDAYS, first_on=yesterday), now=after_midnight).problems == [Problem.FIRST_ON_PAST]
    assert schedule(TUESDAYS, now=after_midnight).problems == []
    assert planned(daily, existing=SAVED, now=after_midnight)[0] == TODAY


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"first_on": date(2100, 1, 1)}, Problem.FIRST_ON),
        ({"first_on": date.max}, Problem.FIRST_ON),  # no Tuesday comes after it
        ({"ending": Ending.UNTIL, "until": TODAY - WEEK}, Problem.ENDS_BEFORE_FIRST_DATE),
        # From a Wednesday until Thursday: the first Tuesday is later.
        (
            {"first_on": date(2026, 12, 2), "ending": Ending.UNTIL, "until": date(2026, 12, 3)},
            Problem.ENDS_BEFORE_FIRST_DATE,
        ),
        ({"rhythm": Rhythm.ONCE, "first_on": date(2027, 1, 1), "skip_public_holidays": True}, Problem.ONLY_CLOSED_DAYS),
    ],
)
def test_schedule_without_dates_reports_the_problem_of_its_preview(change, problem):
    found = schedule(replace(TUESDAYS, **change))

    assert found.problems == [problem] == [found.plan.problem]


# A start that has passed


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"rhythm": Rhythm.ONCE}, [Problem.START_PAST]),
        ({"ending": Ending.COUNT, "count": 1}, [Problem.START_PAST]),
        ({"ending": Ending.COUNT, "count": 2}, []),
        ({"rhythm": Rhythm.ONCE, "first_on": TODAY + WEEK}, []),
        ({"rhythm": Rhythm.ONCE, "start_time": time(10, 1)}, []),
        ({"rhythm": Rhythm.ONCE, "start_time": None}, []),
        ({"rhythm": Rhythm.ONCE, "end_time": None}, []),
        ({"rhythm": Rhythm.ONCE, "end_time": time(9)}, [Problem.ENDS_BEFORE_START]),
    ],
)
def test_only_date_that_has_already_started_today_is_refused(change, problems):
    assert schedule(replace(TUESDAYS, **change), now=at(TODAY, 10)).problems == problems


def test_only_date_that_starts_at_this_minute_has_started():
    assert schedule(replace(TUESDAYS, rhythm=Rhythm.ONCE), now=at(TODAY, 9, 30)).problems == [Problem.START_PAST]


def test_last_date_of_a_saved_series_may_have_started():
    last_today = replace(UNCHANGED, ending=Ending.COUNT, count=11)

    assert planned(last_today, existing=SAVED) == [TODAY]
    assert schedule(last_today, existing=SAVED, now=at(TODAY, 10)).problems == []


def test_later_dates_that_are_holidays_do_not_count():
    today = date(2026, 12, 25)
    fridays = replace(TUESDAYS, weekdays=(FRIDAY,), first_on=today, ending=Ending.COUNT, count=2)

    assert schedule(fridays, now=at(today, 10)).problems == []
    skipping = replace(fridays, skip_public_holidays=True)  # New Year's Day is the second one
    assert schedule(skipping, now=at(today, 10)).problems == [Problem.START_PAST]


# Holidays


@pytest.mark.parametrize(
    ("change", "closed"),
    [
        ({}, {}),
        ({"skip_public_holidays": True}, {date(2027, 1, 1): "Nieuwjaarsdag"}),
        (
            {"skip_school_holidays": True},
            {date(2026, 12, 25): "Kerstvakantie", date(2027, 1, 1): "Kerstvakantie"},
        ),
        (
            {"skip_public_holidays": True, "skip_school_holidays": True},
            {date(2026, 12, 25): "Kerstvakantie", date(2027, 1, 1): "Nieuwjaarsdag"},
        ),
    ],
)
def test_preview_names_the_holidays_that_are_skipped(change, closed):
    fridays = replace(TUESDAYS, weekdays=(FRIDAY,), ending=Ending.COUNT, count=6, **change)

    assert schedule(fridays).plan.days == [
        PlannedDay(on, closed.get(on)) for on in (date(2026, 12, 4) + n * WEEK for n in range(6))
    ]


def test_school_holidays_are_those_of_the_region():
    friday = replace(TUESDAYS, rhythm=Rhythm.ONCE, first_on=date(2027, 7, 16), skip_school_holidays=True)
    regions = ("Noord", "Midden", "Zuid")

    # Summer 2027 begins on 10 July in Noord, on 17 July in Midden and on 24 July in Zuid.
    assert [schedule(friday, region=region).problems for region in regions] == [[Problem.ONLY_CLOSED_DAYS], [], []]


# A change of a saved schedule


def test_unchanged_schedule_has_no_preview_although_it_began_long_ago():
    found = schedule(UNCHANGED, existing=SAVED)

    assert (found.rule, found.first_on, found.plan, found.problems) == (SAVED.rule, SAVED.first_on, None, [])


def test_unchanged_schedule_is_valid_even_when_it_is_over():
    once = replace(SAVED, rule=Rule.once())

    assert schedule(replace(UNCHANGED, rhythm=Rhythm.ONCE), existing=once).problems == []
    assert schedule(replace(UNCHANGED, rhythm=Rhythm.ONCE)).problems == [Problem.FIRST_ON_PAST]


@pytest.mark.parametrize(
    "change",
    [
        {"weekdays": (THURSDAY,)},
        {"ending": Ending.COUNT, "count": 20},
        {"start_time": time(9)},
        {"end_time": time(12)},
        {"start_time": None},
        {"end_time": None},
        {"skip_public_holidays": True},
        {"skip_school_holidays": True},
    ],
)
def test_changed_schedule_is_previewed_from_today_and_keeps_its_first_date(change):
    found = schedule(replace(UNCHANGED, **change), existing=SAVED)

    assert (found.first_on, found.problems) == (SAVED.first_on, [])
    assert TODAY <= found.plan.days[0].on < TODAY + WEEK


def test_saved_first_date_stays_as_it_is_when_only_the_rhythm_changes():
    # Every two weeks still counts from the week of the saved first date, a Tuesday ten weeks ago.
    answers = replace(UNCHANGED, rhythm=Rhythm.BIWEEKLY, weekdays=(THURSDAY,))

    assert schedule(answers, existing=SAVED).first_on == SAVED.first_on
    assert planned(answers, existing=SAVED) == [TODAY + timedelta(days=2) + n * 2 * WEEK for n in range(3)]


def test_new_first_date_of_a_saved_schedule_is_checked_and_aligned():
    past = replace(UNCHANGED, first_on=TODAY - WEEK)
    wednesday = replace(UNCHANGED, first_on=date(2026, 12, 2))

    assert schedule(past, existing=SAVED).problems == [Problem.FIRST_ON_PAST]
    assert schedule(wednesday, existing=SAVED).first_on == date(2026, 12, 8)


# Back to answers


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        (Rule.once(), {"rhythm": "once", "weekdays": [TUESDAY], "ending": "open"}),
        (Rule.weekly([TUESDAY, FRIDAY], until=TODAY), {"rhythm": "weekly", "ending": "until", "until": TODAY}),
        (Rule.weekly([TUESDAY], 2), {"rhythm": "biweekly", "every": 2, "ending": "open"}),
        (Rule.weekly([TUESDAY], 3, count=5), {"rhythm": "weeks", "every": 3, "ending": "count", "count": 5}),
        (Rule.weekly(range(7), 8), {"rhythm": "weeks", "every": 8, "weekdays": [0, 1, 2, 3, 4, 5, 6]}),
        (Rule.monthly(-1, FRIDAY), {"rhythm": "monthly", "nth": -1, "weekdays": [FRIDAY], "ending": "open"}),
        (Rule.monthly(2, FRIDAY, until=TODAY), {"rhythm": "monthly", "nth": 2, "ending": "until", "until": TODAY}),
        (Rule.monthly(4, FRIDAY, count=500), {"rhythm": "monthly", "nth": 4, "ending": "count", "count": 500}),
    ],
)
def test_answers_from_a_rule_are_the_choices_that_define_it(rule, answers):
    found = answers_from(rule, TODAY)

    assert {name: found[name] for name in answers} == answers
    assert rule_from(Answers(**found)) == rule
