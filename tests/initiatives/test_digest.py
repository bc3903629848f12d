"""The daily mail to those who follow an idea, and the link to stop it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from initiatives.models import Follow, Initiative, Support
from initiatives.moderated import POST
from initiatives.progress import actions as progress
from initiatives.stages import EndReason
from initiatives.talking import actions, asking, privacy, tokens
from initiatives.talking.digest import plan
from locations.visibility import Visibility
from moderation.actions import people
from notifications.models import Message
from pages.privacy import erase
from tests.factories import make_initiative, make_support, make_user
from tests.initiatives.talk_scene import MUNICIPALITY, NETWORK, Scene, ask, make_scene, say
from tests.mailbox import letters
from tests.meetups.test_attending_races import run_concurrently
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
SIX = datetime(2026, 11, 3, 17, tzinfo=UTC)  # 18:00 in Amsterdam
DAY = timedelta(days=1)
NOON = SIX - timedelta(hours=6)


@pytest.fixture
def scene(db) -> Scene:
    scene = make_scene(published_at=SIX - 30 * DAY)
    scene.idea.initiators.update(since=SIX - 30 * DAY)
    scene.idea.history.update(at=SIX - 30 * DAY)
    Support.objects.update(asked_at=SIX - 40 * DAY)
    return scene


def follow(scene: Scene, *roles: str) -> None:
    for role in roles:
        actions.set_following(initiative=scene.idea, user=scene.people[role], is_on=True, now=SIX - 10 * DAY)


def mails(now: datetime = SIX) -> dict[str, str]:
    """Plan and send; return the text of each new mail by the first name of the reader."""
    plan(now=now)
    names = dict(User.objects.values_list("email", "first_name"))
    return {names[mail.to[0]]: mail.body for mail in sent()}


def sent() -> list:
    outbox = letters()
    new = [mail for mail in outbox if "List-Unsubscribe" in mail.extra_headers]
    outbox.clear()
    return new


def test_who_started_it_follows_by_default_and_others_by_choice(scene):
    say(scene, scene.professional, "Er is een zaal.", now=NOON)
    assert set(mails()) == {"Dewi", "Joost"}
    follow(scene, "supporter")
    say(scene, scene.professional, "Er is koffie.", now=NOON + DAY)
    assert set(mails(SIX + DAY)) == {"Dewi", "Joost", "Samira"}


def test_who_becomes_a_co_initiator_later_follows_from_then_on(scene):
    say(scene, scene.professional, "Van voor die tijd", now=NOON - DAY)
    scene.idea.initiators.create(user=scene.parent, part="co_initiator", since=NOON - timedelta(hours=1))
    say(scene, scene.professional, "Er is een zaal.", now=NOON)
    body = mails()["Fatima"]
    assert ("Er is een zaal." in body, "Van voor die tijd" in body) == (True, False)


def test_nothing_before_six_and_once_a_day_whoever_runs_it_and_how_often(scene):
    say(scene, scene.supporter, "een", now=NOON)
    plan(now=SIX - timedelta(minutes=1))
    assert not Message.objects.filter(template="talking.digest").exists()
    for minutes in (0, 20, 200):
        plan(now=SIX + timedelta(minutes=minutes))
    assert len(sent()) == 2
    assert mails(SIX + timedelta(minutes=201)) == {}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_post_each_mail_once():
    scene = make_scene(published_at=timezone.now() - 30 * DAY)
    scene.idea.initiators.update(since=timezone.now() - 30 * DAY)
    say(scene, scene.supporter, "een", now=NOON)
    run_concurrently(*[lambda: plan(now=SIX)] * 4)
    assert Message.objects.filter(template="talking.digest").count() == 2


def test_what_happens_after_six_is_in_the_mail_of_the_next_day_also_if_that_ran_late(scene):
    say(scene, scene.supporter, "voor zessen", now=NOON)
    say(scene, scene.supporter, "na zessen", now=SIX + timedelta(minutes=30))
    body = mails(SIX + timedelta(hours=3))["Dewi"]
    assert ("voor zessen" in body, "na zessen" in body) == (True, False)
    body = mails(SIX + DAY)["Dewi"]
    assert ("voor zessen" in body, "na zessen" in body) == (False, True)


def test_a_day_without_a_worker_loses_nothing(scene):
    say(scene, scene.supporter, "eergisteren", now=NOON - 2 * DAY)
    say(scene, scene.supporter, "vandaag", now=NOON)
    body = mails()["Dewi"]
    assert ("eergisteren" in body, "vandaag" in body) == (True, True)


def test_a_plan_that_is_killed_halfway_is_made_up_for(scene, monkeypatch):
    say(scene, scene.supporter, "een", now=NOON)

    def killed(*letters):
        raise KeyboardInterrupt

    monkeypatch.setattr("initiatives.talking.digest.post", killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        plan(now=SIX)
    monkeypatch.undo()
    assert set(mails(SIX + timedelta(minutes=20))) == {"Dewi", "Joost"}


def test_posts_are_told_to_those_whom_the_author_chose(scene):
    follow(scene, "supporter", "professional", "officer", "officer_who_helps")
    say(scene, scene.co_initiator, "alleen-netwerk", NETWORK, now=NOON)
    say(scene, scene.co_initiator, "ook-gemeente", MUNICIPALITY, now=NOON)
    told = {name: ("alleen-netwerk" in body, "ook-gemeente" in body) for name, body in mails().items()}
    assert told == {
        "Dewi": (True, True),
        "Samira": (True, True),
        "Petra": (True, True),
        "Henk": (False, True),
        "Els": (False, True),
    }


def test_own_waiting_hidden_deleted_and_blocked_posts_are_left_out(scene):
    follow(scene, "supporter")
    people.block(user=scene.proposer, blocked=scene.co_initiator, now=NOON)
    say(scene, scene.supporter, "eigen", now=NOON)
    say(scene, scene.co_initiator, "geblokkeerd", now=NOON)
    waiting = say(scene, scene.newcomer, "wacht nog", now=NOON)
    hidden = say(scene, scene.professional, "verborgen", now=NOON)
    POST.set_visibility(POST.lock(hidden.pk), Visibility.HIDDEN, now=NOON)
    deleted = say(scene, scene.professional, "verwijderd", now=NOON)
    plan(now=SIX)
    actions.delete(post=deleted, by=scene.professional, now=SIX)  # after planning: what is true when it is sent
    bodies = {mail.to[0]: mail.body for mail in sent()}
    words = ("eigen", "geblokkeerd", "wacht nog", "verborgen", "verwijderd")
    said = {
        user.first_name: [word for word in words if word in bodies.get(user.email, "")]
        for user in (scene.proposer, scene.co_initiator, scene.supporter)
    }
    assert said == {"Dewi": ["eigen"], "Joost": ["eigen"], "Samira": ["geblokkeerd"]}
    POST.set_visibility(POST.lock(waiting.pk), Visibility.SHOWN, now=SIX + timedelta(hours=2))
    assert "wacht nog" in mails(SIX + DAY)["Samira"]


def test_commitments_are_numbers_without_names_and_not_for_the_municipality(scene):
    follow(scene, "supporter", "officer", "officer_who_helps")
    for name in ("Mees", "Ama"):
        make_support(scene.idea, make_user(name), asked_at=NOON)
    make_support(scene.idea, scene.supporter, kind="have", thing="room", words="de schuur", asked_at=NOON)
    scene.proposer.language = scene.supporter.language = "en"
    scene.proposer.save()
    scene.supporter.save()
    bodies = mails()
    assert set(bodies) == {"Dewi", "Joost", "Samira"}
    assert "- 2 families come\n- Someone has a room" in bodies["Dewi"]
    assert ("2 families come" in bodies["Samira"], "room" in bodies["Samira"]) == (True, False)
    assert not any(word in bodies["Dewi"] for word in ("Mees", "Ama", "Samira", "schuur"))


def test_questions_answers_and_steps_are_told_to_who_did_not_ask_or_take_them(scene):
    follow(scene, "supporter")
    question = ask(scene, now=NOON)
    asking.answer(question=question, by=scene.officer, text="Ja, vanaf maart.", now=NOON)
    progress.end(initiative=scene.idea, by=scene.proposer, reason=EndReason.DONE, note="", now=NOON)
    Message.objects.all().delete()
    scene.co_initiator.language = "en"
    scene.co_initiator.save()
    bodies = mails()
    assert set(bodies) == {"Dewi", "Joost"}  # Samira asked, heard of the answer, and got a mail about the end
    assert "Samira asks the municipality: Mag de schuur open?" in bodies["Joost"]
    assert "Ja, vanaf maart." in bodies["Joost"]
    assert "- Ended, Dewi" in bodies["Joost"]
    assert "Dewi" not in bodies["Dewi"].replace("Dewi,", "")


def test_no_news_is_no_mail(scene):
    follow(scene, "supporter")
    assert mails() == {}
    post = say(scene, scene.professional, "weg", now=NOON)
    actions.delete(post=post, by=scene.professional, now=NOON)
    assert mails() == {}


@pytest.mark.parametrize("visibility", ["hidden", "waiting"])
def test_after_an_idea_is_hidden_nothing_is_sent(scene, visibility):
    say(scene, scene.supporter, "een", now=NOON)
    plan(now=SIX)
    Initiative.objects.update(visibility=visibility)
    assert sent() == []
    assert mails(SIX + DAY) == {}


def test_who_no_longer_takes_part_or_stopped_gets_nothing(scene):
    follow(scene, "supporter", "newcomer")
    say(scene, scene.professional, "een", now=NOON)
    plan(now=SIX)
    Support.objects.filter(user=scene.supporter).update(state="withdrawn", withdrawn_at=SIX)
    actions.set_following(initiative=scene.idea, user=scene.newcomer, is_on=False, now=SIX)
    actions.set_following(initiative=scene.idea, user=scene.proposer, is_on=False, now=SIX)
    assert [mail.to[0] for mail in sent()] == [scene.co_initiator.email]


def test_each_idea_has_its_own_mail_and_its_own_link_to_stop(scene):
    other = make_initiative(scene.proposer, municipality=scene.town, title="Fietsclub")
    other.initiators.update(since=SIX - 30 * DAY)
    other.history.all().delete()
    say(scene, scene.supporter, "een", now=NOON)
    make_support(other, scene.supporter, asked_at=NOON)
    plan(now=SIX)
    found = [mail for mail in sent() if mail.to == [scene.proposer.email]]
    assert sorted(mail.subject.removeprefix("Nieuws over ").split(" ")[-1] for mail in found)
    links = {mail.extra_headers["List-Unsubscribe"] for mail in found}
    assert len(links) == 2
    for link in links:
        assert scene.proposer.email not in link


def test_one_click_stops_without_signing_in_and_only_a_post_does(scene):
    follow(scene, "supporter")
    row = Follow.objects.get()
    path = "/" + tokens.stop_url(row).split("/", 3)[3]
    client = visitor(None, enforce_csrf_checks=True)
    for _time in range(3):
        assert client.get(path).status_code == client.head(path).status_code == 200
    row.refresh_from_db()
    assert row.is_on
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 204
    row.refresh_from_db()
    assert not row.is_on
    assert client.post(path, {"on": "1"}).status_code == 302
    row.refresh_from_db()
    assert row.is_on
    assert client.get(path[:-4] + "xx/").status_code == 404
    Follow.objects.update(since=SIX - DAY)  # the link was opened by the clock on the wall
    say(scene, scene.professional, "een", now=NOON)
    actions.set_following(initiative=scene.idea, user=scene.proposer, is_on=False, now=NOON)
    assert set(mails()) == {"Joost", "Samira"}


def test_the_page_of_the_link_shows_nothing_of_a_hidden_idea(scene):
    follow(scene, "supporter")
    Initiative.objects.update(visibility="hidden")
    page = visitor(None).get("/" + tokens.stop_url(Follow.objects.get()).split("/", 3)[3])
    assert scene.idea.title not in page.content.decode()
    assert scene.idea.slug not in page.content.decode()


@pytest.mark.parametrize("role", ["parent", "host", "officer_elsewhere"])
def test_who_does_not_take_part_cannot_follow(scene, role):
    visitor(scene.people[role]).post(reverse("initiative_follow", args=[scene.idea.slug]), {"on": "1"})
    assert not Follow.objects.exists()


def test_the_button_on_the_page_follows_and_stops(scene):
    client, path = visitor(scene.supporter), reverse("initiative_follow", args=[scene.idea.slug])
    seen = []
    for is_on in ("1", "1", "0", "0", "1"):
        assert client.post(path, {"on": is_on}).status_code == 302
        seen.append(client.get(scene.idea.get_absolute_url()).context["follows"])
    assert seen == [True, True, False, False, True]
    assert Follow.objects.count() == 1
    assert visitor(scene.proposer).get(scene.idea.get_absolute_url()).context["follows"]


def test_someone_follows_an_idea_once(scene):
    follow(scene, "supporter")
    with pytest.raises(IntegrityError, match="follow_once"), transaction.atomic():
        Follow.objects.create(initiative=scene.idea, user=scene.supporter, is_on=True)


def test_follows_go_with_the_account_and_mails_about_it_are_not_sent(scene):
    follow(scene, "supporter")
    say(scene, scene.professional, "een", now=NOON)
    plan(now=SIX)
    assert privacy.export(scene.supporter, SIX)["ideas_you_follow"][0]["follows"]
    for role in ("supporter", "proposer", "professional"):
        user = scene.people.pop(role)
        privacy.erase(user=user, now=SIX)
        erase(user=user, now=SIX)
    assert sent() == []
    assert Follow.objects.count() == 1
