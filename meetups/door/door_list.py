"""What a host sees: the dates they host, and the people on the list of one date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext, ngettext

from meetups import wording
from meetups.clock import localise
from meetups.door.actions.taps import Totals, preview_totals, totals
from meetups.door.hours import CLOSE_WITHIN, can_reopen, is_half_over, is_open, is_past_closing
from meetups.door.names import named_for
from meetups.models import CHILDREN, Attendance, DoorTap, Occurrence

State = Attendance.State
MAX_COMING = 8


@dataclass
class HostDates:
    """The dates of one host, grouped by what is left to do."""

    today: list[Occurrence] = field(default_factory=list)
    coming: list[Occurrence] = field(default_factory=list)
    to_close: list[Occurrence] = field(default_factory=list)
    closed: list[Occurrence] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.today or self.coming or self.to_close or self.closed)


def dates_of(user: Any, now: datetime) -> HostDates:
    """Return the dates that `user` hosts: today's, coming ones, those still to close and those closed recently.

    Each is annotated with `coming_count`, `newcomers`, `waiting_count` and `has_late_taps`, never with a name.
    Two queries.
    """
    today = timezone.localdate(now)
    day_start, day_end = localise(today, time()), localise(today + timedelta(days=1), time())
    mine = Occurrence.objects.hosted_by(user).select_related("meetup", "location").annotate(**_counts())
    found = HostDates()
    until_now = mine.filter(starts_at__gt=now - CLOSE_WITHIN - timedelta(days=1), starts_at__lt=day_end)
    for occurrence in until_now.filter(ends_at__gt=now - CLOSE_WITHIN).order_by("starts_at", "pk"):
        _add_display_fields(occurrence, today, now)
        if day_start <= occurrence.starts_at < day_end:
            found.today.append(occurrence)
        elif occurrence.is_cancelled:
            continue
        elif not occurrence.is_closed:
            found.to_close.insert(0, occurrence)
        else:
            found.closed.insert(0, occurrence)
    found.coming = list(mine.filter(starts_at__gte=day_end).order_by("starts_at", "pk")[:MAX_COMING])
    for occurrence in found.coming:
        _add_display_fields(occurrence, today, now)
    return found


def _counts() -> dict[str, Any]:
    going, waiting = Q(attendances__state=State.GOING), Q(attendances__state=State.WAITING)
    return {
        "coming_count": Count("attendances", filter=going),
        "newcomers": Count("attendances", filter=going & Q(attendances__is_first_time=True)),
        "waiting_count": Count("attendances", filter=waiting),
        "has_late_taps": Exists(DoorTap.objects.waiting().filter(occurrence=OuterRef("pk"))),
    }


def _add_display_fields(occurrence: Occurrence, today: date, now: datetime) -> None:
    """Set the attributes that the list of dates displays."""
    occurrence.day = wording.day(occurrence.local_date)  # type: ignore[attr-defined]
    occurrence.nearness = wording.nearness(occurrence.local_date, today)  # type: ignore[attr-defined]
    occurrence.times = wording.times(occurrence.starts_at, occurrence.ends_at)  # type: ignore[attr-defined]
    occurrence.is_door_open = is_open(occurrence, now)  # type: ignore[attr-defined]
    occurrence.heads = heads(occurrence)  # type: ignore[attr-defined]
    occurrence.is_over_now = occurrence.is_over(now)  # type: ignore[attr-defined]


def heads(occurrence: Occurrence) -> str:
    """Return the head count of a closed date in words. A date that is not closed has none, whatever was typed."""
    if not occurrence.is_closed:
        return gettext("Not recorded")
    return wording.people(occurrence.head_adults or 0, occurrence.head_children or 0)


@dataclass
class DoorList:
    """Everyone on the list of one date, and how many are present."""

    occurrence: Occurrence
    everyone: Sequence[Attendance]  # for counting; only `people` may be shown by name
    late: list[DoorTap]
    now: datetime

    @property
    def people(self) -> list[Attendance]:
        """The sign-ups whose names this host may see now."""
        return [person for person in self.everyone if person.is_named]  # type: ignore[attr-defined]

    @property
    def coming(self) -> list[Attendance]:
        """Everyone with a seat: newcomers first, then by name."""
        coming = (person for person in self.people if person.is_going)
        return sorted(coming, key=lambda person: (not person.is_first_time, person.first_name.casefold(), person.pk))

    @property
    def waiting(self) -> list[Attendance]:
        return [person for person in self.people if person.is_waiting]

    @property
    def totals(self) -> Totals:
        """How many people are present, including those without a name."""
        return totals(self.occurrence, self.everyone)

    @property
    def adults(self) -> int:
        return self.totals.adults

    @property
    def children(self) -> int:
        return self.totals.children

    @property
    def is_recorded(self) -> bool:
        """Was anyone counted? A total of zero does not mean that nobody came: perhaps nobody counted."""
        return self.totals != (0, 0)

    @property
    def differs_from_last_close(self) -> bool:
        """Was this date closed before, with other numbers than the list now has?"""
        closed_with = (self.occurrence.head_adults, self.occurrence.head_children)
        return closed_with[0] is not None and self.is_recorded and self.totals != closed_with

    @cached_property
    def late_totals(self) -> Totals:
        """The head count this closed date would have if the late taps were counted too."""
        before, after = self.totals, preview_totals(self.occurrence, self.everyone, self.late)
        return Totals(
            max(0, (self.occurrence.head_adults or 0) + after.adults - before.adults),
            max(0, (self.occurrence.head_children or 0) + after.children - before.children),
        )

    @property
    def late_words(self) -> str:
        """The people that late taps add, in words; empty when any of those taps takes someone away."""
        if any(tap.lowers_count for tap in self.late):
            return ""
        adults = self.late_totals.adults - (self.occurrence.head_adults or 0)
        children = self.late_totals.children - (self.occurrence.head_children or 0)
        if (adults, children) == (0, 0):
            return ""
        if not adults:
            return ngettext("{number} child", "{number} children", children).format(number=children)
        return wording.party(adults, children)

    @property
    def late_becomes(self) -> str:
        return wording.people(*self.late_totals)

    @property
    def late_names(self) -> list[str]:
        """First names of the people who were ticked off or added late."""
        late_ids = {tap.attendance_id for tap in self.late}
        return [person.first_name for person in self.people if person.pk in late_ids]

    @property
    def version(self) -> str:
        """A hash of everything the door page shows, used as its ETag."""
        date = self.occurrence
        content = [
            (date.status, date.closed_at, date.head_adults, date.head_children, date.host_note, get_language()),
            (date.walk_in_adults, date.walk_in_children),
            (self.is_open, self.can_close, self.asks_to_close, self.can_reopen),
            self.newcomers,
            [
                (
                    person.pk,
                    person.first_name,
                    party(person),
                    person.state,
                    person.is_first_time,
                    person.is_present,
                    person.is_greeted,
                    person.note,
                )
                for person in self.people
            ],
            [tap.pk for tap in self.late],
        ]
        return sha256(repr(content).encode()).hexdigest()[:20]

    @property
    def new_id(self) -> UUID:
        """A new tap id for each form, for a page without JavaScript."""
        return uuid4()

    @property
    def here(self) -> str:
        """How many people are present, in words."""
        return wording.people(self.adults, self.children)

    @property
    def expected(self) -> int:
        """How many families have a seat."""
        return sum(person.is_going for person in self.everyone)

    @property
    def expected_here(self) -> int:
        return sum(person.is_going and bool(person.is_present) for person in self.everyone)

    @property
    def newcomers(self) -> int:
        """How many families to introduce to someone; 0 unless the door is open and the meetup is not over."""
        if not self.is_open or self.occurrence.is_over(self.now):
            return 0
        return sum(1 for person in self.coming if person.is_first_time)

    @property
    def is_open(self) -> bool:
        return is_open(self.occurrence, self.now)

    @property
    def can_close(self) -> bool:
        return self.is_open and self.now >= self.occurrence.starts_at

    @property
    def asks_to_close(self) -> bool:
        """Is it time to remind the host to close? Until then the button stays at the end of the page."""
        return self.can_close and self.is_recorded and is_half_over(self.occurrence, self.now)

    @property
    def can_reopen(self) -> bool:
        return can_reopen(self.occurrence, self.now)

    @property
    def is_past_closing(self) -> bool:
        return is_past_closing(self.occurrence, self.now)


def door_list(occurrence: Occurrence, now: datetime, host: Any) -> DoorList:
    """Return the list of this date. One query; two for a closed date.

    Only people who were host on that day see names, until a month after the date; others see numbers only.
    """
    named = named_for(host, now).filter(pk=OuterRef("pk"))
    rows = Attendance.objects.live().filter(occurrence=occurrence).annotate(is_named=Exists(named))
    everyone = list(rows.select_related("user").order_by("queued_at"))
    for person in everyone:
        person.party = party(person)  # type: ignore[attr-defined]
    late = list(DoorTap.objects.waiting().filter(occurrence=occurrence)) if occurrence.is_closed else []
    return DoorList(occurrence=occurrence, everyone=everyone, late=late, now=now)


def party(person: Attendance) -> str:
    """Describe the size of a party: "1 adult, 2 children (0-3)"."""
    words = [ngettext("{number} adult", "{number} adults", person.adults).format(number=person.adults)]
    for band, column in CHILDREN.items():
        number, ages = getattr(person, column), band.value
        if number:
            child = ngettext("{number} child ({ages})", "{number} children ({ages})", number)
            words.append(child.format(number=number, ages=ages))
    return ", ".join(words)
