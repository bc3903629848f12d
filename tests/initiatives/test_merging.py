"""Continuing together: asking, the answer, and what becomes of both ideas."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from initiatives import forgetting, tokens
from initiatives.initiating import actions as initiating
from initiatives.merging import actions
from initiatives.models import AgreedSlot, Initiator, Invitation, Merge, Plan
from initiatives.progress import actions as progress
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import EndReason
from moderation.actions import people
from notifications.models import Message
from page_cache import versions
from pages import privacy
from tests.factories import make_initiative, make_meetup, make_municipality, make_support, make_user
from tests.initiatives.groups import list_group
from tests.initiatives.places import make_cavia
from tests.mailbox import letters

pytestmark = pytest.mark.django_db


class Two:
    """The Konijnenclub of Dewi with Joost, and the Cavia Café of Bo: two ideas in one town."""

    def __init__(self):
        self.town = make_municipality("Hengelo")
        self.dewi, self.joost, self.bo = make_user("Dewi"), make_user("Joost"), make_user("Bo")
        self.club = make_initiative(self.dewi, municipality=self.town, title="Konijnenclub", stage="gathering")
        self.cafe = make_initiative(self.bo, municipality=self.town, title="Cavia Café")
        Initiator.objects.create(initiative=self.club, user=self.joost, part=Initiator.As.CO_INITIATOR)

    def ask(self, **fields):
        """Dewi asks whether her Konijnenclub continues in the Cavia Café."""
        asks = {"initiative": self.club, "other": self.cafe, "by": self.dewi, "is_ending": True, "starts_along": False}
        return actions.ask(**{**asks, "now": timezone.now(), **fields})

    def agree(self, merge, **fields):
        agrees = {"merge": merge, "by": self.bo, "starts_along": True, "now": timezone.now()}
        return actions.agree(**{**agrees, **fields})

    def merge(self, **fields):
        merge = self.agree(self.ask(**fields))
        self.club.refresh_from_db()
        self.cafe.refresh_from_db()
        return merge


@pytest.fixture
def two():
    return Two()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def answer_path(merge, user):
    return f"/initiatieven/samen-verder/{tokens.make_for_merge(merge, user.pk)}/"


def ask_path(idea, other):
    return f"{idea.get_absolute_url()}samen-verder/?met={other.slug}"


def refusal_of(act, **fields):
    with pytest.raises(CannotDo) as refused:
        act(**fields)
    return refused.value.refusal


def test_who_started_one_asks_and_who_started_the_other_answers_by_the_link_in_the_mail(two):
    page = signed_in(two.dewi).get(ask_path(two.club, two.cafe)).content.decode()
    assert "‘Konijnenclub’ stopt, en gaat verder in ‘Cavia Café’" in page
    asked = signed_in(two.dewi).post(ask_path(two.club, two.cafe), {"ends": "mine", "starts_along": "on"})
    assert asked.url == two.club.get_absolute_url()
    merge = Merge.objects.get()
    assert (merge.ending, merge.into, merge.asked_by, merge.state) == (two.club, two.cafe, two.dewi, "asked")
    [letter] = letters()
    assert letter.to == [two.bo.email]
    assert letter.subject == "Gaan jullie samen verder met Konijnenclub?"
    path = answer_path(merge, two.bo)
    assert f"{path}?antwoord=ja" in letter.body
    assert f"{path}?antwoord=nee" in letter.body
    stranger = Client()
    assert "Nog niet opgeslagen" in stranger.get(f"{path}?antwoord=ja").content.decode()
    assert stranger.post(path, {"answer": "ja", "starts_along": "on"}).url == f"{path}#answer"
    for idea in (two.club, two.cafe):
        idea.refresh_from_db()
    assert (two.club.stage, two.club.end_reason, two.club.merged_into) == ("ended", "merged", two.cafe)
    assert (two.cafe.stage, two.cafe.merged_into) == ("idea", None)
    assert list(two.club.history.values_list("step", "by", "via"))[-1] == ("merged", two.dewi.pk, "page")
    assert ("took_in", two.bo.pk, "mail") in two.cafe.history.values_list("step", "by", "via")
    assert [person.user.first_name for person in two.cafe.initiators.all()] == ["Bo", "Dewi", "Joost"]
    assert "Jullie gaan samen verder" in stranger.get(path).content.decode()


def test_it_can_also_be_the_idea_of_who_answers_that_ends(two):
    signed_in(two.dewi).post(ask_path(two.club, two.cafe), {"ends": "other"})
    merge = Merge.objects.get()
    assert (merge.ending, merge.into, merge.asked) == (two.cafe, two.club, two.cafe)
    two.agree(merge)
    two.cafe.refresh_from_db()
    assert two.cafe.merged_into == two.club
    assert [person.user for person in two.club.initiators.all()] == [two.dewi, two.joost]  # not asked for


@pytest.mark.parametrize(("asked", "agreed", "names"), [(True, False, ["Bo"]), (False, True, ["Bo"])])
def test_who_started_the_one_that_ends_starts_the_other_only_if_both_sides_want_it(two, asked, agreed, names):
    two.agree(two.ask(starts_along=asked), starts_along=agreed)
    assert [person.user.first_name for person in two.cafe.initiators.all()] == names


def test_no_more_than_six_start_an_idea(two):
    for _ in range(3):
        Initiator.objects.create(initiative=two.cafe, user=make_user(), part=Initiator.As.CO_INITIATOR)
    initiating.invite(initiative=two.cafe, by=two.bo, email="x@example.org", language="nl", now=timezone.now())
    two.merge(starts_along=True)
    assert [row.user.first_name for row in two.cafe.initiators.order_by("pk")][-1] == "Dewi"  # five, and an invitation
    assert two.cafe.initiators.count() == 5


def test_opening_the_link_twenty_times_answers_nothing(two):
    merge = two.ask()
    for _ in range(20):
        for answer in ("ja", "nee", ""):
            Client().get(f"{answer_path(merge, two.bo)}?antwoord={answer}")
            Client().head(f"{answer_path(merge, two.bo)}?antwoord={answer}")
    merge.refresh_from_db()
    two.club.refresh_from_db()
    assert (merge.state, two.club.stage) == ("asked", "gathering")


def test_a_no_is_kind_and_tells_who_asked_and_is_not_asked_again_from_that_side(two):
    merge = two.ask()
    letters()
    mail.outbox.clear()
    path = answer_path(merge, two.bo)
    assert Client().post(path, {"answer": "nee"}).status_code == 302
    assert "Je zei nee. Dat is prima." in Client().get(path).content.decode()
    sent = letters()
    assert sorted(letter.to for letter in sent) == sorted([[two.dewi.email], [two.joost.email]])
    assert all("Bedankt voor je vraag." in letter.body for letter in sent)
    two.club.refresh_from_db()
    assert two.club.stage == "gathering"
    assert refusal_of(two.ask) == Refusal.MERGE_SAID_NO
    assert refusal_of(two.ask, by=two.joost, is_ending=False) == Refusal.MERGE_SAID_NO
    assert two.ask(initiative=two.cafe, other=two.club, by=two.bo).state == "asked"  # who said no may ask


def test_a_double_tap_asks_once_and_an_answer_given_twice_is_one(two):
    assert two.ask() == two.ask()
    assert Message.objects.filter(template="initiative_merges.asked").count() == 1
    merge = Merge.objects.get()
    two.agree(merge)
    two.agree(merge)
    assert refusal_of(actions.decline, merge=merge, by=two.bo, now=timezone.now()) == Refusal.MERGE_GONE
    assert two.club.history.filter(step="merged").count() == 1


def test_the_same_two_are_not_asked_the_other_way_round_while_a_question_waits(two):
    two.ask()
    assert refusal_of(two.ask, is_ending=False) == Refusal.MERGE_BUSY
    assert refusal_of(two.ask, initiative=two.cafe, other=two.club, by=two.bo) == Refusal.MERGE_BUSY
    third = make_initiative(make_user(), municipality=two.town, title="Vissenclub")
    assert refusal_of(two.ask, other=third) == Refusal.MERGE_BUSY  # it would end already
    assert refusal_of(two.ask, other=two.club) == Refusal.MERGE_ITSELF


def test_who_started_both_needs_to_ask_nobody(two):
    Initiator.objects.create(initiative=two.cafe, user=two.dewi, part=Initiator.As.CO_INITIATOR)
    page = signed_in(two.dewi).post(ask_path(two.club, two.cafe), {"ends": "mine"}, follow=True).content.decode()
    assert "Jullie ideeën gaan samen verder." in page
    two.club.refresh_from_db()
    assert two.club.merged_into == two.cafe
    assert {letter.to[0] for letter in letters()} == {two.joost.email, two.bo.email}


def test_only_who_started_it_asks_and_only_the_other_side_answers(two):
    stranger = make_user()
    make_support(two.club, stranger)
    assert refusal_of(two.ask, by=stranger) == Refusal.NOT_YOURS
    assert signed_in(stranger).get(f"{two.club.get_absolute_url()}samen-verder/").status_code == 404
    assert Client().get(f"{two.club.get_absolute_url()}samen-verder/").status_code == 302
    merge = two.ask()
    for by in (two.dewi, two.joost, stranger):
        assert refusal_of(two.agree, merge=merge, by=by) == Refusal.NOT_YOURS
        assert refusal_of(actions.decline, merge=merge, by=by, now=timezone.now()) == Refusal.NOT_YOURS
        assert Client().post(answer_path(merge, by), {"answer": "ja"}).status_code == 422
    assert refusal_of(actions.take_back, merge=merge, by=two.bo, now=timezone.now()) == Refusal.NOT_YOURS
    assert Client().get("/initiatieven/samen-verder/x/").status_code == 404
    merge.refresh_from_db()
    assert merge.state == "asked"


def test_taken_back_it_asks_nobody_any_more(two):
    merge = two.ask()
    page = signed_in(two.dewi).get(two.club.get_absolute_url()).content.decode()
    take_back = f"{two.club.get_absolute_url()}samen-verder/{merge.pk}/terugnemen/"
    assert take_back in page
    assert answer_path(merge, two.bo) in signed_in(two.bo).get(two.cafe.get_absolute_url()).content.decode()
    for _ in range(2):
        signed_in(two.joost).post(take_back)
    assert not Merge.objects.exists()
    assert letters() == []
    answer = Client().get(answer_path(merge, two.bo))
    assert (answer.status_code, "Deze vraag geldt niet meer" in answer.content.decode()) == (410, True)
    assert two.ask().state == "asked"


def test_five_ideas_a_day_are_enough(two):
    for number in range(5):
        other = make_initiative(make_user(), municipality=two.town, title=f"Idee {number}")
        two.ask(other=other, is_ending=False)
    assert refusal_of(two.ask, is_ending=False) == Refusal.TOO_MANY_MERGES
    assert two.ask(is_ending=False, now=timezone.now() + timedelta(days=1, minutes=1)).state == "asked"


@pytest.mark.parametrize(
    ("which", "fields", "refusal"),
    [
        ("cafe", {"stage": "ended", "end_reason": "done"}, Refusal.MERGE_OTHER_CLOSED),
        ("cafe", {"stage": "paused"}, Refusal.MERGE_OTHER_CLOSED),
        ("cafe", {"visibility": "hidden"}, Refusal.NOT_PUBLIC),
        ("club", {"stage": "ended", "end_reason": "done"}, Refusal.ENDED),
        ("club", {"visibility": "waiting"}, Refusal.NOT_PUBLIC),
    ],
)
def test_what_changed_since_it_was_asked_refuses_the_answer_with_a_sentence(two, which, fields, refusal):
    merge = two.ask()
    type(two.club).objects.filter(pk=getattr(two, which).pk).update(**fields)
    assert refusal_of(two.agree, merge=merge) == refusal
    assert refusal_of(two.ask, is_ending=True) == refusal
    answer = Client().post(answer_path(merge, two.bo), {"answer": "ja"})
    assert answer.status_code == 422
    if "visibility" in fields:
        assert getattr(two, which).title not in answer.content.decode()
    actions.decline(merge=merge, by=two.bo, now=timezone.now())  # a no is always possible


def test_a_paused_idea_can_end_like_this_and_one_that_runs_as_a_meetup_cannot(two):
    type(two.club).objects.filter(pk=two.club.pk).update(stage="paused")
    two.merge()
    assert two.club.stage == "ended"
    running = make_initiative(make_user(), municipality=two.town, stage="running", meetup=make_meetup())
    asks = {"initiative": running, "other": two.cafe, "by": running.initiators.get().user}
    assert refusal_of(two.ask, **asks) == Refusal.MERGE_RUNS
    assert two.ask(**asks, is_ending=False).state == "asked"


def test_an_idea_that_ends_closes_its_open_questions_and_who_asked_hears_it(two):
    merge = two.ask()
    progress.end(initiative=two.cafe, by=two.bo, reason=EndReason.DONE, note="", now=timezone.now())
    merge.refresh_from_db()
    assert merge.state == "lapsed"
    sent = letters()
    assert {letter.to[0] for letter in sent} == {two.dewi.email, two.joost.email}  # nobody is asked any more
    assert "Niet meer mogelijk: samen verder met Cavia Café" in {letter.subject for letter in sent}
    assert "Deze vraag geldt niet meer" in Client().get(answer_path(merge, two.bo)).content.decode()


def test_continuing_in_a_third_idea_closes_the_question_of_who_wanted_to_join(two):
    third = make_initiative(make_user("Cem"), municipality=two.town, title="Dierenclub")
    cem = third.initiators.get().user
    joins_cafe = two.ask()
    joins_third = two.ask(initiative=two.cafe, other=third, by=two.bo)
    two.agree(joins_third, by=cem)
    joins_cafe.refresh_from_db()
    assert joins_cafe.state == "lapsed"
    assert refusal_of(two.agree, merge=joins_cafe) == Refusal.MERGE_GONE
    assert "Niet meer mogelijk: samen verder met Cavia Café" in {letter.subject for letter in letters()}


def test_the_plan_is_gone_and_the_place_hears_that_it_is_off():
    two, cavia = Two(), make_cavia()
    cavia.make_ready()
    merge = two.ask(initiative=cavia.idea, other=two.cafe, by=cavia.fatima)
    two.agree(merge)
    assert not AgreedSlot.objects.exists()
    assert not Plan.objects.exists()
    assert cavia.idea.place_requests.get().state == "void"
    assert Message.objects.filter(template="initiative_places.told").exists()
    cavia.idea.refresh_from_db()
    progress.reopen(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    cavia.idea.refresh_from_db()
    assert (cavia.idea.stage, cavia.idea.merged_into) == ("gathering", None)


def test_continuing_by_itself_after_all_leads_nowhere_any_more_and_stops_what_was_not_sent(two):
    make_support(two.club, make_user("Samira"))
    two.merge()
    progress.reopen(initiative=two.club, by=two.dewi, now=timezone.now())
    assert "gaat verder in" not in Client().get(two.club.get_absolute_url()).content.decode()
    assert "Samengegaan met" not in Client().get(two.cafe.get_absolute_url()).content.decode()
    assert [letter.subject for letter in letters()] == ["Gaat verder: Konijnenclub"]
    assert two.ask().state == "asked"


def test_merged_cannot_be_picked_as_a_reason_and_the_form_leads_to_asking(two):
    path = f"{two.club.get_absolute_url()}stoppen/"
    page = signed_in(two.dewi).get(path).content.decode()
    assert 'value="merged"' not in page
    assert f"{two.club.get_absolute_url()}samen-verder/" in page
    assert signed_in(two.dewi).post(path, {"reason": "merged"}).status_code == 422
    ends = {"initiative": two.club, "by": two.dewi, "reason": EndReason.MERGED, "note": "", "now": timezone.now()}
    assert refusal_of(progress.end, **ends) == Refusal.ASK_FIRST


def test_the_old_page_says_first_where_it_continues_and_keeps_its_history(two):
    two.merge()
    path_of_club, path_of_cafe = two.club.get_absolute_url(), two.cafe.get_absolute_url()
    for prefix in ("", "/en"):
        page = Client().get(prefix + path_of_club).content.decode()
        said = "Dit idee gaat verder in ‘Cavia Café’." if not prefix else "This idea continues in “Cavia Café”."
        assert page.index(said, page.index("<main")) < page.index("<h1")
        assert f'href="{prefix}{path_of_cafe}"' in page
        assert said in re.search(r'og:description" content="([^"]*)"', page)[1]
    translation.activate("nl")
    assert "Het idee is geplaatst" in Client().get(path_of_club).content.decode()
    other = Client().get(path_of_cafe).content.decode()
    assert "Samengegaan met" in other
    assert path_of_club not in other
    for path in ("/initiatieven/", "/initiatieven/?q=konijnenclub", "/gemeenten/hengelo/initiatieven.atom"):
        assert path_of_club not in Client().get(path).content.decode()


def test_the_address_leads_to_the_last_of_a_chain_and_to_nothing_that_is_hidden(two):
    two.merge()
    third = make_initiative(make_user(), municipality=two.town, title="Dierenclub")
    two.agree(two.ask(initiative=two.cafe, other=third, by=two.bo), by=third.initiators.get().user)
    page = Client().get(two.club.get_absolute_url()).content.decode()
    assert "Dit idee gaat verder in ‘Dierenclub’." in page
    type(third).objects.filter(pk=third.pk).update(visibility="hidden")
    versions.renew([two.town.pk])
    for path in (two.club.get_absolute_url(), f"{two.club.get_absolute_url()}meedoen/"):
        page = Client().get(path).content.decode()
        assert "Dierenclub" not in page
    assert "Dit idee is gestopt: het gaat verder samen met een ander idee." in " ".join(
        Client().get(two.club.get_absolute_url()).content.decode().split()
    )


def test_a_hidden_idea_that_joined_is_not_named(two):
    two.merge()
    type(two.club).objects.filter(pk=two.club.pk).update(visibility="hidden")
    assert "Konijnenclub" not in Client().get(two.cafe.get_absolute_url()).content.decode()


def test_old_links_lead_to_the_other_idea_with_a_sentence(two):
    guest = make_support(two.club, guest_name="Aisha", guest_email="aisha@example.org", state="unconfirmed")
    invitation = initiating.invite(
        initiative=two.club, by=two.dewi, email="x@example.org", language="nl", now=timezone.now()
    )
    two.merge()
    said = "‘Konijnenclub’ gaat verder in ‘Cavia Café’. Je bent welkom om daar mee te doen."
    paths = {
        f"{two.club.get_absolute_url()}meedoen/?hoe=help": f"{two.cafe.get_absolute_url()}meedoen/?hoe=help",
        f"/initiatieven/link/{tokens.make(guest)}/": f"{two.cafe.get_absolute_url()}meedoen/?hoe=kom",
        f"/uitnodiging/{tokens.make_for_invitation(invitation)}/": two.cafe.get_absolute_url(),
    }
    for path, leads_to in paths.items():
        page = " ".join(Client().get(path).content.decode().split())
        assert said in page
        assert f'href="{leads_to}"' in page
    form = {"adults": "1", "first_name": "Noor", "email": "noor@example.org"}
    answer = Client().post(f"{two.club.get_absolute_url()}meedoen/", form)
    assert (answer.status_code, said in " ".join(answer.content.decode().split())) == (422, True)


def test_only_public_ideas_of_others_are_offered_and_the_name_or_the_address_finds_them(two):
    fields = {"municipality": two.town, "title": "Konijnenclub voor kinderen"}
    hidden = [
        make_initiative(**fields, slug="verborgen", visibility="hidden"),
        make_initiative(**fields, slug="wachtend", visibility="waiting"),
        make_initiative(**fields, slug="concept", published_at=None),
        make_initiative(**fields, slug="gestopt", stage="ended", end_reason="done"),
    ]
    of_blocked = make_initiative(**fields, slug="geblokkeerd")
    people.block(user=two.dewi, blocked=of_blocked.initiators.get().user, now=timezone.now())
    alike = make_initiative(**fields, slug="lijkt-erop")
    elsewhere = make_initiative(municipality=make_municipality("Weert"), title="Konijnenclub", slug="in-weert")
    client, path = signed_in(two.dewi), f"{two.club.get_absolute_url()}samen-verder/"
    assert re.findall(r"\?met=([-\w]+)", client.get(path).content.decode()) == [alike.slug, two.cafe.slug]
    found = re.findall(r"\?met=([-\w]+)", client.get(f"{path}?q=konijnenclub").content.decode())
    assert found == [alike.slug, elsewhere.slug]  # the same town first
    for idea in (*hidden, of_blocked, two.club):
        for query in (f"q=https://pedbasis.nl/initiatieven/{idea.slug}/", f"q={idea.slug}"):
            assert f"met={idea.slug}" not in client.get(f"{path}?{query}").content.decode()
        page = client.get(f"{path}?met={idea.slug}").content.decode()
        assert "Met dat idee kun je niet samen verder." in page
        assert idea.what not in page
        assert client.post(f"{path}?met={idea.slug}", {"ends": "mine"}).status_code == 422
    by_address = client.get(f"{path}?q=pedbasis.nl/en/initiatieven/{elsewhere.slug}/").content.decode()
    assert f"met={elsewhere.slug}" in by_address
    assert not Merge.objects.exists()


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "x" * 3000, "met=%00", "met=%F0%9F%90%B9", "met=" + "x" * 3000, "q=🐹"]
)
def test_strange_searches_find_nothing_and_break_nothing(two, query):
    path = f"{two.club.get_absolute_url()}samen-verder/"
    assert signed_in(two.dewi).get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("typed", [{}, {"ends": "x"}, {"ends": ""}])
def test_without_a_choice_it_asks_nobody_and_says_what_to_do(two, typed):
    answer = signed_in(two.dewi).post(ask_path(two.club, two.cafe), typed)
    assert answer.status_code == 422
    assert not Merge.objects.exists()


def test_who_blocked_the_one_who_asks_is_not_asked_and_nobody_hears_of_it(two):
    people.block(user=two.bo, blocked=two.dewi, now=timezone.now())
    merge = two.ask()
    assert letters() == []
    assert "Konijnenclub" not in signed_in(two.bo).get(two.cafe.get_absolute_url()).content.decode()
    page = signed_in(two.dewi).get(two.club.get_absolute_url()).content.decode()
    assert "Je vroeg ‘Cavia Café’ om samen verder te gaan" in " ".join(page.split())
    assert merge.state == "asked"


def test_of_an_idea_that_nobody_looks_after_nobody_is_asked(two):
    group = list_group(two.town, make_user(), title="Konijnenclub van de buurt")
    left = make_initiative(municipality=two.town, title="Konijnenclub van vroeger", stage="running")
    left.initiators.all().delete()
    client, path = signed_in(two.dewi), f"{two.club.get_absolute_url()}samen-verder/"
    for idea in (group, left):
        for query in ("", "?q=konijnenclub", f"?q={idea.slug}", f"?q=https://pedbasis.nl/initiatieven/{idea.slug}/"):
            assert f"met={idea.slug}" not in client.get(path + query).content.decode()
        assert client.post(ask_path(two.club, idea), {"ends": "mine"}).status_code == 422
        assert "samen-verder" not in client.get(idea.get_absolute_url()).content.decode()
        for is_ending in (True, False):
            assert refusal_of(two.ask, other=idea, is_ending=is_ending) == Refusal.NOBODY_LOOKS_AFTER
    assert not Merge.objects.exists()


def test_when_everyone_left_an_idea_that_runs_its_questions_are_closed_and_the_other_side_hears_it(two):
    meetup = make_meetup()
    type(two.cafe).objects.filter(pk=two.cafe.pk).update(stage="running", meetup=meetup)
    merge = two.ask()
    before = len(letters())
    privacy.erase(user=two.bo, now=timezone.now())
    merge.refresh_from_db()
    assert merge.state == Merge.State.LAPSED
    assert sorted(letter.to[0] for letter in letters()[before:]) == sorted([two.dewi.email, two.joost.email])


def test_a_similar_idea_has_a_small_link_only_for_who_started_an_idea_in_that_town(two):
    link = f"{two.club.get_absolute_url()}samen-verder/?met={two.cafe.slug}"
    assert link in signed_in(two.dewi).get(two.cafe.get_absolute_url()).content.decode()
    elsewhere = make_initiative(two.joost, municipality=make_municipality("Weert"))
    for viewer in (make_user(), two.bo, elsewhere.initiators.get().user):
        page = signed_in(viewer).get(two.cafe.get_absolute_url()).content.decode()
        assert (link in page) == (viewer == two.joost)
        assert f"{elsewhere.get_absolute_url()}samen-verder/" not in page
    assert "samen-verder" not in Client().get(two.cafe.get_absolute_url()).content.decode()


def test_the_page_of_an_idea_that_continues_costs_a_stranger_three_queries_at_most(two, django_assert_max_num_queries):
    two.merge()
    for idea in (two.club, two.cafe):
        with django_assert_max_num_queries(3):
            assert Client().get(idea.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("who", ["dewi", "joost", "bo"])
@pytest.mark.parametrize("is_agreed", [False, True])
def test_every_page_works_after_anyone_left_while_it_was_asked_or_after(two, who, is_agreed):
    make_support(two.cafe, make_user())
    make_support(two.club, make_user())
    merge = two.ask()
    if is_agreed:
        two.agree(merge)
    left, path = getattr(two, who), answer_path(merge, two.bo)
    privacy.erase(user=left, now=timezone.now())
    merge.refresh_from_db()
    assert merge.state == ("agreed" if is_agreed else "lapsed" if who == "bo" else "asked")
    for viewer in (getattr(two, name) for name in ("dewi", "joost", "bo") if name != who):
        for idea in (two.club, two.cafe):
            page = signed_in(viewer).get(idea.get_absolute_url())
            assert page.status_code == 200
            assert f"door {who.title()}" not in page.content.decode()
    assert Client().get(path).status_code == (410 if who == "bo" else 200)
    if not is_agreed and who == "dewi":  # the question is of the idea
        two.agree(merge)
        two.club.refresh_from_db()
        assert (two.club.merged_into, two.club.history.last().by) == (two.cafe, None)
    letters()
    assert not Message.objects.exclude(last_error="").exists()


def test_an_idea_in_which_another_continues_can_be_deleted(two):
    two.merge()
    privacy.erase(user=two.bo, now=timezone.now())  # nobody took part in it
    two.club.refresh_from_db()
    assert (two.club.stage, two.club.end_reason, two.club.merged_into) == ("ended", "merged", None)
    assert "gaat verder samen met een ander idee" in Client().get(two.club.get_absolute_url()).content.decode()


def test_the_export_holds_what_someone_asked(two):
    two.ask()
    [asked] = privacy.export(two.dewi, timezone.now())["ideas_you_asked_to_continue_together"]
    assert (asked["ends"], asked["continues_in"], asked["state"]) == ("Konijnenclub", "Cavia Café", "asked")
    assert privacy.export(two.bo, timezone.now())["ideas_you_asked_to_continue_together"] == []


def test_both_sides_and_nobody_else_hear_that_it_continues(two):
    make_support(two.cafe, make_user("Supporter"))
    merge = two.ask()
    letters()
    mail.outbox.clear()
    two.agree(merge)
    sent = letters()
    assert sorted(letter.to[0] for letter in sent) == sorted([two.dewi.email, two.joost.email])
    assert {letter.subject for letter in sent} == {"Konijnenclub gaat verder in Cavia Café"}


def test_an_invitation_to_start_the_one_that_ended_is_kept_for_nobody(two):
    initiating.invite(initiative=two.club, by=two.dewi, email="x@example.org", language="nl", now=timezone.now())
    two.merge()
    letters()
    assert Invitation.objects.count() == 1
    assert not any(letter.to == ["x@example.org"] for letter in mail.outbox)


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (31, False)])
def test_a_question_without_an_answer_is_kept_for_thirty_days(two, days, is_kept):
    two.ask(now=timezone.now() - timedelta(days=days))
    forgetting.forget_merges(now=timezone.now())
    assert Merge.objects.exists() is is_kept
