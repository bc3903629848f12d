"""When people hear: the promise, the levels, holidays, summer time, and who is away."""

import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Role, User
from locations.visibility import Visibility
from moderation import levels, trust
from moderation.actions import people
from moderation.actions.cases import ask
from moderation.actions.escalating import check_waiting
from moderation.levels import Level
from moderation.models import Absence, Case, Trust
from moderation.wording import moment
from notifications.models import Message
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.meetups.test_attending_races import run_concurrently
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report
from tests.moderation.test_looks import case_of, change, plan

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def people_of(scene: Scene, now: datetime, **fields) -> list[str]:
    found = levels.people_at(Level.TOWN, scene.town, levels.WATCHING, now=now, **fields)
    return [person.first_name for person in found]


@pytest.mark.parametrize(
    ("day", "is_off"),
    [
        ("2026-12-25T00:00", True),
        ("2026-12-26T23:59", True),
        ("2026-12-27T00:00", False),
        ("2026-04-06T12:00", True),  # Easter Monday, also where parents meet
        ("2026-04-03T12:00", False),  # Good Friday
        ("2026-11-30T12:00", False),
    ],
)
def test_public_holidays_are_those_of_amsterdam_whether_parents_meet_or_not(scene, day, is_off):
    scene.town.holidays = []
    assert levels.is_holiday(scene.town, at(day)) is is_off
    scene.town.holidays = ["good_friday"]
    assert levels.is_holiday(scene.town, at("2026-04-03T12:00"))


@pytest.mark.parametrize("opened", ["2026-03-28T12:00", "2026-10-24T12:00"], ids=["summer time begins", "it ends"])
def test_the_promise_is_24_hours_also_when_the_clock_changes(scene, opened, monkeypatch):
    monkeypatch.setattr(levels, "_can_be_counted_on", lambda user, now: True)
    now = at(opened).astimezone(UTC)
    made = report(scene.welcome, "welcome", now=now)
    assert made.case.promised_at - now == timedelta(hours=24)
    hour = 13 if opened.startswith("2026-03") else 11
    assert moment(made.case.promised_at).endswith(f"{hour}.00\N{NO-BREAK SPACE}uur")


def test_away_from_today_up_to_and_including_that_day(scene):
    now = timezone.now()
    people.set_absence(user=scene.coordinator, until_on=timezone.localdate(now) + timedelta(days=2), now=now)
    for days, found in [(-1, ["Willem", "Petra"]), (0, ["Petra"]), (2, ["Petra"]), (3, ["Willem", "Petra"])]:
        assert people_of(scene, now + timedelta(days=days)) == found
    people.set_absence(user=scene.coordinator, until_on=None, now=now)
    assert people_of(scene, now) == ["Willem", "Petra"]


@pytest.mark.django_db(transaction=True)
def test_two_taps_on_the_button_at_once_are_one_absence():
    scene, now = make_scene(), timezone.now()
    until_on = timezone.localdate(now) + timedelta(days=2)
    run_concurrently(*[lambda: people.set_absence(user=scene.coordinator, until_on=until_on, now=now)] * 6)
    assert Absence.objects.count() == 1


def test_whoever_comes_back_hears_of_what_waits(scene):
    people.set_absence(user=scene.coordinator, until_on=timezone.localdate(), now=timezone.now())
    report(scene.welcome, "welcome")
    assert [mail.to for mail in letters()] == [[scene.colleague.email]]
    people.set_absence(user=scene.coordinator, until_on=None, now=timezone.now())
    check_waiting(now=timezone.now())
    assert [mail.to for mail in letters()[1:]] == [[scene.coordinator.email]]


def test_going_away_asks_again_about_cases_of_their_own_levels_only(scene):
    elsewhere = make_role(Role.Kind.WATCHER, None, make_user("Zuida"), region="Zuid")
    host = make_role(Role.Kind.HOST, scene.town, make_user("Bram"))
    report(scene.welcome, "welcome")
    before = scene.case.next_check_at
    for person in (elsewhere, host):
        people.set_absence(user=person, until_on=timezone.localdate(), now=timezone.now())
        assert scene.case.next_check_at == before
    decide(scene.case, scene.coordinator, HIDE)
    people.set_absence(user=scene.coordinator, until_on=timezone.localdate(), now=timezone.now())
    assert scene.case.next_check_at == before


