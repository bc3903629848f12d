"""Counting visits, counting them again, and forgetting who they were."""

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

ONE_COUNTER = 7_436_001  # advisory lock: figures are counted by one process at a time
KEYS_KEPT = 2  # this year's and last year's
LATE = timedelta(days=1)  # a date may become visible this long after the instant at which it was closed
FINISH_AFTER = timedelta(hours=1)  # the last closes of a month become visible in this time
CAN_BE_OPENED_AGAIN = timedelta(days=60)
BATCH = 500
DATES_AT_ONCE = 20_000
TOWNS_AT_ONCE = 10
MONTHS_AT_ONCE = 500


def last_closed_month(now: datetime) -> date:
    """The first day of the last month of which no date can be closed any more."""
    return add_months(local_date(now - CLOSE_WITHIN), -1)


def count_new(*, now: datetime) -> int:
    """Count the dates that were closed, opened again or closed again since the last time; return how many.

    Then make final the months that can no longer change.
    """
    forget_keys(now=now)
    last = Tally.objects.aggregate(last=Max("closed_at"))["last"]
    since = last - LATE if last else datetime(1970, 1, 1, tzinfo=now.tzinfo)
    found = _column(counting.NOT_COUNTED_YET, since=since, opened_since=now - CAN_BE_OPENED_AGAIN)
    for start in range(0, len(found), BATCH):
        count(found[start : start + BATCH], now=now)
    finish_months(now=now)
    return len(found)


@transaction.atomic
def finish_months(*, now: datetime) -> int:
    """Sum the months that can no longer change a last time, and keep them so; return how many there were."""
    last = last_closed_month(now - FINISH_AFTER)
    if MonthlyFigure.objects.final().filter(month=last).exists():
        return 0  # this was done before: do not read the archive
    _lock()
    months = _rows(counting.MONTHS_TO_FINISH, last=last, now=now)
    for start in range(0, len(months), MONTHS_AT_ONCE):
        _sum_months(months[start : start + MONTHS_AT_ONCE], now=now)
    _make_final(last, now=now)
    return len(months)


@transaction.atomic
def count(occurrence_ids: Sequence[int], *, now: datetime) -> None:
    """Count these dates, and put right the months that they belong to. The same dates again: the same figures.

    A final month stays as it is.
    """
    _lock()
    scope = {"occurrences": list(occurrence_ids)}
    months = set(_rows(counting.MONTHS_OF, **scope))
    people = set(_column(counting.PEOPLE_AT, **scope))
    _find_visits(occurrence_ids)
    months |= set(_rows(counting.MONTHS_OF, **scope))
    people |= set(_column(counting.PEOPLE_AT, **scope))
    while people:  # at most one step for each year whose key is kept
        before = _nths_of(people)
        _run(counting.NUMBER_VISITS_OF_PEOPLE, people=list(people))
        months |= _months_where_changed(before)
        people = set(_column(counting.PEOPLE_NEXT_YEAR, people=list(people)))
    _sum_months(_with_ends_of_quarters(months), now=now)


