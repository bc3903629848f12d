"""Taking part with an account and without, taking it back, and who sees whom."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives import tokens
from initiatives.models import Initiator, Support
from initiatives.progress import actions as progress
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Stage
from initiatives.taking_part import actions
from initiatives.taking_part.actions import Commitment
from initiatives.taking_part.page import numbers
from notifications.models import Message
from tests.factories import make_initiative, make_support, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db
GUEST = {"adults": "2", "children": "1", "first_name": "Samira", "email": "samira@example.org"}


def support(idea, user, now=None, **fields):
    return actions.support(initiative=idea, user=user, commitment=Commitment(**fields), now=now or timezone.now())


def link_in(mail):
    return re.search(r"/initiatieven/link/[^\s]+", mail.body)[0]


def test_supporting_twice_is_one_commitment_with_the_last_numbers():
    idea, person = make_initiative(), make_user()
    support(idea, person, adults=1)
    support(idea, person, adults=2, children=3)
    assert list(idea.supports.values_list("adults", "children", "state")) == [(2, 3, "live")]


def test_one_person_can_come_help_and_fill_two_needs():
    idea, person = make_initiative(needed="Hooi\nTafel"), make_user()
    support(idea, person)
    support(idea, person, kind="help", words="thee zetten")
    for need in idea.needs.all():
        support(idea, person, kind="have", thing="material", need=need)
    assert idea.supports.live().count() == 4
    assert [need.missing for need in idea.needs.with_missing()] == [0, 0]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"stage": "ended", "end_reason": "done"}, Refusal.ENDED),
        ({"stage": "paused"}, Refusal.PAUSED),
        ({"visibility": "hidden"}, Refusal.NOT_PUBLIC),
        ({"visibility": "waiting"}, Refusal.NOT_PUBLIC),
        ({"published_at": None}, Refusal.NOT_PUBLIC),
    ],
)
def test_nobody_takes_part_in_what_is_not_open_and_the_reason_says_what_to_do(fields, refusal):
    idea = make_initiative(**fields)
    person = {"first_name": "Samira", "email": "s@example.org"}
    for act in (
        lambda: support(idea, make_user()),
        lambda: actions.support_as_guest(initiative=idea, commitment=Commitment(), now=timezone.now(), **person),
    ):
        with pytest.raises(CannotDo) as refused:
            act()
        assert refused.value.refusal == refusal
    assert not Support.objects.exists()
    assert not Message.objects.exists()


def test_nobody_comes_to_their_own_idea_but_they_may_have_something_for_it():
    proposer = make_user()
    idea = make_initiative(proposer)
    with pytest.raises(CannotDo) as refused:
        support(idea, proposer)
    assert refused.value.refusal == Refusal.OWN
    support(idea, proposer, kind="have", thing="material", words="een tafel")
    idea.refresh_from_db()
    assert idea.stage == Stage.IDEA  # nobody else takes part yet


def test_the_first_other_person_moves_the_idea_and_the_history_does_not_name_them():
    idea = make_initiative()
    support(idea, make_user("Samira"))
    support(idea, make_user("Ama"))
    idea.refresh_from_db()
    assert idea.stage == Stage.GATHERING
    assert list(idea.history.values_list("step", "by__first_name")) == [("published", "Noor"), ("gathered", None)]


def test_withdrawing_is_one_tap_in_every_stage_and_can_be_undone():
    idea, person = make_initiative(needed="2 balen hooi"), make_user()
    mine = support(idea, person, kind="have", thing="material", need=idea.needs.get(), amount=2)
    client = Client()
    client.force_login(person)
    for stage, reason in (("gathering", ""), ("paused", ""), ("ended", "done")):
        type(idea).objects.filter(pk=idea.pk).update(stage=stage, end_reason=reason)
        assert client.post(f"{idea.get_absolute_url()}meedoen/{mine.pk}/stoppen/").status_code == 302
        mine.refresh_from_db()
        assert mine.state == "withdrawn"
        assert idea.needs.with_missing().get().missing == 2
        type(idea).objects.filter(pk=idea.pk).update(stage="gathering", end_reason="")
        assert client.post(f"{idea.get_absolute_url()}meedoen/{mine.pk}/toch/").status_code == 302
        assert idea.needs.with_missing().get().missing == 0


def test_who_takes_back_one_of_two_commitments_still_hears_what_was_about_to_be_told():
    proposer, person = make_user(), make_user()
    idea = make_initiative(proposer, stage="gathering")
    first = support(idea, person)
    support(idea, person, kind="help", words="thee zetten")
    progress.pause(initiative=idea, by=proposer, now=timezone.now())
    actions.withdraw(support=first, now=timezone.now())
    assert [mail.to for mail in letters()] == [[person.email]]
    progress.resume(initiative=idea, by=proposer, now=timezone.now())
    for mine in idea.supports.live():
        actions.withdraw(support=mine, now=timezone.now())
    assert len(letters()) == 1  # the one of before


def test_nobody_takes_back_the_commitment_of_another():
    idea, person = make_initiative(), make_user()
    mine = support(idea, person)
    client = Client()
    client.force_login(make_user())
    answer = client.post(f"{idea.get_absolute_url()}meedoen/{mine.pk}/stoppen/", follow=True)
    assert "Je doet niet mee met dit idee" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.state == "live"


def test_a_guest_confirms_with_a_link_that_changes_nothing_by_being_opened_and_stops_with_the_same_link(client):
    idea = make_initiative()
    asked = client.post(f"{idea.get_absolute_url()}meedoen/?hoe=kom", GUEST)
    assert "We hebben een mail gestuurd naar" in asked.content.decode()
    mine = idea.supports.get()
    assert mine.state == "unconfirmed"
    [mail] = letters()
    assert mail.subject == "Bevestig nog even: Cavia Café"
    path = link_in(mail)
    for _ in range(20):
        assert client.get(path).status_code == client.head(path).status_code == 200
    mine.refresh_from_db()
    assert mine.state == "unconfirmed"
    for _ in range(2):  # confirming again sends nothing new
        assert client.post(path, {"do": "confirm"}).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, mine.adults, mine.children) == ("live", 2, 1)
    assert client.post(path, {"do": "stop"}).status_code == 302
    mine.refresh_from_db()
    assert mine.state == "withdrawn"
    assert client.post(path, {"do": "again"}).status_code == 302
    mine.refresh_from_db()
    assert mine.state == "live"
    assert len(letters()) == 1


def test_two_first_names_on_one_address_both_count_and_one_can_stop(client):
    idea = make_initiative()
    for name in ("Samira", "Joost"):
        client.post(f"{idea.get_absolute_url()}meedoen/?hoe=kom", GUEST | {"first_name": name})
    mails = letters()
    assert len(mails) == 2
    for mail in mails:
        client.post(link_in(mail), {"do": "confirm"})
    assert numbers(idea)["adults"] == 4
    client.post(link_in(mails[0]), {"do": "stop"})
    assert [row.guest_name for row in idea.supports.live()] == ["Joost"]


def test_the_answer_to_a_guest_tells_nothing_about_their_address(client):
    idea = make_initiative()
    known = make_user("Samira", email="samira@example.org")
    make_support(idea, known)
    pages = [
        client.post(f"{idea.get_absolute_url()}meedoen/?hoe=kom", GUEST | {"email": email}).content.decode()
        for email in ("samira@example.org", "nobody@example.org", "nobody@example.org")
    ]
    assert len({page.replace("samira@", "nobody@") for page in pages}) == 1


def test_a_guest_who_has_an_account_by_that_name_takes_part_with_it():
    idea, person = make_initiative(), make_user("Samira", email="samira@example.org")
    mine = make_support(idea, guest_name="samira", guest_email="samira@example.org", state="unconfirmed")
    actions.confirm(support=mine, now=timezone.now())
    mine.refresh_from_db()
    assert (mine.user, mine.guest_name, mine.state) == (person, "", "live")


@pytest.mark.parametrize(
    ("age", "status"), [(timedelta(hours=23, minutes=59), 200), (timedelta(hours=24, minutes=1), 410)]
)
def test_a_link_confirms_for_a_day(client, age, status):
    mine = make_support(make_initiative(), state="unconfirmed", asked_at=timezone.now() - age)
    assert client.get(f"/initiatieven/link/{tokens.make(mine)}/").status_code == status


@pytest.mark.parametrize("token", ["x", "1.2", "🐹", "a" * 2000])
def test_a_broken_link_says_what_to_do(client, token):
    page = client.get(f"/initiatieven/link/{token}/")
    assert page.status_code == 404
    assert "Heb je de hele link uit de mail gebruikt?" in page.content.decode() or "link" in page.content.decode()


def test_a_late_link_of_an_ended_idea_says_why(client):
    idea = make_initiative(stage="ended", end_reason="done")
    mine = make_support(idea, state="unconfirmed")
    path = f"/initiatieven/link/{tokens.make(mine)}/"
    assert "Dit idee is gestopt, dus dit kan niet meer." in client.get(path).content.decode()
    refused = client.post(path, {"do": "confirm"})
    assert (refused.status_code, "Dit idee is gestopt" in refused.content.decode()) == (422, True)
    mine.refresh_from_db()
    assert mine.state == "unconfirmed"


def test_twenty_guests_on_one_connection_in_ten_minutes_all_succeed(client):
    idea = make_initiative()
    for number in range(20):
        answer = client.post(
            f"{idea.get_absolute_url()}meedoen/?hoe=kom", GUEST | {"email": f"ouder{number}@example.org"}
        )
        assert answer.status_code == 200
    assert idea.supports.unconfirmed().count() == 20


def names_on_page(idea, user):
    client = Client()
    if user is not None:
        client.force_login(user)
    page = client.get(idea.get_absolute_url()).content.decode()
    return {name for name in ("Samira", "Ama", "Joost") if name in page}


def test_people_who_take_part_see_each_other_only_where_both_chose_it():
    proposer = make_user("Dewi")
    idea = make_initiative(proposer)
    samira, ama, joost = (make_user(name) for name in ("Samira", "Ama", "Joost"))
    support(idea, samira, is_named=True)
    support(idea, ama, is_named=True)
    support(idea, joost, is_named=False)
    partner = make_user("Bo")
    Initiator.objects.create(initiative=idea, user=partner, part=Initiator.As.CO_INITIATOR)
    assert names_on_page(idea, samira) == {"Ama"}
    assert names_on_page(idea, joost) == set()
    assert names_on_page(idea, make_user("Noor")) == set()
    assert names_on_page(idea, None) == set()
    assert names_on_page(idea, proposer) == names_on_page(idea, partner) == {"Samira", "Ama"}


def test_the_public_page_has_no_numbers_of_people_and_who_started_it_sees_them(town):
    client = Client()
    client.force_login(town.host)
    own = client.get(town.idea.get_absolute_url()).content.decode()
    assert "3 anderen doen mee." in own
    assert "Wie komen: 2 volwassenen en 2 kinderen" in own
    public = Client().get(town.idea.get_absolute_url()).content.decode()
    assert "anderen doen mee" not in public
    assert "Ik zet thee." in own
    assert "Ik zet thee." not in public


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (GUEST | {"first_name": ""}, "Vul je voornaam in."),
        (GUEST | {"email": "geen adres"}, "e-mailadres"),
        (GUEST | {"adults": "0"}, "Vul 1 of meer in."),
        (GUEST | {"adults": "99999999999999999999"}, "Vul een getal in tot en met 6."),
        (GUEST | {"moments": ["8-nacht"]}, "Deze keuze kennen we niet."),
    ],
)
def test_wrong_input_gets_a_sentence_and_keeps_what_was_typed(client, data, says):
    idea = make_initiative()
    answer = client.post(f"{idea.get_absolute_url()}meedoen/?hoe=kom", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert (data["first_name"] or data["email"]) in page
    assert not Support.objects.exists()


def test_a_need_that_is_gone_by_now_is_refused_with_what_is_still_missing():
    idea, person = make_initiative(needed="Hooi"), make_user()
    need = idea.needs.get()
    idea.needs.update(is_wanted=False)
    with pytest.raises(CannotDo) as refused:
        support(idea, person, kind="have", thing="material", need=need)
    assert refused.value.refusal == Refusal.NEED_GONE


def test_sign_in_from_the_form_leads_back_to_it(client):
    idea = make_initiative()
    answer = client.post(f"{idea.get_absolute_url()}meedoen/?hoe=help", {"sign_in": "1"})
    assert answer.url.startswith("/account/login/code/?next=")
    assert "meedoen" in answer.url


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_of_a_stranger_costs_three_queries_however_many_take_part(client, django_assert_num_queries, number):
    idea = make_initiative(needed="\n".join(f"ding {letter}" for letter in "abcdefgh"))
    for _ in range(number):
        make_support(idea)
    with django_assert_num_queries(3):
        assert client.get(idea.get_absolute_url()).status_code == 200


def test_a_stranger_gets_the_page_from_the_cache_until_something_changes(client, django_assert_num_queries):
    idea = make_initiative(needed="Hooi")
    client.get(idea.get_absolute_url())
    with django_assert_num_queries(0):
        assert "Mist nog" in client.get(idea.get_absolute_url()).content.decode()