def test_who_can_be_counted_on(scene):
    now = timezone.now()
    assert people_of(scene, now, without=[scene.colleague.pk]) == ["Willem"]
    User.objects.filter(pk=scene.colleague.pk).update(is_active=False)
    assert people_of(scene, now) == ["Willem"]
    User.objects.filter(pk=scene.coordinator.pk).update(
        date_joined=now - timedelta(days=90),
        last_login=None,
        last_seen_on=timezone.localdate(now - levels.UNSEEN_AFTER),
    )
    assert people_of(scene, now) == ["Willem"]
    User.objects.update(last_seen_on=timezone.localdate(now - levels.UNSEEN_AFTER - timedelta(days=1)))
    assert people_of(scene, now) == []


@pytest.mark.parametrize("is_demo", [True, False])
def test_without_a_second_factor_in_time_someone_is_not_counted_on_but_in_the_demo(scene, settings, is_demo):
    settings.DEMO = is_demo
    Role.objects.filter(user=scene.coordinator).update(created_at=later(days=-14))
    found = people_of(scene, timezone.now())
    assert found == (["Willem", "Petra"] if is_demo else ["Petra"])


def test_someone_whose_pages_are_closed_after_an_undone_change_of_address_is_not_counted_on(scene, monkeypatch):
    monkeypatch.setattr(User, "closed_until", lambda user, now: now if user.first_name == "Willem" else None)
    assert people_of(scene, timezone.now()) == ["Petra"]


def test_a_level_where_everyone_is_away_is_left_out_on_the_way_up(scene):
    regina = make_role(Role.Kind.WATCHER, None, make_user("Regina"), region="Noord")
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    people.set_absence(user=regina, until_on=timezone.localdate() + timedelta(days=7), now=timezone.now())
    report(scene.welcome, "welcome")
    case = scene.case
    ask(case, now=case.opened_at + timedelta(hours=20))
    assert case.level == Level.COUNTRY
    assert not Message.objects.filter(user=regina).exists()


def test_on_a_holiday_a_case_that_waits_long_goes_up_twice(scene, monkeypatch):
    monkeypatch.setattr(levels, "is_holiday", lambda town, now: True)
    make_role(Role.Kind.WATCHER, None, make_user("Regina"), region="Noord")
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    case = scene.case
    assert case.level == Level.REGION
    ask(case, now=case.opened_at + timedelta(hours=20))
    assert case.level == Level.COUNTRY


