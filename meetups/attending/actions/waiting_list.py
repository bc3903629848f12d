"""The waiting list: who gets a seat that comes free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from meetups import notices
from meetups.capacity import Room
from meetups.models import Attendance, Occurrence
from page_cache import versions


def choose_next_in_line(occurrence: Occurrence, *, now: datetime) -> tuple[list[Attendance], Room]:
    """Return the people on the waiting list who get a seat, first come first served, and the room left after them.

    A party that does not fit is skipped and keeps its position. On a date that is not open, nobody gets a seat.
    """
    chosen, room = [], Room.of(occurrence)
    if occurrence.refusal(now) is None:
        for person in Attendance.objects.filter(occurrence=occurrence).waiting().select_related("user"):
            if room.fits(person.adults, newcomer=person.is_first_time):
                person.occurrence = occurrence
                chosen.append(person)
                room = room.after_adding(person.adults, newcomer=person.is_first_time)
    return chosen, room


def promote_waiting(
    occurrence: Occurrence, *, now: datetime, notify: Callable[[Attendance], None] = notices.promoted
) -> list[Attendance]:
    """Give free seats to the people from `choose_next_in_line`, notify them and recount the seats taken.

    The caller holds the lock on `occurrence`, in a transaction.
    """
    promoted, room = choose_next_in_line(occurrence, now=now)
    for person in promoted:
        person.set_state(Attendance.State.GOING, now)
        person.save(update_fields=["state", "sequence", "changed_at"])
        if not person.is_present:  # else they have arrived already
            notify(person)
    save_seats_taken(occurrence, room)
    return promoted


def save_seats_taken(occurrence: Occurrence, room: Room) -> None:
    """Store how many seats are taken, and show it on the pages of its towns; under the lock on `occurrence`."""
    if occurrence.seats_taken != room.taken:
        occurrence.seats_taken = room.taken
        occurrence.save(update_fields=["seats_taken"])
    versions.invalidate_pages(*occurrence.town_ids)
