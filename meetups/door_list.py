"""What a host sees: the dates at whose door they stand, and who is on the list of one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import ngettext

from meetups import wording
from meetups.actions.door import CLOSE_WITHIN, can_reopen, is_open
from meetups.clock import localise
from meetups.models import Attendance, Occurrence

State = Attendance.State
COMING_SHOWN = 8


@dataclass
class HostDates:
    """The dates of one host, sorted by what there is to do."""

    today: list[Occurrence] = field(default_factory=list)
    coming: list[Occurrence] = field(default_factory=list)
    to_close: list[Occurrence] = field(default_factory=list)
    closed: list[Occurrence] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.today or self.coming or self.to_close or self.closed)


def dates_of(user: Any, now: datetime) -> HostDates:
    """Look up the dates at whose door `user` stands: today's, the next ones, those still to close, those just closed.

    Each has `coming_count`, `newcomers` and `waiting_count`; never a name. Two queries.
    """
    today = timezone.localdate(now)
    day_start, day_end = localise(today, time()), localise(today + timedelta(days=1), time())
    mine = Occurrence.objects.hosted_by(user).select_related("meetup", "location").annotate(**_counts())
    found = HostDates()
    until_now = mine.filter(starts_at__gt=now - CLOSE_WITHIN - timedelta(days=1), starts_at__lt=day_end)
    for occurrence in until_now.filter(ends_at__gt=now - CLOSE_WITHIN).order_by("starts_at", "pk"):
        _tell(occurrence, today, now)
        if day_start <= occurrence.starts_at < day_end:
            found.today.append(occurrence)
        elif occurrence.is_cancelled:
            continue
        elif not occurrence.is_closed:
            found.to_close.insert(0, occurrence)
        else:
            found.closed.insert(0, occurrence)
    found.coming = list(mine.filter(starts_at__gte=day_end).order_by("starts_at", "pk")[:COMING_SHOWN])
    for occurrence in found.coming:
        _tell(occurrence, today, now)
    return found


def _counts() -> dict[str, Any]:
    going, waiting = Q(attendances__state=State.GOING), Q(attendances__state=State.WAITING)
    return {
        "coming_count": Count("attendances", filter=going),
        "newcomers": Count("attendances", filter=going & Q(attendances__is_first_time=True)),
        "waiting_count": Count("attendances", filter=waiting),
    }


def _tell(occurrence: Occurrence, today: date, now: datetime) -> None:
    """Put the words beside the row that a list of dates shows."""
    occurrence.day = wording.day(occurrence.local_date)  # type: ignore[attr-defined]
    occurrence.nearness = wording.nearness(occurrence.local_date, today)  # type: ignore[attr-defined]
    occurrence.times = wording.times(occurrence.starts_at, occurrence.ends_at)  # type: ignore[attr-defined]
    occurrence.is_door_open = is_open(occurrence, now)  # type: ignore[attr-defined]
    heads = (occurrence.head_adults or 0, occurrence.head_children or 0)
    occurrence.heads = wording.people(*heads)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Unnamed:
    """How many are on a list whose names are not shown (any more): families with a place, and who was there."""

    families: int = 0
    families_here: int = 0
    adults_here: int = 0
    children_here: int = 0

    @classmethod
    def of(cls, occurrence: Occurrence) -> Unnamed:
        here = Q(is_present=True)
        children = Sum("children_0_3", filter=here) + Sum("children_4_12", filter=here)
        numbers = (
            Attendance.objects.live()
            .filter(occurrence=occurrence)
            .aggregate(
                families=Count("pk", filter=Q(state=State.GOING)),
                families_here=Count("pk", filter=Q(state=State.GOING) & here),
                adults_here=Sum("adults", filter=here),
                children_here=children + Sum("children_13_18", filter=here),
            )
        )
        return cls(**{name: number or 0 for name, number in numbers.items()})


@dataclass
class DoorList:
    """Everyone on the list of one date, and how many there are now."""

    occurrence: Occurrence
    coming: list[Attendance]
    waiting: list[Attendance]
    door_added: int
    now: datetime
    unnamed: Unnamed = Unnamed()  # instead of the people, when their names are not for this host or not for now

    @property
    def people(self) -> list[Attendance]:
        return [*self.coming, *self.waiting]

    @property
    def present(self) -> list[Attendance]:
        return [person for person in self.people if person.is_present]

    @property
    def adults(self) -> int:
        """Adults who are there, those without a name among them."""
        return self.unnamed.adults_here + sum(p.adults for p in self.present) + self.occurrence.walk_in_adults

    @property
    def children(self) -> int:
        return self.unnamed.children_here + sum(p.children for p in self.present) + self.occurrence.walk_in_children

    @property
    def here(self) -> str:
        """How many people are there, in words."""
        return wording.people(self.adults, self.children)

    @property
    def expected(self) -> int:
        """How many families are expected: everyone who has a place."""
        return self.unnamed.families + len(self.coming)

    @property
    def expected_here(self) -> int:
        return self.unnamed.families_here + sum(1 for person in self.coming if person.is_present)

    @property
    def newcomers(self) -> int:
        return sum(1 for person in self.coming if person.is_first_time)

    @property
    def is_open(self) -> bool:
        return is_open(self.occurrence, self.now)

    @property
    def can_close(self) -> bool:
        return self.is_open and self.now >= self.occurrence.starts_at

    @property
    def can_reopen(self) -> bool:
        return can_reopen(self.occurrence, self.now)


def door_list(occurrence: Occurrence, now: datetime, host: Any) -> DoorList:
    """Look up who is on the list, newcomers first, then by name; one query.

    Names are for who was host by then, until a month after; else only how many there were, in a second query.
    """
    named = Attendance.objects.live().filter(occurrence=occurrence).with_names(host, now)
    people = list(named.select_related("user").order_by("queued_at"))
    coming = [person for person in people if person.is_going]
    coming.sort(key=lambda person: (not person.is_first_time, person.first_name.casefold(), person.pk))
    for person in people:
        person.party = party(person)  # type: ignore[attr-defined]
    return DoorList(
        occurrence=occurrence,
        coming=coming,
        waiting=[person for person in people if person.is_waiting],
        door_added=sum(1 for person in people if person.source == Attendance.Source.DOOR),
        now=now,
        unnamed=Unnamed() if people else Unnamed.of(occurrence),
    )


def party(person: Attendance) -> str:
    """Who comes along, in few words: "1 adult, 2 children (0-3)"."""
    words = [ngettext("{number} adult", "{number} adults", person.adults).format(number=person.adults)]
    for number, ages in (
        (person.children_0_3, "0-3"),
        (person.children_4_12, "4-12"),
        (person.children_13_18, "13-18"),
    ):
        if number:
            child = ngettext("{number} child ({ages})", "{number} children ({ages})", number)
            words.append(child.format(number=number, ages=ages))
    return ", ".join(words)
