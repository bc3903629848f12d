"""What is counted, that it is counted once, and that it stays counted when data is erased."""

import hashlib
import hmac
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from insights import actions, counting, tasks
from insights.models import MonthlyFigure, Tally, Visit, YearKey
from meetups.attending.actions.forgetting import RETENTION, forget_guests
from meetups.door.actions import check_in
from meetups.models import Occurrence
from tests.factories import at, make_attendance, make_location, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 10, 20, tzinfo=ZoneInfo("Europe/Amsterdam"))
NOTHING_CLOSED = {"held": 1} | dict.fromkeys(
    ("dates", "visits", "newcomers", "second_visits", "later_visits", "unknown", "regulars"), 0
)
FIELDS = ("held", "dates", "visits", "newcomers", "second_visits", "later_visits", "unknown", "regulars")


@pytest.fixture
def library():
    return make_location(name="Library")


def morning(location, on: date, *users, meetup=None, closed_at=None, heads=None, guests=()):
    """A closed date at which these users were present."""
    occurrence = make_occurrence(meetup or make_meetup(location), on=on, location=location)
    for user in users:
        make_attendance(occurrence, user, is_present=True)
    for email in guests:
        make_attendance(occurrence, guest_name="Guest", guest_email=email, is_present=True)
    occurrence.head_adults, occurrence.head_children = heads or (len(users) + len(guests), 0)
    occurrence.closed_at = closed_at or occurrence.ends_at
    occurrence.save()
    return occurrence


def figures():
    """Every figure, without the instants of counting."""
    fields = ("location", "month", *FIELDS)
    return sorted(MonthlyFigure.objects.values_list(*fields), key=str)


def visits():
    return sorted(Visit.objects.values_list("occurrence", "attendance_id", "person", "nth", "visits_before"))


def town_month(month: date) -> dict[str, int]:
    return MonthlyFigure.objects.filter(location=None, month=month).values(*FIELDS).get()


def test_heads_count_and_named_people_are_new_once(library):
    noor, sam = make_user(), make_user()
    morning(library, date(2026, 10, 6), noor, heads=(4, 5))
    morning(library, date(2026, 10, 13), noor, sam, heads=(2, 1))
    assert actions.count_new(now=NOW) == 2
    assert town_month(date(2026, 10, 1)) == {
        "held": 2,
        "dates": 2,
        "visits": 12,
        "newcomers": 2,
        "second_visits": 1,
        "later_visits": 0,
        "unknown": 0,
        "regulars": 0,
    }


def test_counting_again_changes_nothing(library):
    noor = make_user()
    for day in (6, 13, 20):
        morning(library, date(2026, 10, day), noor)
    actions.count_new(now=NOW)
    before = figures(), visits()
    assert actions.count_new(now=NOW) == 0
    actions.count(list(Tally.objects.values_list("pk", flat=True)), now=NOW)
    assert (figures(), visits()) == before
    assert town_month(date(2026, 12, 1)) == dict.fromkeys(FIELDS, 0) | {"regulars": 1}


def test_families_that_keep_coming_are_counted_by_quarter(library):
    """Three times in three months is not enough: periods that overlap would count people twice."""
    weekly, across = make_user(), make_user()
    for month in (8, 9, 10):
        morning(library, date(2026, month, 10), across)
    for day in (1, 8, 15):
        morning(library, date(2026, 9, day), weekly)
    actions.count_new(now=NOW)
    regulars = MonthlyFigure.objects.exclude(regulars=0).order_by("location")
    assert [(row.month, row.location, row.regulars) for row in regulars] == [
        (date(2026, 9, 1), library, 1),
        (date(2026, 9, 1), None, 1),
    ]


def test_the_periodic_task_counts(library):
    morning(library, date(2026, 10, 6), make_user())
    tasks.count_visits()
    assert Tally.objects.count() == 1


def test_an_absent_or_withdrawn_family_is_not_a_visit(library):
    occurrence = morning(library, date(2026, 10, 6), make_user())
    make_attendance(occurrence, is_present=False)
    make_attendance(occurrence, is_present=None)
    actions.count_new(now=NOW)
    assert Visit.objects.count() == 1


def test_a_guest_and_the_account_with_the_same_address_are_one_person(library):
    morning(library, date(2026, 10, 6), guests=["Noor@Example.org"])
    morning(library, date(2026, 10, 13), make_user(email="noor@example.org"))
    actions.count_new(now=NOW)
    assert sorted(Visit.objects.values_list("nth", flat=True)) == [1, 2]