def test_a_case_never_comes_down_again_while_it_waits(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    Case.objects.update(level=2)
    report(scene.welcome, "welcome")
    assert scene.case.level == 2


def test_mending_a_hidden_text_again_neither_moves_the_promise_nor_mails_again(scene):
    report(scene.meetup, "meetup")
    decide(case_of(scene.meetup), scene.coordinator, HIDE)
    change(scene.meetup, scene.host, summary="Beter zo.")
    before, promised_at = case_of(scene.meetup), later(hours=4)
    Case.objects.update(opened_at=later(hours=-20), promised_at=promised_at, level=1)
    change(scene.meetup, scene.host, summary="Nog beter zo.")
    after = case_of(scene.meetup)
    assert (after.level, after.revision) == (1, before.revision + 1)
    assert after.opened_at < before.opened_at
    assert after.promised_at == promised_at


def test_where_nobody_is_left_the_task_says_so_in_the_log(scene, caplog):
    report(scene.welcome, "welcome")
    Role.objects.all().delete()
    Case.objects.update(next_check_at=later(hours=-1))
    with caplog.at_level(logging.ERROR):
        check_waiting(now=timezone.now())
    assert f"Nobody can look at case {scene.case.pk}" in caplog.text
    assert scene.case.is_open


# Where everyone who could look is in it: it would wait forever.


def make_host(scene: Scene, person: User) -> User:
    return make_role(Role.Kind.HOST, scene.town, person)


def test_a_first_text_that_nobody_may_look_at_is_shown(scene):
    host = make_host(scene, make_user("Lotte"))
    meetup = plan(scene, host, summary="Met Willem en Petra.")
    assert meetup.is_shown  # so the page does not say that it waits
    meetup.refresh_from_db()
    assert (meetup.visibility, case_of(meetup).is_open) == (Visibility.SHOWN, False)
    assert letters() == []


def test_a_first_text_that_only_the_country_may_look_at_waits_for_it(scene):
    ilse = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    meetup = plan(scene, make_host(scene, make_user("Lotte")), summary="Met Willem en Petra.")
    assert (meetup.visibility, case_of(meetup).level, case_of(meetup).promised_at) == (Visibility.WAITING, 2, None)
    assert [mail.to for mail in letters()] == [[ilse.email]]


def test_a_changed_text_that_nobody_may_look_at_takes_effect_at_once(scene):
    change(scene.meetup, scene.host, summary="Met Willem en Petra.")
    assert scene.meetup.summary == "Met Willem en Petra."
    assert not Case.objects.filter(state="open").exists()


def test_one_text_at_a_time_leaves_the_others_that_wait(scene):
    change(scene.meetup, scene.host, summary="Kom eens langs.")
    change(scene.meetup, scene.host, cost="Een euro")
    assert case_of(scene.meetup).proposed == {"summary": "Kom eens langs.", "cost": "Een euro"}
    change(scene.meetup, fresh(scene.host), cost="")
    assert case_of(scene.meetup).proposed == {"summary": "Kom eens langs."}


def test_saving_the_same_new_text_again_is_no_event(scene):
    change(scene.meetup, scene.host, summary="Kom eens langs.")
    change(scene.meetup, scene.host, summary="Kom eens langs.")
    assert case_of(scene.meetup).revision == 1


def test_what_is_no_text_opens_no_case(scene):
    report(scene.meetup, "meetup")
    decide(case_of(scene.meetup), scene.coordinator, HIDE)
    change(scene.meetup, scene.host, summary=scene.meetup.summary, capacity=8)
    assert not case_of(scene.meetup).is_open


def test_a_change_by_someone_known_makes_no_case(scene):
    change(scene.meetup, scene.coordinator, summary="Kom gezellig langs.")
    assert not Case.objects.exists()


@pytest.mark.parametrize("why", ["answer", "report"])
def test_a_change_by_someone_known_closes_no_case_that_waits_for_another_reason(scene, why):
    change(scene.meetup, scene.host, cost="Een euro")
    if why == "report":
        report(scene.meetup, "meetup")
    else:
        Case.objects.update(cause=Case.Cause.ANSWER)
    change(scene.meetup, scene.coordinator, cost="Niets")
    assert (case_of(scene.meetup).is_open, case_of(scene.meetup).proposed) == (True, {})


def test_a_case_that_closed_without_a_decision_can_be_decided(scene):
    before = scene.meetup.cost
    change(scene.meetup, scene.host, cost="Een euro")
    change(scene.meetup, scene.host, cost=before)
    assert not case_of(scene.meetup).is_open
    decide(case_of(scene.meetup), scene.coordinator, HIDE)


def test_the_limit_counts_first_texts_of_oneself_that_wait(scene):
    other = make_host(scene, make_user("Lotte"))
    for number in range(5):
        plan(scene, other, title=f"Knutselen {number}")
    for number in range(10):
        case = case_of(plan(scene, scene.host, title=f"Koffie {number}"))
        if number % 2:
            decide(case, scene.coordinator, HIDE)
        else:
            Case.objects.filter(pk=case.pk).update(cause=Case.Cause.REPORT)
    assert plan(scene, scene.host, title="Nog een").visibility == Visibility.WAITING


def test_a_first_text_of_someone_who_left_can_be_decided(scene):
    host = make_host(scene, make_user("Lotte"))
    meetup = plan(scene, host)
    host.delete()
    assert decide(case_of(meetup), scene.coordinator, FINE).writer is None


def test_who_looks_after_another_town_is_unknown_here_whoever_else_is_known(scene):
    leiden = make_municipality("Leiden", slug="leiden")
    sanne = make_role(Role.Kind.COORDINATOR, leiden, make_user("Sanne"))
    make_host(scene, sanne)
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.WELCOMED, now=timezone.now())
    assert not trust.is_known(sanne, scene.town, now=timezone.now())
    assert trust.is_known(sanne, leiden, now=timezone.now())


def test_being_welcomed_again_moves_the_day(scene):
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.WELCOMED, now=later(days=-400))
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.WELCOMED, now=timezone.now())
    assert Trust.objects.get().on == timezone.localdate()


def test_who_looks_after_another_town_is_never_asked_as_if_for_the_country(scene):
    make_role(Role.Kind.COORDINATOR, make_municipality("Leiden", slug="leiden"), make_user("Sanne"))
    report(scene.welcome, "welcome", words="Willem en Petra weten het.")
    assert not Message.objects.exists()


def test_only_what_is_due_is_checked(scene):
    report(scene.welcome, "welcome")
    assert check_waiting(now=timezone.now()) == 0
    assert check_waiting(now=later(hours=1)) == 1
