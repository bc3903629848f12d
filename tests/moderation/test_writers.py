"""What the writer of something learns, answers, exports and leaves behind; and what nobody learns of a reporter."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from locations.visibility import Visibility
from meetups.managing.actions import planning
from moderation import privacy as moderation
from moderation.actions import deciding
from moderation.models import Answer, Case, Decision, Report, Trust
from moderation.refusals import CannotDo, Refusal
from pages import privacy
from tests.factories import make_role, make_user
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report, undo
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def own(scene: Scene, case: Case, person=None):
    return visitor(person or scene.host).get(reverse("own_case", args=[case.pk]))


def answer(case: Case, by, words: str = "Zo bedoelde ik het niet.", now=None) -> Answer:
    return deciding.answer(case_id=case.pk, by=by, words=words, now=now or timezone.now())


def test_a_writer_does_not_learn_that_something_everyone_sees_was_reported(scene):
    assert own(scene, Case(pk=1)).status_code == 404
    report(scene.meetup, "meetup", user=make_user("Fatima"))
    case = Case.objects.get()
    assert own(scene, case).status_code == 404
    assert moderation.export(scene.host, timezone.now())["looked_at"] == []
    decide(case, scene.coordinator, FINE)
    assert own(scene, case).status_code == 404
    assert moderation.export(scene.host, timezone.now())["looked_at"] == []


def test_a_second_report_changes_nothing_on_the_page_of_the_writer(scene):
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Niets")
    case = Case.objects.get()
    decide(case, scene.coordinator, FINE)
    before = own(scene, case).content.decode()
    exported = moderation.export(scene.host, timezone.now())["looked_at"]
    report(scene.meetup, "meetup")
    without_token = before.split("<main")[1].split("</main>")[0]
    assert own(scene, case).content.decode().split("<main")[1].split("</main>")[0] == without_token
    assert moderation.export(scene.host, timezone.now())["looked_at"] == exported
    assert exported[0]["waits"] is False


def test_a_writer_whose_text_is_hidden_sees_that_someone_looks_and_then_that_it_is_fine(scene):
    report(scene.welcome, "welcome")
    page = own(scene, scene.case).content.decode()
    assert "Iemand kijkt hiernaar." in page
    assert "Je hoort het vóór" in page
    Case.objects.update(opened_at=later(days=-2), promised_at=later(days=-1))
    assert "Je hoort het vóór" not in own(scene, scene.case).content.decode()
    decide(scene.case, scene.coordinator, FINE)
    page = own(scene, scene.case).content.decode()
    assert "Iedereen kan het zien." in page
    assert moderation.export(scene.host, timezone.now())["looked_at"][0]["decisions"][0]["outcome"] == "fine"


def test_the_notice_on_the_page_promises_nothing_in_the_past(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), summary="Beter zo.")
    url = scene.meetup.get_absolute_url()
    assert "Dat gebeurt vóór" in visitor(scene.host).get(url).content.decode()
    Case.objects.update(opened_at=later(days=-2), promised_at=later(days=-1))
    page = visitor(scene.host).get(url).content.decode()
    assert "We laten dit niet zien." in page
    assert "Dat gebeurt vóór" not in page


def test_a_hidden_text_keeps_its_notice_and_is_looked_at_when_mended_after_its_case_was_forgotten(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    Case.objects.all().delete()
    assert "We laten dit niet zien." in visitor(scene.host).get(scene.meetup.get_absolute_url()).content.decode()
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), summary="Beter zo.")
    case = Case.objects.get()
    assert (case.is_open, case.cause) == (True, Case.Cause.EDIT)
    decide(case, scene.coordinator, FINE)
    scene.meetup.refresh_from_db()
    assert scene.meetup.visibility == Visibility.SHOWN


def test_a_refused_change_is_called_that(scene):
    planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="Kom niet.", now=timezone.now())
    decide(scene.case, scene.coordinator, HIDE)
    page = own(scene, scene.case).content.decode()
    assert "We gebruiken de nieuwe tekst niet." in page
    assert "We laten het niet zien." not in page


# Answers.


def test_only_who_heard_that_it_was_hidden_answers(scene):
    def refusal(by) -> str:
        with pytest.raises(CannotDo) as refused:
            answer(scene.case, by)
        return refused.value.refusal

    report(scene.welcome, "welcome")
    assert refusal(scene.host) == Refusal.NOT_YOURS  # nobody decided yet
    decide(scene.case, scene.coordinator, FINE)
    assert refusal(scene.host) == Refusal.NOT_YOURS
    decide(scene.case, scene.coordinator, HIDE)
    assert refusal(scene.coordinator) == Refusal.NOT_YOURS
    assert answer(scene.case, scene.host)
    undo(scene.case, scene.coordinator)
    assert refusal(scene.host) == Refusal.NOT_YOURS


def test_posting_an_answer_where_there_is_nothing_to_answer_changes_nothing(scene):
    report(scene.welcome, "welcome")
    refused = visitor(scene.host).post(reverse("own_case", args=[scene.case.pk]), {"words": "Wie was dat?"})
    assert (refused.status_code, Answer.objects.count(), scene.case.revision) == (422, 0, 1)


def test_the_same_answer_to_another_decision_is_another_answer(scene):
    report(scene.welcome, "welcome")
    for number in (1, 2):
        decide(scene.case, scene.coordinator, HIDE)
        assert answer(scene.case, scene.host) == answer(scene.case, scene.host)
        assert (scene.case.answers.count(), scene.case.is_open) == (number, True)


def test_after_five_answers_in_a_day_the_next_waits_for_tomorrow(scene):
    report(scene.welcome, "welcome")
    now = timezone.now()
    decide(scene.case, scene.coordinator, HIDE, now=now)
    for number in range(5):
        answer(scene.case, scene.host, f"Antwoord {number}", now)
    with pytest.raises(CannotDo) as refused:
        answer(scene.case, scene.host, "Nog een", now + timedelta(hours=23))
    assert refused.value.refusal == Refusal.TOO_OFTEN
    assert answer(scene.case, scene.host, "Nog een", now + timedelta(hours=25))


def two_writers(scene: Scene):
    """Both hosts were refused a change to the same meetup, and both answered; return the new one and the case."""
    new = make_user("Lotte")
    make_role("host", scene.town, new)
    scene.meetup.hosts.create(user=new)
    for person in (scene.host, new):
        planning.change_meetup(
            meetup=scene.meetup, by=fresh(person), now=timezone.now(), cost=f"Een euro, zegt de ander {person.pk}"
        )
        decide(Case.objects.get(), scene.coordinator, HIDE, words=f"Nee, nummer {person.pk}.")
        answer(Case.objects.get(), person, f"Antwoord van {person.pk}")
    return new, Case.objects.get()


def test_two_writers_in_one_case_do_not_read_each_other(scene):
    new, case = two_writers(scene)
    for person, other in ((scene.host, new), (new, scene.host)):
        page = own(scene, case, person).content.decode()
        exported = json.dumps(moderation.export(person, timezone.now()))
        for text in (page, exported):
            assert f"Antwoord van {person.pk}" in text
            assert f"Nee, nummer {person.pk}." in text
            assert f"Antwoord van {other.pk}" not in text
            assert f"Nee, nummer {other.pk}." not in text


# Erasing.


def every_page_renders(scene: Scene) -> None:
    client = visitor(fresh(scene.coordinator)) if scene.coordinator else visitor(fresh(scene.colleague))
    for url in (reverse("cases"), reverse("decided_cases"), *(case.get_absolute_url() for case in Case.objects.all())):
        assert client.get(url).status_code == 200
    for url in (reverse("agenda"), scene.meetup.get_absolute_url(), scene.town.get_absolute_url()):
        assert visitor(None).get(url).status_code in {200, 404}


def test_erasing_a_writer_takes_their_answers_and_no_others(scene):
    new, case = two_writers(scene)
    privacy.erase(user=scene.host, now=timezone.now())
    assert list(Answer.objects.values_list("writer", flat=True)) == [new.pk]
    assert Decision.objects.filter(writer=None).count() == 1
    every_page_renders(scene)
    assert own(scene, case, new).status_code == 200


def test_erasing_a_writer_whose_change_waits_closes_that_case_and_leaves_others_open(scene):
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Veel")
    case = Case.objects.get()
    privacy.erase(user=scene.host, now=timezone.now())
    case.refresh_from_db()
    assert (case.is_open, case.proposed, case.writer, case.revision) == (False, {}, None, 2)
    every_page_renders(scene)


def test_erasing_a_writer_leaves_a_report_and_a_mended_text_that_someone_must_look_at(scene):
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Veel")
    report(scene.meetup, "meetup")
    privacy.erase(user=scene.host, now=timezone.now())
    assert (Case.objects.get().is_open, Case.objects.get().proposed) == (True, {})
    every_page_renders(scene)


def test_erasing_a_writer_leaves_a_hidden_text_that_was_mended_to_be_looked_at(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    planning.change_meetup(meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), cost="Niets")
    privacy.erase(user=scene.host, now=timezone.now())
    assert Case.objects.get().is_open
    every_page_renders(scene)


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_erasing_a_reporter_leaves_the_report_without_them(scene, is_signed_in):
    parent = make_user("Fatima")
    report(
        scene.welcome,
        "welcome",
        user=parent if is_signed_in else None,
        email=parent.email.upper(),
        words="Mijn buurvrouw.",
    )
    privacy.erase(user=parent, now=timezone.now())
    [left] = Report.objects.all()
    assert (left.user, left.email, left.words, left.sender) == (None, "", "", "")
    every_page_renders(scene)
    decide(scene.case, scene.coordinator, FINE)


def test_erasing_who_decided_leaves_the_decision_of_someone(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    privacy.erase(user=scene.coordinator, now=timezone.now())
    scene.coordinator = None
    every_page_renders(scene)
    assert "iemand" in visitor(fresh(scene.colleague)).get(scene.case.get_absolute_url()).content.decode()
    assert own(scene, scene.case).status_code == 200


def test_erasing_who_decided_and_whose_trust_was_withdrawn(scene):
    Trust.objects.create(user=scene.host, fact=Trust.Fact.WELCOMED, on=timezone.localdate())
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    assert moderation.export(scene.host, timezone.now())["known_because"] == []
    privacy.erase(user=scene.host, now=timezone.now())
    assert not Trust.objects.exists()
