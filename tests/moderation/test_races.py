"""Several people at once, with real threads, connections and locks."""

from contextlib import suppress
from uuid import uuid4

import pytest
from django.utils import timezone

from locations.visibility import Visibility
from meetups.managing.actions import planning
from moderation.actions import deciding
from moderation.actions.escalating import check_waiting
from moderation.models import Case, Decision, Report
from moderation.refusals import CannotDo
from notifications.models import Message
from tests.meetups.test_attending_races import run_concurrently
from tests.moderation.scene import FINE, HIDE, Scene, fresh, make_scene, report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.mark.parametrize("kind", ["welcome", "place", "meetup"])
def test_ten_first_reports_at_once_are_ten_in_one_case(scene, kind):
    thing = {"welcome": scene.welcome, "place": scene.meetup.location, "meetup": scene.meetup}[kind]
    run_concurrently(*[lambda: report(thing, kind)] * 10)
    assert Report.objects.filter(case=Case.objects.get()).count() == 10
    assert Case.objects.get().revision == 10
    assert Message.objects.count() == 2  # each coordinator hears once


def test_the_same_report_twice_at_once_is_one(scene):
    token = uuid4()
    run_concurrently(*[lambda: report(scene.meetup.location, "place", token=token)] * 4)
    assert Report.objects.count() == 1


def test_two_who_decide_at_once_one_wins_and_the_other_is_told(scene):
    report(scene.welcome, "welcome")
    case = scene.case

    def decide(by, outcome):
        try:
            return deciding.decide(
                case_id=case.pk,
                by=fresh(by),
                outcome=outcome,
                words="Daarom.",
                seen_revision=case.revision,
                now=timezone.now(),
            )
        except CannotDo as refusal:
            return refusal.refusal

    results = run_concurrently(
        lambda: decide(scene.coordinator, FINE),
        lambda: decide(scene.colleague, HIDE),
    )
    assert sum(isinstance(result, Decision) for result in results) == 1
    assert "changed" in results
    scene.welcome.refresh_from_db()
    shown = scene.welcome.visibility == Visibility.SHOWN
    assert shown == (Decision.objects.get().outcome == FINE)


def test_reporting_deciding_and_changing_at_once_do_not_deadlock(scene):
    report(scene.meetup, "meetup")
    case = Case.objects.get()

    def decide():
        with suppress(CannotDo):
            deciding.decide(
                case_id=case.pk,
                by=fresh(scene.coordinator),
                outcome=HIDE,
                words="Daarom.",
                seen_revision=Case.objects.get().revision,
                now=timezone.now(),
            )

    def change():
        planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), summary=uuid4().hex)

    def tell():
        Case.objects.update(next_check_at=timezone.now())
        check_waiting(now=timezone.now())

    for _ in range(5):
        run_concurrently(decide, change, tell, lambda: report(scene.meetup, "meetup"), change, tell)
    assert Report.objects.count() == 6


def test_a_report_that_comes_in_while_someone_undoes_or_decides_is_never_lost(scene):
    report(scene.welcome, "welcome")
    case = scene.case
    for number in range(5):
        seen = scene.case.revision

        def act(seen=seen, number=number):
            with suppress(CannotDo):
                if number % 2:
                    deciding.undo(case_id=case.pk, by=fresh(scene.coordinator), seen_revision=seen, now=timezone.now())
                else:
                    deciding.decide(
                        case_id=case.pk,
                        by=fresh(scene.coordinator),
                        outcome=FINE,
                        words="",
                        seen_revision=seen,
                        now=timezone.now(),
                    )

        run_concurrently(act, lambda: report(scene.welcome, "welcome", reason="other", words=uuid4().hex))
        scene.welcome.refresh_from_db()
        waits = scene.case.reports.undecided()
        if waits.exists():
            assert scene.case.is_open
        if waits.filter(has_hidden=True).exists():
            assert scene.welcome.visibility == Visibility.HIDDEN
    assert Report.objects.count() == 6


def test_two_workers_that_check_at_once_tell_everyone_once(scene):
    report(scene.welcome, "welcome")
    Message.objects.all().delete()
    Case.objects.update(next_check_at=timezone.now())
    now = timezone.now()
    run_concurrently(lambda: check_waiting(now=now), lambda: check_waiting(now=now))
    assert Message.objects.count() == 2
