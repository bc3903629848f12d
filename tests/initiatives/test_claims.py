"""Claiming a group: an address that a coordinator checks, and a meetup in two steps after that."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from initiatives import forgetting
from initiatives.existing import actions, claims, tokens
from initiatives.models import Claim, Initiative, PlaceContact
from initiatives.planning import actions as planning
from initiatives.planning import answers, beginning
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Stage
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from meetups.models import Meetup
from moderation.demo_data import know
from notifications.models import Message
from pages import privacy
from tests.factories import make_location, make_municipality, make_role, make_support, make_user
from tests.initiatives.groups import GROUP, form, make_group
from tests.initiatives.places import next_wednesday, schedule
from tests.mailbox import letters

pytestmark = pytest.mark.django_db
TYPED = {"email": "bestuur@rennen.example", "words": "Ik loop voorop sinds 2019."}


@pytest.fixture
def hengelo():
    return make_municipality("Hengelo", contact_email="", holidays=[], school_region="Noord")


@pytest.fixture
def willem(hengelo):
    return make_role(Role.Kind.COORDINATOR, hengelo, make_user("Willem"))


@pytest.fixture
def place(hengelo):
    return make_location(hengelo, name="Wijkcentrum De Brug")


@pytest.fixture
def group(hengelo, willem, place):
    return make_group(hengelo, wished_place=place, meets_where="")


@pytest.fixture
def fenna(hengelo):
    user = make_user("Fenna", municipality=hengelo)
    know([user], now=timezone.now())
    return user


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def ask(group, by, **fields):
    return claims.claim(**{"group": group, "by": by, "has_link": False, "now": timezone.now(), **TYPED, **fields})


def accept(claim, by, meets_at=None):
    return claims.accept(claim=claim, by=by, meets_at=meets_at, now=timezone.now())


def decline(claim, by):
    return claims.decline(claim=claim, by=by, reason="Ik ken jullie niet.", now=timezone.now())


def refused(act, *args, **fields):
    with pytest.raises(CannotDo) as refusal:
        act(*args, **fields)
    return refusal.value.refusal


def state(claim):
    claim.refresh_from_db()
    return claim.state


# The walk.


def test_from_listing_to_a_meetup_in_two_steps(hengelo, willem, place, fenna):
    lister = make_user("Samira", municipality=hengelo)
    know([lister], now=timezone.now())
    signed_in(lister).post("/initiatieven/bestaat-al/", form(hengelo, wished_place=place.pk))
    idea = Initiative.objects.get()
    mine, his = signed_in(fenna), signed_in(willem)

    answer = mine.post(f"{idea.get_absolute_url()}onze-groep/overnemen/", TYPED, follow=True)
    assert "Je verzoek is verstuurd." in answer.content.decode()
    claim = Claim.objects.get()
    mail = next(mail for mail in letters() if mail.to == [willem.email])
    assert f"/beheer/groepen/{claim.pk}/" in mail.body
    assert "Fenna" in his.get("/beheer/groepen/").content.decode()
    page = his.get(f"/beheer/groepen/{claim.pk}/").content.decode()
    for shown in ("bestuur@rennen.example", "Ik loop voorop sinds 2019.", "Wijkcentrum De Brug"):
        assert shown in page
    assert his.post(f"/beheer/groepen/{claim.pk}/", {"accept": "1", "meets_at": place.pk}).status_code == 302
    assert letters()[-1].subject == "Jij beheert vanaf nu de pagina van Rennende Moeders"

    page = mine.get(idea.get_absolute_url()).content.decode()
    assert "Maak er een bijeenkomst van" in page
    plan = mine.get(f"{idea.get_absolute_url()}plannen/")
    assert plan.context["form"]["place"].value() == place.pk
    assert "elke zaterdag om 10 uur" in plan.content.decode()
    typed = {"rhythm": "weekly", "weekdays": "2", "first_on": next_wednesday(1), "ending": "open"}
    typed |= {"start_time": "10:00", "end_time": "11:00", "place": place.pk}
    answer = mine.post(f"{idea.get_absolute_url()}plannen/", typed, follow=True)
    assert answer.status_code == 200
    assert f"{idea.get_absolute_url()}beginnen/" in answer.content.decode()
    mine.post(f"{idea.get_absolute_url()}beginnen/")

    idea.refresh_from_db()
    assert (idea.stage, idea.meetup.title, idea.meetup.location) == ("running", "Rennende Moeders", place)
    assert [host.user for host in idea.meetup.hosts.all()] == [fenna]
    assert [entry.step for entry in idea.history.all()] == ["listed", "claimed", "planned", "began"]
    page = Client().get(idea.get_absolute_url()).content.decode()
    assert idea.meetup.get_absolute_url() in page
    assert "Bestaat al" not in page
    assert "Een idee van Fenna" in page


# Claiming.


def test_by_the_link_in_the_mail_it_is_still_checked_and_the_coordinator_sees_that(hengelo, willem):
    group = make_group(hengelo)
    host = make_user("Fenna", email=group.email)
    path = f"/initiatieven/groep/{tokens.make_for_people(group)}/"
    assert Client().post(path, {"answer": "overnemen"}).url.startswith("/account/login/code/?next=%2Finitiatieven")
    answer = signed_in(host).post(path, {"answer": "overnemen", **TYPED, "email": group.email}, follow=True)
    assert "De coördinator van je gemeente controleert je verzoek" in answer.content.decode()
    assert not group.initiative.initiators.exists()
    page = signed_in(willem).get(f"/beheer/groepen/{Claim.objects.get().pk}/").content.decode()
    for shown in ("Kwam via de link", "Dit is het adres dat is ingevuld", "Het account heeft het adres"):
        assert shown in page
    # Meanwhile its people can still say no.
    assert Client().post(path, {"answer": "weg"}).status_code == 302
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("email", ""), ("email", "x"), ("words", ""), ("words", " "), ("words", "x" * 301), ("words", "a\0b")],
)
def test_a_claim_without_an_address_or_a_word_of_who_it_is_is_refused(group, fenna, field, typed):
    for path, data in (
        (f"{group.initiative.get_absolute_url()}onze-groep/overnemen/", {}),
        (f"/initiatieven/groep/{tokens.make_for_people(group)}/", {"answer": "overnemen"}),
    ):
        answer = signed_in(fenna).post(path, {**TYPED, field: typed, **data})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
    assert not Claim.objects.exists()


def test_claiming_twice_is_once_and_three_wait_at_most(hengelo, group, fenna):
    first = ask(group, fenna)
    assert ask(group, fenna, words="Beter verteld.") == first
    assert Message.objects.filter(template="group_claims.made").count() == 1
    others = [make_group(hengelo, title=f"G{n}", email=f"g{n}@x.example") for n in range(3)]
    for other in others[:2]:
        ask(other, fenna)
    assert refused(ask, others[2], fenna) == Refusal.TOO_MANY_CLAIMS


def test_where_nobody_can_check_it_a_claim_is_refused(fenna):
    group = make_group(make_municipality("Weert"))
    assert refused(ask, group, fenna) == Refusal.NOBODY_CHECKS
    page = signed_in(fenna).post(f"{group.initiative.get_absolute_url()}onze-groep/overnemen/", TYPED)
    assert page.status_code == 422
    assert "Niemand in deze gemeente kan dit nu controleren" in page.content.decode()


def test_a_claim_of_a_hidden_group_is_refused(group, fenna):
    Initiative.objects.update(visibility="hidden")
    assert refused(ask, group, fenna) == Refusal.NOT_PUBLIC
    assert (
        signed_in(fenna).post(f"{group.initiative.get_absolute_url()}onze-groep/overnemen/", TYPED).status_code == 404
    )


# Who may answer.


def test_only_a_coordinator_of_the_town_answers_and_never_their_own_claim(hengelo, willem, group, fenna):
    elsewhere = make_role(Role.Kind.COORDINATOR, make_municipality("Leiden"), make_user())
    people = [make_user(), fenna, elsewhere]
    people += [make_role(kind, hengelo, make_user()) for kind in Role.Kind if kind != Role.Kind.COORDINATOR]
    claim = ask(group, fenna)
    for person in people:
        assert refused(accept, claim, person) == Refusal.NOT_YOURS
        assert refused(decline, claim, person) == Refusal.NOT_YOURS
        assert signed_in(person).get(f"/beheer/groepen/{claim.pk}/").status_code == 404
        assert signed_in(person).post(f"/beheer/groepen/{claim.pk}/", {"accept": "1"}).status_code == 404
        answer = signed_in(person).get("/beheer/groepen/")
        assert answer.status_code == (200 if person == elsewhere else 404)
        assert "Fenna" not in answer.content.decode()
    assert Client().get(f"/beheer/groepen/{claim.pk}/").url.startswith("/account/login/")
    other = make_role(Role.Kind.COORDINATOR, hengelo, make_user())
    own = ask(make_group(hengelo, title="G", email="g@x.example"), willem)
    assert refused(accept, own, willem) == Refusal.NOT_YOURS
    assert not Message.objects.filter(template="group_claims.made", object_id=own.pk, user=willem).exists()
    assert accept(own, other).initiators.get().user == willem
    assert state(claim) == "open"


def test_a_coordinator_sees_the_way_to_the_claims(willem):
    for path in ("/melden/nakijken/", "/beheer/"):
        assert "/beheer/groepen/" in signed_in(willem).get(path).content.decode()


# Answers.


def test_accepting_forgets_the_addresses_and_closes_other_claims(group, willem, fenna, place):
    other = make_user("Bo")
    claim, second = ask(group, fenna), ask(group, other)
    for _ in range(2):  # twice is once
        accept(claim, willem, place)
    group.refresh_from_db()
    assert (group.email, group.meets_at, group.is_claimed) == ("", place, True)
    assert (state(claim), claim.email, claim.words) == ("accepted", "", "")
    assert (state(second), second.email, second.words) == ("overtaken", "", "")
    subjects = {tuple(mail.to): mail.subject for mail in letters()}
    assert subjects[(fenna.email,)] == "Jij beheert vanaf nu de pagina van Rennende Moeders"
    assert subjects[(other.email,)] == "Over je verzoek om Rennende Moeders over te nemen"
    assert refused(decline, claim, willem) == Refusal.CLAIM_ANSWERED
    assert refused(accept, second, willem) == Refusal.CLAIM_ANSWERED
    assert refused(ask, group, make_user()) == Refusal.GROUP_CLAIMED


def test_after_it_was_claimed_the_link_and_the_pages_for_its_people_say_so(group, willem, fenna):
    path = f"/initiatieven/groep/{tokens.make_for_people(group)}/"
    accept(ask(group, fenna), willem)
    page = Client().get(path).content.decode()
    assert "Iemand van deze groep beheert de pagina" in page
    assert 'name="answer"' not in page
    for answer in ("weg", "klopt"):
        answered = Client().post(path, {"answer": answer})
        assert answered.status_code == 422
        assert "Iemand van deze groep beheert de pagina inmiddels" in answered.content.decode()
    for page in ("onze-groep/", "onze-groep/overnemen/"):
        assert signed_in(make_user()).get(group.initiative.get_absolute_url() + page).status_code == 404
    # The mail that was not sent before is outdated; what its people hear now names nobody.
    [mail] = [mail for mail in letters() if mail.to == ["info@rennen.example"]]
    assert mail.subject == "Iemand van je groep beheert de pagina op Pedbasis"
    assert "Fenna" not in mail.body


def test_who_claims_with_the_account_of_the_address_hears_it_once(hengelo, willem):
    group = make_group(hengelo)
    host = make_user("Fenna", email=group.email)
    letters()
    accept(ask(group, host, has_link=True), willem)
    assert [mail.subject for mail in letters() if mail.to == [host.email]] == [
        "Je groep staat op Pedbasis in Hengelo",
        "Jij beheert vanaf nu de pagina van Rennende Moeders",
    ]


def test_declining_says_why_to_who_asked_only_and_they_cannot_ask_again(group, willem, fenna):
    claim = ask(group, fenna)
    answer = signed_in(willem).post(f"/beheer/groepen/{claim.pk}/", {"decline": "1", "reason": ""})
    assert (answer.status_code, state(claim)) == (422, "open")
    for _ in range(2):
        decline(claim, willem)
    assert (state(claim), claim.reason, claim.email) == ("declined", "Ik ken jullie niet.", "")
    assert "Ik ken jullie niet." in letters()[-1].body
    assert refused(accept, claim, willem) == Refusal.CLAIM_ANSWERED
    assert refused(ask, group, fenna) == Refusal.CLAIM_DECLINED
    path = f"{group.initiative.get_absolute_url()}onze-groep/overnemen/"
    assert "Ik ken jullie niet." in signed_in(fenna).get(path).content.decode()
    assert "Ik ken jullie niet." not in signed_in(make_user()).get(path).content.decode()
    assert ask(group, make_user()).is_open


def test_a_claim_of_a_group_that_is_gone_is_gone_too(group, willem, fenna):
    claim = ask(group, fenna)
    actions.remove(group=group, now=timezone.now())
    assert refused(accept, claim, willem) == Refusal.GROUP_GONE
    assert signed_in(willem).get(f"/beheer/groepen/{claim.pk}/").status_code == 404
    assert [mail.to for mail in letters()] == []


# After that.


def test_people_take_part_in_a_claimed_group_and_hear_it_when_something_changes(group, willem, fenna):
    idea = accept(ask(group, fenna), willem)
    noor = make_user("Noor")
    taking_part.support(initiative=idea, user=noor, commitment=Commitment(), now=timezone.now())
    typed = GROUP | {"meets_when": "elke zondag om 9 uur", "needed": "", "shape": "regular"}
    answer = signed_in(fenna).post(f"{idea.get_absolute_url()}bewerken/", typed)
    assert answer.status_code == 302
    changed = Message.objects.get(template="initiatives.changed")
    assert (changed.user, changed.context["before"]["meets_when"]) == (noor, "elke zaterdag om 10 uur")
    assert "elke zondag om 9 uur" in Client().get(idea.get_absolute_url()).content.decode()


def test_who_looks_after_a_group_cannot_write_a_home_address(group, willem, fenna):
    idea = accept(ask(group, fenna), willem)
    typed = GROUP | {"meets_where": "Kerkstraat 5", "needed": "", "shape": "regular"}
    answer = signed_in(fenna).post(f"{idea.get_absolute_url()}bewerken/", typed)
    assert list(answer.context["form"].errors) == ["meets_where"]


def plan(idea, by, place):
    return planning.choose(initiative=idea, by=by, place=place, capacity=None, now=timezone.now(), **schedule())


def begin(idea, by):
    return beginning.begin(initiative=idea, by=by, now=timezone.now())


def test_another_place_than_the_coordinator_knows_has_to_agree_first(group, willem, fenna, place, hengelo):
    library = make_location(hengelo, name="Bibliotheek")
    PlaceContact.objects.create(location=library, email="balie@bieb.example")
    idea = accept(ask(group, fenna), willem, place)
    plan(idea, fenna, library)
    assert "De plek heeft nog geen ja gezegd." in Client().get(idea.get_absolute_url()).content.decode()
    assert refused(begin, idea, fenna) == Refusal.PLACE_NOT_AGREED
    page = signed_in(fenna).get(idea.get_absolute_url()).content.decode()
    assert f"{idea.get_absolute_url()}plek-vragen/" in page
    question = {"adults": 4, "children": 4, "expected": "", "now": timezone.now()}
    asked = planning.ask_place(initiative=idea, by=fenna, **question)
    answers.agree(request=asked, until=next_wednesday(12), now=timezone.now())
    assert begin(idea, fenna).location == library


@pytest.mark.parametrize("answer", ["declined", "offered", "accepted", "refused", "revoked"])
def test_whatever_another_place_answers_the_group_keeps_running(group, willem, fenna, hengelo, answer):
    library = make_location(hengelo, name="Bibliotheek")
    PlaceContact.objects.create(location=library, email="balie@bieb.example")
    idea = accept(ask(group, fenna), willem)
    plan(idea, fenna, library)
    now = timezone.now()
    asked = planning.ask_place(initiative=idea, by=fenna, adults=4, children=4, expected="", now=now)
    if answer == "declined":
        answers.decline(request=asked, reason="Vol", now=now)
    elif answer == "revoked":
        answers.agree(request=asked, until=next_wednesday(12), now=now)
        answers.revoke(request=asked, reason="Vol", has_begun=False, now=now)
    else:
        hours = {"start_time": schedule()["start_time"], "end_time": schedule()["end_time"]}
        on = next_wednesday(1) + timedelta(days=1)
        answers.offer(request=asked, on=on, until=next_wednesday(12), reason="", now=now, **hours)
        if answer == "accepted":
            planning.accept_offer(initiative=idea, by=fenna, now=now)
        elif answer == "refused":
            planning.refuse_offer(initiative=idea, by=fenna, now=now)
    idea.refresh_from_db()
    assert (idea.stage, idea.history.last().step) == (Stage.RUNNING, answer)
    assert signed_in(fenna).get(idea.get_absolute_url()).status_code == 200
    if answer == "accepted":
        assert begin(idea, fenna).location == library
    else:
        assert refused(begin, idea, fenna) == Refusal.PLACE_NOT_AGREED


def test_beginning_twice_is_one_meetup(group, willem, fenna, place):
    idea = accept(ask(group, fenna), willem, place)
    plan(idea, fenna, place)
    assert begin(idea, fenna) == begin(idea, fenna) == Meetup.objects.get()
    assert refused(plan, idea, fenna, place) == Refusal.ALREADY_RUNS


def test_who_listed_it_or_takes_part_cannot_plan_or_begin(hengelo, willem, fenna, place):
    lister, noor = make_user("Samira"), make_user("Noor")
    group = make_group(hengelo, by=lister)
    for person in (lister, willem):
        assert refused(plan, group.initiative, person, place) == Refusal.NOT_YOURS
        assert signed_in(person).get(f"{group.initiative.get_absolute_url()}plannen/").status_code == 404
    idea = accept(ask(group, fenna), willem, place)
    make_support(idea, noor)
    for person in (lister, willem, noor):
        assert refused(plan, idea, person, place) == Refusal.NOT_YOURS
        assert refused(begin, idea, person) == Refusal.NOT_YOURS


def test_paused_and_continued_a_group_runs_again(group, willem, fenna):
    idea = accept(ask(group, fenna), willem)
    for page in ("pauze/", "verder/"):
        signed_in(fenna).post(idea.get_absolute_url() + page)
    idea.refresh_from_db()
    assert idea.stage == Stage.RUNNING


# Personal data.


def test_when_who_looks_after_it_is_erased_it_ends_for_those_who_take_part_and_else_it_goes(hengelo, willem):
    for takes_part in (True, False):
        fenna = make_user("Fenna")
        title = f"Groep {takes_part}"
        idea = accept(ask(make_group(hengelo, title=title, email=f"{takes_part}@x.example"), fenna), willem)
        if takes_part:
            make_support(idea, make_user("Noor"))
        privacy.erase(user=fenna, now=timezone.now())
        left = Initiative.objects.filter(pk=idea.pk).values_list("stage", "end_reason").first()
        assert left == (("ended", "left") if takes_part else None)
        page = Client().get(idea.get_absolute_url())
        assert page.status_code == (200 if takes_part else 404)
        assert "Fenna" not in page.content.decode()


def test_a_claim_goes_with_its_account_and_is_in_its_export(group, willem, fenna):
    ask(group, fenna)
    mine = str(privacy.export(user=fenna, now=timezone.now()))
    assert "bestuur@rennen.example" in mine
    assert "Ik loop voorop sinds 2019." in mine
    privacy.erase(user=fenna, now=timezone.now())
    assert not Claim.objects.exists()
    assert letters()[-1:] == [mail for mail in letters()[-1:] if mail.to == ["info@rennen.example"]]


def test_a_coordinator_who_is_erased_leaves_the_answer(group, willem, fenna):
    claim = ask(group, fenna)
    decline(claim, willem)
    assert "Ik ken jullie niet." in str(privacy.export(user=willem, now=timezone.now()))
    privacy.erase(user=willem, now=timezone.now())
    claim.refresh_from_db()
    assert (claim.answered_by, claim.reason) == (None, "Ik ken jullie niet.")


def test_unanswered_claims_are_forgotten_after_90_days(group, fenna):
    claim = ask(group, fenna)
    now = timezone.now()
    forgetting.forget_claims(now=now + timedelta(days=89))
    assert Claim.objects.filter(pk=claim.pk).exists()
    forgetting.forget_claims(now=now + timedelta(days=91))
    assert not Claim.objects.exists()


def test_the_list_of_claims_costs_the_same_with_one_and_thirty(
    hengelo, group, willem, fenna, django_assert_max_num_queries
):
    ask(group, fenna)
    client = signed_in(willem)
    client.get("/beheer/groepen/")
    with django_assert_max_num_queries(10) as one:
        client.get("/beheer/groepen/")
    for _ in range(29):
        ask(group, make_user())
    with django_assert_max_num_queries(len(one)):
        assert client.get("/beheer/groepen/").content.decode().count("<article") == 30
