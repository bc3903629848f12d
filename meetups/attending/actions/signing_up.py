"""Signing up for a date, confirming and withdrawing.

Every action locks the row of the Occurrence before deciding anything. This prevents overbooking and deadlocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from meetups import notices
from meetups.attending.actions.waiting_list import promote_waiting, save_seats_taken
from meetups.capacity import Counted, Room, with_counted
from meetups.models import Attendance, AttendanceQuerySet, Meetup, Occurrence, OccurrenceQuerySet
from meetups.news import Announcement
from meetups.refusals import CannotDo, Refusal
from page_cache.compiled import Compiled

State = Attendance.State
CONFIRMATION_INTERVAL = timedelta(minutes=2)  # minimum time before a second link for the same date


@dataclass(frozen=True)
class Party:
    """The numbers in a sign-up, whether it is their first time, and a note that only hosts see."""

    adults: int = 1
    children_0_3: int = 0
    children_4_12: int = 0
    children_13_18: int = 0
    is_first_time: bool = False
    note: str = ""


ALONE = Party()


@transaction.atomic
def join(
    *, occurrence: Occurrence, user: User, now: datetime, party: Party = ALONE, language: str = "nl"
) -> Attendance:
    """Sign `user` up, or change their sign-up; put them on the waiting list when there is no room.

    Merges sign-ups that the same person made as a guest. Raises CannotDo with the reason from `Occurrence.refusal`, or
    TOO_MANY.
    """
    occurrence, counted = lock_and_count(occurrence.pk)
    rows = _of_user(date=occurrence.pk, user=user.pk, email=user.email)
    attendance = _merge(rows)
    if attendance is None:
        attendance = Attendance(occurrence=occurrence, state=State.UNCONFIRMED)
    attendance.user, attendance.guest_name, attendance.guest_email = user, "", ""
    attendance.language = language
    return _sign_up(occurrence, attendance, party, now, counted if len(rows) < 2 else None)


@transaction.atomic
def sign_up_as_guest(
    *, occurrence: Occurrence, first_name: str, email: str, now: datetime, party: Party = ALONE, language: str = "nl"
) -> Attendance:
    """Store an unconfirmed sign-up without an account, and mail a link to confirm it; takes no seat yet.

    If the address is already signed up, only its confirmation is sent again. The same SQL statements run in every case,
    so that nobody can find out, even by timing, whether an address is signed up. Raises CannotDo with the reason from
    `Occurrence.refusal`, or TOO_MANY.
    """
    occurrence = lock(occurrence.pk)
    _check_open(occurrence, now)
    _check_party_size(occurrence, party)
    rows = Attendance.objects.filter(occurrence=occurrence).of_email(email).select_related("user").order_by("pk")
    sign_ups = list(rows)
    confirmed = next((row for row in sign_ups if row.state in {State.GOING, State.WAITING}), None)
    if confirmed:
        confirmed.save(update_fields=["language"])  # unchanged; the other paths write a row too
        notices.resend_confirmation(confirmed, now=now)
        return confirmed
    attendance = next((row for row in sign_ups if row.user is None), None)
    if attendance is None:
        attendance = Attendance(occurrence=occurrence, guest_email=email)
    elif attendance.state == State.WITHDRAWN:
        attendance.created_at = now  # a new sign-up: earlier links become invalid
    is_too_soon = attendance.state == State.UNCONFIRMED and now - attendance.queued_at < CONFIRMATION_INTERVAL
    attendance.guest_name, attendance.language = first_name, language
    attendance.state, attendance.withdrawn_at = State.UNCONFIRMED, None
    _fill_in(attendance, party)
    if not is_too_soon:
        attendance.queued_at = now
    attendance.save()
    notices.guest_confirm(attendance)  # when too soon, the dedupe key is the same and nothing is sent
    return attendance


@transaction.atomic
def sign_up_confirmed_guest(
    *, occurrence: Occurrence, first_name: str, email: str, now: datetime, party: Party = ALONE, language: str = "nl"
) -> Attendance:
    """Sign up a guest whose address was confirmed elsewhere, or change their sign-up; no link to confirm is mailed.

    Whoever has an account with this address by now is signed up with that. Raises CannotDo like `join`.
    """
    user = User.objects.filter(email=email).first()
    if user is not None:
        return join(occurrence=occurrence, user=user, now=now, party=party, language=language)
    occurrence = lock(occurrence.pk)
    attendance = _merge(Attendance.objects.filter(occurrence=occurrence).of_email(email))
    if attendance is None:
        attendance = Attendance(occurrence=occurrence, state=State.UNCONFIRMED)
    attendance.guest_name, attendance.guest_email, attendance.language = first_name, email, language
    return _sign_up(occurrence, attendance, party, now)


@transaction.atomic
def confirm_guest(*, attendance: Attendance, now: datetime) -> Attendance:
    """Confirm the sign-up of a guest; idempotent.

    Raises CannotDo with the reason from `Occurrence.refusal`, TOO_MANY, LINK_EXPIRED, or LINK_USED if they withdrew.
    """
    occurrence, fresh = _lock_by_link(attendance)
    if fresh.state == State.WITHDRAWN:
        raise CannotDo(Refusal.LINK_USED)
    return _activate(occurrence, fresh, now)


@transaction.atomic
def undo_withdrawal(*, attendance: Attendance, now: datetime) -> Attendance:
    """Sign someone up again with the same numbers and note; raises CannotDo like `confirm_guest`, except LINK_USED.

    Does nothing for a guest who never confirmed.
    """
    occurrence, fresh = _lock_by_link(attendance)
    return fresh if fresh.state == State.UNCONFIRMED else _activate(occurrence, fresh, now)


def _lock_by_link(attendance: Attendance) -> tuple[Occurrence, Attendance]:
    occurrence = lock(attendance.occurrence_id)
    fresh = Attendance.objects.select_related("user").filter(pk=attendance.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    return occurrence, fresh


def _activate(occurrence: Occurrence, attendance: Attendance, now: datetime) -> Attendance:
    if attendance.state in {State.GOING, State.WAITING}:
        return attendance
    party = Party(**{name: getattr(attendance, name) for name in asdict(ALONE)})
    user = attendance.user or User.objects.filter(email=attendance.guest_email).first()
    if user:
        rows = Attendance.objects.filter(occurrence=occurrence).of(user)
        attendance = _merge(rows, prefer=attendance.pk) or attendance
        attendance.user, attendance.guest_name, attendance.guest_email = user, "", ""
    return _sign_up(occurrence, attendance, party, now)


@transaction.atomic
def withdraw(
    *, attendance: Attendance, now: datetime, notify: Callable[[Attendance], None] = notices.promoted
) -> Attendance:
    """Withdraw a sign-up and give its seats to the waiting list; idempotent.

    `notify` is called for each person who gets a seat. Raises CannotDo with OVER, CLOSED or NOT_SIGNED_UP.
    """
    occurrence = lock(attendance.occurrence_id)
    fresh = Attendance.objects.select_related("user").filter(pk=attendance.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.NOT_SIGNED_UP)
    if fresh.state == State.WITHDRAWN:
        return fresh
    if occurrence.is_done(now):
        raise CannotDo(Refusal.OVER if occurrence.is_over(now) else Refusal.CLOSED)
    was_live = fresh.state in {State.GOING, State.WAITING}
    fresh.set_state(State.WITHDRAWN, now)
    fresh.withdrawn_at, fresh.is_present = now, None
    fresh.save()
    if was_live:
        notices.withdrawn(fresh)
    promote_waiting(occurrence, now=now, notify=notify)
    return fresh


@transaction.atomic
def withdraw_from_all(*, user: User, now: datetime) -> None:
    """Withdraw `user` from every coming date; people who get several seats in one meetup receive one mail."""
    announcements: defaultdict[Meetup, Announcement] = defaultdict(Announcement)
    rows = Attendance.objects.of(user).coming(now).live().select_related("occurrence__meetup")
    # Lock the dates in a fixed order, to prevent deadlocks.
    for attendance in rows.order_by("occurrence_id"):
        announcement = announcements[attendance.occurrence.meetup]
        with suppress(CannotDo):  # over or closed since the query
            withdraw(attendance=attendance, now=now, notify=announcement.add_promoted)
    for meetup, announcement in announcements.items():
        announcement.post(meetup, "changed")


def lock(occurrence_id: int) -> Occurrence:
    """Return a fresh copy of the date, locked until the transaction ends; raise CannotDo(CANCELLED) if deleted."""
    return lock_and_count(occurrence_id)[0]


def lock_and_count(occurrence_id: int) -> tuple[Occurrence, Counted]:
    """Lock the date as `lock` does; return it with the seats that are taken.

    The row alone is locked first, and everything is read after that: the second statement sees what those who had the
    lock before committed, in the other tables as well.
    """
    occurrence = _to_read.first(date=occurrence_id) if _to_lock(date=occurrence_id) else None
    if occurrence is None:
        raise CannotDo(Refusal.CANCELLED)
    return occurrence, Counted.from_annotated(occurrence)


@Compiled
def _to_lock(date: int) -> OccurrenceQuerySet:
    return Occurrence.objects.filter(pk=date).only("pk").order_by().select_for_update(no_key=True)


@Compiled
def _to_read(date: int) -> OccurrenceQuerySet:
    dates = Occurrence.objects.select_related("meetup__location", "location").order_by()
    return with_counted(dates.filter(pk=date))


@Compiled
def _of_user(date: int, user: int, email: str) -> AttendanceQuerySet:
    return Attendance.objects.filter(occurrence=date).of_account(user, email)


def _sign_up(
    occurrence: Occurrence, attendance: Attendance, party: Party, now: datetime, counted: Counted | None = None
) -> Attendance:
    """Give `attendance` its seats or a position on the waiting list, and notify the person.

    `counted` are the seats taken, if nothing has changed since they were counted.
    """
    _check_open(occurrence, now)
    _check_party_size(occurrence, party)
    state_before = attendance.state
    room = counted.room(occurrence, without=attendance) if counted else Room.of(occurrence, without=attendance)
    fits = room.fits(party.adults, newcomer=party.is_first_time)
    if state_before == State.GOING:
        if party.adults > attendance.adults and not fits:
            raise CannotDo(Refusal.TOO_MANY)
    elif state_before != State.WAITING:
        attendance.set_state(State.GOING if fits else State.WAITING, now)
        attendance.queued_at, attendance.withdrawn_at = now, None
    _fill_in(attendance, party)
    attendance.save()
    if state_before not in {State.GOING, State.WAITING}:
        notify = notices.joined if attendance.is_going else notices.waiting
        notify(attendance)
    if counted is not None and not counted.someone_waits:
        if attendance.is_going:
            room = room.after_adding(attendance.adults, newcomer=attendance.is_first_time)
        save_seats_taken(occurrence, room)
    elif any(person.pk == attendance.pk for person in promote_waiting(occurrence, now=now)):
        attendance.state = State.GOING
    return attendance


def _merge(rows: Iterable[Attendance], *, prefer: int | None = None) -> Attendance | None:
    """Merge the sign-ups of one person for one date (as a guest, with an account): keep the best, delete the rest."""
    order: dict[str, int] = {State.GOING: 0, State.WAITING: 1}
    best = None
    for row in sorted(rows, key=lambda row: (order.get(row.state, 2), row.pk != prefer, row.user_id is None)):
        if best is None:
            best = row
        else:
            row.delete()
            best.sequence = max(best.sequence, row.sequence)  # SEQUENCE must not decrease in the owner's feed
    return best


def _fill_in(attendance: Attendance, party: Party) -> None:
    for name, value in asdict(party).items():
        setattr(attendance, name, value)


def _check_open(occurrence: Occurrence, now: datetime) -> None:
    if refusal := occurrence.sign_up_refusal(now):
        raise CannotDo(refusal)


def _check_party_size(occurrence: Occurrence, party: Party) -> None:
    room = Room(occurrence.places, occurrence.meetup.newcomer_places, 0, 0)
    if not room.could_ever_fit(party.adults, newcomer=party.is_first_time):
        raise CannotDo(Refusal.TOO_MANY)
