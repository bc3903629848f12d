"""Every change to an event raises its stamps (SEQUENCE, DTSTAMP): calendar apps ignore an event that seems old.

Events are cached under the same instant, so the feeds are never stale either.
"""

import inspect
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from icalendar import Calendar

from accounts.models import User
from locations.models import Location
from meetups.attending.actions import signing_up
from meetups.attending.actions.signing_up import Party
from meetups.calendars import ics
from meetups.calendars.cached_events import EVENT_KEY, events_of
from meetups.door.actions import check_in
from meetups.managing.actions import planning, single_dates
from meetups.models import Attendance, CalendarKey, Meetup, Occurrence
from meetups.refusals import CannotDo
from meetups.schedule.actions import reconciliation
from tests.factories import at, make_attendance, make_location, make_meetup, make_occurrence, make_user
from tests.visitors import visitor

TODAY = date(2026, 12, 1)
SECOND = timedelta(seconds=1)


@dataclass
class Scene:
    """A weekly meetup whose first date is in progress; `owner` has a calendar and is on each waiting list."""

    meetup: Meetup
    spare: Location
    host: Any
    admin: Any
    owner: Any
    others: list[Attendance]
    clock: datetime

    @property
    def now(self) -> datetime:
        self.clock += SECOND / 10  # many changes within one second
        return self.clock

    def occurrence(self, number: int = 0) -> Occurrence:
        return self.meetup.occurrences.order_by("starts_at")[number]

    def mine(self, number: int = 0) -> Attendance:
        return Attendance.objects.of(self.owner).get(occurrence=self.occurrence(number))


def make_scene() -> Scene:
    owner, host = make_user("Noor"), make_user("Marieke")
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "first_on": TODAY, "skip_public_holidays": False}
    meetup = make_meetup(make_location(directions="Left"), hosts=(host,), capacity=1, greeting="Marieke", **rule)
    dates = [make_occurrence(meetup, on=TODAY + timedelta(weeks=week)) for week in range(3)]
    others = [make_attendance(row, make_user()) for row in dates]
    for row in dates:
        make_attendance(row, owner, state="waiting")
        make_attendance(row, guest_name="Ada", guest_email="ada@example.org", state="unconfirmed")
    Occurrence.objects.update(changed_at=at(TODAY, 6))
    CalendarKey.objects.create(user=owner)
    admin = make_user(is_staff=True, is_superuser=True)
    return Scene(meetup, make_location(), host, admin, owner, others, clock=at(TODAY, 10))


def change(scene: Scene, **fields: Any) -> None:
    planning.change_meetup(by=make_user(), meetup=scene.meetup, now=scene.now, **fields)


def move(scene: Scene, number: int = 1, **fields: Any) -> None:
    row = scene.occurrence(number)
    start, end = (instant.astimezone(at(TODAY, 0).tzinfo) for instant in (row.starts_at, row.ends_at))
    same = {"on": start.date(), "start_time": start.time(), "end_time": end.time(), "location": row.location}
    same |= {"theme": row.theme, "capacity": row.capacity}
    single_dates.move_occurrence(occurrence=row, by=scene.host, now=scene.now, **same | fields)


def close(scene: Scene) -> None:
    check_in.close(occurrence=scene.occurrence(), host=scene.host, head_adults=2, head_children=1, now=scene.now)


def at_door(scene: Scene, action: Any, **fields: Any) -> None:
    action(occurrence=scene.occurrence(), host=scene.host, now=scene.now, **fields)


def cancel(scene: Scene, number: int = 1) -> None:
    single_dates.cancel_occurrence(occurrence=scene.occurrence(number), reason="Dicht", by=scene.host, now=scene.now)


def guest(scene: Scene) -> Attendance:
    return Attendance.objects.get(occurrence=scene.occurrence(1), guest_email="ada@example.org")


def save_in_admin(admin: User, row: Any, **changed: Any) -> None:
    """Save the form of the Django admin with only the fields in `changed` changed."""
    address = f"/techniek/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    client = visitor(admin)
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields} | changed
    data = {name: "" if value is None else value for name, value in data.items()}
    if isinstance(row, Location):
        data |= dict.fromkeys(Location.FACILITIES, "unknown")
    elif isinstance(row, Meetup):
        data |= {"hosts-TOTAL_FORMS": "0", "hosts-INITIAL_FORMS": "0"}
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()