@transaction.atomic
def recount(*, now: datetime, progress: Callable[[int], object] = lambda done: None) -> int:
    """Count everything again; return the number of dates.

    Visits of years whose key is gone stay as they are, and so do months that are final.
    """
    _lock()
    _run("ANALYZE meetups_attendance, meetups_occurrence, accounts_user")  # what seems empty would be looped over
    found = _rows(counting.ALL_DATES, last_year_gone=_last_year_gone())
    left = len(found)
    for batch in _whole_years_of_towns(found):
        _find_visits(batch)
        connection.check_constraints()  # now, and not all of them at the end
        progress(half := len(batch) // 2)  # the other half of the work is numbering and summing
        left -= half
    _run("ANALYZE insights_visit, insights_tally")  # all these rows are new to the planner too
    years = list(YearKey.objects.order_by("year").values_list("year", flat=True))
    everywhere = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(everywhere), TOWNS_AT_ONCE):
        towns = everywhere[start : start + TOWNS_AT_ONCE]
        for year in years:
            _run(counting.NUMBER_VISITS_OF_YEAR, year=year, towns=towns)
        months = _rows(counting.ALL_MONTHS, towns=towns, now=now)
        _sum_months(_with_ends_of_quarters(months), now=now)
        connection.check_constraints()
        progress(left * (start + len(towns)) // len(everywhere) - left * start // len(everywhere))
    _make_final(last_closed_month(now - FINISH_AFTER), now=now)
    forget_keys(now=now)
    return len(found)


@transaction.atomic
def forget_keys(*, now: datetime) -> int:
    """Destroy the keys of years before last year: from then on nobody can tell whose visits those were."""
    this_year = local_date(now).year
    old = YearKey.objects.select_for_update().filter(year__lte=this_year - KEYS_KEPT, secret__isnull=False)
    years = sorted(key.year for key in old)
    for year in years:
        Visit.objects.filter(occurred_on__year=year).update(attendance_id=None, person_last_year=None)
        Visit.objects.filter(occurred_on__year=year + 1).update(person_last_year=None)
    old.update(secret=None, destroyed_at=now)
    return len(years)


def _whole_years_of_towns(found: Iterable[tuple[int, int, int]]) -> Iterator[list[int]]:
    """The dates (year, town, id; in that order) in batches, no town's year in two: then nothing is numbered again."""
    for _year, of_year in groupby(found, key=itemgetter(0)):
        batch: list[int] = []
        for _town, dates in groupby(of_year, key=itemgetter(1)):
            batch += [pk for _year, _town, pk in dates]
            if len(batch) >= DATES_AT_ONCE:
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
    _run(counting.TAKE_BACK_VISITS, **scope)
    came = [row for row in _rows(counting.WHO_CAME, **scope) if row[1] in keys]
    _run(
        counting.WRITE_VISITS,
        attendances=[attendance for attendance, _year, _who in came],
        people=[_hash(keys[year], who) for _attendance, year, who in came],
        people_last_year=[_hash(keys.get(year - 1), who) for _attendance, year, who in came],
    )
    _run(counting.TAKE_BACK_TALLIES, **scope)
    _run(counting.TALLY, **scope)


def _keys(years: Iterable[int]) -> dict[int, bytes]:
    """The keys of these years and the years before them, made when there are none; not the destroyed ones."""
    wanted = {year - back for year in years for back in (0, 1)}
    YearKey.objects.bulk_create([YearKey(year=year) for year in sorted(wanted)], ignore_conflicts=True)
    kept = YearKey.objects.filter(year__in=wanted, secret__isnull=False).values_list("year", "secret")
    return {year: bytes(secret) for year, secret in kept if secret is not None}


def _hash(key: bytes | None, who: str) -> bytes | None:
    """Half of HMAC-SHA256 (RFC 2104), as docs/data-protection.md tells; None when the key was destroyed."""
    return hmac.digest(key, who.encode(), "sha256")[:16] if key is not None else None


def _last_year_gone() -> int:
    """The last year whose key was destroyed; 0 when there is none."""
    return YearKey.objects.filter(secret__isnull=True).aggregate(last=Max("year"))["last"] or 0


def _make_final(last: date, *, now: datetime) -> None:
    MonthlyFigure.objects.filter(month__lte=last, final_at=None).update(final_at=now)


def _sum_months(months: Collection[tuple[int, date]], *, now: datetime) -> None:
    """Write the figures of these months of these towns, as far as they are not final."""
    ordered = sorted(months)
    _run(
        counting.SUM_MONTHS,
        towns=[town for town, _month in ordered],
        months=[month for _town, month in ordered],
        now=now,
    )


def _nths_of(people: set[bytes]) -> dict[int, int]:
    return dict(Visit.objects.filter(person__in=people).values_list("pk", "nth"))


def _months_where_changed(before: dict[int, int]) -> set[tuple[int, date]]:
    """The months of the towns in which a visit got another number: a date that is closed late may shift later ones."""
    return {
        (visit.municipality_id, visit.occurred_on.replace(day=1))
        for visit in Visit.objects.filter(pk__in=before).only("municipality_id", "occurred_on", "nth")
        if visit.nth != before[visit.pk]
    }


def _with_ends_of_quarters(months: Iterable[tuple[int, date]]) -> set[tuple[int, date]]:
    """These months of towns, and those in which the regulars of their quarters stand."""
    return {(town, month) for town, first in months for month in (first, end_of_quarter(first))}


def _lock() -> None:
    _run("SELECT pg_advisory_xact_lock(%(key)s)", key=ONE_COUNTER)


def _run(sql: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"close_within": CLOSE_WITHIN} | parameters)


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"close_within": CLOSE_WITHIN} | parameters)
        return cursor.fetchall()


def _column(sql: str, **parameters: Any) -> list[Any]:
    return [bytes(row[0]) if isinstance(row[0], memoryview) else row[0] for row in _rows(sql, **parameters)]
