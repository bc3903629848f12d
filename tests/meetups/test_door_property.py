"""Random taps by phones that lose answers, retry, and send late or out of order, compared with a simple model."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetups.door.actions import check_in
from meetups.door.actions.taps import Stamp
from meetups.door.door_list import door_list
from meetups.models import Attendance, DoorTap
from tests.factories import make_attendance, make_user
from tests.meetups.test_door import NOW, occurrence_from

SECOND = timedelta(seconds=1)
PHONES, PEOPLE = 3, 3


@dataclass
class Tap:
    """A tap in the model, with the real instant and phone."""

    phone: int
    sequence: int
    at: int  # seconds
    what: str
    person: int = 0
    value: int = 0
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass
class Model:
    """A reference implementation of the door."""

    adults: int = 0
    children: int = 0
    ticks: list[Tap] = field(default_factory=list)
    added: set[uuid.UUID] = field(default_factory=set)
    heads: tuple[int, int] | None = None
    is_closed: bool = False
    seen: set[uuid.UUID] = field(default_factory=set)
    late: list[Tap] = field(default_factory=list)

    def receive(self, tap: Tap) -> None:
        if tap.id in self.seen:
            return
        self.seen.add(tap.id)
        if self.is_closed:
            self.late.append(tap)
        else:
            self.count(tap)

    def count(self, tap: Tap) -> None:
        if tap.what == "adults":
            self.adults = max(0, self.adults + tap.value)
        elif tap.what == "children":
            self.children = max(0, self.children + tap.value)
        elif tap.what == "tick":
            self.ticks.append(tap)
        else:
            self.added.add(tap.id)

    def is_present(self, person: int) -> bool:
        """Was the last tap on this person, in order of tapping, a tick?"""
        taps = [tap for tap in self.ticks if tap.person == person]
        return bool(taps) and max(taps, key=lambda tap: tap.at).value > 0

    @property
    def totals(self) -> tuple[int, int]:
        adults = self.adults + sum(self.is_present(person) for person in range(PEOPLE)) + len(self.added)
        return adults, self.children

    def count_waiting(self) -> None:
        for tap in sorted(self.late, key=lambda tap: tap.at):
            self.count(tap)
        self.late = []

    def count_late(self) -> None:
        if not self.is_closed or not self.late:
            return
        assert self.heads
        before = self.totals
        self.count_waiting()
        after = self.totals
        self.heads = tuple(max(0, h + a - b) for h, a, b in zip(self.heads, after, before, strict=True))  # type: ignore[assignment]

    def leave_out(self) -> None:
        if self.is_closed:
            self.late = []

    def reopen(self) -> None:
        if self.is_closed:
            self.is_closed = False
            self.count_waiting()


taps = st.tuples(
    st.just("tap"),
    st.integers(0, PHONES - 1),
    st.one_of(
        st.tuples(st.sampled_from(["adults", "children"]), st.just(0), st.sampled_from([1, 1, 1, -1])),
        st.tuples(st.just("tick"), st.integers(0, PEOPLE - 1), st.sampled_from([1, 0])),
        st.tuples(st.just("add"), st.just(0), st.just(0)),
    ),
)
# A phone sends its n-th queued tap, in any order, and receives the answer or not; or it resends an earlier one.
sent = st.tuples(st.just("send"), st.integers(0, PHONES - 1), st.tuples(st.integers(0, 5), st.booleans()))
resent = st.tuples(st.just("resend"), st.integers(0, 50), st.none())
decisions = st.tuples(st.sampled_from(["close", "reopen", "count late", "leave out"]), st.just(0), st.none())
schedules = st.lists(st.one_of(taps, taps, taps, sent, sent, sent, resent, decisions), max_size=40)


class TheDoor(TestCase):
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(schedule=schedules)
    def test_no_tap_is_lost_or_counted_twice(self, schedule: list[tuple[str, int, Any]]) -> None:
        self.occurrence, self.host = occurrence_from(-10), make_user("Marieke")
        self.people = [make_attendance(self.occurrence) for _ in range(PEOPLE)]
        self.devices = [uuid.uuid4() for _ in range(PHONES)]
        self.model, self.clock = Model(), 0
        waiting: list[list[Tap]] = [[] for _ in range(PHONES)]
        history: list[Tap] = []
        for what, number, detail in schedule:
            self.clock += 1
            if what == "tap":
                kind, person, value = detail
                waiting[number].append(Tap(number, self.clock, self.clock, kind, person, value))
            elif what == "send" and waiting[number]:
                nth, is_answered = detail
                tap = waiting[number][nth % len(waiting[number])]
                self.deliver(tap)
                history.append(tap)
                if is_answered:
                    waiting[number].remove(tap)
            elif what == "resend" and history:
                self.deliver(history[number % len(history)])
            elif what not in {"tap", "send", "resend"}:
                self.decide(what)
            self.compare()
        for phone in waiting:  # finally every phone is online again
            for tap in phone:
                self.clock += 1
                self.deliver(tap)
        self.compare()

    @property
    def now(self):
        return NOW + self.clock * SECOND

    def deliver(self, tap: Tap) -> None:
        self.model.receive(tap)
        stamp = Stamp(tap.id, self.devices[tap.phone], tap.sequence, (self.clock - tap.at) * SECOND)
        act: dict[str, Any] = {"occurrence": self.occurrence, "stamp": stamp, "host": self.host, "now": self.now}
        if tap.what == "tick":
            check_in.set_presence(attendance_id=self.people[tap.person].pk, is_present=tap.value > 0, **act)
        elif tap.what == "add":
            check_in.add_at_door(first_name="Sam", **act)
        else:
            check_in.count_walk_in(kind=tap.what, delta=tap.value, **act)

    def decide(self, what: str) -> None:
        act: dict[str, Any] = {"occurrence": self.occurrence, "now": self.now}
        if what == "close" and not self.model.is_closed:
            self.model.is_closed, self.model.heads = True, self.model.totals
            adults, children = self.model.totals
            check_in.close(host=self.host, head_adults=adults, head_children=children, **act)
        elif what == "reopen":
            self.model.reopen()
            check_in.reopen(**act)
        elif what == "count late":
            self.model.count_late()
            check_in.count_late(host=self.host, **act)
        elif what == "leave out":
            self.model.leave_out()
            check_in.leave_out_late(**act)

    def compare(self) -> None:
        self.occurrence.refresh_from_db()
        page, model = door_list(self.occurrence, self.now, self.host), self.model
        counted = DoorTap.objects.counted().filter(occurrence=self.occurrence)
        sums = tuple(sum(counted.filter(kind=kind).values_list("delta", flat=True)) for kind in ("adults", "children"))
        presence = {
            row.pk: bool(row.is_present) for row in Attendance.objects.filter(pk__in=[p.pk for p in self.people])
        }
        assert (self.occurrence.walk_in_adults, self.occurrence.walk_in_children) == sums
        assert sums == (model.adults, model.children)
        assert presence == {person.pk: model.is_present(n) for n, person in enumerate(self.people)}
        assert page.totals == model.totals
        assert {tap.pk for tap in page.late} == {tap.id for tap in model.late}
        assert self.occurrence.is_closed == model.is_closed
        if model.heads:
            assert (self.occurrence.head_adults, self.occurrence.head_children) == model.heads
        if model.late and model.heads:
            preview = replace(model, late=list(model.late), ticks=list(model.ticks), added=set(model.added))
            preview.count_late()
            assert page.late_totals == preview.heads