def test_a_family_without_an_address_is_counted_without_a_visit(library):
    occurrence = morning(library, date(2026, 10, 6), make_user(), heads=(4, 1))
    for is_present in (True, True, False, None):
        make_attendance(occurrence, guest_name="Someone", source="door", is_present=is_present)
    actions.count_new(now=NOW)
    assert (Tally.objects.get().unknown, Visit.objects.count()) == (2, 1)
    assert town_month(date(2026, 10, 1)) == {
        "held": 1,
        "dates": 1,
        "visits": 5,
        "newcomers": 1,
        "second_visits": 0,
        "later_visits": 0,
        "unknown": 2,
        "regulars": 0,
    }


def test_a_reopened_date_is_uncounted_and_counts_again_once_closed(library):
    noor = make_user()
    occurrence = morning(library, date(2026, 10, 6), noor)
    actions.count_new(now=NOW)
    closed_at, occurrence.closed_at = occurrence.closed_at, None
    occurrence.save()
    assert actions.count_new(now=NOW) == 1
    assert (Tally.objects.count(), Visit.objects.count()) == (0, 0)
    assert town_month(date(2026, 10, 1)) == NOTHING_CLOSED
    occurrence.attendances.update(is_present=False)
    occurrence.closed_at, occurrence.head_adults = closed_at + timedelta(hours=1), 7
    occurrence.save()
    actions.count_new(now=NOW)
    assert (Tally.objects.get().adults, Visit.objects.count()) == (7, 0)


def test_a_date_counted_later_renumbers_later_visits_and_updates_their_months(library):
    noor = make_user()
    morning(library, date(2026, 10, 6), noor)
    actions.count_new(now=datetime(2026, 10, 7, tzinfo=NOW.tzinfo))
    morning(library, date(2026, 9, 29), noor, closed_at=datetime(2026, 10, 8, tzinfo=NOW.tzinfo))
    actions.count_new(now=datetime(2026, 10, 9, tzinfo=NOW.tzinfo))
    assert town_month(date(2026, 9, 1))["newcomers"] == 1
    assert town_month(date(2026, 10, 1))["newcomers"] == 0
    assert town_month(date(2026, 10, 1))["second_visits"] == 1


def test_a_date_closed_too_late_is_not_counted(library):
    """A date of 3 September, closed on 25 November, is left out; people who came to it are new in October."""
    noor = make_user()
    morning(library, date(2026, 9, 3), noor, make_user(), closed_at=datetime(2026, 11, 25, 9, tzinfo=NOW.tzinfo))
    morning(library, date(2026, 10, 6), noor)
    now = datetime(2026, 11, 25, 10, tzinfo=NOW.tzinfo)
    assert actions.count_new(now=now) == 1
    actions.recount(now=now)
    assert town_month(date(2026, 9, 1)) == NOTHING_CLOSED
    assert town_month(date(2026, 10, 1))["newcomers"] == 1
    assert actions.count_new(now=now) == 0


@pytest.mark.parametrize("days, closed", [(13, 1), (14, 0)])
def test_a_date_counts_when_it_was_closed_within_two_weeks(library, days, closed):
    occurrence = morning(library, date(2026, 10, 6), make_user())
    occurrence.closed_at = occurrence.ends_at + timedelta(days=days)
    occurrence.save()
    actions.count_new(now=NOW)
    assert Tally.objects.count() == closed


@pytest.mark.parametrize("day, hour, is_final", [(14, 23, False), (15, 0, False), (15, 1, True), (30, 0, True)])
def test_a_month_is_final_two_weeks_and_an_hour_after_its_end(library, day, hour, is_final):
    morning(library, date(2026, 10, 30), make_user())
    actions.count_new(now=datetime(2026, 11, day, hour, tzinfo=NOW.tzinfo))
    assert (
        list(MonthlyFigure.objects.final().values_list("month", flat=True).distinct()) == [date(2026, 10, 1)] * is_final
    )


def test_a_month_in_which_nothing_was_closed_becomes_final_too(library):
    make_occurrence(make_meetup(library), on=date(2026, 10, 6))
    actions.count_new(now=datetime(2026, 11, 15, 1, tzinfo=NOW.tzinfo))
    assert town_month(date(2026, 10, 1)) == NOTHING_CLOSED
    assert MonthlyFigure.objects.final().count() == 2  # the town and the place


