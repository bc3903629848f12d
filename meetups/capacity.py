"""How many seats are free on a date: the only place that computes it, for actions, pages, cards and mails.

Seats are for adults; children do not count. Some may be reserved for newcomers, so the answer depends on the person.
When we do not know whether someone is new, they see what holds for someone who came before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, JSONArray
from django.utils.translation import gettext, ngettext

from meetups.models import Attendance, Meetup, Occurrence, OccurrenceQuerySet

FEW = 5  # with this many seats left or fewer, a page shows the number

# Room.left as SQL, for occurrence o of meetup m: for newcomers, and for everyone else; null when there is no limit.
# Capped at FEW + 1, so that a card stays the same while there is plenty of room.
LEFT_FOR_NEWCOMERS = f"""CASE WHEN coalesce(o.capacity, m.capacity) IS NOT NULL
    THEN least(greatest(coalesce(o.capacity, m.capacity) - o.seats_taken, 0), {FEW + 1}) END"""
LEFT = f"""CASE WHEN coalesce(o.capacity, m.capacity) IS NOT NULL
    THEN least(greatest(coalesce(o.capacity, m.capacity) - o.seats_taken - CASE WHEN m.newcomer_places > 0
        THEN greatest(m.newcomer_places - (
            SELECT coalesce(sum(a.adults), 0) FROM meetups_attendance a
            WHERE a.occurrence_id = o.id AND a.state = '{Attendance.State.GOING}' AND a.is_first_time
        ), 0) ELSE 0 END, 0), {FEW + 1})::int END"""  # noqa: S608  (contains no user input)


@dataclass(frozen=True)
class Room:
    """The seats for adults on a date, including those reserved for newcomers."""

    seats: int | None  # None: no limit
    reserved: int
    taken: int
    taken_by_newcomers: int

    @classmethod
    def of(cls, occurrence: Occurrence, *, without: Attendance | None = None) -> Room:
        """Count the seats taken, leaving out `without`; one query."""
        going = Attendance.objects.filter(occurrence=occurrence).going()
        if without is not None and without.pk:
            going = going.exclude(pk=without.pk)
        sums = going.aggregate(taken=Sum("adults"), new=Sum("adults", filter=Q(is_first_time=True)))
        return cls(occurrence.places, occurrence.meetup.newcomer_places, sums["taken"] or 0, sums["new"] or 0)

    @classmethod
    def from_annotated(cls, occurrence: Any) -> Room:
        """Build from a date annotated with `newcomer_seats`; no query."""
        newcomer_seats: int = occurrence.newcomer_seats or 0
        return cls(occurrence.places, occurrence.meetup.newcomer_places, occurrence.seats_taken, newcomer_seats)

    def left(self, *, newcomer: bool) -> int | None:
        """Return the free seats for a newcomer or for someone else; None when there is no limit."""
        if self.seats is None:
            return None
        still_reserved = 0 if newcomer else max(0, self.reserved - self.taken_by_newcomers)
        return max(0, self.seats - self.taken - still_reserved)

    def fits(self, adults: int, *, newcomer: bool) -> bool:
        left = self.left(newcomer=newcomer)
        return left is None or adults <= left

    def could_ever_fit(self, adults: int, *, newcomer: bool) -> bool:
        """Whether these adults would fit if nobody else came; always True for one adult."""
        return adults == 1 or replace(self, taken=0, taken_by_newcomers=0).fits(adults, newcomer=newcomer)

    def after_adding(self, adults: int, *, newcomer: bool) -> Room:
        """Return the room left after seating these adults."""
        new = self.taken_by_newcomers + (adults if newcomer else 0)
        return replace(self, taken=self.taken + adults, taken_by_newcomers=new)

    def chip(self, *, is_walk_in: bool, newcomer: bool | None) -> tuple[str, str]:
        """Return `availability_chip` for this room; `newcomer` is None when we do not know."""
        return availability_chip(
            self.left(newcomer=True), self.left(newcomer=False), is_walk_in=is_walk_in, newcomer=newcomer
        )

    @property
    def depends_on_newcomer(self) -> bool:
        """Whether the answer differs for a newcomer and for someone who came before."""
        return self.left(newcomer=True) != self.left(newcomer=False)

    def is_full_for(self, newcomer: bool | None) -> bool:
        """Whether no seat is free for this person; with `newcomer` None (unknown) they count as a newcomer."""
        return self.left(newcomer=newcomer is not False) == 0

    def warning(self, newcomer: bool | None) -> str:
        """Return what this person should know before signing up; empty when there is a seat for them."""
        if self.is_full_for(newcomer):
            return gettext("This meetup is full. Join the waiting list: we email you when there is a space.")
        if newcomer is None and self.left(newcomer=False) == 0:
            return gettext(
                "The last spaces are for people who come for the first time. Have you been here before? "
                "Then you will be on the waiting list."
            )
        return ""


@dataclass(frozen=True)
class Counted:
    """The seats taken on a date, counted from its sign-ups together with the date itself."""

    taken: int
    taken_by_newcomers: int
    someone_waits: bool

    @classmethod
    def from_annotated(cls, occurrence: Any) -> Counted:
        """Read them from a date selected with `with_counted`."""
        taken, new, waiting = occurrence.counted or (0, 0, 0)
        return cls(taken or 0, new or 0, someone_waits=bool(waiting))

    def room(self, occurrence: Occurrence, *, without: Attendance) -> Room:
        """Return the room on this date, leaving out one sign-up as it is stored."""
        taken, new = self.taken, self.taken_by_newcomers
        if without.is_going:
            taken -= without.adults
            new -= without.adults if without.is_first_time else 0
        return Room(occurrence.places, occurrence.meetup.newcomer_places, taken, new)


def with_counted(dates: OccurrenceQuerySet) -> OccurrenceQuerySet:
    """Annotate dates with what `Counted.from_annotated` reads, in the same query."""
    going, waiting = Q(state=Attendance.State.GOING), Q(state=Attendance.State.WAITING)
    rows = Attendance.objects.filter(occurrence=OuterRef("pk")).order_by().values("occurrence")
    sums = rows.annotate(
        sums=JSONArray(
            Sum("adults", filter=going),
            Sum("adults", filter=going & Q(is_first_time=True)),
            Count("pk", filter=waiting),
        )
    )
    return dates.annotate(counted=Subquery(sums.values("sums")))


def would_wait(attendance: Attendance) -> bool:
    """Whether this party would be put on the waiting list now; one query."""
    room = Room.of(attendance.occurrence, without=attendance)
    return not room.fits(attendance.adults, newcomer=attendance.is_first_time)


# is_full as a query expression on dates; null when there is no limit.
FULL = ExpressionWrapper(
    Q(seats_taken__gte=Coalesce(F("capacity"), F("meetup__capacity"))), output_field=BooleanField(null=True)
)


def is_full(occurrence: Occurrence) -> bool:
    """Whether no seat is left, not even for a newcomer."""
    return occurrence.places is not None and occurrence.seats_taken >= occurrence.places


def availability_chip(
    left_for_newcomers: int | None, left: int | None, *, is_walk_in: bool, newcomer: bool | None = None
) -> tuple[str, str]:
    """Return the CSS class of the chip ("open", "few", "full") and its text."""
    if newcomer:
        left = left_for_newcomers
    if left_for_newcomers == 0 or (left == 0 and newcomer is False):
        return "full", gettext("Full, with a waiting list")
    if left == 0:
        return "few", gettext("Only space left for newcomers")
    if left is not None and left <= FEW:
        return "few", ngettext("{number} space left", "{number} spaces left", left).format(number=left)
    return "open", gettext("Just come along") if is_walk_in else gettext("Room for you")


def sign_up_label(*, is_full: bool) -> str:
    """Return the text of the link to the sign-up form."""
    return gettext("Join the waiting list") if is_full else gettext("I am coming")


def may_be_overtaken(attendance: Attendance, meetup: Meetup) -> bool:
    """Whether someone further down the waiting list can get a seat before this party.

    A smaller party may fit where theirs does not, and seats reserved for newcomers go to newcomers.
    """
    return attendance.adults > 1 or (meetup.newcomer_places > 0 and not attendance.is_first_time)
