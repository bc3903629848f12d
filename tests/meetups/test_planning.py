"""Keeping the dates of a meetup in step with its rule, and notifying people of changes."""

import threading
from datetime import date, time, timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Role
from meetups import tasks
from meetups.clock import AMSTERDAM
from meetups.managing.actions import planning, single_dates
from meetups.models import Meetup, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.actions import reconciliation
from meetups.schedule.difference import out_of_step
from notifications.models import Message
from tests import attending
from tests.factories import (
    at,
    make_attendance,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_role,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def weekly(**fields):
    """Make a weekly meetup from tomorrow on, without skipped holidays."""
    first_on = TODAY + timedelta(days=1)
    return make_meetup(
        **{
            "rrule": f"FREQ=WEEKLY;BYDAY={DAYS[first_on.weekday()]}",
            "first_on": first_on,
            "skip_public_holidays": False,
        }
        | fields
    )


def planned(meetup):
    return list(meetup.occurrences.order_by("planned_for").values_list("planned_for", flat=True))


def change(meetup, **fields):
    same = {name: getattr(meetup, name) for name in ("rrule", "first_on", "start_time", "end_time")}
    return planning.change_meetup(by=make_user(), meetup=meetup, now=timezone.now(), **(same | fields))


def test_a_weekly_rule_gives_dates_up_to_the_horizon():
    meetup = weekly()
    outcome = reconciliation.materialise(meetup, now=at(TODAY, 0))
    assert planned(meetup) == [meetup.first_on + timedelta(weeks=n) for n in range(27)]
    assert outcome.created == planned(meetup)


def test_materialise_is_idempotent():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    rows = list(meetup.occurrences.order_by("pk").values())
    assert reconciliation.materialise(meetup, now=at(TODAY, 0)) == reconciliation.Reconciliation()
    assert list(meetup.occurrences.order_by("pk").values()) == rows


def test_local_start_time_is_the_same_across_dst():
    meetup = make_meetup(rrule="FREQ=WEEKLY;BYDAY=TU", first_on=date(2027, 3, 23), skip_public_holidays=False)
    reconciliation.materialise(meetup, now=at(date(2027, 3, 1), 0))
    starts = [row.starts_at for row in meetup.occurrences.order_by("starts_at")[:2]]
    assert [start.astimezone(AMSTERDAM).time() for start in starts] == [time(9, 30)] * 2
    assert [start.hour for start in starts] == [8, 7]  # UTC


def test_holidays_are_skipped_if_the_meetup_skips_them():
    meetup = make_meetup(rrule="FREQ=WEEKLY;BYDAY=MO", first_on=date(2027, 3, 22))
    reconciliation.materialise(meetup, now=at(date(2027, 3, 1), 0))
    assert date(2027, 3, 29) not in planned(meetup)  # Easter Monday
    assert date(2027, 4, 5) in planned(meetup)


def test_one_off_date_is_created_beyond_the_horizon():
    meetup = make_meetup(first_on=TODAY + timedelta(days=400))
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    assert planned(meetup) == [meetup.first_on]


def test_horizon_moves_with_time():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    later = at(meetup.first_on + timedelta(weeks=2), 0)
    assert reconciliation.extend_horizon(now=later) == 2
    assert reconciliation.extend_horizon(now=later) == 0
    assert len(planned(meetup)) == 29


def test_task_extends_all_active_meetups_and_continues_after_an_invalid_rule():
    broken, meetup, ended = weekly(rrule="FREQ=DAILY"), weekly(), weekly(status="ended")
    tasks.extend_horizon()
    assert [len(planned(each)) for each in (broken, meetup, ended)] == [0, 27, 0]


def test_task_can_be_limited_to_some_meetups():
    first, second = weekly(), weekly()
    tasks.extend_horizon([second.pk])
    assert [len(planned(each)) for each in (first, second)] == [0, 27]


def test_changed_rule_removes_unedited_dates_and_creates_new_ones():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    next_day = DAYS[(meetup.first_on.weekday() + 1) % 7]
    outcome = change(meetup, rrule=f"FREQ=WEEKLY;BYDAY={next_day}")
    assert outcome.removed == [meetup.first_on + timedelta(weeks=n) for n in range(27)]
    assert planned(meetup) == [meetup.first_on + timedelta(days=1, weeks=n) for n in range(26)]


@pytest.mark.parametrize("state", ["going", "waiting", "unconfirmed"])
def test_date_with_sign_up_is_not_removed_or_moved_without_asking(state):
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    kept = meetup.occurrences.first()
    who = {"guest_name": "Sam", "guest_email": "sam@example.org"} if state == "unconfirmed" else {}
    make_attendance(kept, state=state, **who)
    before = Occurrence.objects.filter(pk=kept.pk).values().get()
    next_day = DAYS[(meetup.first_on.weekday() + 1) % 7]
    outcome = change(meetup, rrule=f"FREQ=WEEKLY;BYDAY={next_day}", start_time=time(10), end_time=time(12))
    assert outcome.kept_with_sign_ups == [kept]
    assert Occurrence.objects.filter(pk=kept.pk).values().get() == before
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "edit",
    [
        {"is_edited": True},
        {"theme": "Slapen"},
        {"capacity": 3},
        {"status": "cancelled", "cancel_reason": "Dicht"},
        {"closed_at": timezone.now(), "head_adults": 1, "head_children": 0},
    ],
)
def test_edited_date_is_never_removed(edit):
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    Occurrence.objects.filter(meetup=meetup, planned_for=meetup.first_on).update(**edit)
    change(meetup, rrule="", first_on=TODAY + timedelta(days=30))
    assert planned(meetup) == [meetup.first_on, TODAY + timedelta(days=30)]