def test_a_date_closed_in_time_counts_even_if_counting_was_interrupted(library):
    morning(library, date(2026, 10, 30), make_user(), closed_at=datetime(2026, 11, 13, 9, tzinfo=NOW.tzinfo))
    actions.count_new(now=datetime(2026, 11, 20, tzinfo=NOW.tzinfo))
    assert town_month(date(2026, 10, 1))["newcomers"] == 1
    assert MonthlyFigure.objects.final().exists()


def test_a_final_month_never_changes(library):
    """Not by another count or a recount, and not when past dates or places change."""
    noor = make_user()
    first = morning(library, date(2026, 10, 6), noor, make_user())
    later = datetime(2026, 11, 25, 10, tzinfo=NOW.tzinfo)
    actions.count_new(now=later)
    before = figures()
    first.attendances.filter(user=noor).update(is_present=False)
    Occurrence.objects.filter(pk=first.pk).update(head_adults=40)
    elsewhere = make_location(library.municipality)
    morning(elsewhere, date(2026, 10, 7), make_user())
    actions.count([first.pk], now=later)
    actions.count_new(now=later)
    actions.recount(now=later)
    assert [row for row in figures() if row[1] == date(2026, 10, 1)] == [
        row for row in before if row[1] == date(2026, 10, 1)
    ]


def test_a_recount_gives_the_same_figures(library):
    other = make_location(library.municipality)
    people = [make_user() for _ in range(6)]
    meetup = make_meetup(library)
    for week in range(60):  # over New Year
        on = date(2025, 9, 2) + timedelta(weeks=week)
        present = [person for number, person in enumerate(people) if (week + number) % (number + 1) == 0]
        morning(library if week % 4 else other, on, *present, meetup=meetup, guests=[f"guest{week % 9}@example.org"])
        if week % 7 == 0:
            actions.count_new(now=datetime.combine(on, NOW.timetz()))
    actions.count_new(now=NOW)
    before = figures(), visits()
    assert len(before[1]) > 100
    actions.recount(now=NOW)
    assert (figures(), visits()) == before
    MonthlyFigure.objects.all().delete()
    Tally.objects.all().delete()
    Visit.objects.all().delete()
    actions.recount(now=NOW)
    assert (figures(), visits()) == before


@pytest.mark.parametrize("statement", [counting.NUMBER_VISITS_OF_PEOPLE, counting.NUMBER_VISITS_OF_YEAR])
def test_visits_are_numbered_in_linear_work_when_the_statistics_say_that_there_are_none(library, statement):
    """The planner then expects one row of everything. ANALYZE says so while the first visits are not committed yet."""
    if connection.pg_version < 180000:
        pytest.skip("statistics can be set from PostgreSQL 18 on")
    shared = {
        "occurrence": make_occurrence(make_meetup(library)),
        "municipality": library.municipality,
        "location": library,
        "adults": 1,
        "children": 0,
    }
    people = [(bytes([number] * 16), bytes([100 + number] * 16)) for number in range(10)]
    for week in range(40):
        for last_year, this_year in people:
            on = date(2025, 1, 7) + timedelta(weeks=week)
            Visit.objects.create(person=last_year, occurred_on=on, nth=week + 1, **shared)
            on = date(2026, 1, 6) + timedelta(weeks=week)
            Visit.objects.create(person=this_year, person_last_year=last_year, occurred_on=on, **shared)
    parameters = {"people": [person for _, person in people], "towns": [library.municipality_id], "year": 2026}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'insights_visit',"
            " 'relpages', 100, 'reltuples', 0::real)"
        )
        cursor.execute("SET LOCAL statement_timeout = '60s'")  # a cubic plan takes many minutes, a linear one 20 ms
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        [[[explained]]] = cursor.fetchall()
    assert rows_processed(explained["Plan"]) < 20 * Visit.objects.count()
    numbers = Visit.objects.filter(occurred_on__year=2026).order_by("occurred_on").values_list("nth", flat=True)
    assert list(numbers) == [number for number in range(41, 81) for _person in people]


def rows_processed(plan) -> float:
    """Return how many rows all nodes of this plan read, also those that they discarded."""
    read = sum(rows for name, rows in plan.items() if name == "Actual Rows" or name.startswith("Rows Removed by"))
    return plan["Actual Loops"] * read + sum(rows_processed(node) for node in plan.get("Plans", []))


