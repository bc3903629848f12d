"""Counting visits, recounting them, and forgetting whose they were."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from insights import counting
from insights.models import MonthlyFigure, Tally, Visit, YearKey
from locations.models import Municipality
from meetups.clock import add_months, end_of_quarter, local_date
from meetups.door.actions.check_in import CLOSE_WITHIN

COUNTING_LOCK = 7_436_001  # advisory lock: one process writes visits at a time
KEYS_KEPT = 2  # this year's and last year's
COMMIT_LAG = timedelta(days=1)  # a closing may be committed this long after its `closed_at`
FINISH_AFTER = timedelta(hours=1)  # time for the last closings of a month to be committed
REOPEN_WINDOW = timedelta(days=60)
BATCH = 500
DATES_PER_BATCH = 20_000
TOWNS_PER_BATCH = 10
MONTHS_PER_BATCH = 500


def last_closed_month(*, now: datetime) -> date:
    """Return the first day of the last month in which no date can be closed any more."""
    return add_months(local_date(now - CLOSE_WITHIN), -1)


def count_new(*, now: datetime) -> int:
    """Count the dates that were closed or reopened since the last run; return how many.

    Then finalise the months that can no longer change.
    """
    forget_keys(now=now)
    last = Tally.objects.aggregate(last=Max("closed_at"))["last"]
    since = last - COMMIT_LAG if last else datetime(1970, 1, 1, tzinfo=now.tzinfo)
    found = _column(counting.NOT_COUNTED_YET, since=since, opened_since=now - REOPEN_WINDOW)
    for start in range(0, len(found), BATCH):
        count(found[start : start + BATCH], now=now)
    finish_months(now=now)
    return len(found)


@transaction.atomic
def finish_months(*, now: datetime) -> int:
    """Sum the months that can no longer change one last time, and finalise them; return how many."""
    last = last_closed_month(now=now - FINISH_AFTER)
    if MonthlyFigure.objects.final().filter(month=last).exists():
        return 0  # already done: do not read the archive
    _lock()
    months = _rows(counting.MONTHS_TO_FINISH, last=last, now=now)
    for start in range(0, len(months), MONTHS_PER_BATCH):
        _sum_months(months[start : start + MONTHS_PER_BATCH], now=now)
    _make_final(last, now=now)
    return len(months)


@transaction.atomic
def count(occurrence_ids: Sequence[int], *, now: datetime) -> None:
    """Count these dates, and update the months that they belong to. Idempotent.

    Final months do not change.
    """
    _lock()
    scope = {"occurrences": list(occurrence_ids)}
    months = set(_rows(counting.MONTHS_OF, **scope))
    people = set(_column(counting.PEOPLE_AT, **scope))
    _find_visits(occurrence_ids)
    months |= set(_rows(counting.MONTHS_OF, **scope))
    people |= set(_column(counting.PEOPLE_AT, **scope))
    while people:  # at most one iteration for each year whose key still exists
        before = _visit_numbers(people)
        _run(counting.NUMBER_VISITS_OF_PEOPLE, people=list(people))
        months |= _months_with_renumbered_visits(before)
        people = set(_column(counting.PEOPLE_NEXT_YEAR, people=list(people)))
    _sum_months(_with_ends_of_quarters(months), now=now)


@transaction.atomic
def recount(*, now: datetime, progress: Callable[[int], object] = lambda done: None) -> int:
    """Recount everything; return the number of dates.

    Visits of years whose key was destroyed do not change, nor do final months.
    """
    _lock()
    # Without statistics the planner takes a table for empty and loops over it.
    _run("ANALYZE meetups_attendance, meetups_occurrence, accounts_user")
    found = _rows(counting.ALL_DATES, last_destroyed_year=_last_destroyed_year())
    left = len(found)
    for batch in _whole_years_of_towns(found):
        _find_visits(batch)
        connection.check_constraints()  # of this batch now, rather than all at the end
        progress(half := len(batch) // 2)  # numbering and summing are the other half of the work
        left -= half
    _run("ANALYZE insights_visit, insights_tally")  # just filled
    years = list(YearKey.objects.order_by("year").values_list("year", flat=True))
    everywhere = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(everywhere), TOWNS_PER_BATCH):
        towns = everywhere[start : start + TOWNS_PER_BATCH]
        for year in years:
            _run(counting.NUMBER_VISITS_OF_YEAR, year=year, towns=towns)
        months = _rows(counting.ALL_MONTHS, towns=towns, now=now)
        _sum_months(_with_ends_of_quarters(months), now=now)
        connection.check_constraints()
        progress(left * (start + len(towns)) // len(everywhere) - left * start // len(everywhere))
    _make_final(last_closed_month(now=now - FINISH_AFTER), now=now)
    forget_keys(now=now)
    return len(found)


@transaction.atomic
def forget_keys(*, now: datetime) -> int:
    """Destroy the keys of years before last year: nobody can tell any more whose visits those were. Return how many."""
    _lock()
    this_year = local_date(now).year
    old = YearKey.objects.select_for_update().filter(year__lte=this_year - KEYS_KEPT, secret__isnull=False)
    years = sorted(key.year for key in old)
    for year in years:
        Visit.objects.filter(occurred_on__year=year).update(attendance_id=None, person_last_year=None)
        Visit.objects.filter(occurred_on__year=year + 1).update(person_last_year=None)
    old.update(secret=None, destroyed_at=now)
    return len(years)


def _whole_years_of_towns(found: Iterable[tuple[int, int, int]]) -> Iterator[list[int]]:
    """Yield ids from `found` (rows of year, town and id, sorted) in batches that never split the year of a town.

    This way no visit is numbered twice.
    """
    for _year, rows in groupby(found, key=itemgetter(0)):
        batch: list[int] = []
        for _town, dates in groupby(rows, key=itemgetter(1)):
            batch += [pk for _year, _town, pk in dates]
            if len(batch) >= DATES_PER_BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _find_visits(occurrence_ids: Sequence[int]) -> None:
    scope = {"occurrences": list(occurrence_ids)}
    years = _column(
        "SELECT DISTINCT extract(year FROM starts_at AT TIME ZONE 'Europe/Amsterdam')::int FROM meetups_occurrence"
        " WHERE id = ANY(%(occurrences)s) AND closed_at IS NOT NULL",
        **scope,
    )
    keys = _keys(years)
    _run(counting.DELETE_STALE_VISITS, **scope)
    came = [row for row in _rows(counting.WHO_CAME, **scope) if row[1] in keys]
    _run(
        counting.WRITE_VISITS,
        attendances=[attendance for attendance, _year, _identity in came],
        people=[_hash(keys[year], identity) for _attendance, year, identity in came],
        people_last_year=[_hash(keys.get(year - 1), identity) for _attendance, year, identity in came],
    )
    _run(counting.DELETE_STALE_TALLIES, **scope)
    _run(counting.TALLY, **scope)


def _keys(years: Iterable[int]) -> dict[int, bytes]:
    """Return the keys of these years and of the years before them, creating missing ones; without destroyed ones."""
    wanted = {year - back for year in years for back in (0, 1)}
    YearKey.objects.bulk_create([YearKey(year=year) for year in sorted(wanted)], ignore_conflicts=True)
    kept = YearKey.objects.filter(year__in=wanted, secret__isnull=False).values_list("year", "secret")
    return {year: bytes(secret) for year, secret in kept if secret is not None}


def _hash(key: bytes | None, identity: str) -> bytes | None:
    """Return half of the HMAC-SHA256 (RFC 2104), as in docs/data-protection.md; None if the key was destroyed."""
    return hmac.digest(key, identity.encode(), "sha256")[:16] if key is not None else None


def _last_destroyed_year() -> int:
    """Return the last year whose key was destroyed; 0 if there is none."""
    return YearKey.objects.filter(secret__isnull=True).aggregate(last=Max("year"))["last"] or 0


def _make_final(last: date, *, now: datetime) -> None:
    MonthlyFigure.objects.filter(month__lte=last, final_at=None).update(final_at=now)


def _sum_months(months: Collection[tuple[int, date]], *, now: datetime) -> None:
    """Write the figures of these months of towns, except final ones."""
    ordered = sorted(months)
    _run(
        counting.SUM_MONTHS,
        towns=[town for town, _month in ordered],
        months=[month for _town, month in ordered],
        now=now,
    )


def _visit_numbers(people: set[bytes]) -> dict[int, int]:
    return dict(Visit.objects.filter(person__in=people).values_list("pk", "nth"))


def _months_with_renumbered_visits(before: dict[int, int]) -> set[tuple[int, date]]:
    """Return the (town, month) pairs with visits that changed number: closing a date late renumbers later visits."""
    return {
        (visit.municipality_id, visit.occurred_on.replace(day=1))
        for visit in Visit.objects.filter(pk__in=before).only("municipality_id", "occurred_on", "nth")
        if visit.nth != before[visit.pk]
    }


def _with_ends_of_quarters(months: Iterable[tuple[int, date]]) -> set[tuple[int, date]]:
    """Return these months of towns, and the last months of their quarters, which hold the regulars."""
    return {(town, month) for town, first in months for month in (first, end_of_quarter(first))}


def _lock() -> None:
    _run("SELECT pg_advisory_xact_lock(%(key)s)", key=COUNTING_LOCK)


def _run(sql: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"close_within": CLOSE_WITHIN} | parameters)


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"close_within": CLOSE_WITHIN} | parameters)
        return cursor.fetchall()


def _column(sql: str, **parameters: Any) -> list[Any]:
    return [bytes(row[0]) if isinstance(row[0], memoryview) else row[0] for row in _rows(sql, **parameters)]
