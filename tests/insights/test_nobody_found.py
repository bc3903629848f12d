"""The attack: no one who reads everything ever published may be able to prove that a group has 1 to 4 members.

Simulates some months in random small towns. Every day the real code counts, and a policy officer reads the page and all
downloads. Then an attacker, who knows how the figures are made, deduces everything that follows from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from insights import actions
from insights.figures import Month, of_town, publish, publish_quarters
from insights.models import MonthlyFigure
from meetups.clock import add_months
from meetups.models import Attendance, Occurrence
from tests.factories import at, make_location, make_meetup, make_municipality, make_occurrence, make_role, make_user
from tests.insights.published import COLUMNS, Reading, month_of, read
from tests.visitors import rolled_back

START = date(2026, 3, 1)
PARTS = ("newcomers", "second_visits", "later_or_unknown")
FAR = 10**6


class Attacker:
    """Solves a system of difference constraints between cumulative sums.

    Shortest paths (Floyd-Warshall) give, for every pair of sums, the tightest bounds on their difference that follow
    from all constraints together.
    """

    def __init__(self) -> None:
        self.most: dict[tuple[str, str], int] = {}

    def learn(self, first: str, second: str, least: int, most: int = FAR) -> None:
        """Add the constraint `least` <= `second` - `first` <= `most`."""
        self.most[first, second] = min(most, self.most.get((first, second), FAR))
        self.most[second, first] = min(-least, self.most.get((second, first), FAR))

    def finds(self) -> list[tuple[str, str, int, int]]:
        """Return the groups that provably have 1 to 4 members: from, to, least, most."""
        nodes = sorted({node for pair in self.most for node in pair})
        most = {pair: self.most.get(pair, FAR) for pair in product(nodes, nodes)} | {(n, n): 0 for n in nodes}
        for via, first, second in product(nodes, nodes, nodes):
            path = most[first, via] + most[via, second]
            if path < most[first, second]:
                most[first, second] = path
        assert all(most[node, node] == 0 for node in nodes), "the published numbers are inconsistent"
        return [
            (first, second, -most[second, first], most[first, second])
            for first, second in product(nodes, nodes)
            if -most[second, first] >= 1 and most[first, second] <= 4
        ]


# Proof that the attack works: each of these ways to publish looks safe but is not.


def test_the_attack_finds_one_family_in_exact_numbers_with_the_small_ones_hidden():
    """Returned 6, of whom 5 for the second time: one family came three times or more."""
    attacker = Attacker()
    attacker.learn("nobody", "second", 5, 5)
    attacker.learn("nobody", "returned", 6, 6)
    attacker.learn("second", "returned", 0)
    assert ("second", "returned", 1, 1) in attacker.finds()


def test_the_attack_finds_someone_added_between_two_days():
    attacker = Attacker()
    attacker.learn("nobody", "before", 12, 12)
    attacker.learn("nobody", "after", 13, 13)
    assert attacker.finds() == [("before", "after", 1, 1)]


def test_the_attack_finds_someone_when_parts_and_their_sum_are_each_rounded_down():
    """10 families, 9 of them new: "10", "5" and "fewer than 5" reveal that at least one is not new."""
    attacker = Attacker()
    attacker.learn("nobody", "new", 5, 9)
    attacker.learn("nobody", "families", 10, 14)
    attacker.learn("new", "families", 0, 4)
    assert ("new", "families", 1, 4) in attacker.finds()


def test_the_attack_finds_someone_in_rounded_rolling_totals_of_twelve_months():
    """Each month "fewer than 5"; the total falls from 50 to 45 when the first month drops out."""
    attacker = Attacker()
    for month in range(13):
        attacker.learn(f"{month:02}", f"{month + 1:02}", 0, 4)
    attacker.learn("00", "12", 45, 49)
    attacker.learn("01", "13", 40, 44)
    assert ("00", "01", 1, 4) in attacker.finds()


def test_the_attack_finds_that_some_came_twice_when_others_came_more_often():
    attacker = Attacker()
    attacker.learn("nobody", "came twice", 1, 4)  # because there is a third visit
    assert attacker.finds()


def test_the_attack_finds_regulars_when_later_visits_are_published_separately():
    """46 later visits in three months by at most 14 families that came twice: some must have come more often."""
    later_visits, came_twice, dates = 46, 14, 12
    least = -(-(later_visits - 2 * came_twice) // (dates - 2))
    attacker = Attacker()
    attacker.learn("nobody", "keep coming", least, 4)  # "fewer than 5"
    assert ("nobody", "keep coming", 2, 4) in attacker.finds()


# Random towns.

DATES = st.tuples(
    st.integers(0, 2),  # place
    st.sampled_from(["closed", "closed", "closed", "late", "open"]),
    st.integers(0, 12),  # heads without a name
    st.integers(0, 6),  # families without an address
)
TOWNS = st.lists(st.lists(DATES, min_size=0, max_size=4), min_size=2, max_size=4)
FAMILIES = st.lists(st.lists(st.booleans(), min_size=16, max_size=16), max_size=12)


def live(months, families) -> tuple:
    """Create the town and its sign-ups; return the town, its policy officer and the last day to simulate."""
    town = make_municipality("Molendorp")
    places = [make_location(town, name=f"Place {number}") for number in range(3)]
    meetups = [make_meetup(place) for place in places]
    people = [make_user() for _ in families]
    sign_ups, number = [], 0
    for index, dates in enumerate(months):
        for nth, (place, state, heads, unknown) in enumerate(dates):
            on = add_months(START, index) + timedelta(days=2 + 7 * nth)
            came = [person for person, there in zip(people, families, strict=True) if there[number]]
            number += 1
            occurrence = make_occurrence(meetups[place], on=on)
            sign_ups += [
                Attendance(occurrence=occurrence, user=person, state="going", is_present=True) for person in came
            ]
            sign_ups += [
                Attendance(occurrence=occurrence, guest_name="x", source="door", state="going", is_present=True)
                for _ in range(unknown)
            ]
            occurrence.head_adults = heads + (len(came) + unknown if came or unknown else 0)
            occurrence.head_children = 0
            later = {"closed": timedelta(days=1), "late": timedelta(days=40), "open": None}[state]
            occurrence.closed_at = None if later is None else occurrence.ends_at + later
            occurrence.save()
    Attendance.objects.bulk_create(sign_ups)
    officer = make_role(Role.Kind.POLICY_OFFICER, town)
    return town, officer, add_months(START, len(months)) + timedelta(days=60)


def days_of(town, last: date) -> Iterator[date]:
    """Simulate each day, counting, and yield the days on which the published figures change."""
    closed_at = dict(Occurrence.objects.exclude(closed_at=None).values_list("pk", "closed_at"))
    Occurrence.objects.update(closed_at=None)
    before, day = None, START
    while day <= last:
        now = at(day, 6)
        for pk, instant in closed_at.items():
            if instant <= now:
                Occurrence.objects.filter(pk=pk).update(closed_at=instant)
        actions.count_new(now=now)
        shown = of_town(town, now=now)
        if shown != before:
            yield day
        before, day = shown, day + timedelta(days=1)


def value(cell: str) -> int:
    return int(cell.replace(".", "")) if cell[:1].isdigit() else 0


def known_of(months: dict[str, dict[str, str]]) -> tuple[Attacker, dict[str, dict[str, int]]]:
    """Return an attacker who has learned everything from the published months, and the published numbers."""
    attacker, sums = Attacker(), dict.fromkeys((*PARTS, "company"), 0)
    literal: dict[str, dict[str, int]] = {}
    names = sorted(months)
    for index, name in enumerate(names):
        row = months[name]
        before = names[index - 1] if index else None
        numbers = {part: value(row[part]) for part in PARTS} | {"company": 0}
        is_shown = value(row["visits"]) > 0
        if is_shown:
            numbers["company"] = value(row["visits"]) - value(row["families"])
        literal[name] = numbers
        for part in (*PARTS, "company"):
            node, earlier = f"{part} {name}", f"{part} {before}" if before else "nobody"
            sums[part] += numbers[part]
            if row["closed"] == "0":
                attacker.learn(earlier, node, 0, 0)
            elif part != "company" or is_shown:
                attacker.learn("nobody", node, sums[part], sums[part] + 4)
            attacker.learn(earlier, node, 0)
        # Everyone's second visit comes after their first.
        attacker.learn(f"second_visits {name}", f"newcomers {name}", 0)
    return attacker, literal


def check_relations(months: dict[str, dict[str, int]], regulars: dict[str, dict[str, int]]) -> None:
    """Assert the relations that hold in any real town between monthly counts and families that keep coming.

    `regulars` are by last month of the quarter, then by place, with "" for the town.
    """
    names = sorted(months)
    came = dict.fromkeys(PARTS, 0)
    for index, name in enumerate(names):
        for part in PARTS:
            came[part] += months[name][part]
        assert came["second_visits"] <= came["newcomers"]
        quarter = names[max(0, index - 2) : index + 1]
        there = sum(months[month][part] for month in quarter for part in PARTS)
        again = sum(months[month]["later_or_unknown"] for month in quarter)
        of_places = [count for place, count in regulars.get(name, {}).items() if place]
        of_town_ = regulars.get(name, {}).get("", 0)
        assert all(count <= of_town_ for count in of_places)
        assert of_town_ <= came["second_visits"]
        for count in (of_town_, sum(of_places)):
            assert 3 * count <= there
            assert count <= again


def check_literal_reading_is_possible(
    published: dict[str, dict[str, str]], literal: dict[str, dict[str, int]], regulars
):
    """Assert that a town can exist with exactly the published numbers, and that it would publish the same.

    In such a town every group is empty or has at least five members, so nothing can be deduced about a smaller one.
    Its regular families came three times in the quarter, at most once per date; all other later visits are "unknown".
    """
    check_relations(literal, regulars)
    for numbers in [*literal.values(), *regulars.values()]:
        assert all(number % 5 == 0 for number in numbers.values())
    rows = []
    for name in sorted(published):
        numbers, closed = literal[name], int(published[name]["closed"])
        parts = {part: numbers[part] for part in ("newcomers", "second_visits")} | {
            "unknown": numbers["later_or_unknown"]
        }
        count = regulars.get(name, {}).get("", 0)
        quarter = [add_months(month_of(name), -back) for back in range(3)]
        visits = [
            min(row["later_or_unknown"], int(published[month]["closed"]) * count)
            for month, row in literal.items()
            if month_of(month) in quarter
        ]
        assert sum(visits) >= 3 * count
        rows.append(
            MonthlyFigure(
                month=month_of(name),
                held=int(published[name]["held"]),
                dates=closed,
                visits=sum(numbers.values()),
                regulars=count,
                **parts,
            )
        )
    republished = publish(rows)
    assert {f"{month.first:%Y-%m}": words_of(month) for month in republished} == published
    last = month_of(max(published))
    for quarter in publish_quarters(rows, {month.first: month for month in republished}, last):
        assert (quarter.regulars.value or 0) == regulars.get(f"{quarter.last:%Y-%m}", {}).get("", 0)


def words_of(month: Month) -> dict[str, str]:
    """Return a month as in the downloads."""
    numbers = {column: getattr(month, column) for column in COLUMNS}
    return {"held": str(month.held), "closed": str(month.closed)} | {
        column: str(number) if number.value is None else str(number.value) for column, number in numbers.items()
    }


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take many minutes
)
@given(TOWNS, FAMILIES)
@example(  # eight regular families; a late and an unclosed date
    [[(0, "closed", 0, 1), (0, "late", 9, 0)], [(0, "closed", 3, 0), (1, "open", 0, 0)], [(0, "closed", 0, 6)] * 3],
    [[True] * 16] * 8,
)
@example(  # one regular family
    [[(0, "closed", 0, 0)] * 4] * 3,
    [[True] * 16],
)
@pytest.mark.django_db
def test_nobody_is_found_in_what_is_published(months, families):
    with rolled_back():
        town, officer, last = live(months, families)
        readings = [(day, read(town, officer, at(day, 6))) for day in days_of(town, last)]
        exact = exact_numbers(town)
    published = consistent_months(readings)
    published = {name: row for name, row in published.items() if month_of(name) >= START}
    attacker, literal = known_of(published)
    assert attacker.finds() == []
    regulars: dict[str, dict[str, int]] = {}
    for _day, reading in readings:
        of_quarter = {name: value(place["regulars"]) for name, place in reading.places.items()}
        newest = max(reading.quarters)
        of_quarter[""] = value(reading.quarters[newest]["regulars"])
        assert regulars.setdefault(newest, of_quarter) == of_quarter
    check_literal_reading_is_possible(published, literal, regulars)
    # The true numbers satisfy the assumptions of the attacker; otherwise the attack would prove nothing.
    check_relations(*exact)
    sums = dict.fromkeys(("newcomers", "second_visits"), 0)
    for name, part in product(sorted(published), sums):
        sums[part] += exact[0][name][part] - literal[name][part]
        assert 0 <= sums[part] <= 4


def exact_numbers(town):
    """Return the exact numbers of every month: of the town, and the families that keep coming, per place."""
    months: dict[str, dict[str, int]] = {}
    regulars: dict[str, dict[str, int]] = {}
    for row in MonthlyFigure.objects.filter(municipality=town).select_related("location"):
        name = f"{row.month:%Y-%m}"
        regulars.setdefault(name, {})[row.location.name if row.location else ""] = row.regulars
        if row.location is None:
            months[name] = {
                "newcomers": row.newcomers,
                "second_visits": row.second_visits,
                "later_or_unknown": row.later_visits + row.unknown,
            }
    for index in range(8):  # months without anything
        name = f"{add_months(START, index):%Y-%m}"
        months.setdefault(name, dict.fromkeys(PARTS, 0))
        regulars.setdefault(name, {})
    return months, regulars


def consistent_months(readings: list[tuple[date, Reading]]) -> dict[str, dict[str, str]]:
    """Return all months ever published; fail if one was not final or has changed."""
    published: dict[str, dict[str, str]] = {}
    for day, reading in readings:
        for name, row in reading.months.items():
            assert day >= add_months(month_of(name), 1) + timedelta(days=14)
            assert published.setdefault(name, row) == row
        for row in reading.coming.values():
            assert [row[column] for column in COLUMNS] == [""] * len(COLUMNS)
        shown = reading.months.values()
        totals = [sum(value(row[column]) for row in shown) for column in ("visits", "newcomers", "second_visits")]
        if reading.tiles:
            assert [value(tile) for tile in reading.tiles[:3]] == totals
    return published


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(0, 30)] * 3, st.integers(0, 9), st.integers(0, 5)),
        min_size=1,
        max_size=9,
    )
)
def test_nobody_is_found_in_any_row_of_months(rows):
    """Without a database, so that many more towns can be tried."""
    month, figures, came = START, [], {"new": 0, "twice": 0}
    for new, second, later, unknown, company, regulars, closed in rows:
        second = min(second, came["new"] + new - came["twice"])
        numbers = {"newcomers": new, "second_visits": second, "later_visits": later, "unknown": unknown}
        if closed:
            came["new"], came["twice"] = came["new"] + new, came["twice"] + second
        else:
            numbers = {}
        figures.append(
            MonthlyFigure(
                month=month,
                held=closed,
                dates=closed,
                visits=sum(numbers.values()) + company if closed else 0,
                regulars=min(regulars, came["twice"]),
                **numbers,
            )
        )
        month = add_months(month, 1)
    months = publish(figures)
    published = {f"{found.first:%Y-%m}": words_of(found) for found in months}
    attacker, literal = known_of(published)
    assert attacker.finds() == []
    last = months[-1].first
    quarters = publish_quarters(figures, {found.first: found for found in months}, last)
    regulars = {f"{found.last:%Y-%m}": {"": found.regulars.value or 0} for found in quarters}
    check_literal_reading_is_possible(published, literal, regulars)
