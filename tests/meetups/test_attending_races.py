"""Concurrent requests, with real threads, connections and locks."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetups.attending.actions.forgetting import forget_unconfirmed
from meetups.models import Attendance, CalendarKey, Meetup, Occurrence
from meetups.refusals import CannotDo
from notifications.models import Message
from pages import privacy
from tests.attending import confirm_guest, join, sign_up_as_guest, withdraw
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def run_concurrently(*jobs):
    """Run the jobs concurrently, each in a thread with its own connection; return their results."""
    start = Barrier(len(jobs))

    def run(job):
        try:
            start.wait(timeout=20)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def is_seat_count_correct(occurrence: Occurrence) -> bool:
    occurrence.refresh_from_db()
    going = Attendance.objects.filter(occurrence=occurrence).going()
    return occurrence.seats_taken == (going.aggregate(all=Sum("adults"))["all"] or 0)


def test_fifty_people_joining_for_three_seats():
    occurrence = make_occurrence(make_meetup(capacity=5))
    make_attendance(occurrence, adults=2)
    people = [make_user(f"P{n}") for n in range(50)]
    results = run_concurrently(*[lambda p=p: join(occurrence=occurrence, user=p) for p in people])
    assert Counter(attendance.state for attendance in results) == {"going": 3, "waiting": 47}
    assert is_seat_count_correct(occurrence)
    assert occurrence.seats_taken == 5
    assert Message.objects.count() == 50


def test_two_people_joining_for_the_last_seat():
    occurrence = make_occurrence(make_meetup(capacity=1))
    people = [make_user(), make_user()]
    results = run_concurrently(*[lambda p=p: join(occurrence=occurrence, user=p) for p in people])
    assert sorted(attendance.state for attendance in results) == ["going", "waiting"]


def test_double_tap_is_one_sign_up():
    occurrence, noor = make_occurrence(make_meetup(capacity=3)), make_user()
    results = run_concurrently(*[lambda: join(occurrence=occurrence, user=noor)] * 4)
    assert len({attendance.pk for attendance in results}) == 1
    assert is_seat_count_correct(occurrence)
    assert Message.objects.count() == 1


def test_double_tap_on_the_guest_form_and_on_the_link():
    occurrence = make_occurrence(make_meetup(capacity=3))
    ask = lambda: sign_up_as_guest(occurrence=occurrence, first_name="Ada", email="ada@example.org")  # noqa: E731
    results = run_concurrently(*[ask] * 4)
    assert len({attendance.pk for attendance in results}) == 1
    assert Message.objects.count() == 1
    results = run_concurrently(*[lambda: confirm_guest(attendance=results[0])] * 4)
    assert {attendance.state for attendance in results} == {"going"}
    assert is_seat_count_correct(occurrence)
    assert Message.objects.count() == 2


def test_concurrent_joining_and_withdrawing_keeps_seat_count_correct():
    occurrence = make_occurrence(make_meetup(capacity=4))
    leaving = [make_attendance(occurrence) for _ in range(4)]
    coming = [make_user() for _ in range(8)]
    run_concurrently(
        *[lambda a=a: withdraw(attendance=a) for a in leaving],
        *[lambda p=p: join(occurrence=occurrence, user=p) for p in coming],
    )
    assert is_seat_count_correct(occurrence)
    assert occurrence.seats_taken == 4
    assert Attendance.objects.waiting().count() == 4


def test_concurrent_erasures_do_not_deadlock_and_free_each_seat_once():
    weekly, other = make_meetup(capacity=4), make_meetup(capacity=4)
    dates = [make_occurrence(weekly, on=weekly.first_on + timedelta(weeks=week)) for week in range(3)]
    dates.append(make_occurrence(other))
    leaving, waiting = [make_user() for _ in range(4)], [make_user() for _ in range(2)]
    for number, person in enumerate(leaving):
        for occurrence in dates if number % 2 else reversed(dates):
            make_attendance(occurrence, person)
    for occurrence in dates:
        occurrence.refresh_from_db()
        for person in waiting:
            make_attendance(occurrence, person, state="waiting")
    now = timezone.now()
    run_concurrently(*[lambda person=person: privacy.erase(user=person, now=now) for person in leaving])
    for occurrence in dates:
        assert is_seat_count_correct(occurrence)
        assert occurrence.seats_taken == 2
    assert Attendance.objects.going().count() == Attendance.objects.count() == len(dates) * len(waiting)
    notified = Counter()
    for message in Message.objects.all():
        entries = message.context.get("dates") or [{"attendance": message.object_id}]
        notified.update(entry["attendance"] for entry in entries)
    assert notified == Counter(Attendance.objects.values_list("pk", flat=True))


def test_concurrent_guest_and_account_sign_up_are_merged():
    occurrence, noor = make_occurrence(make_meetup(capacity=4)), make_user(email="noor@example.org")
    asked = sign_up_as_guest(occurrence=occurrence, first_name="Noor", email="noor@example.org")

    def confirm():
        with suppress(CannotDo):  # the row may have been merged by then
            confirm_guest(attendance=asked)

    run_concurrently(confirm, lambda: join(occurrence=occurrence, user=noor))
    assert Attendance.objects.of(noor).count() == 1
    assert Attendance.objects.get().state == "going"
    assert is_seat_count_correct(occurrence)


def test_confirming_during_deletion_of_expired_sign_ups_keeps_it():
    """The hourly task runs while the confirmation is not committed yet."""
    occurrence = make_occurrence()
    expired = timezone.now() - timedelta(hours=25)
    asked = make_attendance(
        occurrence, guest_name="Ada", guest_email="ada@example.org", state="unconfirmed", queued_at=expired
    )

    def delete_expired():
        try:
            forget_unconfirmed(now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            confirm_guest(attendance=asked)
            deletion = pool.submit(delete_expired)
            while not deletion.done() and not is_another_connection_waiting():
                pass
        deletion.result()
    assert list(Attendance.objects.values_list("pk", "state")) == [(asked.pk, "going")]


def is_another_connection_waiting() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def test_who_waited_for_the_lock_sees_what_was_committed_before():
    """Also in the tables that are not locked: the capacity of the meetup, and the sign-ups."""
    occurrence = make_occurrence(make_meetup(capacity=5))
    people = [make_user(f"P{n}") for n in range(3)]
    is_locked = Event()

    def shrink():
        with transaction.atomic():
            Occurrence.objects.select_for_update().get(pk=occurrence.pk)
            is_locked.set()
            while not is_another_connection_waiting():
                pass
            Meetup.objects.update(capacity=2)
            make_attendance(occurrence, adults=2)

    def late(person):
        is_locked.wait(timeout=20)
        return join(occurrence=occurrence, user=person).state

    assert run_concurrently(shrink, *[lambda p=p: late(p) for p in people])[1:] == ["waiting"] * 3
    assert is_seat_count_correct(occurrence)


def test_double_tap_on_a_new_calendar_link_is_one_link():
    noor = make_user()

    def tap():
        client = Client()
        client.force_login(noor)
        return client.post(reverse("my_calendar"), {"wanted": "1"}).status_code

    assert run_concurrently(*[tap] * 4) == [302] * 4
    assert CalendarKey.objects.count() == 1