def test_erasing_someone_changes_no_counted_figure(library):
    noor = make_user()
    for day in (6, 13, 20):
        morning(library, date(2026, 10, day), noor, guests=["guest@example.org"])
    actions.count_new(now=NOW)
    before = figures()
    noor.delete()
    library.occurrences.get(planned_for=date(2026, 10, 6)).attendances.all().delete()
    actions.recount(now=NOW)
    assert figures() == before
    assert Visit.objects.count() == 6


def test_someone_who_came_in_december_is_not_new_in_january(library):
    noor = make_user()
    for on in (date(2025, 11, 25), date(2025, 12, 16), date(2026, 1, 6)):
        morning(library, on, noor)
    actions.count_new(now=datetime(2026, 1, 7, tzinfo=NOW.tzinfo))
    assert town_month(date(2026, 1, 1)) == {
        "held": 1,
        "dates": 1,
        "visits": 1,
        "newcomers": 0,
        "second_visits": 0,
        "later_visits": 1,
        "unknown": 0,
        "regulars": 0,
    }
    assert len(set(Visit.objects.values_list("person", flat=True))) == 2  # a different hash each year


def test_the_same_person_has_another_hash_in_another_town(library):
    noor = make_user()
    morning(library, date(2026, 10, 6), noor)
    morning(make_location(), date(2026, 10, 7), noor)
    actions.count_new(now=NOW)
    assert len(set(Visit.objects.values_list("person", flat=True))) == 2
    assert list(Visit.objects.values_list("nth", flat=True)) == [1, 1]


def test_the_hash_is_as_documented(library):
    """See docs/data-protection.md. If it changed, everybody would be new again."""
    keys = {year: bytes([year - 2000] * 32) for year in (2025, 2026)}
    YearKey.objects.bulk_create(YearKey(year=year, secret=secret) for year, secret in keys.items())
    morning(library, date(2026, 10, 6), guests=["Noör@Example.org"])
    actions.count_new(now=NOW)
    message = f"{library.municipality_id}:noör@example.org".encode()
    visit = Visit.objects.get()
    assert [bytes(visit.person), bytes(visit.person_last_year)] == [
        hmac.new(keys[year], message, hashlib.sha256).digest()[:16] for year in (2026, 2025)
    ]


def test_after_two_years_the_key_is_destroyed_and_the_figures_stay(library):
    noor = make_user()
    for on in (date(2024, 11, 26), date(2024, 12, 17), date(2025, 1, 7), date(2025, 2, 4)):
        morning(library, on, noor)
    actions.count_new(now=datetime(2025, 3, 1, tzinfo=NOW.tzinfo))
    before = figures()
    assert actions.forget_keys(now=at(date(2025, 12, 31), 23)) == 1  # of 2023, created to look up the year before
    assert actions.forget_keys(now=at(date(2026, 1, 1), 0)) == 1
    key = YearKey.objects.get(year=2024)
    assert key.secret is None
    assert key.destroyed_at is not None
    assert not Visit.objects.filter(occurred_on__year=2024, attendance_id__isnull=False).exists()
    assert not Visit.objects.filter(person_last_year__isnull=False).exists()
    actions.recount(now=NOW)
    assert figures() == before
    assert list(Visit.objects.order_by("occurred_on").values_list("nth", flat=True)) == [1, 2, 3, 4]


def test_no_key_is_destroyed_during_a_count():
    actions.forget_keys(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()",
            [actions.COUNTING_LOCK],
        )
        assert cursor.rowcount == 1


@pytest.mark.parametrize("fields", [{"destroyed_at": NOW}, {"secret": None}], ids=["both", "neither"])
def test_a_key_is_a_secret_or_destroyed(fields):
    with pytest.raises(IntegrityError, match="yearkey_secret_or_destroyed"), transaction.atomic():
        YearKey.objects.create(year=2020, **fields)


def test_visits_are_numbered_from_one(library):
    morning(library, date(2026, 10, 6), make_user())
    actions.count_new(now=NOW)
    with pytest.raises(IntegrityError, match="visit_nth_from_one"), transaction.atomic():
        Visit.objects.update(nth=0)


def test_a_town_and_a_place_have_one_figure_a_month(library):
    for location in (None, library):
        figure = {"municipality": library.municipality, "location": location, "month": date(2026, 10, 1)}
        MonthlyFigure.objects.create(**figure)
        with pytest.raises(IntegrityError, match="figure_once"), transaction.atomic():
            MonthlyFigure.objects.create(**figure)


def test_the_month_of_a_figure_is_its_first_day(library):
    with pytest.raises(IntegrityError, match="figure_month_is_first_day"), transaction.atomic():
        MonthlyFigure.objects.create(municipality=library.municipality, month=date(2026, 10, 2))


