"""When nothing happens with an idea: asked after eight weeks, offered to others after two more, then paused."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from initiatives import quiet
from initiatives.dormancy import actions, clock, tokens
from initiatives.initiating import actions as initiating
from initiatives.models import Dormancy, ExistingGroup, Initiative, Initiator
from initiatives.moderated import INITIATIVE
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.quiet_days import ASK_AFTER, day_after
from initiatives.refusals import CannotDo, Refusal
from initiatives.sharing import actions as sharing
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from initiatives.talking import actions as talking
from locations.visibility import Visibility
from moderation.demo_data import know
from notifications.models import Message
from pages import privacy
from tests.factories import make_meetup, make_municipality, make_occurrence, make_support, make_user
from tests.initiatives.quiet_scene import ASKED_ON, BEGAN_ON, OFFERED_ON, PAUSED_ON, at, make_quiet

pytestmark = pytest.mark.django_db

D = date
STARTERS = ("Fatima", "Joke")


@pytest.fixture
def scene():
    return make_quiet()


def asked_by(scene, *names):
    return [(name, "dormancy.asked") for name in names]


def link_of(scene, user=None):
    return f"/initiatieven/stil/{tokens.make_for_starter(scene.idea.pk, (user or scene.fatima).pk)}/"


def takeover_of(support):
    return f"/initiatieven/overnemen/{tokens.make_for_heir(support)}/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


# The clock.


def test_the_whole_chain_and_the_way_back_with_one_tap(scene):
    assert scene.pass_until(ASKED_ON - timedelta(days=1), daily=True) == []
    assert scene.pass_until(ASKED_ON, daily=True) == asked_by(scene, *STARTERS)
    assert scene.row().offers_on == OFFERED_ON
    assert scene.pass_until(OFFERED_ON - timedelta(days=1), daily=True) == []
    assert scene.pass_until(OFFERED_ON, daily=True) == [
        ("Fatima", "dormancy.offered"),
        ("Joke", "dormancy.offered"),
        ("Sam", "initiatives.takeover"),
        ("guest", "initiatives.takeover"),
    ]
    assert scene.row().pauses_on == PAUSED_ON
    assert scene.pass_until(PAUSED_ON - timedelta(days=1), daily=True) == []
    assert scene.fresh().stage == "gathering"
    active_at = scene.idea.active_at
    assert scene.pass_until(PAUSED_ON, daily=True) == [
        ("Fatima", "dormancy.paused"),
        ("Joke", "dormancy.paused"),
        ("Sam", "initiatives.step_taken"),
        ("guest", "initiatives.step_taken"),
    ]
    assert (scene.fresh().stage, scene.idea.active_at) == ("paused", active_at)
    entry = scene.idea.history.last()
    assert (entry.step, entry.by, entry.stage_before) == ("paused_quiet", None, "gathering")
    assert scene.pass_until(PAUSED_ON + timedelta(weeks=20)) == []  # it is never ended
    assert scene.fresh().stage == "paused"

    page = text_of(Client().get(link_of(scene, scene.joke) + "?antwoord=verder"))
    assert "Dit idee is gepauzeerd" in page
    assert page.count('<button class="button button-large">') == 1
    answer = Client().post(link_of(scene, scene.joke), {"answer": "verder"}, follow=True)
    assert "Dit idee gaat verder" in text_of(answer)
    assert scene.fresh().stage == "gathering"
    entry = scene.idea.history.last()
    assert (entry.step, entry.by, entry.via) == ("resumed", scene.joke, "mail")
    scene.now = timezone.now()
    assert scene.send() == [("Sam", "initiatives.step_taken"), ("guest", "initiatives.step_taken")]


def test_the_mails_name_the_days_and_each_answer_has_its_own_link(scene):
    scene.pass_until(ASKED_ON)
    asked = mail.outbox[0]
    assert asked.subject == "Ga je verder met Cavia Café?"
    assert "maandag 16 september 2024" in asked.body
    assert "woensdag 4 december 2024" in asked.body
    for answer in ("verder", "pauze", "overdragen", "stoppen"):
        assert f"{link_of(scene)}?antwoord={answer}" in asked.body
    mail.outbox.clear()
    scene.pass_until(OFFERED_ON)
    for letter in mail.outbox:
        [(html, _kind)] = letter.alternatives
        assert "vrijdag 17 januari 2025" in letter.body
        assert "vrijdag 17 januari 2025" in html
    by_subject = {letter.subject: letter for letter in mail.outbox}
    assert set(by_subject) == {"Nog stil: Cavia Café", "Neem jij Cavia Café over?"}
    guests = next(letter for letter in mail.outbox if letter.to == ["mees@guest.example"])
    assert takeover_of(scene.guest) in guests.body
    assert "een account met dit e-mailadres" in " ".join(guests.body.split())


def test_without_anyone_who_takes_part_only_those_who_started_it_are_told():
    scene = make_quiet(stage="idea")
    scene.idea.supports.all().delete()
    scene.pass_until(ASKED_ON)
    assert "Dan krijg je op woensdag 4 december 2024 nog één mail" in " ".join(mail.outbox[0].body.split())
    assert scene.pass_until(OFFERED_ON) == [("Fatima", "dormancy.offered"), ("Joke", "dormancy.offered")]
    scene.pass_until(PAUSED_ON)
    assert scene.fresh().stage == "paused"


def test_a_region_with_other_holidays_has_other_days():
    scene = make_quiet()
    scene.idea.municipality.school_region = "Zuid"
    scene.idea.municipality.save()
    assert scene.pass_until(D(2024, 11, 18)) == []
    assert len(scene.pass_until(D(2024, 11, 20))) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"stage": "paused"},
        {"stage": "ended", "end_reason": "done"},
        {"stage": "idea", "published_at": None},
        {"visibility": "waiting"},
        {"visibility": "hidden"},
    ],
)
def test_nobody_is_asked_about_what_is_paused_ended_a_draft_or_not_shown(fields):
    scene = make_quiet(**fields)
    assert scene.pass_until(ASKED_ON + timedelta(days=3)) == []
    clock.attend(pk=scene.idea.pk, now=scene.now)
    assert scene.row() is None


def test_nobody_is_asked_about_a_group_that_nobody_here_started():
    scene = make_quiet()
    scene.idea.initiators.all().delete()
    assert scene.pass_until(ASKED_ON + timedelta(days=3)) == []
    clock.attend(pk=scene.idea.pk, now=scene.now)
    assert scene.row() is None


def test_nobody_is_asked_about_a_group_that_runs_elsewhere():
    scene = make_quiet(stage="running")
    ExistingGroup.objects.create(initiative=scene.idea, address_hash="1", claimed_at=at(BEGAN_ON))
    assert scene.pass_until(ASKED_ON + timedelta(days=3)) == []
    clock.attend(pk=scene.idea.pk, now=scene.now)
    assert scene.row() is None


def test_a_running_meetup_without_dates_counts_from_its_last_date():
    meetup = make_meetup()
    scene = make_quiet(stage="running", meetup=meetup)
    make_occurrence(meetup, on=D(2024, 10, 7))
    make_occurrence(meetup, on=D(2025, 1, 13), status="cancelled")
    asked_on = D(2024, 12, 11)
    assert scene.pass_until(asked_on - timedelta(days=1)) == []
    assert scene.pass_until(asked_on) == asked_by(scene, *STARTERS)
    assert "heeft geen datums meer" in mail.outbox[0].body
    assert Client().get(link_of(scene)).status_code == 200
    scene.pass_until(D(2025, 3, 6))
    assert scene.fresh().stage == "paused"
    Client().post(link_of(scene), {"answer": "verder"})
    assert scene.fresh().stage == "running"


def test_new_dates_are_enough_for_a_running_meetup():
    meetup = make_meetup()
    scene = make_quiet(stage="running", meetup=meetup)
    scene.pass_until(OFFERED_ON)
    assert quiet.state_of(scene.fresh(), now=scene.now).is_offered
    make_occurrence(meetup, on=D(2025, 1, 6))
    assert not quiet.state_of(scene.fresh(), now=scene.now).is_offered
    assert scene.pass_until(D(2025, 3, 11)) == []
    assert len(scene.pass_until(D(2025, 3, 12))) == 2  # eight weeks, and the spring break


def test_the_beat_twice_or_late_says_everything_once(scene):
    scene.now = at(ASKED_ON + timedelta(weeks=12))  # no worker for months
    for _ in range(3):
        clock.attend_all(now=scene.now)
    assert scene.send() == asked_by(scene, *STARTERS)
    assert scene.row().offers_on > scene.now.date()  # two weeks from now, as the mail says
    scene.pass_until(scene.row().offers_on)
    for _ in range(3):
        clock.attend_all(now=scene.now)
    assert scene.send() == []
    assert scene.fresh().stage == "gathering"


def test_killed_in_the_middle_the_rest_follows_and_nothing_is_said_twice(scene, monkeypatch):
    ideas = [scene.idea, *(make_quiet(municipality=scene.idea.municipality).idea for _ in range(3))]
    attend, seen = clock.attend, []

    def until_killed(*, pk, now):
        attend(pk=pk, now=now)
        seen.append(pk)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(clock, "attend", until_killed)
    with pytest.raises(KeyboardInterrupt):
        clock.attend_all(now=at(ASKED_ON))
    assert Dormancy.objects.count() == 2
    monkeypatch.setattr(clock, "attend", attend)
    clock.attend_all(now=at(ASKED_ON))
    assert Message.objects.filter(template="dormancy.asked").count() == 2 * len(ideas)


def test_what_is_due_is_read_in_chunks_and_what_is_not_costs_nothing(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(clock, "CHUNK", 2)
    town = make_municipality()
    ideas = [make_quiet(municipality=town).idea for _ in range(5)]
    now = at(ASKED_ON)
    with django_assert_num_queries(4):
        assert list(clock.due("Noord", now=now)) == [idea.pk for idea in ideas]
    with django_assert_num_queries(1):
        assert list(clock.due("Zuid", now=now)) == []
    clock.attend_all(now=now)
    with django_assert_num_queries(3):  # asked, and it is not their time yet
        clock.attend_all(now=now + timedelta(days=1))


def test_nothing_is_paused_while_no_mail_that_names_the_day_was_sent(scene):
    scene.pass_until(OFFERED_ON - timedelta(days=1))
    scene.now = at(OFFERED_ON)
    clock.attend_all(now=scene.now)
    waiting = Message.objects.filter(state="pending")
    assert waiting.count() == 4
    waiting.update(due_at=at(PAUSED_ON + timedelta(days=9)))  # the mail server is away
    assert scene.pass_until(PAUSED_ON + timedelta(days=8)) == []
    assert scene.fresh().stage == "gathering"
    told = scene.pass_until(PAUSED_ON + timedelta(days=9))
    assert len(told) == 4
    scene.pass_until(PAUSED_ON + timedelta(days=15))
    assert scene.fresh().stage == "gathering"  # everyone has a week
    scene.pass_until(PAUSED_ON + timedelta(days=16))
    assert scene.fresh().stage == "paused"


def test_others_are_not_asked_before_those_who_started_it_got_the_question(scene):
    scene.now = at(ASKED_ON)
    clock.attend_all(now=scene.now)
    Message.objects.update(due_at=at(OFFERED_ON + timedelta(days=3)))
    assert scene.pass_until(OFFERED_ON + timedelta(days=2)) == []
    assert scene.row().offered_at is None
    scene.pass_until(OFFERED_ON + timedelta(days=4))
    assert scene.row().offered_at is not None


def test_that_a_mail_was_sent_is_known_also_when_the_outbox_has_forgotten_it(scene):
    scene.pass_until(OFFERED_ON + timedelta(days=1))
    assert scene.row().told_at == at(OFFERED_ON)
    Message.objects.all().delete()
    scene.pass_until(PAUSED_ON)
    assert scene.fresh().stage == "paused"


# What people do.


def act_of(name):
    """Return a function (scene) that lets someone do something for the idea, at `scene.now`."""

    def change(scene):
        proposing.change(initiative=scene.idea, by=scene.fatima, now=scene.now, fields={"for_whom": "iedereen"})

    def need(scene):
        proposing.change(initiative=scene.idea, by=scene.fatima, now=scene.now, fields={"needed": "hooi"})

    def support(scene):
        commitment = Commitment()
        taking_part.support(initiative=scene.idea, user=make_user("Noor"), commitment=commitment, now=scene.now)

    def confirm(scene):
        waiting = make_support(scene.idea, guest_name="Bo", guest_email="bo@guest.example", state="unconfirmed")
        taking_part.confirm(support=waiting, now=scene.now)

    def say(scene):
        talking.say(initiative=scene.idea, by=scene.sam, text="Wie gaat er mee?", audience="network", now=scene.now)

    def recipe(scene):
        texts = {"checklist": "Koop hooi", "costs": "", "lessons": ""}
        sharing.write_recipe(initiative=scene.idea, by=scene.joke, fields=texts, now=scene.now)

    def invite(scene):
        initiating.invite(initiative=scene.idea, by=scene.joke, email="x@example.org", language="nl", now=scene.now)

    def keep(scene):
        actions.keep(initiative=scene.idea, by=scene.joke, now=scene.now)

    def pause_and_resume(scene):
        progress.pause(initiative=scene.idea, by=scene.joke, now=scene.now)
        progress.resume(initiative=scene.idea, by=scene.joke, now=scene.now)

    return locals()[name]


ACTS = ["change", "need", "support", "confirm", "say", "recipe", "invite", "keep", "pause_and_resume"]


@pytest.mark.parametrize("name", ACTS)
def test_whatever_anyone_does_the_clock_begins_again(scene, name):
    know([scene.fatima, scene.joke, scene.sam], now=scene.now)
    scene.pass_until(OFFERED_ON + timedelta(days=2))
    mail.outbox.clear()
    act_of(name)(scene)
    assert scene.fresh().active_at == scene.now
    assert quiet.state_of(scene.idea, now=scene.now) == quiet.Quiet()
    asked_on = day_after(scene.now.date(), ASK_AFTER, "Noord")
    told = [template for _name, template in scene.pass_until(asked_on - timedelta(days=1))]
    assert not [template for template in told if template.startswith("dormancy") or "takeover" in template]
    assert scene.pass_until(asked_on) == asked_by(scene, *STARTERS)
    assert scene.row().offered_at is None


def test_taking_back_that_one_comes_is_nothing_for_the_idea_and_closes_the_offer_for_nobody(scene):
    scene.pass_until(OFFERED_ON)
    taking_part.withdraw(support=scene.guest, now=scene.now)
    assert quiet.state_of(scene.fresh(), now=scene.now).is_offered
    assert "Deze link werkt niet" in text_of(Client().get(takeover_of(scene.guest)))
    assert Client().get(takeover_of(scene.guest)).status_code == 410
    assert "wil jij het overnemen?" in text_of(Client().get(takeover_of(scene.sams)))


def test_what_was_hidden_and_is_shown_again_begins_again(scene):
    Initiative.objects.update(visibility=Visibility.HIDDEN)
    scene.now = at(D(2025, 1, 20))
    INITIATIVE.set_visibility(INITIATIVE.lock(scene.idea.pk), Visibility.SHOWN, now=scene.now)
    assert scene.pass_until(D(2025, 3, 1)) == []


@pytest.mark.parametrize("happens", ["say", "pause", "end", "hide"])
def test_a_mail_that_is_outdated_is_not_sent(scene, happens):
    know([scene.sam], now=scene.now)
    scene.pass_until(OFFERED_ON - timedelta(days=1))
    scene.now = at(OFFERED_ON)
    clock.attend_all(now=scene.now)
    by = {"initiative": scene.idea, "by": scene.fatima, "now": scene.now + timedelta(minutes=1)}
    if happens == "say":
        talking.say(
            initiative=scene.idea, by=scene.sam, text="Ik!", audience="network", now=scene.now + timedelta(minutes=1)
        )
    elif happens == "pause":
        progress.pause(**by)
    elif happens == "end":
        progress.end(**by, reason="done", note="")
    else:
        Initiative.objects.update(visibility=Visibility.HIDDEN)
    assert {template for _name, template in scene.send()} <= {"initiatives.step_taken"}


# The answers.


def test_opening_the_links_twenty_times_answers_nothing(scene):
    scene.pass_until(OFFERED_ON)
    before = (scene.fresh().stage, scene.idea.active_at, scene.steps(), Message.objects.count())
    for _ in range(20):
        for answer in ("verder", "stoppen"):
            assert Client().get(f"{link_of(scene)}?antwoord={answer}").status_code == 200
            assert Client().head(f"{link_of(scene)}?antwoord={answer}").status_code == 200
        for support in (scene.sams, scene.guest):
            assert Client().get(takeover_of(support)).status_code == 200
            assert Client().head(takeover_of(support)).status_code == 200
    assert (scene.fresh().stage, scene.idea.active_at, scene.steps(), Message.objects.count()) == before


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("verder", "Opslaan: ik ga verder"),
        ("pauze", "Opslaan: even pauze"),
        ("overdragen", "Opslaan: overdragen"),
        ("stoppen", "Opslaan: stoppen"),
    ],
)
def test_the_link_chooses_its_answer_and_says_that_it_is_not_saved_yet(scene, answer, label):
    scene.pass_until(ASKED_ON)
    page = text_of(Client().get(f"{link_of(scene)}?antwoord={answer}"))
    assert "Nog niet opgeslagen" in page
    assert page.count('<button class="button button-large">') == 1
    assert label in page
    assert f'name="answer" value="{answer}"' in page
    page = text_of(Client().get(link_of(scene)))
    assert "Nog niet opgeslagen" not in page
    assert 'class="button button-large"' not in page


@pytest.mark.parametrize(
    ("data", "stage", "step", "heading"),
    [
        ({"answer": "verder"}, "gathering", "kept", "Dit idee gaat verder"),
        ({"answer": "pauze"}, "paused", "paused", "Dit idee is gepauzeerd"),
        ({"answer": "stoppen", "reason": "done"}, "ended", "ended", "Dit idee is gestopt"),
        ({"answer": "overdragen", "to": "iedereen"}, "gathering", "seeks", "We hebben gevraagd wie het overneemt"),
    ],
)
def test_an_answer_is_the_ordinary_step_and_stands_in_the_history_once_as_from_a_mail(
    scene, data, stage, step, heading
):
    scene.pass_until(ASKED_ON)
    for _ in range(2):  # a double tap
        page = text_of(Client().post(link_of(scene), data, follow=True))
        assert heading in page
        assert "Nog niet opgeslagen" not in page
    assert scene.fresh().stage == stage
    assert scene.steps() == [step]
    entry = scene.idea.history.last()
    assert (entry.by, entry.via) == (scene.fatima, "mail")


def test_an_answer_on_the_site_stands_in_the_history_as_such(scene):
    scene.pass_until(ASKED_ON)
    path = f"{scene.idea.get_absolute_url()}stil/"
    assert signed_in(make_user()).get(path).status_code == 404
    assert signed_in(scene.joke).post(path, {"answer": "verder"}).status_code == 302
    entry = scene.idea.history.last()
    assert (entry.step, entry.by, entry.via) == ("kept", scene.joke, "page")


def test_stopping_without_a_reason_saves_nothing_and_says_so(scene):
    scene.pass_until(ASKED_ON)
    for data in ({}, {"reason": "x"}, {"reason": "not_possible", "note": " "}, {"reason": "done", "note": "x" * 301}):
        answer = Client().post(link_of(scene), {"answer": "stoppen", **data})
        assert answer.status_code == 422
        assert "Nog niet opgeslagen" in answer.content.decode()
    assert Client().post(link_of(scene), {"answer": "overdragen"}).status_code == 422
    assert Client().post(link_of(scene), {"answer": "overdragen", "to": "999999"}).status_code == 422
    assert Client().post(link_of(scene), {"answer": "x"}).status_code == 422
    assert scene.steps() == []


def test_an_answer_that_comes_too_late_changes_nothing_and_says_where_to_go(scene):
    know([scene.sam], now=scene.now)
    scene.pass_until(ASKED_ON)
    scene.now += timedelta(hours=1)
    talking.say(initiative=scene.idea, by=scene.sam, text="Ik heb hooi!", audience="network", now=scene.now)
    assert "Dit idee gaat verder" in text_of(Client().get(f"{link_of(scene)}?antwoord=stoppen"))
    for data in (
        {"answer": "pauze"},
        {"answer": "stoppen", "reason": "done"},
        {"answer": "stoppen"},
        {"answer": "overdragen", "to": "iedereen"},
    ):
        answer = Client().post(link_of(scene), data)
        assert answer.status_code == 422
        assert "Er is intussen iets gebeurd" in answer.content.decode()
    assert Client().post(link_of(scene), {"answer": "verder"}).status_code == 302
    assert (scene.fresh().stage, scene.steps()) == ("gathering", [])


def test_a_link_of_someone_who_left_or_with_a_mistake_says_so(scene):
    scene.pass_until(ASKED_ON)
    assert Client().get("/initiatieven/stil/x/").status_code == 404
    assert Client().get("/initiatieven/overnemen/x/").status_code == 404
    assert Client().get(f"/initiatieven/overnemen/{tokens.make_for_starter(scene.idea.pk, 1)}/").status_code == 404
    link = link_of(scene, scene.joke)
    initiating.step_down(initiative=scene.idea, by=scene.joke, now=scene.now)
    for answer in (Client().get(link), Client().post(link, {"answer": "stoppen", "reason": "done"})):
        assert answer.status_code == 410
        assert "Je doet niet meer mee" in answer.content.decode()


def test_handing_over_to_someone_who_started_it_too(scene):
    scene.pass_until(ASKED_ON)
    to = scene.idea.initiators.get(user=scene.joke)
    page = text_of(Client().get(f"{link_of(scene)}?antwoord=overdragen"))
    assert "Joke" in page
    for _ in range(2):
        answer = Client().post(link_of(scene), {"answer": "overdragen", "to": str(to.pk)}, follow=True)
        assert "Joke neemt nu de volgende stappen" in text_of(answer)
    assert list(scene.idea.initiators.values_list("user__first_name", "part")) == [
        ("Joke", "proposer"),
        ("Fatima", "co_initiator"),
    ]
    entry = scene.idea.history.last()
    assert (entry.step, entry.via) == ("handed_over", "mail")
    scene.now = timezone.now()
    assert scene.send() == [("Joke", "dormancy.handed_over")]
    assert "Fatima heeft ‘Cavia Café’ aan jou overgedragen" in " ".join(mail.outbox[-1].body.split())


def test_only_the_proposer_hands_over_to_a_person(scene):
    scene.pass_until(ASKED_ON)
    page = text_of(Client().get(f"{link_of(scene, scene.joke)}?antwoord=overdragen"))
    assert 'name="to" value="iedereen"' in page
    assert page.count('name="to"') == 1
    to = scene.idea.initiators.get(user=scene.fatima)
    other = Initiator.objects.create(initiative=scene.idea, user=make_user("Bo"), part="co_initiator")
    assert Client().post(link_of(scene, scene.joke), {"answer": "overdragen", "to": other.pk}).status_code == 422
    assert Client().post(link_of(scene, scene.joke), {"answer": "overdragen", "to": to.pk}).status_code == 302
    assert scene.steps() == []


def test_without_anyone_else_there_is_nobody_to_hand_over_to():
    scene = make_quiet(stage="idea")
    scene.idea.supports.all().delete()
    scene.idea.initiators.filter(user=scene.joke).delete()
    scene.pass_until(ASKED_ON)
    page = text_of(Client().get(f"{link_of(scene)}?antwoord=overdragen"))
    assert "Er is nog niemand" in page
    assert 'class="button button-large"' not in page
    assert Client().post(link_of(scene), {"answer": "overdragen", "to": "iedereen"}).status_code == 422
    assert scene.steps() == []


def test_asking_everyone_opens_it_now_and_stays_open_whatever_others_do(scene):
    know([scene.sam], now=scene.now)
    scene.pass_until(ASKED_ON)
    Client().post(link_of(scene), {"answer": "overdragen", "to": "iedereen"})
    scene.now = timezone.now()
    assert scene.send() == [("Sam", "initiatives.takeover"), ("guest", "initiatives.takeover")]
    assert "van Fatima en Joke zoeken we iemand" in mail.outbox[-1].body
    later = scene.now + timedelta(hours=1)
    talking.say(initiative=scene.idea, by=scene.sam, text="Misschien ik", audience="network", now=later)
    assert quiet.state_of(scene.fresh(), now=later).is_sought
    page = text_of(signed_in(scene.sam).get(scene.idea.get_absolute_url()))
    assert "overnemen/" in page
    assert "Wie neemt het over" not in text_of(Client().get(scene.idea.get_absolute_url()))
    # Kept after all: the links of the others say so.
    page = text_of(Client().get(link_of(scene)))
    assert "Ik ga toch verder" in page
    assert "Nog niet opgeslagen" not in page  # what they just answered is
    assert "Opslaan: ik ga verder" in text_of(Client().get(f"{link_of(scene)}?antwoord=verder"))
    Client().post(link_of(scene), {"answer": "verder"})
    assert scene.steps() == ["seeks", "kept"]
    assert "niemand hoeft het nu over te nemen" in text_of(Client().get(takeover_of(scene.sams)))
    assert Client().post(takeover_of(scene.sams)).status_code == 422


# Taking it over.


def test_the_first_who_says_yes_is_the_proposer_and_the_former_one_hears_it_kindly(scene):
    scene.pass_until(OFFERED_ON)
    other = make_support(scene.idea, make_user("Noor"), asked_at=at(BEGAN_ON))
    mail.outbox.clear()
    page = text_of(Client().get(takeover_of(scene.sams)))
    assert "Hallo Sam, wil jij het overnemen?" in page
    assert "Nog niet opgeslagen" in page
    for _ in range(2):
        answer = Client().post(takeover_of(scene.sams), follow=True)
        assert "Het is nu van jou. Dank je wel!" in text_of(answer)
    assert list(scene.idea.initiators.values_list("user__first_name", "part")) == [
        ("Sam", "proposer"),
        ("Fatima", "co_initiator"),
        ("Joke", "co_initiator"),
    ]
    entry = scene.idea.history.last()
    assert (scene.steps(), entry.by, entry.via) == (["took_over"], scene.sam, "mail")
    scene.now = timezone.now()
    assert scene.send() == [("Fatima", "dormancy.taken_over"), ("Joke", "dormancy.taken_over")]
    assert mail.outbox[-1].subject == "Sam gaat verder met Cavia Café"
    assert "dank je wel" in mail.outbox[-1].body
    page = text_of(Client().get(takeover_of(other)))
    assert "Er is iemand gevonden" in page
    assert scene.idea.get_absolute_url() in page
    late = Client().post(takeover_of(other))
    assert late.status_code == 422
    assert "Iemand anders" in late.content.decode()


def test_a_guest_makes_an_account_with_that_address_first_and_comes_back_to_the_link(scene):
    scene.pass_until(OFFERED_ON)
    path = takeover_of(scene.guest)
    assert "mees@guest.example" in text_of(Client().get(path))
    assert Client().post(path).url.startswith("/account/login/code/?next=%2Finitiatieven%2Fovernemen%2F")
    other = signed_in(make_user("Noor"))
    assert "Log uit" in text_of(other.get(path))
    other.post(path)
    assert scene.steps() == []
    mees = make_user("Mees", email="mees@guest.example")
    assert signed_in(mees).post(path, follow=True).status_code == 200
    assert scene.idea.initiators.get(part="proposer").user == mees


def test_who_does_not_take_part_cannot_take_it_over(scene):
    scene.pass_until(OFFERED_ON)
    path = f"{scene.idea.get_absolute_url()}overnemen/"
    stranger = signed_in(make_user())
    assert (stranger.get(path).status_code, stranger.post(path).status_code) == (404, 404)
    with pytest.raises(CannotDo) as refused:
        actions.take_over(initiative=scene.idea, by=make_user(), now=scene.now)
    assert refused.value.refusal == Refusal.JOIN_FIRST
    assert Client().get(path).url.startswith("/account/login/")
    assert signed_in(scene.sam).post(path).status_code == 302
    entry = scene.idea.history.last()
    assert (entry.by, entry.via) == (scene.sam, "page")


def test_nobody_takes_over_what_was_not_offered(scene):
    scene.pass_until(ASKED_ON)
    with pytest.raises(CannotDo) as refused:
        actions.take_over(initiative=scene.idea, by=scene.sam, now=scene.now)
    assert refused.value.refusal == Refusal.NOT_TO_TAKE_OVER
    assert "overnemen/" not in text_of(signed_in(scene.sam).get(scene.idea.get_absolute_url()))


def test_taking_over_what_the_clock_paused_lets_it_continue(scene):
    scene.pass_until(PAUSED_ON)
    Client().post(takeover_of(scene.sams))
    assert scene.fresh().stage == "gathering"
    assert scene.steps() == ["paused_quiet", "took_over"]
    scene.now = timezone.now()
    assert scene.send() == [
        ("Fatima", "dormancy.taken_over"),
        ("Joke", "dormancy.taken_over"),
        ("guest", "initiatives.step_taken"),
    ]


def test_who_started_it_too_can_take_it_over(scene):
    scene.pass_until(OFFERED_ON)
    page = text_of(signed_in(scene.joke).get(scene.idea.get_absolute_url()))
    assert "overnemen/" in page
    actions.take_over(initiative=scene.idea, by=scene.joke, now=scene.now)
    assert list(scene.idea.initiators.values_list("user__first_name", flat=True)) == ["Joke", "Fatima"]


def test_who_takes_over_a_meetup_can_plan_its_dates():
    meetup = make_meetup()
    scene = make_quiet(stage="running", meetup=meetup)
    scene.pass_until(OFFERED_ON)
    actions.take_over(initiative=scene.idea, by=scene.sam, now=scene.now)
    assert meetup.hosts.filter(user=scene.sam).exists()
    assert signed_in(scene.sam).get(reverse("meetup_edit", args=[meetup.slug])).status_code == 200


# People who leave.


def test_the_proposer_who_erases_their_account_while_others_are_asked_leaves_it_to_them(scene):
    scene.pass_until(OFFERED_ON)
    privacy.erase(user=scene.joke, now=scene.now)
    assert quiet.state_of(scene.fresh(), now=scene.now).is_offered
    scene.now += timedelta(hours=1)
    privacy.erase(user=scene.fatima, now=scene.now)
    assert (scene.fresh().stage, scene.idea.end_reason) == ("ended", "left")
    assert scene.steps() == ["ended", "seeks"]
    scene.now = timezone.now()
    assert ("Sam", "initiatives.step_taken") in scene.send()
    assert "wil jij het overnemen?" in text_of(Client().get(takeover_of(scene.sams)))
    Client().post(takeover_of(scene.sams))
    assert (scene.fresh().stage, scene.idea.end_reason) == ("gathering", "")
    assert list(scene.idea.initiators.values_list("user__first_name", "part")) == [("Sam", "proposer")]
    for client in (Client(), signed_in(scene.sam)):
        assert client.get(scene.idea.get_absolute_url()).status_code == 200


def test_without_an_open_offer_an_idea_that_everyone_left_cannot_be_taken_over(scene):
    scene.pass_until(ASKED_ON)
    for user in (scene.joke, scene.fatima):
        privacy.erase(user=user, now=scene.now)
    assert scene.steps() == ["ended"]
    assert Client().post(takeover_of(scene.sams)).status_code == 422
    assert scene.fresh().is_ended


@pytest.mark.parametrize("on", [ASKED_ON, OFFERED_ON, PAUSED_ON])
@pytest.mark.parametrize("who", ["fatima", "joke", "sam"])
def test_every_page_and_the_clock_go_on_after_anyone_erased_their_account(scene, on, who):
    scene.pass_until(on)
    gone = getattr(scene, who)
    link = link_of(scene, gone)
    privacy.erase(user=gone, now=scene.now)
    assert Client().get(link).status_code == 410
    for user in (scene.fatima, scene.joke, scene.sam):
        if user != gone:
            assert signed_in(user).get(scene.idea.get_absolute_url()).status_code == 200
    scene.pass_until(PAUSED_ON + timedelta(days=1))
    assert scene.fresh().stage == "paused"
    assert Client().get(scene.idea.get_absolute_url()).status_code == 200


# The page, and what the database refuses.


def test_the_page_asks_those_who_started_it_the_same_and_nobody_else(scene):
    path = scene.idea.get_absolute_url()
    assert "Ga je hiermee verder?" not in text_of(signed_in(scene.fatima).get(path))
    scene.pass_until(ASKED_ON)
    for user in (scene.fatima, scene.joke):
        page = text_of(signed_in(user).get(path))
        assert "Ga je hiermee verder?" in page
        for answer in ("verder", "pauze", "overdragen", "stoppen"):
            assert f"{path}stil/?antwoord={answer}" in page
    for client in (Client(), signed_in(scene.sam)):
        assert "stil/" not in text_of(client.get(path))


def test_the_history_tells_strangers_in_plain_words_what_happened(scene):
    scene.pass_until(PAUSED_ON)
    page = text_of(Client().get(scene.idea.get_absolute_url()))
    assert "Gepauzeerd: er was een tijd niets gebeurd" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"offered_at": at(ASKED_ON)},  # without the day
        {"pauses_on": PAUSED_ON},
        {"offered_at": at(BEGAN_ON), "pauses_on": PAUSED_ON},  # before asking
        {"told_at": at(ASKED_ON)},
    ],
)
def test_the_database_refuses_a_row_that_cannot_be(scene, fields):
    row = {"initiative": scene.idea, "asked_at": at(ASKED_ON), "offers_on": OFFERED_ON}
    with pytest.raises(IntegrityError), transaction.atomic():
        Dormancy.objects.create(**row | fields)
