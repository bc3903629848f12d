"""What people who take part choose when their idea continues in another: to join that one, or to stop."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from initiatives import forgetting, needs, tokens
from initiatives.merging import moving
from initiatives.models import Initiator, Support
from initiatives.progress import actions as progress
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions as taking_part
from notifications.models import Message
from pages import privacy
from tests.factories import make_initiative, make_meetup, make_support, make_user
from tests.initiatives.test_merging import Two
from tests.mailbox import letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    found = Two()
    found.samira = make_user("Samira")
    found.support = make_support(found.club, found.samira, adults=2, children=3, moments=["3-afternoon"], is_named=True)
    return found


def path_of(support):
    return f"/initiatieven/mee-verder/{tokens.make(support)}/"


def follow(support):
    return moving.follow(support=Support.objects.select_related("initiative").get(pk=support.pk), now=timezone.now())


def promised(idea):
    return [
        (row.first_name, row.kind, row.words, row.adults, row.children)
        for row in idea.supports.live().order_by("asked_at", "pk")
    ]


def test_everyone_who_takes_part_gets_one_mail_and_only_the_button_moves_what_they_promised(two):
    make_support(two.club, two.samira, kind="help", words="thee zetten")
    two.merge()
    [letter] = [letter for letter in letters() if letter.to == [two.samira.email]]
    assert letter.subject == "Konijnenclub gaat verder in Cavia Café: doe je mee?"
    path = path_of(two.support)
    assert f"{path}?antwoord=ja" in letter.body
    assert f"{path}?antwoord=nee" in letter.body
    assert "Kies binnen" not in letter.body  # an account is kept
    stranger = Client()
    for _ in range(20):
        stranger.get(f"{path}?antwoord=ja")
        stranger.head(f"{path}?antwoord=nee")
    assert promised(two.cafe) == []
    assert two.club.supports.live().count() == 2
    page = stranger.get(path).content.decode()
    assert "Opslaan: ik doe daar mee" in page
    assert "Nog niet opgeslagen" in page
    assert "Opslaan: ik stop" in stranger.get(f"{path}?antwoord=nee").content.decode()
    for _ in range(2):  # a double tap
        assert stranger.post(path, {"answer": "ja"}).status_code == 302
    assert promised(two.cafe) == [
        ("Samira", "come", "", 2, 3),
        ("Samira", "help", "thee zetten", 1, 0),
    ]
    coming = two.cafe.supports.get(kind="come")
    assert (coming.pk, coming.moments, coming.is_named) == (two.support.pk, ["3-afternoon"], True)
    assert not two.club.supports.live().exists()
    two.cafe.refresh_from_db()
    assert two.cafe.stage == "gathering"
    shown = stranger.get(path, follow=True).content.decode()
    assert "Je doet mee" in shown
    assert "Cavia Café" in shown


def test_no_stops_everything_at_once_and_nothing_is_passed_on(two):
    make_support(two.club, two.samira, kind="help", words="thee zetten")
    two.merge()
    path = path_of(two.support)
    for _ in range(2):
        assert Client().post(path, {"answer": "nee"}).status_code == 302
    assert set(two.club.supports.values_list("state", flat=True)) == {"withdrawn"}
    assert not two.cafe.supports.exists()
    page = Client().get(path).content.decode()
    assert "Je doet niet meer mee. Dat is prima." in page
    assert two.cafe.get_absolute_url() in page


def test_until_someone_chooses_nothing_is_moved_and_nothing_is_lost(two):
    guest = make_support(two.club, guest_name="Aisha", guest_email="aisha@example.org")
    two.merge()
    assert two.club.supports.live().count() == 2
    assert "Kies binnen 30 dagen." in next(letter for letter in letters() if letter.to == ["aisha@example.org"]).body
    page = Client()
    page.force_login(two.samira)
    shown = page.get(two.club.get_absolute_url()).content.decode()
    assert path_of(two.support) in shown
    assert "Je doet mee: je komt." in shown
    forgetting.forget_guests(now=timezone.now() + timedelta(days=29))
    assert Support.objects.filter(pk=guest.pk).exists()


def test_two_names_on_one_address_are_two_mails_and_two_choices(two):
    couple = [
        make_support(two.club, guest_name=name, guest_email="gezin@example.org", children=1)
        for name in ("Mees", "Noor")
    ]
    two.merge()
    assert [letter.to for letter in letters()].count(["gezin@example.org"]) == 2
    follow(couple[0])
    assert promised(two.cafe) == [("Mees", "come", "", 1, 1)]
    assert couple[1].initiative.supports.live().filter(guest_name="Noor").exists()
    follow(couple[1])
    assert [row[0] for row in promised(two.cafe)] == ["Mees", "Noor"]


def test_who_takes_part_there_already_is_not_doubled(two):
    there = make_support(two.cafe, two.samira, adults=1, children=1)
    make_support(two.cafe, two.samira, kind="help", words="koffie")
    make_support(two.club, two.samira, kind="help", words="thee")
    two.merge()
    follow(two.support)
    follow(two.support)
    assert sorted(promised(two.cafe)) == [("Samira", "come", "", 1, 1), ("Samira", "help", "koffie; thee", 1, 0)]
    assert two.cafe.supports.get(kind="come") == there
    assert not two.club.supports.live().exists()
    assert "Je doet mee aan ‘Cavia Café’" in Client().get(path_of(two.support)).content.decode()


@pytest.mark.parametrize("state", ["withdrawn", "unconfirmed"])
def test_what_was_taken_back_or_not_confirmed_there_counts_with_what_is_promised_now(two, state):
    fields = {"withdrawn_at": timezone.now()} if state == "withdrawn" else {}
    make_support(two.cafe, guest_name="samira", guest_email=two.samira.email.upper(), state=state, **fields)
    two.merge()
    follow(two.support)
    [row] = two.cafe.supports.all()
    assert (row.state, row.adults, row.children, row.moments) == ("live", 2, 3, ["3-afternoon"])


def test_a_need_is_filled_there_only_if_it_is_still_missing_and_else_the_words_go_along(two):
    for idea in (two.club, two.cafe):
        idea.needed = "2 balen hooi\nEen kruiwagen" if idea == two.club else "2 Balen Hooi\nEen kruiwagen"
        idea.save()
        needs.sync(idea)
    hay, barrow = two.club.needs.all()
    fields = {"kind": "have", "thing": "material"}
    make_support(two.cafe, need=two.cafe.needs.get(text="Een kruiwagen"), **fields)
    make_support(two.club, two.samira, need=hay, amount=2, words="van de boer", **fields)
    make_support(two.club, two.samira, need=barrow, **fields)
    two.merge()
    follow(two.support)
    two.cafe.refresh_from_db()
    moved = two.cafe.supports.filter(user=two.samira, kind="have").order_by("need")
    assert [(row.need and row.need.text, row.amount, row.words) for row in moved] == [
        ("Balen Hooi", 2, "van de boer"),
        (None, 1, "Een kruiwagen"),
    ]
    assert two.cafe.asks == []
    two.club.refresh_from_db()
    assert two.club.asks == ["things"]  # missing there again


def test_who_fills_the_same_need_in_both_ideas_is_not_doubled(two):
    for idea in (two.club, two.cafe):
        idea.needed = "2 balen hooi"
        idea.save()
        needs.sync(idea)
        fields = {"kind": "have", "thing": "material", "need": idea.needs.get(), "amount": 2}
        make_support(idea, two.samira, **fields, words="van de boer" if idea == two.club else "")
    two.merge()
    follow(two.support)
    rows = two.cafe.supports.live().filter(kind="have")
    assert [(row.need and row.need.text, row.amount, row.words) for row in rows] == [("balen hooi", 2, "van de boer")]


def test_who_started_the_other_idea_hears_it_otherwise_and_does_not_come_to_their_own(two):
    make_support(two.club, two.bo)
    helps = make_support(two.club, two.bo, kind="help", words="thee")
    two.merge()
    assert not Message.objects.filter(template="initiatives.merged", user=two.bo).exists()
    follow(helps)
    assert [(row.kind, row.words) for row in two.cafe.supports.live()] == [("help", "thee")]


def test_who_started_the_one_that_ended_can_take_their_own_help_along(two):
    helps = make_support(two.club, two.dewi, kind="help", words="thee")
    two.merge(starts_along=True)
    page = Client()
    page.force_login(two.dewi)
    assert path_of(helps) in page.get(two.club.get_absolute_url()).content.decode()
    follow(helps)
    assert promised(two.cafe) == [("Dewi", "help", "thee", 1, 0)]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"stage": "paused"}, Refusal.PAUSED),
        ({"stage": "ended", "end_reason": "done"}, Refusal.ENDED),
    ],
)
def test_when_the_other_idea_is_paused_or_has_ended_the_promise_waits_and_the_page_says_why(two, fields, refusal):
    two.merge()
    type(two.cafe).objects.filter(pk=two.cafe.pk).update(**fields)
    with pytest.raises(CannotDo) as refused:
        follow(two.support)
    assert refused.value.refusal == refusal
    answer = Client().post(path_of(two.support), {"answer": "ja"})
    assert (answer.status_code, str(refusal.label) in answer.content.decode()) == (422, True)
    assert two.club.supports.live().exists()
    assert Client().post(path_of(two.support), {"answer": "nee"}).status_code == 302


def test_a_hidden_idea_is_not_shown_and_the_old_page_stays_the_place_to_stop(two):
    two.merge()
    type(two.cafe).objects.filter(pk=two.cafe.pk).update(visibility="hidden")
    answer = Client().get(path_of(two.support))
    assert answer.url == f"/initiatieven/link/{tokens.make(two.support)}/"
    page = Client().get(answer.url).content.decode()
    assert "Cavia" not in page
    assert "Niet meer meedoen" in page
    with pytest.raises(CannotDo) as refused:
        follow(two.support)
    assert refused.value.refusal == Refusal.ENDED
    assert letters() == []  # about what nobody sees
    assert Client().post(path_of(two.support), {"answer": "ja"}).status_code == 302


def test_the_link_of_any_earlier_mail_leads_to_the_choice(two):
    two.merge()
    page = Client().get(f"/initiatieven/link/{tokens.make(two.support)}/").content.decode()
    assert path_of(two.support) in page


def test_in_a_chain_who_did_not_choose_yet_joins_the_last(two):
    two.merge()
    third = make_initiative(make_user(), municipality=two.town, title="Dierenclub")
    two.agree(two.ask(initiative=two.cafe, other=third, by=two.bo), by=third.initiators.get().user)
    follow(two.support)
    assert promised(third) == [("Samira", "come", "", 2, 3)]
    assert not two.cafe.supports.exists()


def test_after_it_continues_by_itself_who_moved_stays_and_who_did_not_takes_part_as_before(two):
    other = make_support(two.club, make_user("Eva"))
    two.merge()
    follow(two.support)
    progress.reopen(initiative=two.club, by=two.dewi, now=timezone.now())
    for support in (two.support, other):
        assert follow(support).is_live
    assert [row[0] for row in promised(two.cafe)] == ["Samira"]
    assert [row[0] for row in promised(two.club)] == ["Eva"]
    assert Client().get(path_of(other)).url == f"/initiatieven/link/{tokens.make(other)}/"


def test_who_moves_comes_after_who_was_there_before_and_hears_nothing_old_any_more(two):
    make_support(two.cafe, make_user("Eva"))
    progress.pause(initiative=two.club, by=two.dewi, now=timezone.now())
    two.merge()
    follow(two.support)
    assert [row[0] for row in promised(two.cafe)] == ["Eva", "Samira"]
    assert not Message.objects.unsent().filter(user=two.samira).exists()


def test_a_wrong_or_old_link_says_what_to_do(two):
    two.merge()
    assert Client().get("/initiatieven/mee-verder/x/").status_code == 404
    path = path_of(two.support)
    two.support.delete()
    assert Client().get(path).status_code == 410
    guest = make_support(two.club, guest_name="Aisha", guest_email="a@example.org", state="unconfirmed")
    assert Client().post(path_of(guest), {"answer": "ja"}).status_code == 302
    guest.refresh_from_db()
    assert (guest.initiative, guest.state) == (two.club, "unconfirmed")


def test_a_hidden_text_of_the_idea_that_ended_is_in_no_mail_and_on_no_page(two):
    two.merge()
    type(two.club).objects.filter(pk=two.club.pk).update(visibility="hidden")
    [letter] = [letter for letter in letters() if letter.to == [two.samira.email]]
    assert "Konijnenclub" not in letter.subject + letter.body + str(letter.alternatives)
    assert "Konijnenclub" not in Client().get(path_of(two.support)).content.decode()


def test_taking_back_what_moved_in_the_meantime_asks_to_look_again(two):
    two.merge()
    stale = Support.objects.select_related("initiative").get(pk=two.support.pk)
    follow(two.support)
    with pytest.raises(CannotDo) as refused:
        taking_part.withdraw(support=stale, now=timezone.now())
    assert refused.value.refusal == Refusal.MOVED
    assert two.cafe.supports.live().exists()


def test_erasing_an_account_takes_the_promise_out_of_both_ideas(two):
    make_support(two.club, guest_name="Sam", guest_email=two.samira.email)
    two.merge()
    follow(two.support)
    privacy.erase(user=two.samira, now=timezone.now())
    assert not Support.objects.exists()
    assert Client().get(two.cafe.get_absolute_url()).status_code == 200


def test_in_an_idea_that_runs_already_the_page_leads_to_its_meetup(two):
    meetup = make_meetup(title="Cavia-ochtend")
    type(two.cafe).objects.filter(pk=two.cafe.pk).update(stage="running", meetup=meetup)
    two.cafe.refresh_from_db()
    two.merge()
    follow(two.support)
    two.support.refresh_from_db()
    assert two.support.initiative == two.cafe
    page = Client().get(f"/initiatieven/link/{tokens.make(two.support)}/").content.decode()
    assert meetup.get_absolute_url() in page


def test_mails_wait_for_nobody_twice(two):
    merge = two.merge()
    two.agree(merge)
    mail.outbox.clear()
    letters()
    assert [letter.to for letter in mail.outbox].count([two.samira.email]) == 1


def test_an_initiator_who_left_meanwhile_is_asked_like_anyone(two):
    make_support(two.club, two.joost)
    Initiator.objects.filter(user=two.joost).delete()
    two.merge()
    assert [two.joost.email] in [letter.to for letter in letters()]