def test_date_that_started_is_left_alone():
    meetup = make_meetup(first_on=TODAY - timedelta(days=7))
    now = timezone.now()
    started = make_occurrence(meetup, on=TODAY, starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=1))
    change(meetup)
    assert list(meetup.occurrences.all()) == [started]


def test_a_cancelled_date_of_the_rule_stays_cancelled():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    first = meetup.occurrences.first()
    single_dates.cancel_occurrence(occurrence=first, reason="Dicht", by=make_user(), now=timezone.now())
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    assert [row.status for row in meetup.occurrences.filter(planned_for=first.planned_for)] == ["cancelled"]


def test_new_time_moves_dates_without_sign_ups():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    kept, moved = meetup.occurrences.all()[:2]
    make_attendance(kept)
    outcome = change(meetup, start_time=time(10), end_time=time(12))
    assert outcome.kept_with_sign_ups == [kept]
    assert len(outcome.moved) == 26
    kept.refresh_from_db()
    moved.refresh_from_db()
    assert (kept.starts_at, kept.sequence) == (at(kept.planned_for, 9, 30), 0)
    assert (moved.starts_at, moved.sequence) == (at(moved.planned_for, 10), 1)
    assert Message.objects.count() == 0


def test_new_time_moves_dates_with_sign_ups_only_if_requested_and_notifies_once():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    occurrence = meetup.occurrences.first()
    people = [make_attendance(occurrence), make_attendance(occurrence, state="waiting")]
    assert change(meetup, start_time=time(10), end_time=time(12), also_signed_up=True).kept_with_sign_ups == []
    change(meetup, start_time=time(10), end_time=time(12), also_signed_up=True)
    occurrence.refresh_from_db()
    assert (occurrence.starts_at, occurrence.sequence) == (at(occurrence.planned_for, 10), 1)
    assert sorted(Message.objects.values_list("template", "email")) == sorted(
        ("meetups.changed", person.email) for person in people
    )


def test_new_location_moves_dates_too():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    place = make_location(meetup.location.municipality)
    change(meetup, location=place)
    assert set(meetup.occurrences.values_list("location", flat=True)) == {place.pk}


def test_one_off_date_moves_to_another_day_with_its_sign_ups():
    meetup = make_meetup(first_on=TODAY + timedelta(days=3))
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    occurrence = meetup.occurrences.get()
    make_attendance(occurrence)
    change(meetup, first_on=TODAY + timedelta(days=5), also_signed_up=True)
    assert planned(meetup) == [TODAY + timedelta(days=5)]
    occurrence.refresh_from_db()
    assert occurrence.starts_at == at(TODAY + timedelta(days=5), 9, 30)
    assert Message.objects.filter(template="meetups.changed").count() == 1


def test_kept_date_is_no_longer_out_of_step():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    kept = meetup.occurrences.first()
    make_attendance(kept)
    change(meetup, start_time=time(10), end_time=time(12))
    meetup.refresh_from_db()
    assert out_of_step(meetup, list(meetup.occurrences.all()), TODAY) == {kept.pk}
    single_dates.keep_occurrence(occurrence=kept)
    assert out_of_step(meetup, list(meetup.occurrences.all()), TODAY) == set()