# Calls by name of the action, with the ways in which each may change an event.
ACTS: dict[str, list[Any]] = {
    "create_meetup": [
        lambda scene: planning.create_meetup(
            by=scene.host,
            location=scene.spare,
            hosts=[],
            now=scene.now,
            **{name: getattr(scene.meetup, name) for name in ("title", "rrule", "first_on", "start_time", "end_time")},
        )
    ],
    "change_meetup": [
        lambda scene: change(scene, title="Tea"),
        lambda scene: change(scene, summary="Something else"),
        lambda scene: change(scene, greeting=""),
        lambda scene: change(scene, start_time=time(9), also_signed_up=True),
        lambda scene: change(scene, location=scene.spare, title="There", also_signed_up=True),
        lambda scene: change(scene, rrule="", first_on=TODAY + timedelta(days=14)),
        lambda scene: change(scene, rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=3"),
        lambda scene: change(scene, capacity=9),
        lambda scene: change(scene, description="Nobody's calendar shows this", cost="nothing"),
    ],
    "materialise": [lambda scene: reconciliation.materialise(scene.meetup, now=scene.now)],
    "extend_horizon": [lambda scene: reconciliation.extend_horizon(now=scene.now)],
    "cancel_occurrence": [cancel, lambda scene: cancel(scene, 0)],
    "restore_occurrence": [
        lambda scene: single_dates.restore_occurrence(occurrence=scene.occurrence(1), by=scene.host, now=scene.now)
    ],
    "move_occurrence": [
        lambda scene: move(scene, theme="Sleep"),
        lambda scene: move(scene, theme=""),
        lambda scene: move(scene, start_time=time(9)),
        lambda scene: move(scene, location=scene.spare),
        lambda scene: move(scene, on=TODAY + timedelta(days=8)),
        lambda scene: move(scene, capacity=7),
        lambda scene: move(scene, theme="Food", end_time=time(12)),
    ],
    "keep_occurrence": [lambda scene: single_dates.keep_occurrence(occurrence=scene.occurrence(1))],
    "end_meetup": [lambda scene: planning.end_meetup(meetup=scene.meetup, reason="Stop", by=scene.host, now=scene.now)],
    "resume_meetup": [lambda scene: planning.resume_meetup(meetup=scene.meetup, now=scene.now)],
    "join": [
        lambda scene: signing_up.join(occurrence=scene.occurrence(1), user=make_user(), now=scene.now),
        lambda scene: signing_up.join(occurrence=scene.occurrence(1), user=scene.owner, now=scene.now),
        lambda scene: signing_up.join(
            occurrence=scene.occurrence(1), user=scene.owner, party=Party(children_0_3=1), now=scene.now
        ),
    ],
    "sign_up_as_guest": [
        lambda scene: signing_up.sign_up_as_guest(
            occurrence=scene.occurrence(1), first_name="Bo", email="bo@example.org", now=scene.now
        )
    ],
    "sign_up_confirmed_guest": [
        lambda scene: signing_up.sign_up_confirmed_guest(
            occurrence=scene.occurrence(1), first_name="Sam", email="sam@example.org", now=scene.now
        )
    ],
    "confirm_guest": [lambda scene: signing_up.confirm_guest(attendance=guest(scene), now=scene.now)],
    "undo_withdrawal": [lambda scene: signing_up.undo_withdrawal(attendance=scene.mine(1), now=scene.now)],
    "withdraw": [
        lambda scene: signing_up.withdraw(attendance=scene.others[1], now=scene.now),
        lambda scene: signing_up.withdraw(attendance=scene.mine(1), now=scene.now),
        lambda scene: signing_up.withdraw(attendance=scene.others[0], now=scene.now),
    ],
    "withdraw_from_all": [
        lambda scene: signing_up.withdraw_from_all(user=scene.mine(1).user, now=scene.now),
        lambda scene: signing_up.withdraw_from_all(user=scene.others[1].user, now=scene.now),
    ],
    "set_presence": [
        lambda scene: at_door(scene, check_in.set_presence, attendance_id=scene.mine().pk, is_present=True),
        lambda scene: at_door(scene, check_in.set_presence, attendance_id=scene.mine().pk, is_present=False),
    ],
    "set_greeted": [lambda scene: at_door(scene, check_in.set_greeted, attendance_id=scene.mine().pk, is_greeted=True)],
    "count_walk_in": [lambda scene: at_door(scene, check_in.count_walk_in, kind="adults", delta=2)],
    "add_at_door": [lambda scene: at_door(scene, check_in.add_at_door, first_name="Sam")],
    "remove_at_door": [
        lambda scene: at_door(
            scene, check_in.remove_at_door, attendance_id=scene.occurrence().attendances.latest("pk").pk
        )
    ],
    "close": [close],
    "reopen": [lambda scene: check_in.reopen(occurrence=scene.occurrence(), now=scene.now)],
    "count_late": [lambda scene: at_door(scene, check_in.count_late)],
    "leave_out_late": [lambda scene: check_in.leave_out_late(occurrence=scene.occurrence(), now=scene.now)],
    "technical administration": [
        lambda scene: save_in_admin(scene.admin, scene.meetup, title="Koffie"),
        lambda scene: save_in_admin(scene.admin, scene.meetup, greeting="Joke"),
        lambda scene: save_in_admin(scene.admin, scene.meetup, cost="Niets"),
        lambda scene: save_in_admin(scene.admin, scene.occurrence(1).location, name="Bieb"),
        lambda scene: save_in_admin(scene.admin, scene.occurrence(1).location, directions="Rechts"),
        lambda scene: save_in_admin(scene.admin, scene.occurrence(1).location, latitude=52.3),
        lambda scene: save_in_admin(scene.admin, scene.occurrence(1).location, description="Niet in agenda's"),
    ],
}
SINGLE = [pytest.param(act, id=f"{name} {n}") for name, acts in ACTS.items() for n, act in enumerate(acts)]
STAMPS = re.compile(r"^(SEQUENCE|DTSTAMP|LAST-MODIFIED):(.*)\r\n", re.M)
Shown = dict[str, tuple[str, int, str]]  # by UID: what it says, SEQUENCE, the other two stamps


def split(event: bytes) -> tuple[str, int, str]:
    stamps = dict(STAMPS.findall(event.decode()))
    assert stamps["DTSTAMP"] == stamps["LAST-MODIFIED"]
    return STAMPS.sub("", event.decode()), int(stamps["SEQUENCE"]), stamps["DTSTAMP"]


def by_uid(events: list[bytes]) -> Shown:
    return {str(Calendar.from_ical(event)["UID"]): split(event) for event in events}


def public(scene: Scene) -> Shown:
    """The public events; the cached ones must be the same as newly rendered ones."""
    rows = Occurrence.objects.select_related("meetup", "location").order_by("pk")
    fresh = [ics.event(row) for row in rows]
    assert events_of(list(rows.values_list(EVENT_KEY, flat=True))) == fresh
    return by_uid(fresh)


def own(scene: Scene) -> Shown:
    rows = Attendance.objects.of(scene.owner).live().select_related("occurrence__meetup", "occurrence__location")
    return by_uid([ics.own_event(row, scene.clock) for row in rows])


def try_to(scene: Scene, act: Any) -> None:
    with suppress(CannotDo, Attendance.DoesNotExist, IndexError):  # not possible now
        act(scene)
    scene.meetup.refresh_from_db()


def check_stamps(before: Shown, after: Shown) -> dict[str, bool]:
    """Return by UID whether the event changed; fail if its stamps did not go up then, or ever went down."""
    has_changed = {}
    for uid in before.keys() & after.keys():
        (text, sequence, stamp), (text_now, sequence_now, stamp_now) = before[uid], after[uid]
        assert (sequence_now, stamp_now) >= (sequence, stamp)
        assert stamp_now >= stamp
        has_changed[uid] = text_now != text
        if has_changed[uid]:
            assert sequence_now > sequence, (text, text_now)
            assert stamp_now > stamp, (text, text_now)
    return has_changed


def test_every_action_is_in_the_table():
    actions = {
        name
        for module in (planning, single_dates, reconciliation, signing_up, check_in)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    read_only = {"merge_notes", "lock", "lock_and_count", "lock_meetup"}
    read_only |= {
        "changes_capacity",
        "dates_with_waiting_list",
        "one_off_to_move",
        "choose_next_in_line",
        "dates_to_end",
    }
    not_about_dates = {"set_hosts", "set_welcome", "invalidate_pages_naming"}
    called_by_others = {"promote_waiting", "cancel", "reconcile"}
    assert actions - read_only - not_about_dates - called_by_others <= ACTS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("act", SINGLE)
def test_public_stamps_go_up_exactly_when_the_public_event_changes(act):
    scene = make_scene()
    before = public(scene)
    try_to(scene, act)
    after = public(scene)
    for uid, has_changed in check_stamps(before, after).items():
        assert (after[uid][1:] != before[uid][1:]) == has_changed


@pytest.mark.django_db
def test_a_promotion_from_the_waiting_list_raises_the_stamps():
    scene = make_scene()
    uid = f"occurrence-{scene.occurrence(1).pk}@localhost"
    waiting = own(scene)[uid]
    signing_up.withdraw(attendance=scene.others[1], now=scene.now)
    going = own(scene)[uid]
    assert ("Wachtlijst: " in waiting[0], "STATUS:TENTATIVE" in waiting[0]) == (True, True)
    assert ("Wachtlijst: " in going[0], "STATUS:CONFIRMED" in going[0]) == (False, True)
    assert (going[1] > waiting[1], going[2] > waiting[2]) == (True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("is_closed", [True, False])
def test_a_date_that_is_over_no_longer_says_waiting_list(is_closed):
    scene = make_scene()
    uid = f"occurrence-{scene.occurrence().pk}@localhost"
    waiting = own(scene)[uid]
    if is_closed:
        close(scene)
    else:
        scene.clock = at(TODAY, 18)
    done = own(scene)[uid]
    assert ("Wachtlijst: " in waiting[0], "Wachtlijst: " in done[0]) == (True, False)
    assert "STATUS:TENTATIVE" in done[0]
    assert (done[1] > waiting[1], done[2] > waiting[2]) == (True, True)
    if is_closed:
        check_in.reopen(occurrence=scene.occurrence(), now=scene.now)
        again = own(scene)[uid]
        assert again[0] == waiting[0]
        assert (again[1] > done[1], again[2] > done[2]) == (True, True)


@pytest.mark.django_db
def test_two_changes_within_a_second_have_different_stamps():
    scene = make_scene()
    uid = f"occurrence-{scene.occurrence(1).pk}@localhost"
    stamps = []
    for title in ("One", "Two", "Three"):
        change(scene, title=title)
        stamps.append(public(scene)[uid][1:])
    assert sorted(set(stamps)) == stamps


class AnyDayTest(TestCase):
    """Random actions in random order, with a calendar app that polls after each."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(st.sampled_from([act for acts in ACTS.values() for act in acts] + ["later"]), max_size=12))
    def test_no_feed_ever_changes_under_the_same_stamps(self, steps: list[Any]) -> None:
        scene = make_scene()
        # The events that a calendar app has, including those that are no longer in the feed.
        seen = {"public": public(scene), "own": own(scene)}
        for step in steps:
            if step == "later":
                scene.clock += timedelta(minutes=50)
            else:
                try_to(scene, step)
            for name, now in (("public", public(scene)), ("own", own(scene))):
                check_stamps(seen[name], now)
                seen[name] |= now


@pytest.mark.django_db
def test_a_feed_shows_every_change_immediately_and_a_sign_up_leaves_it_cached(
    django_capture_on_commit_callbacks, django_assert_num_queries, monkeypatch
):
    scene = make_scene()
    monkeypatch.setattr("django.utils.timezone.now", lambda: scene.clock)
    town = scene.meetup.location.municipality
    urls = [
        "/agenda.ics",
        f"/gemeenten/{town.slug}/agenda.ics",
        f"/locaties/{scene.meetup.location.slug}/agenda.ics",
        f"/bijeenkomsten/{scene.meetup.slug}/agenda.ics",
    ]
    for url in urls:
        Client().get(url)
    for act in [*ACTS["join"], *ACTS["withdraw"], *ACTS["add_at_door"], *ACTS["set_presence"], close]:
        with django_capture_on_commit_callbacks(execute=True):
            act(scene)
    with django_assert_num_queries(0):
        for url in urls:
            assert "SUMMARY;LANGUAGE=nl:Coffee" in Client().get(url).content.decode()
    for act, words in (
        (ACTS["change_meetup"][0], "SUMMARY;LANGUAGE=nl:Tea"),
        (ACTS["move_occurrence"][0], "Thema: Sleep"),
        (cancel, "SUMMARY;LANGUAGE=nl:Gaat niet door: Tea"),
        (ACTS["technical administration"][3], "LOCATION:Bieb"),
        (ACTS["technical administration"][1], "Joke"),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            act(scene)
        for url in urls:
            assert words in Client().get(url).content.decode(), (url, words)
