"""Starting an idea together: invitations that reveal nothing, answers, handing over, stepping down."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives import leaving, tokens
from initiatives.initiating import actions
from initiatives.models import Initiator, Invitation
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions as taking_part
from notifications.models import Message
from tests.factories import make_initiative, make_municipality, make_support, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposer():
    return make_user("Dewi")


@pytest.fixture
def idea(proposer):
    town = make_municipality("Hengelo")
    return make_initiative(proposer, municipality=town, title="Win nu gratis een telefoon", slug="www-phishing-nl")


def invite(idea, by, email="bo@example.org", now=None):
    return actions.invite(initiative=idea, by=by, email=email, language="nl", now=now or timezone.now())


def path_of(invitation):
    return f"/uitnodiging/{tokens.make_for_invitation(invitation)}/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_mail_to_a_stranger_holds_no_word_of_who_invites_and_no_link_made_from_words(idea, proposer):
    invite(idea, proposer)
    [mail] = letters()
    [(html, _kind)] = mail.alternatives
    for text in (mail.subject, mail.body, html):
        for word in ("Dewi", "gratis", "telefoon", "phishing", "cavia"):
            assert word not in text
    assert mail.subject == "Begin je samen een idee in Hengelo?"
    assert "/uitnodiging/" in mail.body


def test_yes_needs_the_account_of_that_address_and_no_needs_none(idea, proposer):
    invitation = invite(idea, proposer)
    path = path_of(invitation)
    stranger = Client()
    assert "Win nu gratis een telefoon" in stranger.get(path).content.decode()
    assert stranger.post(path, {"yes": "1"}).url.startswith("/account/login/code/?next=%2Fuitnodiging%2F")
    other = signed_in(make_user("Noor"))
    assert "Deze uitnodiging is voor een ander e-mailadres" in other.get(path).content.decode()
    assert other.post(path, {"yes": "1"}).status_code == 422
    bo = make_user("Bo", email="bo@example.org")
    for _ in range(2):  # twice is once
        assert signed_in(bo).post(path, {"yes": "1"}).url == idea.get_absolute_url()
    assert list(idea.initiators.values_list("user__first_name", "part")) == [
        ("Dewi", "proposer"),
        ("Bo", "co_initiator"),
    ]
    invitation.refresh_from_db()
    assert (invitation.state, invitation.email) == ("accepted", "")
    assert idea.history.last().step == "joined"
    assert "Deze uitnodiging is aangenomen" in stranger.get(path).content.decode()


def test_opening_the_link_twenty_times_answers_nothing(idea, proposer):
    invitation = invite(idea, proposer)
    client = signed_in(make_user(email="bo@example.org"))
    for _ in range(20):
        client.get(path_of(invitation))
        client.head(path_of(invitation))
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert idea.initiators.count() == 1


def test_no_is_final_for_everyone_who_started_it_and_nobody_notices(idea, proposer):
    invitation = invite(idea, proposer)
    assert Client().post(path_of(invitation), {"no": "1"}).status_code == 302
    partner = make_user()
    Initiator.objects.create(initiative=idea, user=partner, part=Initiator.As.CO_INITIATOR)
    pages = []
    for by in (proposer, partner):
        answer = signed_in(by).post(f"{idea.get_absolute_url()}samen/", {"email": "bo@example.org"}, follow=True)
        pages.append(answer.content.decode())
    assert all("Gevraagd. Zei deze persoon niet eerder nee?" in page for page in pages)
    assert letters() == []  # the first one was not sent yet, and is not needed any more
    invitation.refresh_from_db()
    assert (invitation.state, invitation.email) == ("declined", "")
    refused = signed_in(make_user(email="bo@example.org")).post(path_of(invitation), {"yes": "1"})
    assert refused.status_code == 422


def test_asking_twice_is_one_mail_and_five_a_day_are_enough(idea, proposer):
    now = timezone.now()
    assert invite(idea, proposer, now=now) == invite(idea, proposer, now=now)
    other = make_initiative(proposer)
    for number in range(4):
        invite(other, proposer, email=f"p{number}@example.org", now=now)
    with pytest.raises(CannotDo) as refused:
        invite(idea, proposer, email="more@example.org", now=now)
    assert refused.value.refusal == Refusal.TOO_MANY_INVITATIONS
    assert invite(idea, proposer, email="more@example.org", now=now + timedelta(days=1, minutes=1)) is not None
    assert Message.objects.filter(template="initiative_invitations.asked").count() == 6


def test_a_late_invitation_and_one_of_an_ended_or_hidden_idea_say_what_to_do(idea, proposer):
    invitation = invite(idea, proposer)
    client = signed_in(make_user(email="bo@example.org"))
    type(idea).objects.filter(pk=idea.pk).update(stage="ended", end_reason="done")
    assert "Dit idee is gestopt, dus dit kan niet meer." in client.get(path_of(invitation)).content.decode()
    assert client.post(path_of(invitation), {"yes": "1"}).status_code == 422
    type(idea).objects.filter(pk=idea.pk).update(stage="idea", end_reason="", visibility="hidden")
    assert "telefoon" not in client.get(path_of(invitation)).content.decode()
    type(idea).objects.filter(pk=idea.pk).update(visibility="shown")
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert "Deze uitnodiging geldt niet meer." in client.get(path_of(invitation)).content.decode()
    assert client.post(path_of(invitation), {"yes": "1"}).status_code == 422
    assert idea.initiators.count() == 1
    letters()
    assert Message.objects.get().state == "skipped"


def test_taken_back_it_is_gone(idea, proposer):
    invitation = invite(idea, proposer)
    signed_in(proposer).post(f"{idea.get_absolute_url()}samen/{invitation.pk}/terugnemen/")
    assert Client().get(path_of(invitation)).status_code == 404
    assert letters() == []


def test_only_who_started_it_invites(idea):
    supporter = make_user()
    make_support(idea, supporter)
    with pytest.raises(CannotDo) as refused:
        invite(idea, supporter)
    assert refused.value.refusal == Refusal.NOT_YOURS
    assert signed_in(supporter).get(f"{idea.get_absolute_url()}samen/").status_code == 404


def test_six_people_are_enough(idea, proposer):
    for _ in range(4):
        Initiator.objects.create(initiative=idea, user=make_user(), part=Initiator.As.CO_INITIATOR)
    invite(idea, proposer)
    with pytest.raises(CannotDo) as refused:
        invite(idea, proposer, email="seventh@example.org")
    assert refused.value.refusal == Refusal.TOO_MANY_INITIATORS


def test_handing_over_and_stepping_down(idea, proposer):
    bo = make_user("Bo")
    Initiator.objects.create(initiative=idea, user=bo, part=Initiator.As.CO_INITIATOR)
    with pytest.raises(CannotDo) as refused:
        actions.step_down(initiative=idea, by=proposer, now=timezone.now())
    assert refused.value.refusal == Refusal.HAND_OVER_FIRST
    with pytest.raises(CannotDo) as refused:
        actions.hand_over(initiative=idea, by=bo, to=bo, now=timezone.now())
    assert refused.value.refusal == Refusal.NOT_YOURS
    actions.hand_over(initiative=idea, by=proposer, to=bo, now=timezone.now())
    assert idea.initiators.get(part="proposer").user == bo
    actions.step_down(initiative=idea, by=proposer, now=timezone.now())
    assert [initiator.user for initiator in idea.initiators.all()] == [bo]
    assert list(idea.history.values_list("step", flat=True)) == ["published", "handed_over", "stepped_down"]


def test_a_commitment_with_the_same_number_that_is_taken_back_takes_no_invitation_along(idea, proposer):
    invitation = invite(idea, proposer)
    mine = make_support(idea, make_user(), pk=invitation.pk)
    taking_part.withdraw(support=mine, now=timezone.now())
    assert [mail.to for mail in letters()] == [["bo@example.org"]]


STEPS = {
    "edit": lambda idea, by, now: proposing.change(initiative=idea, by=by, now=now, fields={"title": "Anders"}),
    "pause": lambda idea, by, now: progress.pause(initiative=idea, by=by, now=now),
    "end": lambda idea, by, now: progress.end(initiative=idea, by=by, reason="done", note="", now=now),
    "erase": lambda idea, by, now: leaving.leave_all(user=by, now=now),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_every_step_works_while_an_invitation_is_open_and_who_opens_it_then_reads_what_holds(idea, proposer, step):
    make_support(idea, make_user())
    invitation = invite(idea, proposer)
    step(idea, proposer, timezone.now())
    idea.refresh_from_db()
    guest = signed_in(make_user(email="bo@example.org"))
    page = guest.get(path_of(invitation))
    assert page.status_code == 200
    said = "Dit idee is gestopt, dus dit kan niet meer." in page.content.decode()
    assert said == idea.is_ended
    assert guest.post(path_of(invitation), {"yes": "1"}).status_code == (422 if idea.is_ended else 302)