def test_more_capacity_of_the_meetup_promotes_the_waiting_list():
    meetup = weekly(capacity=1)
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    occurrence = meetup.occurrences.first()
    make_attendance(occurrence)
    waiting = make_attendance(occurrence, state="waiting")
    change(meetup, capacity=2)
    waiting.refresh_from_db()
    occurrence.refresh_from_db()
    assert (waiting.state, occurrence.seats_taken) == ("going", 2)


def test_cancelling_notifies_everyone_once():
    occurrence = make_occurrence()
    people = [
        make_attendance(occurrence),
        make_attendance(occurrence, state="waiting"),
        make_attendance(occurrence, guest_name="Sam", guest_email="sam@example.org"),
    ]
    make_attendance(occurrence, state="withdrawn", withdrawn_at=timezone.now())
    make_attendance(occurrence, guest_name="Kim", guest_email="kim@example.org", state="unconfirmed")
    by = make_user()
    single_dates.cancel_occurrence(occurrence=occurrence, reason="De bieb is dicht.", by=by, now=timezone.now())
    single_dates.cancel_occurrence(occurrence=occurrence, reason="Nog eens.", by=by, now=timezone.now())
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.cancel_reason, occurrence.sequence) == ("cancelled", "De bieb is dicht.", 1)
    assert sorted(Message.objects.values_list("template", "email")) == sorted(
        ("meetups.cancelled", person.email) for person in people
    )


def test_restoring_undoes_a_cancellation_and_notifies():
    occurrence, by = make_occurrence(), make_user()
    person = make_attendance(occurrence)
    single_dates.cancel_occurrence(occurrence=occurrence, reason="Ziek", by=by, now=timezone.now())
    single_dates.restore_occurrence(occurrence=occurrence, by=by, now=timezone.now())
    single_dates.restore_occurrence(occurrence=occurrence, by=by, now=timezone.now())
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.cancel_reason, occurrence.sequence) == ("scheduled", "", 2)
    assert list(Message.objects.filter(template="meetups.changed").values_list("email", flat=True)) == [person.email]


def test_a_date_that_is_over_or_closed_is_not_cancelled():
    over = make_occurrence(on=TODAY - timedelta(days=2))
    closed = make_occurrence(closed_at=timezone.now(), head_adults=0, head_children=0)
    for occurrence, refusal in ((over, Refusal.OVER), (closed, Refusal.CLOSED)):
        with pytest.raises(CannotDo) as caught:
            single_dates.cancel_occurrence(occurrence=occurrence, reason="x", by=make_user(), now=timezone.now())
        assert caught.value.refusal == refusal


def _move(occurrence, **fields):
    same = {
        "on": occurrence.planned_for,
        "start_time": time(9, 30),
        "end_time": time(11, 30),
        "location": occurrence.location,
        "theme": "",
        "capacity": None,
    }
    return single_dates.move_occurrence(occurrence=occurrence, by=make_user(), **(same | fields), now=timezone.now())


def test_moving_one_date_notifies_everyone_and_keeps_its_url():
    occurrence = make_occurrence()
    make_attendance(occurrence)
    moved = _move(occurrence, on=occurrence.planned_for + timedelta(days=1), start_time=time(13), end_time=time(15))
    assert moved.starts_at == at(occurrence.planned_for + timedelta(days=1), 13)
    assert (moved.planned_for, moved.sequence, moved.is_edited) == (occurrence.planned_for, 1, True)
    assert Message.objects.filter(template="meetups.changed").count() == 1
    reconciliation.materialise(occurrence.meetup, now=at(TODAY, 0))
    assert occurrence.meetup.occurrences.get().starts_at == moved.starts_at


def test_changing_only_the_theme_notifies_nobody():
    occurrence = make_occurrence()
    make_attendance(occurrence)
    themed = _move(occurrence, theme="Slapen")
    assert (themed.theme, themed.sequence, themed.is_edited) == ("Slapen", 1, False)
    assert Message.objects.count() == 0


def test_more_capacity_of_one_date_promotes_the_waiting_list_in_order():
    occurrence = make_occurrence(capacity=1)
    make_attendance(occurrence)
    first, second = (make_attendance(occurrence, state="waiting") for _ in range(2))
    _move(occurrence, capacity=2)
    for person in (first, second):
        person.refresh_from_db()
    assert (first.state, second.state) == ("going", "waiting")


