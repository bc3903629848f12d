"""Signing up and withdrawing: capacity, the waiting list, guests and refusals."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from meetups.models import Attendance, Meetup, Occurrence
from meetups.refusals import CannotDo, Refusal
from notifications.models import Message
from tests.attending import (
    Party,
    confirm_guest,
    join,
    lock,
    promote_waiting,
    sign_up_as_guest,
    undo_withdrawal,
    withdraw,
)
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db
GOING, WAITING, WITHDRAWN = Attendance.State.GOING, Attendance.State.WAITING, Attendance.State.WITHDRAWN


def letters() -> list[tuple[str, str]]:
    return sorted(Message.objects.values_list("template", "email"))


def seats(occurrence: Occurrence) -> int:
    occurrence.refresh_from_db()
    return occurrence.seats_taken


def past(**fields) -> dict:
    now = timezone.now()
    return {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=1)} | fields


def test_join_takes_a_seat_and_sends_one_letter():
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    attendance = join(
        occurrence=occurrence,
        user=noor,
        party=Party(adults=2, children_0_3=1, is_first_time=True, note="Hoi"),
        language="en",
    )
    attendance.refresh_from_db()
    assert (attendance.state, attendance.adults, attendance.children_0_3) == (GOING, 2, 1)
    assert (attendance.is_first_time, attendance.note, attendance.language) == (True, "Hoi", "en")
    assert seats(occurrence) == 2
    assert letters() == [("meetups.joined", noor.email)]


def test_join_twice_changes_nothing_and_sends_nothing_more():
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    first = join(occurrence=occurrence, user=noor)
    second = join(occurrence=occurrence, user=noor)
    assert first.pk == second.pk
    assert seats(occurrence) == 1
    assert letters() == [("meetups.joined", noor.email)]


def test_join_again_changes_the_numbers():
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    join(occurrence=occurrence, user=noor, party=Party(adults=1, note="Hoi"))
    attendance = join(occurrence=occurrence, user=noor, party=Party(adults=3, children_4_12=2))
    assert (attendance.state, attendance.adults, attendance.children_4_12, attendance.note) == (GOING, 3, 2, "")
    assert seats(occurrence) == 3


def test_raising_the_numbers_beyond_capacity_is_refused_and_changes_nothing():
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    join(occurrence=occurrence, user=noor, party=Party(adults=2))
    join(occurrence=occurrence, user=make_user())
    with pytest.raises(CannotDo) as refused:
        join(occurrence=occurrence, user=noor, party=Party(adults=3))
    assert refused.value.refusal is Refusal.TOO_MANY
    assert Attendance.objects.get(user=noor).adults == 2
    assert seats(occurrence) == 3


def test_lowering_the_number_of_adults_promotes_from_the_waiting_list():
    occurrence, noor, sam = make_occurrence(make_meetup(capacity=2)), make_user(), make_user("Sam")
    join(occurrence=occurrence, user=noor, party=Party(adults=2))
    assert join(occurrence=occurrence, user=sam).state == WAITING
    join(occurrence=occurrence, user=noor, party=Party(adults=1))
    assert Attendance.objects.get(user=sam).state == GOING
    assert seats(occurrence) == 2
    assert ("meetups.promoted", sam.email) in letters()


def test_party_larger_than_the_capacity_is_refused():
    with pytest.raises(CannotDo) as refused:
        join(occurrence=make_occurrence(make_meetup(capacity=2)), user=make_user(), party=Party(adults=3))
    assert refused.value.refusal is Refusal.TOO_MANY
    assert not Attendance.objects.exists()


def test_join_when_full_puts_on_the_waiting_list():
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    make_attendance(occurrence)
    assert join(occurrence=occurrence, user=noor).state == WAITING
    assert seats(occurrence) == 1
    assert letters() == [("meetups.waiting", noor.email)]


def test_without_capacity_limit_everyone_is_going():
    occurrence = make_occurrence(make_meetup(capacity=None))
    for _ in range(5):
        assert join(occurrence=occurrence, user=make_user(), party=Party(adults=6)).state == GOING
    assert seats(occurrence) == 30


def test_capacity_of_the_date_overrides_that_of_the_meetup():
    occurrence = make_occurrence(make_meetup(capacity=10), capacity=1)
    join(occurrence=occurrence, user=make_user())
    assert join(occurrence=occurrence, user=make_user()).state == WAITING


def test_seats_for_newcomers_are_reserved_for_newcomers():
    occurrence = make_occurrence(make_meetup(capacity=3, newcomer_places=2))
    assert join(occurrence=occurrence, user=make_user()).state == GOING
    assert join(occurrence=occurrence, user=make_user()).state == WAITING
    assert join(occurrence=occurrence, user=make_user(), party=Party(is_first_time=True)).state == GOING
    assert join(occurrence=occurrence, user=make_user()).state == WAITING
    assert join(occurrence=occurrence, user=make_user(), party=Party(is_first_time=True)).state == GOING
    assert join(occurrence=occurrence, user=make_user(), party=Party(is_first_time=True)).state == WAITING
    assert seats(occurrence) == 3


def test_newcomers_use_the_reserved_seats_first():
    occurrence = make_occurrence(make_meetup(capacity=3, newcomer_places=1))
    assert join(occurrence=occurrence, user=make_user(), party=Party(is_first_time=True)).state == GOING
    assert join(occurrence=occurrence, user=make_user(), party=Party(adults=2)).state == GOING
    assert seats(occurrence) == 3


def test_withdrawing_promotes_the_first_on_the_waiting_list():
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    going = join(occurrence=occurrence, user=noor)
    first, second = make_user("First"), make_user("Second")
    join(occurrence=occurrence, user=first)
    join(occurrence=occurrence, user=second)
    withdrawn = withdraw(attendance=going)
    assert withdrawn.state == WITHDRAWN
    assert withdrawn.withdrawn_at is not None
    assert Attendance.objects.get(user=first).state == GOING
    assert Attendance.objects.get(user=second).state == WAITING
    assert seats(occurrence) == 1
    assert {("meetups.withdrawn", noor.email), ("meetups.promoted", first.email)} <= set(letters())
    assert ("meetups.promoted", second.email) not in letters()


def test_first_party_that_fits_is_promoted_and_others_keep_their_position():
    occurrence = make_occurrence(make_meetup(capacity=3))
    one, two = make_attendance(occurrence, adults=1), make_attendance(occurrence, adults=2)
    pair, single = make_user("Pair"), make_user("Single")
    join(occurrence=occurrence, user=pair, party=Party(adults=2))
    join(occurrence=occurrence, user=single)
    withdraw(attendance=one)
    assert (Attendance.objects.get(user=pair).state, Attendance.objects.get(user=single).state) == (WAITING, GOING)
    withdraw(attendance=two)
    assert Attendance.objects.get(user=pair).state == GOING
    assert seats(occurrence) == 3


def test_withdrawing_twice_changes_nothing():
    occurrence = make_occurrence(make_meetup(capacity=2))
    attendance = make_attendance(occurrence)
    first = withdraw(attendance=attendance)
    second = withdraw(attendance=attendance)
    assert first.withdrawn_at == second.withdrawn_at
    assert [name for name, _ in letters()] == ["meetups.withdrawn"]


def test_joining_again_after_withdrawing_goes_to_the_end_of_the_waiting_list():
    occurrence, noor = make_occurrence(make_meetup(capacity=1)), make_user()
    attendance = join(occurrence=occurrence, user=noor)
    withdraw(attendance=attendance)
    other = join(occurrence=occurrence, user=make_user())
    again = join(occurrence=occurrence, user=noor)
    assert (again.pk, again.state, again.withdrawn_at) == (attendance.pk, WAITING, None)
    assert again.queued_at > other.queued_at


def test_more_capacity_promotes_the_waiting_list_in_order():
    occurrence = make_occurrence(make_meetup(capacity=1))
    people = [make_user() for _ in range(4)]
    for person in people:
        join(occurrence=occurrence, user=person)
    Meetup.objects.update(capacity=3)
    with transaction.atomic():
        promoted = promote_waiting(lock(occurrence.pk))
    assert [person.user_id for person in promoted] == [people[1].pk, people[2].pk]
    assert seats(occurrence) == 3


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"status": "cancelled"}, Refusal.CANCELLED),
        (past(), Refusal.OVER),
        ({"closed_at": timezone.now(), "head_adults": 1, "head_children": 0}, Refusal.CLOSED),
    ],
)
def test_sign_up_is_refused_when_date_is_not_open(fields, refusal):
    occurrence = make_occurrence(**fields)
    guest = make_attendance(occurrence, guest_name="Ada", guest_email="a@example.org", state="unconfirmed")
    for attempt in (
        lambda: join(occurrence=occurrence, user=make_user()),
        lambda: sign_up_as_guest(occurrence=occurrence, first_name="Bo", email="bo@example.org"),
        lambda: confirm_guest(attendance=guest),
    ):
        with pytest.raises(CannotDo) as refused:
            attempt()
        assert refused.value.refusal is refusal
    assert letters() == []


def test_sign_up_for_an_ended_meetup_is_refused():
    occurrence = make_occurrence(make_meetup(status="ended"))
    with pytest.raises(CannotDo) as refused:
        join(occurrence=occurrence, user=make_user())
    assert refused.value.refusal is Refusal.ENDED


def test_sign_up_for_a_deleted_date_is_refused():
    occurrence = make_occurrence()
    gone = Occurrence(pk=occurrence.pk + 1)
    with pytest.raises(CannotDo) as refused:
        join(occurrence=gone, user=make_user())
    assert refused.value.refusal is Refusal.CANCELLED


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (past(), Refusal.OVER),
        ({"closed_at": timezone.now(), "head_adults": 1, "head_children": 0}, Refusal.CLOSED),
    ],
)
def test_withdrawing_is_refused_when_date_is_done(fields, refusal):
    attendance = make_attendance(make_occurrence(**fields))
    with pytest.raises(CannotDo) as refused:
        withdraw(attendance=attendance)
    assert refused.value.refusal is refusal
    attendance.refresh_from_db()
    assert attendance.state == GOING


def test_withdrawing_a_deleted_sign_up_is_refused():
    attendance = make_attendance(make_occurrence())
    Attendance.objects.all().delete()
    with pytest.raises(CannotDo) as refused:
        withdraw(attendance=attendance)
    assert refused.value.refusal is Refusal.NOT_SIGNED_UP


def test_nobody_is_promoted_on_a_cancelled_date():
    occurrence = make_occurrence(make_meetup(capacity=1))
    going = make_attendance(occurrence)
    waiting = make_attendance(occurrence, state=WAITING)
    Occurrence.objects.update(status="cancelled")
    withdraw(attendance=going)
    waiting.refresh_from_db()
    assert waiting.state == WAITING
    assert seats(occurrence) == 0


# Guests


def guest_sign_up(occurrence, email="ada@example.org", **fields):
    return sign_up_as_guest(occurrence=occurrence, first_name="Ada", email=email, party=Party(**fields))


def test_guest_takes_no_seat_until_confirmed():
    occurrence = make_occurrence(make_meetup(capacity=2))
    attendance = guest_sign_up(occurrence, adults=2)
    assert (attendance.state, seats(occurrence)) == ("unconfirmed", 0)
    assert letters() == [("meetups.guest_confirm", "ada@example.org")]
    confirmed = confirm_guest(attendance=attendance)
    assert (confirmed.state, seats(occurrence)) == (GOING, 2)
    assert letters() == [("meetups.guest_confirm", "ada@example.org"), ("meetups.joined", "ada@example.org")]


def test_confirming_twice_changes_nothing():
    occurrence = make_occurrence(make_meetup(capacity=2))
    attendance = guest_sign_up(occurrence)
    assert confirm_guest(attendance=attendance).pk == confirm_guest(attendance=attendance).pk
    assert seats(occurrence) == 1
    assert len(letters()) == 2


def test_guest_confirming_a_full_date_goes_on_the_waiting_list():
    occurrence = make_occurrence(make_meetup(capacity=1))
    attendance = guest_sign_up(occurrence)
    join(occurrence=occurrence, user=make_user())
    assert confirm_guest(attendance=attendance).state == WAITING
    assert ("meetups.waiting", "ada@example.org") in letters()


def test_confirming_a_deleted_sign_up_is_refused():
    attendance = guest_sign_up(make_occurrence())
    Attendance.objects.all().delete()
    with pytest.raises(CannotDo) as refused:
        confirm_guest(attendance=attendance)
    assert refused.value.refusal is Refusal.LINK_EXPIRED


def test_guest_signing_up_twice_within_two_minutes_gets_one_mail():
    occurrence = make_occurrence()
    guest_sign_up(occurrence)
    second = guest_sign_up(occurrence, "ADA@example.org", adults=3)
    assert second.adults == 3
    assert len(letters()) == 1
    Attendance.objects.update(queued_at=timezone.now() - timedelta(minutes=3))
    guest_sign_up(occurrence)
    assert len(letters()) == 2
    assert Attendance.objects.count() == 1


def test_confirmed_guest_signing_up_again_only_gets_the_confirmation_again():
    occurrence = make_occurrence()
    confirm_guest(attendance=guest_sign_up(occurrence, adults=1))
    same = guest_sign_up(occurrence, "Ada@Example.org", adults=4)
    assert (same.state, same.adults) == (GOING, 1)
    guest_sign_up(occurrence, adults=4)
    assert [name for name, _ in letters()].count("meetups.joined") == 2  # the original, and one resend this hour


def test_guest_sign_up_with_the_address_of_a_signed_up_user_changes_nothing():
    occurrence, noor = make_occurrence(), make_user()
    join(occurrence=occurrence, user=noor)
    same = guest_sign_up(occurrence, noor.email.upper(), adults=4)
    assert (same.user, same.adults, Attendance.objects.count()) == (noor, 1, 1)


def test_guest_party_larger_than_the_capacity_is_refused():
    with pytest.raises(CannotDo) as refused:
        guest_sign_up(make_occurrence(make_meetup(capacity=2)), adults=3)
    assert refused.value.refusal is Refusal.TOO_MANY
    assert letters() == []


def test_joining_with_an_account_takes_over_the_guest_sign_up():
    occurrence = make_occurrence(make_meetup(capacity=2))
    guest = confirm_guest(attendance=guest_sign_up(occurrence, "noor@example.org"))
    noor = make_user(email="noor@example.org")
    assert Attendance.objects.of(noor).get() == guest
    taken_over = join(occurrence=occurrence, user=noor, party=Party(adults=2))
    assert (taken_over.pk, taken_over.user, taken_over.guest_email) == (guest.pk, noor, "")
    assert Attendance.objects.count() == 1
    assert seats(occurrence) == 2


def test_guest_confirming_an_address_of_a_user_joins_that_user():
    occurrence, noor = make_occurrence(make_meetup(capacity=2)), make_user(email="noor@example.org")
    withdraw(attendance=join(occurrence=occurrence, user=noor))
    asked = guest_sign_up(occurrence, "Noor@example.org", adults=2)
    confirmed = confirm_guest(attendance=asked)
    assert (confirmed.pk, confirmed.user, confirmed.adults, confirmed.state) == (asked.pk, noor, 2, GOING)
    assert Attendance.objects.count() == 1
    assert seats(occurrence) == 2


def test_two_sign_ups_of_one_person_are_merged_and_seats_recounted():
    occurrence, noor = make_occurrence(make_meetup(capacity=4)), make_user(email="noor@example.org")
    make_attendance(occurrence, noor, adults=2)
    make_attendance(occurrence, guest_name="Noor", guest_email="noor@example.org", adults=1)
    join(occurrence=occurrence, user=noor, party=Party(adults=2))
    assert Attendance.objects.count() == 1
    assert seats(occurrence) == 2


def test_guest_can_sign_up_again_after_withdrawing():
    occurrence = make_occurrence()
    withdraw(attendance=confirm_guest(attendance=guest_sign_up(occurrence)))
    again = guest_sign_up(occurrence)
    assert (again.state, again.withdrawn_at) == ("unconfirmed", None)
    assert confirm_guest(attendance=again).state == GOING


def test_confirmation_link_is_refused_after_withdrawing():
    attendance = confirm_guest(attendance=guest_sign_up(make_occurrence()))
    withdraw(attendance=attendance)
    with pytest.raises(CannotDo) as refused:
        confirm_guest(attendance=attendance)
    assert refused.value.refusal is Refusal.LINK_USED
    assert Attendance.objects.get().state == WITHDRAWN


def test_undoing_a_withdrawal_only_affects_withdrawn_sign_ups():
    asked = guest_sign_up(make_occurrence())
    assert undo_withdrawal(attendance=asked).state == "unconfirmed"
    going = confirm_guest(attendance=asked)
    assert undo_withdrawal(attendance=going).state == GOING
    withdraw(attendance=going)
    assert undo_withdrawal(attendance=going).state == GOING


def test_withdrawing_before_confirming_sends_no_letter():
    attendance = guest_sign_up(make_occurrence())
    assert withdraw(attendance=attendance).state == WITHDRAWN
    assert [name for name, _ in letters()] == ["meetups.guest_confirm"]
