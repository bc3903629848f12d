"""Recurrence: rules, time zones, holidays and texts, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from dateutil.rrule import rrulestr
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import vRecur

from locations.holidays import usual_holidays
from meetups.clock import AMSTERDAM, localise
from meetups.schedule.closures import closed_days
from meetups.schedule.recurrence import (
    HORIZON,
    Frequency,
    InvalidRule,
    InvalidTimes,
    PlannedDay,
    Preview,
    Problem,
    Rule,
    check_times,
    dates,
    describe,
    first_date,
    preview,
    span,
    to_ical,
)

settings.register_profile("quick", deadline=None, max_examples=60)  # no failures on a busy machine
settings.load_profile("quick")

TUESDAY, THURSDAY, FRIDAY = 1, 3, 4
MORNING = time(9, 30), time(11, 30)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
ends = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"until": days}),
    st.fixed_dictionaries({"count": st.integers(1, 500)}),
)
weekly = st.builds(
    lambda weekdays, interval, end: Rule.weekly(weekdays, interval, **end),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 8),
    ends,
)
monthly = st.builds(
    lambda nth, weekday, interval, end: Rule.monthly(nth, weekday, interval, **end),
    st.sampled_from([1, 2, 3, 4, -1]),
    st.integers(0, 6),
    st.integers(1, 12),
    ends,
)
rules = st.one_of(st.just(Rule.once()), weekly, monthly)
# A year around each DST change (last Sundays of March and October).
changes = st.builds(
    lambda year, month, shift: last_sunday(year, month) + timedelta(days=shift),
    st.integers(2020, 2035),
    st.sampled_from([3, 10]),
    st.integers(-1, 1),
)


def last_sunday(year, month):
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def is_in_spring_gap(on, at):
    return on == last_sunday(on.year, 3) and at.hour == 2


# Dates


@given(rules, days, days, st.integers(0, 800))
def test_dates_are_sorted_unique_within_the_window_and_never_before_the_first(rule, first_on, from_on, length):
    until_on = from_on + timedelta(days=length)
    given_dates = dates(rule, first_on, from_on=from_on, until_on=until_on)

    assert given_dates == sorted(set(given_dates))
    assert all(max(from_on, first_on) <= on <= until_on for on in given_dates)
    if rule.until:
        assert all(on <= rule.until for on in given_dates)
    if rule.frequency is not Frequency.ONCE:
        assert {on.weekday() for on in given_dates} <= set(rule.weekdays)


@given(rules, days, days, st.integers(0, 400), st.integers(1, 400))
def test_a_window_gives_the_same_dates_as_its_two_halves(rule, first_on, from_on, first, second):
    middle = from_on + timedelta(days=first)
    end = middle + timedelta(days=second)

    halves = dates(rule, first_on, from_on=from_on, until_on=middle) + dates(
        rule, first_on, from_on=middle + timedelta(days=1), until_on=end
    )

    assert halves == dates(rule, first_on, from_on=from_on, until_on=end)


@given(weekly, days)
def test_weekly_dates_lie_in_every_nth_week_counted_from_that_of_the_first_date(rule, first_on):
    monday = first_on - timedelta(days=first_on.weekday())

    for on in dates(rule, first_on, from_on=first_on, until_on=first_on + timedelta(days=200)):
        assert (on - monday).days // 7 % rule.interval == 0


@given(monthly, days)
def test_monthly_dates_are_the_nth_weekday_of_every_nth_month(rule, first_on):
    for on in dates(rule, first_on, from_on=first_on, until_on=first_on + timedelta(days=800)):
        months = (on.year - first_on.year) * 12 + on.month - first_on.month
        assert months % rule.interval == 0
        if rule.nth == -1:
            assert (on + timedelta(days=7)).month != on.month
        else:
            assert (on.day - 1) // 7 + 1 == rule.nth


@given(st.one_of(weekly, monthly), days)
def test_a_calendar_that_starts_at_the_first_date_gives_the_same_dates(rule, first_on):
    """RFC 5545 requires DTSTART to be a date of the rule."""
    start = first_date(rule, first_on)
    window = {"from_on": first_on, "until_on": first_on + timedelta(days=800)}

    expected = dates(rule, first_on, **window)

    assert expected[:1] == ([start] if start and start <= window["until_on"] else [])
    if start:
        assert dates(rule, start, **window) == expected


@given(st.one_of(weekly, monthly), days, st.sets(st.integers(0, 400)))
def test_skipped_dates_are_left_out_and_still_count(rule, first_on, skipped):
    window = {"from_on": first_on, "until_on": first_on + timedelta(days=400)}
    skipping = {first_on + timedelta(days=number) for number in skipped}

    open_dates = dates(rule, first_on, **window, skipping=skipping)

    assert open_dates == [on for on in dates(rule, first_on, **window) if on not in skipping]


def test_count_counts_dates_before_the_window_and_skipped_ones():
    rule = Rule.weekly([TUESDAY], count=4)

    given_dates = dates(
        rule,
        date(2026, 12, 1),
        from_on=date(2026, 12, 8),
        until_on=date(2027, 12, 31),
        skipping={date(2026, 12, 15)},
    )

    assert given_dates == [date(2026, 12, 8), date(2026, 12, 22)]


def test_first_date_is_the_first_match_when_the_chosen_one_does_not_fit():
    friday = date(2026, 12, 4)

    assert first_date(Rule.weekly([TUESDAY]), friday) == date(2026, 12, 8)
    assert first_date(Rule.weekly([TUESDAY], interval=2), friday) == date(2026, 12, 15)
    assert first_date(Rule.monthly(1, TUESDAY), friday) == date(2027, 1, 5)
    assert first_date(Rule.weekly([TUESDAY], until=date(2026, 12, 6)), friday) is None
    assert first_date(Rule.once(), friday) == friday


def test_weekly_on_two_days_every_other_week_keeps_both_in_one_week():
    assert dates(
        Rule.weekly([THURSDAY, TUESDAY], interval=2),
        date(2026, 12, 3),
        from_on=date(2026, 12, 1),
        until_on=date(2026, 12, 31),
    ) == [date(2026, 12, 3), date(2026, 12, 15), date(2026, 12, 17), date(2026, 12, 29), date(2026, 12, 31)]


def test_once_gives_its_date_only_when_in_the_window_and_open():
    on = date(2028, 2, 29)

    assert dates(Rule.once(), on, from_on=on, until_on=on) == [on]
    assert dates(Rule.once(), on, from_on=on, until_on=on, skipping={on}) == []
    assert dates(Rule.once(), on, from_on=date(2028, 3, 1), until_on=date(2028, 3, 31)) == []


def test_monthly_from_leap_day_gives_a_date_every_month():
    leap_day = date(2028, 2, 29)

    given_dates = dates(Rule.monthly(-1, TUESDAY), leap_day, from_on=leap_day, until_on=date(2029, 2, 28))

    assert given_dates[0] == leap_day
    assert [on.month for on in given_dates] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2]
    assert given_dates[-1] == date(2029, 2, 27)


@given(st.integers(2020, 2035), st.integers(0, 6), st.integers(1, 3))
def test_weekly_steps_stay_whole_weeks_over_the_end_of_february(year, weekday, interval):
    start = date(year, 2, 1)
    given_dates = dates(Rule.weekly([weekday], interval), start, from_on=start, until_on=start + timedelta(weeks=9))

    assert {later - earlier for earlier, later in pairwise(given_dates)} == {timedelta(weeks=interval)}


# The clock


@given(rules, st.one_of(days, changes), times)
def test_local_time_is_the_same_on_every_date(rule, first_on, at):
    for on in dates(rule, first_on, from_on=first_on, until_on=first_on + timedelta(days=250)):
        moment = localise(on, at)
        if is_in_spring_gap(on, at):
            assert (moment.date(), moment.time()) == (on, at.replace(hour=3))
        else:
            assert (moment.date(), moment.time()) == (on, at)


@pytest.mark.parametrize("year", range(2020, 2036))
def test_local_times_on_both_sides_of_each_dst_change(year):
    for month, offsets in ((3, (1, 2)), (10, (2, 1))):
        sunday = last_sunday(year, month)
        around = dates(
            Rule.weekly([6]),
            sunday - timedelta(weeks=1),
            from_on=sunday - timedelta(weeks=1),
            until_on=sunday,
        )
        moments = [localise(on, time(9, 30)) for on in around]

        assert [moment.time() for moment in moments] == [time(9, 30)] * 2
        assert [moment.utcoffset() for moment in moments] == [timedelta(hours=hours) for hours in offsets]
        assert localise(sunday - timedelta(days=1), time(9, 30)).utcoffset() == timedelta(hours=offsets[0])


def test_time_in_the_dst_gap_moves_forward():
    assert localise(date(2027, 3, 28), time(2, 30)).isoformat() == "2027-03-28T03:30:00+02:00"


@pytest.mark.parametrize("fold", [0, 1])
def test_ambiguous_time_is_the_first(fold):
    assert localise(date(2026, 10, 25), time(2, 30, fold=fold)).isoformat() == "2026-10-25T02:30:00+02:00"


def test_span_is_in_utc_and_follows_summer_time():
    assert span(date(2026, 12, 1), *MORNING) == (
        datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 10, 30, tzinfo=UTC),
    )
    assert span(date(2027, 6, 1), *MORNING)[0] == datetime(2027, 6, 1, 7, 30, tzinfo=UTC)


@given(st.one_of(days, changes), times, times)
@example(date(2027, 3, 28), time(2, 30), time(3, 15))
def test_span_always_has_a_length_and_ends_at_the_chosen_time(on, start, end):
    if end <= start:
        with pytest.raises(InvalidTimes):
            span(on, start, end)
        return
    starts_at, ends_at = span(on, start, end)

    assert starts_at < ends_at
    if not is_in_spring_gap(on, start) and not is_in_spring_gap(on, end):
        assert [moment.astimezone(AMSTERDAM).time() for moment in (starts_at, ends_at)] == [start, end]


# Text


@given(rules)
def test_rule_round_trips_through_text(rule):
    assert Rule.parse(str(rule)) == rule
    assert str(Rule.parse(str(rule))) == str(rule)
    assert len(str(rule)) <= 120  # the length of the database column


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("", ""),
        ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("freq=weekly;byday=th,tu,th;interval=1;wkst=mo", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("BYDAY=TU;INTERVAL=2;UNTIL=20270630;FREQ=WEEKLY", "FREQ=WEEKLY;UNTIL=20270630;INTERVAL=2;BYDAY=TU"),
        ("FREQ=MONTHLY;BYDAY=+1TU;COUNT=10", "FREQ=MONTHLY;COUNT=10;BYDAY=1TU"),
        ("FREQ=MONTHLY;INTERVAL=12;BYDAY=-1FR", "FREQ=MONTHLY;INTERVAL=12;BYDAY=-1FR"),
    ],
)
def test_text_is_canonical(text, canonical):
    assert str(Rule.parse(text)) == canonical


REFUSED = [
    ("x", Problem.UNREADABLE),
    ("\0", Problem.UNREADABLE),
    ("INTERVAL=2;BYDAY=TU", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=XX", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=TU;BYDAY=WE", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=TU;nonsense", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=TU;INTERVAL=1,2", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=99999999999999999999", Problem.UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260230", Problem.UNREADABLE),
    ("FREQ=DAILY", Problem.UNSUPPORTED),
    ("FREQ=YEARLY;BYDAY=1TU", Problem.UNSUPPORTED),
    ("FREQ=WEEKLY;BYDAY=TU;BYHOUR=9", Problem.UNSUPPORTED),
    ("FREQ=WEEKLY;BYDAY=TU;WKST=SU", Problem.UNSUPPORTED),
    ("FREQ=WEEKLY", Problem.WEEKDAYS),
    ("FREQ=MONTHLY", Problem.WEEKDAYS),
    ("FREQ=MONTHLY;BYDAY=1TU,1WE", Problem.WEEKDAYS),
    ("FREQ=MONTHLY;BYDAY=TU", Problem.NTH),
    ("FREQ=MONTHLY;BYDAY=5TU", Problem.NTH),
    ("FREQ=MONTHLY;BYDAY=-2TU", Problem.NTH),
    ("FREQ=WEEKLY;BYDAY=1TU", Problem.NTH),
    ("FREQ=WEEKLY;BYDAY=TU;INTERVAL=0", Problem.INTERVAL),
    ("FREQ=WEEKLY;BYDAY=TU;INTERVAL=9", Problem.INTERVAL),
    ("FREQ=MONTHLY;BYDAY=1TU;INTERVAL=13", Problem.INTERVAL),
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=0", Problem.COUNT),
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=501", Problem.COUNT),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=19991231", Problem.UNTIL),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=99991231", Problem.UNTIL),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T083000Z", Problem.UNTIL),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=P1D", Problem.UNTIL),
    ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630;COUNT=3", Problem.UNTIL_AND_COUNT),
]


@pytest.mark.parametrize("text, problem", REFUSED)
def test_invalid_rule_is_refused_with_its_reason(text, problem):
    with pytest.raises(InvalidRule) as refusal:
        Rule.parse(text)

    assert refusal.value.code is problem


@pytest.mark.parametrize(
    "make, problem",
    [
        (lambda: Rule(Frequency.ONCE, count=0), Problem.UNSUPPORTED),
        (lambda: Rule(Frequency.WEEKLY, (TUESDAY,), nth=7), Problem.NTH),
        (lambda: Rule(Frequency.WEEKLY, (TUESDAY, TUESDAY)), Problem.WEEKDAYS),
        (lambda: Rule.weekly([]), Problem.WEEKDAYS),
        (lambda: Rule.weekly([7]), Problem.WEEKDAYS),
        (lambda: Rule.monthly(1, -1), Problem.WEEKDAYS),
        (lambda: Rule.monthly(0, TUESDAY), Problem.NTH),
    ],
)
def test_invalid_choices_are_refused(make, problem):
    with pytest.raises(InvalidRule) as refusal:
        make()

    assert refusal.value.code is problem


PARTS = st.sampled_from(
    [
        *("FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=DAILY", "BYDAY=TU", "BYDAY=1TU", "BYDAY=-1FR,MO", "BYMONTH=2"),
        *("INTERVAL=2", "INTERVAL=-1", "COUNT=3", "COUNT=٣", "UNTIL=20270630", "UNTIL=T10", "UNTIL=", "WKST=MO"),
        *("UNTIL=20270630T100000/PT1H", "RSCALE=HEBREW", "=", ";;", "\0", "é=1"),
    ]
)


@given(st.one_of(st.text(), st.lists(PARTS).map(";".join)))
def test_any_text_is_parsed_or_refused(text):
    try:
        rule = Rule.parse(text)
    except InvalidRule:
        return
    assert Rule.parse(str(rule)) == rule


def test_a_feed_gets_until_as_the_last_start_in_utc():
    winter = to_ical(Rule.weekly([TUESDAY], until=date(2026, 12, 29)), time(9, 30))
    summer = to_ical(Rule.monthly(-1, FRIDAY, 2, until=date(2027, 6, 30)), time(9, 30))

    assert winter.to_ical() == b"FREQ=WEEKLY;UNTIL=20261229T083000Z;BYDAY=TU"
    assert summer.to_ical() == b"FREQ=MONTHLY;UNTIL=20270630T073000Z;INTERVAL=2;BYDAY=-1FR"
    assert to_ical(Rule.weekly([TUESDAY], count=3), time(9, 30)) == vRecur.from_ical("FREQ=WEEKLY;COUNT=3;BYDAY=TU")
    assert to_ical(Rule.once(), time(9, 30)) is None


@given(st.one_of(weekly, monthly), days, times.filter(lambda at: at.hour != 2))
def test_calendar_reading_the_feed_finds_the_same_dates(rule, first_on, at):
    until_on = first_on + timedelta(days=800)
    start = first_date(rule, first_on)
    if start is None:
        return
    read = rrulestr(to_ical(rule, at).to_ical().decode(), dtstart=localise(start, at))

    moments = read.between(localise(first_on, at), localise(until_on, at), inc=True)

    assert moments == [localise(on, at) for on in dates(rule, first_on, from_on=first_on, until_on=until_on)]


# Times


@pytest.mark.parametrize(
    "start, end, problem",
    [
        (time(9, 30), time(9, 30), Problem.NO_LENGTH),
        (time(11, 30), time(9, 30), Problem.ENDS_BEFORE_START),
        (time(22), time(1), Problem.PAST_MIDNIGHT),
        (time(20), time(0), Problem.PAST_MIDNIGHT),
    ],
)
def test_times_that_are_not_within_one_day_are_refused(start, end, problem):
    with pytest.raises(InvalidTimes) as refusal:
        check_times(start, end)

    assert refusal.value.code is problem
    assert check_times(*MORNING) is None


# Holidays


def test_public_holidays_have_their_dutch_or_english_name():
    window = (date(2026, 12, 1), date(2027, 1, 3))

    with override("nl"):
        dutch = closed_days("Noord", *window, public=usual_holidays(), school=False)
    with override("en"):
        english = closed_days("Noord", *window, public=usual_holidays(), school=False)

    assert dutch == {
        date(2026, 12, 25): "Eerste kerstdag",
        date(2026, 12, 26): "Tweede kerstdag",
        date(2027, 1, 1): "Nieuwjaarsdag",
    }
    assert english == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Second Day of Christmas",
        date(2027, 1, 1): "New Year's Day",
    }


def test_school_holidays_differ_per_region():
    def first_day_of_summer(region):
        return min(closed_days(region, date(2026, 6, 1), date(2026, 9, 30), public=(), school=True))

    assert {region: first_day_of_summer(region) for region in ("Noord", "Midden", "Zuid")} == {
        "Noord": date(2026, 7, 4),
        "Midden": date(2026, 7, 18),
        "Zuid": date(2026, 7, 11),
    }


def test_a_public_holiday_gives_the_name_within_a_school_holiday():
    with override("nl"):
        closed = closed_days("Noord", date(2026, 4, 26), date(2026, 4, 28), public=usual_holidays(), school=True)

    assert closed == {
        date(2026, 4, 26): "Meivakantie",
        date(2026, 4, 27): "Koningsdag",
        date(2026, 4, 28): "Meivakantie",
    }


def test_kings_day_moves_off_sunday_and_liberation_day_counts_once_in_five_years():
    with override("nl"):
        kings_day = closed_days("Zuid", date(2025, 4, 26), date(2025, 4, 27), public=usual_holidays(), school=False)
        liberation = [
            year
            for year in range(2024, 2036)
            if closed_days("Zuid", date(year, 5, 5), date(year, 5, 5), public=usual_holidays(), school=False)
            == {date(year, 5, 5): "Bevrijdingsdag"}
        ]

    assert kings_day == {date(2025, 4, 26): "Koningsdag"}
    assert liberation == [2025, 2030, 2035]


def test_no_closed_days_if_none_are_requested_or_known():
    year_2040 = (date(2040, 1, 1), date(2040, 12, 31))

    assert closed_days("Midden", date(2026, 1, 1), date(2026, 12, 31), public=(), school=False) == {}
    assert closed_days("Midden", *year_2040, public=(), school=True) == {}
    assert closed_days("Midden", *year_2040, public=usual_holidays(), school=False) != {}


# Preview


def test_preview_shows_dates_and_names_the_holidays_it_skips():
    rule = Rule.weekly([FRIDAY], interval=1, until=date(2027, 1, 8))

    with override("nl"):
        shown = preview(rule, date(2026, 12, 15), today=date(2026, 12, 1), region="Noord", holidays=usual_holidays())

    assert shown == Preview(
        [
            PlannedDay(date(2026, 12, 18), None),
            PlannedDay(date(2026, 12, 25), "Eerste kerstdag"),
            PlannedDay(date(2027, 1, 1), "Nieuwjaarsdag"),
            PlannedDay(date(2027, 1, 8), None),
        ]
    )


def test_preview_starts_today_and_covers_26_weeks():
    today = date(2026, 11, 24)

    shown = preview(Rule.weekly([TUESDAY]), date(2020, 1, 7), today=today, region="Zuid")

    assert [day.on for day in shown.days] == [today + timedelta(weeks=week) for week in range(27)]
    assert shown.days[-1].on == today + HORIZON


def test_preview_of_a_start_far_ahead_shows_26_weeks_from_that_start():
    first_on = date(2030, 12, 3)

    shown = preview(Rule.weekly([TUESDAY]), first_on, today=date(2026, 11, 24), region="Zuid")

    assert [day.on for day in shown.days] == [first_on + timedelta(weeks=week) for week in range(27)]
    assert shown.problem is None


def test_preview_looks_further_for_a_first_open_date():
    yearly = Rule.monthly(1, TUESDAY, 12)

    shown = preview(yearly, date(2026, 12, 2), today=date(2026, 11, 24), region="Zuid")

    assert shown == Preview([PlannedDay(date(2027, 12, 7), None)], has_more=True)


@pytest.mark.parametrize(
    ("limits", "has_more"),
    [
        ({}, True),
        ({"count": 5}, False),
        ({"count": 27}, False),
        ({"count": 60}, True),
        ({"until": date(2027, 1, 5)}, False),
    ],
)
def test_preview_has_more_only_if_later_dates_exist(limits, has_more):
    shown = preview(Rule.weekly([TUESDAY], **limits), date(2026, 12, 1), today=date(2026, 11, 24), region="Zuid")
    assert shown.has_more is has_more


@given(rules, st.dates(), days, st.booleans(), st.booleans())
@settings(max_examples=50)
def test_preview_works_for_any_choice(rule, first_on, today, public, school):
    shown = preview(
        rule,
        first_on,
        today=today,
        region="Midden",
        holidays=usual_holidays() if public else (),
        skip_school_holidays=school,
    )

    assert (shown.problem is None) == any(day.closed is None for day in shown.days)


@pytest.mark.parametrize(
    "rule, first_on, problem",
    [
        (Rule.weekly([TUESDAY]), date(1, 1, 1), Problem.FIRST_ON),
        (Rule.weekly([TUESDAY]), date(9999, 12, 31), Problem.FIRST_ON),
        (Rule.weekly([TUESDAY], until=date(2026, 11, 30)), date(2026, 12, 1), Problem.ENDS_BEFORE_FIRST_DATE),
        (Rule.weekly([TUESDAY], until=date(2026, 12, 6)), date(2026, 12, 4), Problem.NO_DATE),
        (Rule.weekly([TUESDAY], count=3), date(2025, 12, 2), Problem.NO_DATE),
        (Rule.once(), date(2026, 11, 23), Problem.NO_DATE),
        (Rule.once(), date(2026, 12, 25), Problem.ONLY_CLOSED_DAYS),
    ],
)
def test_preview_says_why_a_choice_gives_no_date(rule, first_on, problem):
    shown = preview(rule, first_on, today=date(2026, 11, 24), region="Noord", holidays=usual_holidays())

    assert shown.problem is problem


# Words


@pytest.mark.parametrize(
    "rule, english, dutch",
    [
        (Rule.once(), "On Tuesday 1 December 2026, 9:30 to 11:30", "Op dinsdag 1 december 2026, 9.30 tot 11.30 uur"),
        (Rule.weekly([TUESDAY]), "Every Tuesday, 9:30 to 11:30", "Elke dinsdag, 9.30 tot 11.30 uur"),
        (Rule.weekly(range(5)), "Every weekday, 9:30 to 11:30", "Elke werkdag, 9.30 tot 11.30 uur"),
        (Rule.weekly(range(7)), "Every day, 9:30 to 11:30", "Elke dag, 9.30 tot 11.30 uur"),
        (
            Rule.weekly(range(5), 2),
            "Every 2 weeks on Monday, Tuesday, Wednesday, Thursday and Friday, 9:30 to 11:30",
            "Elke 2 weken op maandag, dinsdag, woensdag, donderdag en vrijdag, 9.30 tot 11.30 uur",
        ),
        (
            Rule.weekly([TUESDAY], 2, until=date(2027, 6, 30)),
            "Every 2 weeks on Tuesday, 9:30 to 11:30, until 30 June 2027",
            "Elke 2 weken op dinsdag, 9.30 tot 11.30 uur, tot en met 30 juni 2027",
        ),
        (
            Rule.weekly([0, TUESDAY, THURSDAY], 3, count=10),
            "Every 3 weeks on Monday, Tuesday and Thursday, 9:30 to 11:30, 10 times",
            "Elke 3 weken op maandag, dinsdag en donderdag, 9.30 tot 11.30 uur, 10 keer",
        ),
        (
            Rule.weekly([TUESDAY], count=1),
            "Every Tuesday, 9:30 to 11:30, 1 time",
            "Elke dinsdag, 9.30 tot 11.30 uur, 1 keer",
        ),
        (
            Rule.monthly(1, TUESDAY),
            "Every first Tuesday of the month, 9:30 to 11:30",
            "Elke eerste dinsdag van de maand, 9.30 tot 11.30 uur",
        ),
        (
            Rule.monthly(2, 2, 2),
            "Every 2 months, on the second Wednesday, 9:30 to 11:30",
            "Elke 2 maanden, op de tweede woensdag, 9.30 tot 11.30 uur",
        ),
        (
            Rule.monthly(-1, FRIDAY, 3),
            "Every 3 months, on the last Friday, 9:30 to 11:30",
            "Elke 3 maanden, op de laatste vrijdag, 9.30 tot 11.30 uur",
        ),
    ],
)
def test_a_rhythm_reads_as_a_sentence_in_both_languages(rule, english, dutch):
    with override("en"):
        assert describe(rule, date(2026, 12, 1), *MORNING) == english
    with override("nl"):
        assert describe(rule, date(2026, 12, 1), *MORNING) == dutch


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_its_own_sentence_in_both_languages(problem):
    with override("en"):
        english = str(InvalidRule(problem))
    with override("nl"):
        dutch = str(InvalidRule(problem))

    assert english.endswith(".")
    assert dutch.endswith(".")
    assert english != dutch