def test_a_visit_is_counted_once(library):
    morning(library, date(2026, 10, 6), make_user())
    actions.count_new(now=NOW)
    visit = Visit.objects.get()
    visit.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        visit.save()


def test_a_cancelled_date_is_not_counted(library):
    occurrence = morning(library, date(2026, 10, 6), make_user())
    actions.count_new(now=NOW)
    occurrence.status = "cancelled"
    occurrence.save()
    actions.count_new(now=NOW)
    assert figures() == []


def close_at(occurrence, now):
    return check_in.close(occurrence=occurrence, host=make_user(), head_adults=1, head_children=0, now=now)


def test_reopening_a_date_deletes_its_visits(library):
    occurrence = make_occurrence(make_meetup(library), on=date(2026, 10, 6))
    noor, sam = make_attendance(occurrence, is_present=True), make_attendance(occurrence, is_present=True)
    close_at(occurrence, occurrence.ends_at)
    actions.count_new(now=NOW)
    assert Visit.objects.count() == 2
    later = occurrence.ends_at + timedelta(hours=1)
    check_in.reopen(occurrence=occurrence, now=later)
    actions.count_new(now=NOW)
    assert (Visit.objects.count(), town_month(date(2026, 10, 1))) == (0, NOTHING_CLOSED)
    check_in.set_presence(occurrence=occurrence, attendance_id=sam.pk, is_present=False, now=later)
    close_at(occurrence, later)
    actions.count_new(now=NOW)
    assert list(Visit.objects.values_list("attendance_id", flat=True)) == [noor.pk]
    assert town_month(date(2026, 10, 1))["newcomers"] == 1


def test_undoing_presence_between_two_counts_deletes_the_visit(library):
    occurrence = make_occurrence(make_meetup(library), on=date(2026, 10, 6))
    person = make_attendance(occurrence, is_present=True)
    close_at(occurrence, occurrence.ends_at)
    actions.count_new(now=NOW)
    later = occurrence.ends_at + timedelta(hours=1)
    check_in.reopen(occurrence=occurrence, now=later)
    check_in.set_presence(occurrence=occurrence, attendance_id=person.pk, is_present=False, now=later)
    close_at(occurrence, later)
    actions.count_new(now=NOW)
    assert (Visit.objects.count(), town_month(date(2026, 10, 1))["newcomers"]) == (0, 0)


def test_someone_on_the_waiting_list_who_came_anyway_counts_as_a_visit(library):
    occurrence = make_occurrence(make_meetup(library), on=date(2026, 10, 6))
    waiting = make_attendance(occurrence, state="waiting")
    make_attendance(occurrence, state="waiting")
    check_in.set_presence(occurrence=occurrence, attendance_id=waiting.pk, is_present=True, now=occurrence.ends_at)
    close_at(occurrence, occurrence.ends_at)
    actions.count_new(now=NOW)
    assert list(Visit.objects.values_list("attendance_id", flat=True)) == [waiting.pk]


def test_a_guest_whose_data_was_erased_keeps_their_visits(library):
    """Name and address are erased after a month: a recount gives the same figures, without new people."""
    for day in (6, 13):
        morning(library, date(2026, 10, day), guests=["ada@example.org"])
    actions.count_new(now=NOW)
    before = figures(), visits()
    forget_guests(now=datetime(2026, 10, 14, tzinfo=NOW.tzinfo) + RETENTION)
    assert set(Occurrence.objects.values_list("attendances__guest_email", flat=True)) == {""}
    actions.recount(now=NOW)
    assert (figures(), visits()) == before
    morning(library, date(2026, 11, 20), guests=["ada@example.org"])
    actions.count_new(now=NOW)
    assert list(Visit.objects.order_by("occurred_on").values_list("nth", flat=True)) == [1, 2, 3]


def test_guests_whose_data_was_erased_before_counting_count_as_unknown(library):
    occurrence = morning(library, date(2026, 10, 6), guests=["ada@example.org"])
    forget_guests(now=occurrence.ends_at + RETENTION + timedelta(hours=1))
    actions.count_new(now=NOW)
    assert (Visit.objects.count(), Tally.objects.get().adults, Tally.objects.get().unknown) == (0, 1, 1)


def test_the_command_recounts(library, capsys):
    morning(library, date(2026, 10, 6), make_user())
    call_command("recount_visits")
    assert Tally.objects.count() == 1
    assert "1 dates counted." in capsys.readouterr().out
