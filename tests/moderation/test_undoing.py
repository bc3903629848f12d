"""Undoing decisions, as often as needed: what comes back, and what came in since and stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from locations.visibility import Visibility
from meetups.managing.actions import planning
from moderation import trust
from moderation.actions import deciding
from moderation.models import Case, Reason, Trust
from moderation.refusals import CannotDo, Refusal
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, make_scene, report, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def known(scene: Scene, on=None) -> None:
    Trust.objects.create(user=scene.host, fact=Trust.Fact.WELCOMED, on=on or timezone.localdate())


def is_known(scene: Scene) -> bool:
    return trust.is_known(fresh(scene.host), scene.town, now=timezone.now())


def write(scene: Scene, words: str) -> None:
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words=words, now=timezone.now())
    scene.welcome.refresh_from_db()


def test_trust_that_a_decision_cost_comes_back_with_its_date(scene):
    long_ago = timezone.localdate() - timedelta(days=200)
    known(scene, long_ago)
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    assert not is_known(scene)
    decide(scene.case, scene.coordinator, FINE)
    assert not is_known(scene)
    undo(scene.case, scene.coordinator)
    undo(scene.case, scene.coordinator)
    assert is_known(scene)
    assert Trust.objects.get().on == long_ago


def test_trust_that_a_decision_cost_is_given_back_by_undoing_that_one_only(scene):
    known(scene)
    report(scene.meetup, "meetup")
    decide(Case.objects.get(kind="meetup"), scene.coordinator, HIDE)
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    undo(scene.case, scene.coordinator)
    assert not is_known(scene)
    undo(Case.objects.get(kind="meetup"), scene.coordinator)
    assert is_known(scene)


def test_being_welcomed_counts_again_after_something_was_hidden(scene):
    known(scene)
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.WELCOMED, now=timezone.now())
    assert is_known(scene)


def test_trust_that_a_decision_gave_goes_unless_another_text_was_fine(scene):
    write(scene, "Hallo!")
    decide(scene.case, scene.coordinator, FINE)
    undo(scene.case, scene.coordinator)
    assert not is_known(scene)
    decide(scene.case, scene.coordinator, FINE)
    Trust.objects.all().delete()
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Niets")
    decide(Case.objects.get(kind="meetup"), scene.coordinator, FINE)
    undo(scene.case, scene.coordinator)
    assert is_known(scene)


def test_undoing_what_was_fine_after_a_report_takes_no_trust(scene):
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.TEXTS_FINE, now=timezone.now())
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    undo(scene.case, scene.coordinator)
    assert is_known(scene)


def test_a_later_report_keeps_hiding_what_undoing_would_show(scene):
    write(scene, "Alleen voor leuke mensen.")
    decide(scene.case, scene.coordinator, HIDE)  # the new text; the approved one stays
    assert report(scene.welcome, "welcome", reason=Reason.MYSELF).has_hidden
    undo(scene.case, scene.coordinator)
    scene.welcome.refresh_from_db()
    assert (scene.welcome.visibility, scene.case.is_open) == (Visibility.HIDDEN, True)
    assert scene.case.proposed == {"welcome": "Alleen voor leuke mensen."}


def test_a_text_that_someone_replaced_since_does_not_wait_again(scene):
    write(scene, "Kom eens langs.")
    decide(scene.case, scene.coordinator, FINE)
    write(scene, "Kom gezellig langs.")  # known by now
    undo(scene.case, scene.coordinator)
    scene.welcome.refresh_from_db()
    assert (scene.welcome.welcome, scene.case.proposed) == ("Kom gezellig langs.", {})


def test_a_refused_text_waits_again_unless_the_approved_one_was_replaced(scene):
    write(scene, "Kom niet.")
    decide(scene.case, scene.coordinator, HIDE)
    known(scene)
    write(scene, "Kom gezellig langs.")
    undo(scene.case, scene.coordinator)
    assert scene.case.proposed == {}
    Trust.objects.all().delete()
    write(scene, "Kom niet.")
    decide(scene.case, scene.coordinator, HIDE)
    undo(scene.case, scene.coordinator)
    assert scene.case.proposed == {"welcome": "Kom niet."}


def test_back_to_the_first_and_no_further(scene):
    report(scene.welcome, "welcome")
    for outcome in (FINE, HIDE, FINE):
        decide(scene.case, scene.coordinator, outcome)
    for _ in range(3):
        undo(scene.case, scene.colleague)
    scene.welcome.refresh_from_db()
    assert (scene.welcome.visibility, scene.case.is_open) == (Visibility.HIDDEN, True)
    with pytest.raises(CannotDo) as refused:
        undo(scene.case, scene.colleague)
    assert refused.value.refusal == Refusal.NOTHING_TO_UNDO


def test_undoing_a_decision_about_a_decided_case_leaves_it_decided(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    decide(scene.case, scene.coordinator, HIDE)
    undo(scene.case, scene.coordinator)
    scene.welcome.refresh_from_db()
    assert (scene.welcome.visibility, scene.case.is_open) == (Visibility.SHOWN, False)


def test_with_a_report_about_it_hiding_hides_all_and_not_the_new_text_alone(scene):
    write(scene, "Kom niet.")
    report(scene.welcome, "welcome")
    decision = decide(scene.case, scene.coordinator, HIDE)
    scene.welcome.refresh_from_db()
    assert (scene.welcome.visibility, decision.is_of_change) == (Visibility.HIDDEN, False)
    undo(scene.case, scene.coordinator)
    assert scene.case.proposed == {"welcome": "Kom niet."}


def test_taking_back_what_a_text_gave_leaves_other_trust(scene):
    write(scene, "Hallo!")
    decide(scene.case, scene.coordinator, FINE)
    known(scene)
    undo(scene.case, scene.coordinator)
    assert list(Trust.objects.values_list("fact", flat=True)) == [Trust.Fact.WELCOMED]


@pytest.mark.parametrize("other", ["hidden", "reported"])
def test_only_another_text_that_was_found_fine_at_a_look_keeps_trust(scene, other):
    if other == "hidden":
        planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Veel")
        decide(Case.objects.get(kind="meetup"), scene.coordinator, HIDE)
    else:
        report(scene.meetup, "meetup")
        decide(Case.objects.get(kind="meetup"), scene.coordinator, FINE)
    write(scene, "Hallo!")
    decide(scene.case, scene.coordinator, FINE)
    assert is_known(scene)
    undo(scene.case, scene.coordinator)
    assert not is_known(scene)


def test_undoing_that_a_mended_text_was_hidden_gives_back_what_another_text_gave(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    trust.record(user_ids={scene.host.pk}, fact=Trust.Fact.TEXTS_FINE, now=timezone.now())
    write(scene, "Beter zo.")
    assert decide(scene.case, scene.coordinator, HIDE).cause == Case.Cause.EDIT
    undo(scene.case, scene.coordinator)
    assert is_known(scene)


def test_a_new_text_that_waits_survives_undoing_a_decision_about_a_decided_case(scene):
    report(scene.meetup, "meetup")
    case = Case.objects.get()
    for outcome in (HIDE, FINE):
        decide(case, scene.coordinator, outcome)
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Een euro")
    undo(case, scene.coordinator)
    case.refresh_from_db()
    assert (case.is_open, case.proposed) == (True, {"cost": "Een euro"})


def test_undoing_what_the_writer_answered_to_answers_it(scene):
    report(scene.welcome, "welcome")
    for outcome in (FINE, HIDE):
        decide(scene.case, scene.coordinator, outcome)
    deciding.answer(case_id=scene.case.pk, by=scene.host, words="Waarom?", now=timezone.now())
    undo(scene.case, scene.coordinator)
    scene.welcome.refresh_from_db()
    assert (scene.case.is_open, scene.welcome.visibility) == (False, Visibility.SHOWN)


def test_a_later_report_that_hid_nothing_does_not_hide_what_undoing_shows(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    assert not report(scene.meetup, "meetup").has_hidden
    undo(Case.objects.get(), scene.coordinator)
    scene.meetup.refresh_from_db()
    assert scene.meetup.is_shown


def test_a_report_that_was_decided_before_does_not_make_refusing_a_new_text_hide_all(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    write(scene, "Kom niet.")
    assert decide(scene.case, scene.coordinator, HIDE).is_of_change
    scene.welcome.refresh_from_db()
    assert (scene.welcome.visibility, scene.welcome.welcome) == (
        Visibility.SHOWN,
        "Kom binnen, de koffie staat klaar.",
    )
