"""The mails about decisions: to whom, once, and true at the moment when they are sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetups.managing.actions import planning
from moderation.actions import deciding
from moderation.models import Case, Decision, Trust
from notifications.models import Message
from tests.factories import make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def mails_to(person) -> list:
    return [mail for mail in letters() if mail.to == [person.email]]


def subjects(scene: Scene) -> list[str]:
    return [mail.subject.partition(":")[0] for mail in mails_to(scene.host)]


def settle(scene: Scene, outcome: str, case: Case | None = None) -> None:
    """Decide, and send the mail about it."""
    decide(case or scene.case, scene.coordinator, outcome, now=later(minutes=-5))
    letters()


def take_back(scene: Scene, case: Case | None = None) -> None:
    """Undo the last decision, and send the mail about it."""
    case = case or scene.case
    deciding.undo(
        case_id=case.pk,
        by=fresh(scene.coordinator),
        seen_revision=Case.objects.get(pk=case.pk).revision,
        now=later(minutes=-4),
    )
    letters()


def test_after_a_report_that_was_nothing_the_writer_hears_nothing(scene):
    report(scene.welcome, "welcome")
    settle(scene, FINE)
    assert subjects(scene) == []


def test_the_writer_who_heard_that_it_was_hidden_hears_that_it_is_back(scene):
    report(scene.welcome, "welcome")
    settle(scene, HIDE)
    settle(scene, FINE)
    assert subjects(scene) == ["We laten dit niet meer zien", "Iedereen kan het zien"]
    report(scene.welcome, "welcome", reason="wrong")
    settle(scene, FINE)
    assert len(subjects(scene)) == 2  # of this report they never knew


def test_the_writer_who_heard_that_we_look_again_hears_what_came_of_it(scene):
    report(scene.welcome, "welcome")
    settle(scene, HIDE)
    take_back(scene)
    [_hidden, again] = mails_to(scene.host)
    assert "Je hoort het nog." in again.body or "hoort" in again.body
    assert "Antwoord" not in again.body
    settle(scene, FINE)
    assert subjects(scene) == ["We laten dit niet meer zien", "We kijken nog eens", "Iedereen kan het zien"]


def test_what_was_decided_and_put_right_before_the_mail_is_one_mail(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    settle(scene, FINE)
    Message.objects.update(due_at=later(minutes=-1))
    assert subjects(scene) == []


@pytest.mark.parametrize(
    ("outcomes", "is_shown"), [([FINE, HIDE], True), ([HIDE, FINE], False)], ids=["shown again", "hidden again"]
)
def test_taking_back_a_decision_about_a_decided_case_says_what_holds_now(scene, outcomes, is_shown):
    report(scene.welcome, "welcome")
    for outcome in outcomes:
        settle(scene, outcome)
    take_back(scene)
    last = mails_to(scene.host)[-1]
    assert last.subject.startswith("We hebben ons besluit teruggedraaid:")
    assert ("Iedereen kan het nu zien." in last.body) is is_shown
    assert ("We laten het niet meer zien." in last.body) is not is_shown
    assert "We kijken" not in last.body
    assert ("Iedereen kan het nu zien." in last.alternatives[0].content) is is_shown


def test_of_a_refused_change_the_mail_says_that_the_text_of_before_stays(scene):
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="Kom niet.", now=timezone.now())
    settle(scene, HIDE)
    [mail] = mails_to(scene.host)
    assert "De tekst die er stond, blijft staan." in mail.body or "blijft" in mail.body
    assert mail.subject.startswith("We gebruiken je nieuwe tekst niet")


def test_when_all_is_hidden_the_mail_does_not_say_that_the_text_of_before_stays(scene):
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="Kom niet.", now=timezone.now())
    report(scene.welcome, "welcome")
    settle(scene, HIDE)
    [mail] = mails_to(scene.host)
    assert mail.subject.startswith("We laten dit niet meer zien")
    assert "blijft" not in mail.body


def test_only_of_something_hidden_the_mail_asks_for_an_answer(scene):
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="Hallo!", now=timezone.now())
    settle(scene, FINE)
    settle(scene, HIDE)
    fine, hidden = mails_to(scene.host)
    for body in (fine.body, fine.alternatives[0].content):
        assert "Zie jij dat anders?" not in body
        assert scene.meetup.get_absolute_url() in body
    for body in (hidden.body, hidden.alternatives[0].content):
        assert "Zie jij dat anders?" in body
        assert f"/melden/mijn/{scene.case.pk}/" in body


def test_undoing_what_was_mailed_long_ago_is_mailed_although_the_outbox_forgot(scene):
    report(scene.welcome, "welcome")
    long_ago = timezone.now() - timedelta(days=40)
    decide(scene.case, scene.coordinator, HIDE, now=long_ago)
    letters()
    Message.objects.all().delete()
    take_back(scene)
    assert subjects(scene)[-1] == "We kijken nog eens"


def test_no_mail_about_what_was_deleted_meanwhile(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE, now=later(minutes=-5))
    scene.welcome.delete()
    assert subjects(scene) == []


def test_each_decision_is_mailed_to_the_one_whose_text_it_was(scene):
    new = make_user("Lotte")
    make_role("host", scene.town, new)
    scene.meetup.hosts.create(user=new)
    planning.change_meetup(meetup=scene.meetup, by=fresh(new), now=timezone.now(), cost="Veel")
    case = Case.objects.get()
    settle(scene, HIDE, case)
    report(scene.meetup, "meetup")
    settle(scene, FINE, case)  # about the text of the other host, who never knew
    assert (len(mails_to(new)), len(mails_to(scene.host))) == (1, 0)


def test_watchers_get_no_mail_about_a_case_that_was_decided_or_opened_again_meanwhile(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    assert letters() == []
    report(scene.welcome, "welcome")
    assert len(letters()) == 2  # of the second opening alone


def test_watchers_who_are_barred_by_now_get_no_mail(scene):
    report(scene.welcome, "welcome")
    report(scene.welcome, "welcome", words="Vraag maar aan Petra.")
    assert [mail.to for mail in letters()] == [[scene.coordinator.email]]


def test_no_trust_is_given_or_cost_to_a_thing_without_a_writer(scene):
    place = scene.meetup.location
    report(place, "place")
    case = Case.objects.get()
    settle(scene, HIDE, case)
    settle(scene, FINE, case)
    take_back(scene, case)
    assert (Trust.objects.count(), Decision.objects.exclude(writer=None).count()) == (0, 0)