def test_ending_cancels_dates_with_sign_ups_and_deletes_the_others():
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    with_people = meetup.occurrences.first()
    make_attendance(with_people)
    planning.end_meetup(meetup=meetup, reason="We stoppen.", by=make_user(), now=timezone.now())
    assert [(row.pk, row.status) for row in meetup.occurrences.all()] == [(with_people.pk, "cancelled")]
    assert Message.objects.filter(template="meetups.ended").count() == 1
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    assert meetup.occurrences.count() == 1


def test_ended_meetup_can_be_resumed():
    meetup = weekly()
    planning.end_meetup(meetup=meetup, reason="x", by=make_user(), now=timezone.now())
    planning.resume_meetup(meetup=meetup, now=timezone.now())
    assert len(planned(meetup)) == 27


def create(**fields):
    town = fields.pop("town", None) or make_municipality()
    location = fields.pop("location", None) or make_location(town)
    by = fields.pop("by", None) or make_role(Role.Kind.HOST, town)
    answers = {
        "title": "Koffie & thee",
        "summary": "x",
        "rrule": "",
        "first_on": TODAY + timedelta(days=2),
        "start_time": time(9, 30),
        "end_time": time(11, 30),
    }
    hosts = fields.pop("hosts", [by])
    return planning.create_meetup(by=by, location=location, hosts=hosts, now=timezone.now(), **(answers | fields))


def test_same_meetup_submitted_twice_is_created_once():
    first = create()
    again = create(by=first.created_by, location=first.location)
    assert again == first
    assert Meetup.objects.count() == 1
    assert first.occurrences.count() == 1


def test_slugs_are_unique():
    town = make_municipality("Weert")
    slugs = [create(town=town).slug for _ in range(3)]
    assert slugs == ["koffie-thee", "koffie-thee-weert", "koffie-thee-weert-2"]
    assert create(town=town, title="🌱").slug == "bijeenkomst-weert"
    assert create(town=town, title="Nieuw").slug == "nieuw-weert"
    assert create(town=town, title="a" * 80).slug == "a" * 80


def test_only_people_with_the_host_role_in_the_town_become_host():
    town, elsewhere = make_municipality(), make_municipality()
    here, there, parent = make_role(Role.Kind.HOST, town), make_role(Role.Kind.HOST, elsewhere), make_user()
    meetup = create(town=town, by=here, hosts=[here, there, parent])
    assert [host.user for host in meetup.hosts.all()] == [here]


def test_creating_a_meetup_invalidates_cached_pages_on_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        create()
    assert callbacks


@pytest.mark.django_db(transaction=True)
def test_concurrent_materialise_creates_each_date_once():
    meetup = weekly()
    _run_concurrently([lambda: reconciliation.materialise(meetup, now=at(TODAY, 0))] * 6)
    assert planned(meetup) == [meetup.first_on + timedelta(weeks=n) for n in range(27)]


@pytest.mark.django_db(transaction=True)
def test_concurrent_creation_of_the_same_meetup_creates_it_once():
    town = make_municipality()
    by, location = make_role(Role.Kind.HOST, town), make_location(town)
    _run_concurrently([lambda: create(by=by, location=location)] * 6)
    assert Meetup.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_joining_during_a_rule_change_loses_no_sign_up():
    """People who joined keep their date; people who were too late get CANCELLED."""
    meetup = weekly()
    reconciliation.materialise(meetup, now=at(TODAY, 0))
    occurrence = meetup.occurrences.first()
    users = [make_user() for _ in range(5)]
    joined, refusals = [], set()

    def join(user):
        try:
            joined.append(attending.join(occurrence=occurrence, user=user).pk)
        except CannotDo as refusal:
            refusals.add(refusal.refusal)

    def stop():
        change(meetup, rrule="", first_on=TODAY + timedelta(days=40))

    _run_concurrently([*[lambda user=user: join(user) for user in users], stop])
    occurrences = Occurrence.objects.filter(pk=occurrence.pk)
    assert refusals <= {Refusal.CANCELLED}
    assert occurrences.exists() == bool(joined)
    assert sorted(row.pk for row in occurrence.attendances.all()) == sorted(joined)


def _run_concurrently(actions):
    """Run the actions concurrently, each in its own thread; fail if any of them raised."""
    gate, errors = threading.Barrier(len(actions)), []

    def run(action):
        try:
            connection.ensure_connection()
            gate.wait(10)
            action()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
