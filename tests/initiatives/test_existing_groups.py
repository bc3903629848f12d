"""Groups that exist already: listing one, telling its people, removing it without an account, and who sees what."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from initiatives import forgetting
from initiatives.existing import actions, tokens
from initiatives.models import ExistingGroup, Initiative, RefusedAddress
from initiatives.refusals import CannotDo, Refusal
from locations.visibility import Visibility
from moderation.actions import deciding
from moderation.demo_data import know
from moderation.models import Case
from notifications.models import Message
from pages import privacy
from tests.factories import make_location, make_municipality, make_role, make_user
from tests.initiatives.groups import GROUP, fill_in, form, list_group, make_group
from tests.mailbox import letters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits():
    cache.clear()


@pytest.fixture
def hengelo():
    return make_municipality("Hengelo", contact_email="")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def link_in(mail):
    return re.search(r"https?://[^/]+(/\S*initiatieven/\S+)", mail.body)[1]


def path_of(group):
    return f"/initiatieven/groep/{tokens.make_for_people(group)}/"


def refused(act, **fields):
    with pytest.raises(CannotDo) as refusal:
        act(**fields)
    return refusal.value.refusal


# Walks.


def test_from_listing_to_removing_without_an_account(hengelo):
    lister = make_user("Samira", municipality=hengelo)
    know([lister], now=timezone.now())
    answer = signed_in(lister).post("/initiatieven/bestaat-al/", form(hengelo), follow=True)
    assert answer.redirect_chain == [("/initiatieven/rennende-moeders/", 302)]
    assert "De groep staat op de site." in answer.content.decode()
    [mail] = letters()
    assert (mail.to, mail.subject) == (["info@rennen.example"], "Je groep staat op Pedbasis in Hengelo")
    stranger, path = Client(), link_in(mail)
    assert "Rennende Moeders" in stranger.get(path).content.decode()
    page = stranger.get(f"{path}?antwoord=weg").content.decode()
    assert page.count("Ja, verwijder de groep") == 1
    assert stranger.post(path, {"answer": "weg"}, follow=True).status_code == 410
    assert stranger.get("/initiatieven/rennende-moeders/").status_code == 404
    assert not Initiative.objects.exists()
    # No is final, and the lister learns nothing.
    again = signed_in(lister).post("/initiatieven/bestaat-al/", form(hengelo, title="Rennen en zo"))
    assert again.status_code == 422
    assert "Deze groep kun je niet toevoegen" in again.content.decode()
    assert not Initiative.objects.exists()


def test_a_guest_lists_a_group_with_a_link(hengelo):
    guest = Client()
    answer = guest.post("/initiatieven/bestaat-al/", form(hengelo, own_email="noor@guest.example"))
    assert "Bijna klaar" in answer.content.decode()
    group = ExistingGroup.objects.select_related("initiative").get()
    assert (group.initiative.is_draft, group.guest_email) == (True, "noor@guest.example")
    [mail] = letters()
    assert mail.to == ["noor@guest.example"]
    path = link_in(mail)
    assert "Rennende Moeders" in guest.get(path).content.decode()
    assert guest.get(group.initiative.get_absolute_url()).status_code == 404
    for _ in range(2):  # twice is once
        assert guest.post(path).status_code == 302
    group.refresh_from_db()
    group.initiative.refresh_from_db()
    assert (group.guest_email, group.listed_by, group.initiative.stage) == ("", None, "running")
    assert [step.step for step in group.initiative.history.all()] == ["listed"]
    assert "De groep staat op de site. Bedankt!" in guest.get(path).content.decode()
    assert guest.get("/initiatieven/rennende-moeders/").status_code == 200
    assert [mail.to for mail in letters()] == [["noor@guest.example"], ["info@rennen.example"]]


# Telling its people.


def test_the_mail_to_its_people_holds_no_word_and_no_name_of_who_listed_it(hengelo):
    list_group(hengelo, make_user("Samira"), title="Win nu gratis een telefoon", what="Klik op phishing.example")
    [mail] = letters()
    [(html, _kind)] = mail.alternatives
    for text in (mail.subject, mail.body, html):
        for word in ("Samira", "gratis", "telefoon", "phishing", "win-nu"):
            assert word not in text
    assert mail.reply_to == []


def test_its_people_are_told_only_once_someone_has_looked(town):
    lister = make_user("Samira")
    idea = list_group(town.hengelo, lister, is_known=False)
    assert idea.visibility == Visibility.WAITING
    assert [mail for mail in letters() if mail.to == ["info@rennen.example"]] == []
    assert Client().get(idea.get_absolute_url()).status_code == 404
    assert "Alleen jij kunt dit zien, tot iemand" in signed_in(lister).get(idea.get_absolute_url()).content.decode()
    assert signed_in(town.parent).get(idea.get_absolute_url()).status_code == 404
    case = Case.objects.get(kind="initiative", object_id=idea.pk)
    assert case.writer == lister
    act = {"case_id": case.pk, "by": town.coordinator, "words": "", "seen_revision": case.revision}
    deciding.decide(**act, outcome="fine", now=timezone.now())
    for _ in range(2):
        actions.tell_all(now=timezone.now())
    assert len([mail for mail in letters() if mail.to == ["info@rennen.example"]]) == 1
    assert Client().get(idea.get_absolute_url()).status_code == 200


def test_what_a_guest_lists_waits_for_a_look_too(town):
    idea = list_group(town.hengelo, None)
    assert idea.visibility == Visibility.WAITING
    assert Case.objects.get(kind="initiative", object_id=idea.pk).writer is None
    assert not Message.objects.filter(template="existing_groups.told").exists()


def test_an_address_gets_one_mail_a_day_however_many_groups_are_listed_with_it(hengelo):
    now = timezone.now()
    first = list_group(hengelo, make_user(), now=now)
    second = list_group(hengelo, make_user(), title="Wandelen", now=now)
    actions.tell_all(now=now + timedelta(hours=23))
    assert [bool(idea.existing.told_at) for idea in (first, second)] == [True, False]
    assert len(letters()) == 1
    actions.tell_all(now=now + timedelta(hours=25))
    second.existing.refresh_from_db()
    assert second.existing.told_at is not None


def test_a_mail_about_a_group_that_is_hidden_or_gone_is_not_sent(hengelo):
    hidden, gone = (list_group(hengelo, make_user(), title=title, email=f"{title}@x.example") for title in "ab")
    Initiative.objects.filter(pk=hidden.pk).update(visibility="hidden")
    actions.remove(group=gone.existing, now=timezone.now())
    assert letters() == []


# The link.


def test_opening_the_link_twenty_times_changes_nothing(hengelo):
    group = make_group(hengelo)
    before = ExistingGroup.objects.values().get()
    for _ in range(20):
        for answer in ("", "?antwoord=klopt", "?antwoord=weg", "?antwoord=overnemen", "?antwoord=x"):
            assert Client().get(path_of(group) + answer).status_code == 200
            assert Client().head(path_of(group) + answer).status_code == 200
    assert ExistingGroup.objects.values().get() == before


def test_its_people_say_that_it_is_right(hengelo):
    group = make_group(hengelo)
    for _ in range(2):
        assert Client().post(path_of(group), {"answer": "klopt"}).status_code == 302
    assert "Bedankt. De groep blijft op de site" in Client().get(path_of(group)).content.decode()
    page = Client().get(group.initiative.get_absolute_url()).content.decode()
    assert "Mensen van de groep lieten op" in page


def test_an_answer_that_is_none_changes_nothing(hengelo):
    group = make_group(hengelo)
    for data in ({}, {"answer": "x"}, {"answer": "weg\0"}):
        assert Client().post(path_of(group), data).status_code == 422
    assert ExistingGroup.objects.filter(kept_at=None).exists()


@pytest.mark.parametrize("token", ["x", "1.x", "1"])
def test_a_wrong_link_says_so(token):
    for path in (f"/initiatieven/groep/{token}/", f"/initiatieven/bestaat-al/{token}/"):
        assert Client().get(path).status_code == 404
        assert Client().post(path, {"answer": "weg"}).status_code == 404


def test_the_link_of_a_lister_is_not_that_of_its_people(hengelo):
    group = make_group(hengelo)
    assert Client().get(f"/initiatieven/groep/{tokens.make_for_lister(group)}/").status_code == 404
    assert Client().get(f"/initiatieven/bestaat-al/{tokens.make_for_people(group)}/").status_code == 404


def test_removing_remembers_only_a_hash_for_that_town_and_twice_is_once(hengelo):
    group, leiden = make_group(hengelo), make_municipality("Leiden")
    for _ in range(2):
        actions.remove(group=group, now=timezone.now())
    row = RefusedAddress.objects.get()
    assert row.municipality == hengelo
    assert "info" not in row.address_hash
    assert len(row.address_hash) == 32
    listed = {"by": make_user(), "email": "info@rennen.example", "fields": GROUP, "now": timezone.now()}
    assert refused(actions.list_group, town=hengelo, **listed) == Refusal.NOT_TO_BE_LISTED
    assert actions.list_group(town=leiden, **listed).is_public


def test_a_guest_who_did_not_confirm_before_the_no_cannot_confirm_after_it(hengelo):
    waiting = actions.list_group_as_guest(
        own_email="noor@guest.example",
        language="nl",
        town=hengelo,
        email="info@rennen.example",
        fields=GROUP | {"title": "Rennen"},
        now=timezone.now(),
    )
    actions.remove(group=make_group(hengelo), now=timezone.now())
    answer = Client().post(f"/initiatieven/bestaat-al/{tokens.make_for_lister(waiting)}/")
    assert answer.status_code == 422
    assert Initiative.objects.get().is_draft


def test_anyone_can_have_the_link_sent_again_once_a_day_and_never_sees_the_address(hengelo):
    group = make_group(hengelo)
    letters()
    page = Client().get(group.initiative.get_absolute_url()).content.decode()
    assert f"{group.initiative.get_absolute_url()}onze-groep/" in page
    answers = [Client().post(f"{group.initiative.get_absolute_url()}onze-groep/") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        assert "We hebben een link gestuurd" in answer.content.decode()
        assert "info@rennen.example" not in answer.content.decode()
    assert [mail.to for mail in letters()] == [["info@rennen.example"]] * 2  # told, and the link again


def test_asking_for_the_link_too_often_from_one_connection_is_refused(hengelo):
    group = make_group(hengelo)
    answers = [Client().post(f"{group.initiative.get_absolute_url()}onze-groep/").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


# Listing.


@pytest.mark.parametrize("field", ["title", "what", "for_whom", "meets_when", "meets_where"])
def test_a_home_address_is_refused_beside_the_field_in_every_text(hengelo, field):
    answer = signed_in(make_user()).post("/initiatieven/bestaat-al/", form(hengelo, **{field: "Dorpsstraat 12"}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "Schrijf alleen de naam van een openbare plek" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("title", "\u200b"),
        ("title", "x" * 81),
        ("what", " "),
        ("for_whom", ""),
        ("meets_when", ""),
        ("email", ""),
        ("email", "geen adres"),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://x.example"),
        ("website", "https://noor:geheim@x.example"),
        ("website", "info@rennen.example"),
        ("wished_place", "999999"),
        ("themes", "x"),
        ("what", "x" * 10_000),
        ("what", "a\0b"),
    ],
)
def test_wrong_input_is_refused_beside_its_field(hengelo, field, typed):
    answer = signed_in(make_user()).post("/initiatieven/bestaat-al/", form(hengelo, **{field: typed}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Initiative.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.rennen.example", "https://www.rennen.example"),
        ("http://rennen.example/x", "http://rennen.example/x"),
        ("https://social.example/@rennen", "https://social.example/@rennen"),
    ],
)
def test_a_website_is_a_link_that_search_engines_do_not_follow(hengelo, typed, kept):
    person = make_user()
    know([person], now=timezone.now())
    page = signed_in(person).post("/initiatieven/bestaat-al/", form(hengelo, website=typed), follow=True)
    assert f'href="{kept}" rel="nofollow ugc noopener"' in page.content.decode()


def test_html_and_emoji_and_right_to_left_are_shown_as_they_were_typed(hengelo):
    idea = list_group(hengelo, make_user(), title="<b>سباق</b> 🏃", what="<script>x</script>")
    page = Client().get(idea.get_absolute_url()).content.decode()
    assert "&lt;b&gt;سباق&lt;/b&gt; 🏃" in page
    assert "<script>x" not in page


def test_a_place_of_another_town_is_not_on_the_list(hengelo):
    elsewhere = make_location(make_municipality("Leiden"))
    answer = signed_in(make_user()).post("/initiatieven/bestaat-al/", form(hengelo, wished_place=elsewhere.pk))
    assert list(answer.context["form"].errors) == ["wished_place"]


def test_a_double_tap_is_one_group_and_three_a_day_are_enough(hengelo):
    person, now = make_user(), timezone.now()
    first = list_group(hengelo, person, now=now)
    assert list_group(hengelo, person, now=now) == first
    for number in range(2):
        list_group(hengelo, person, title=f"Groep {number}", email=f"g{number}@x.example", now=now)
    more = {"by": person, "town": hengelo, "email": "more@x.example", "fields": GROUP | {"title": "Meer"}}
    assert refused(actions.list_group, now=now, **more) == Refusal.TOO_MANY_GROUPS
    assert actions.list_group(now=now + timedelta(days=1, minutes=1), **more).is_public


def test_a_group_that_someone_else_listed_is_not_listed_twice(hengelo):
    list_group(hengelo, make_user())
    again = {"by": make_user(), "town": hengelo, "email": "info@rennen.example", "now": timezone.now()}
    fields = GROUP | {"title": "rennende moeders"}
    assert refused(actions.list_group, fields=fields, **again) == Refusal.NOT_TO_BE_LISTED


def test_a_guest_lists_three_groups_a_day(hengelo):
    for number in range(4):
        data = form(hengelo, own_email="noor@guest.example", title=f"Groep {number}", email=f"g{number}@x.example")
        answer = Client().post("/initiatieven/bestaat-al/", data)
    assert answer.status_code == 429
    assert "drie groepen" in answer.content.decode()
    assert ExistingGroup.objects.count() == 3


def test_the_form_asks_for_the_town_first_and_keeps_it_through_signing_in(hengelo):
    assert "Vertel eerst in welke gemeente." in Client().get("/initiatieven/bestaat-al/").content.decode()
    assert Client().get("/initiatieven/bestaat-al/?gemeente=x").status_code == 422
    answer = Client().post("/initiatieven/bestaat-al/", {"gemeente": "hengelo", "sign_in": "1"})
    assert answer.url.startswith("/account/login/code/?next=%2Finitiatieven%2Fbestaat-al%2F%3Fgemeente%3Dhengelo")


def test_the_list_of_ideas_and_the_form_to_propose_lead_to_it(hengelo):
    assert "/initiatieven/bestaat-al/" in Client().get("/initiatieven/").content.decode()
    page = signed_in(make_user(municipality=hengelo)).get("/initiatieven/nieuw/").content.decode()
    assert "/initiatieven/bestaat-al/?gemeente=hengelo" in page


# Where it is seen.


def test_everyone_sees_when_and_where_and_never_the_address_or_who_listed_it(hengelo):
    place = make_location(hengelo, name="Stadspark")
    idea = list_group(hengelo, make_user("Samira"), wished_place=place, meets_where="")
    page = Client().get(idea.get_absolute_url()).content.decode()
    for shown in ("Bestaat al", "elke zaterdag om 10 uur", "Stadspark", "Ga er gewoon heen", "Is dit jullie groep?"):
        assert shown in page
    for hidden in ("info@rennen.example", "Samira", "meedoen/", "Een idee van"):
        assert hidden not in page


@pytest.mark.parametrize(
    "path",
    [
        "/initiatieven/",
        "/initiatieven/?q=rennende",
        "/initiatieven/?fase=running",
        "/gemeenten/hengelo/",
        "/gemeenten/hengelo/initiatieven.atom",
    ],
)
def test_lists_and_feeds_say_that_it_exists_already(hengelo, path):
    list_group(hengelo, make_user("Samira"))
    page = Client().get(path).content.decode()
    assert "Rennende Moeders" in page
    assert "Bestaat al" in page
    assert "Samira" not in page


def test_it_is_beside_the_field_of_who_proposes_something_like_it(hengelo):
    list_group(hengelo, make_user())
    typed = {"gemeente": "hengelo", "title": "Rennende ouders", "what": ""}
    page = signed_in(make_user()).post("/initiatieven/lijkt-op/", typed).content.decode()
    assert "Rennende Moeders" in page


def test_nobody_signs_up_for_it_here(hengelo):
    idea = list_group(hengelo, make_user())
    client = signed_in(make_user())
    page = client.get(f"{idea.get_absolute_url()}meedoen/").content.decode()
    assert "Deze groep staat los van Pedbasis" in page
    assert client.post(f"{idea.get_absolute_url()}meedoen/", {"adults": "1"}).status_code == 422
    assert not idea.supports.exists()


@pytest.mark.parametrize("hides", ["waiting", "hidden"])
def test_what_waits_or_is_hidden_is_on_no_list_and_cannot_be_asked_for(hengelo, hides):
    group = make_group(hengelo)
    Initiative.objects.update(visibility=hides)
    for path in ("/initiatieven/", "/gemeenten/hengelo/", "/gemeenten/hengelo/initiatieven.atom"):
        assert "Rennende Moeders" not in Client().get(path).content.decode()
    for page in ("", "onze-groep/"):
        assert Client().get(group.initiative.get_absolute_url() + page).status_code == 404
    assert "Rennende" not in Client().get(path_of(group)).content.decode()
    assert Client().post(path_of(group), {"answer": "weg"}).status_code == 302  # also then
    assert not Initiative.objects.exists()


def test_the_page_costs_a_stranger_three_queries_and_the_list_one(hengelo, django_assert_max_num_queries):
    ideas = [list_group(hengelo, make_user(), title=f"Groep {n}", email=f"g{n}@x.example") for n in range(30)]
    with django_assert_max_num_queries(3):
        Client().get(ideas[0].get_absolute_url())
    with django_assert_max_num_queries(1):
        assert Client().get("/initiatieven/").content.decode().count("Bestaat al") == 20


# Personal data.


def test_the_group_stays_when_who_listed_it_is_erased(hengelo):
    lister = make_user("Samira")
    group = list_group(hengelo, lister).existing
    mine = privacy.export(user=lister, now=timezone.now())
    assert "elke zaterdag om 10 uur" in str(mine)
    privacy.erase(user=lister, now=timezone.now())
    group.refresh_from_db()
    assert (group.listed_by, group.email) == (None, "info@rennen.example")
    assert Client().get(group.initiative.get_absolute_url()).status_code == 200


def test_a_group_goes_with_the_account_that_has_its_address(hengelo):
    host = make_user("Fenna", email="info@rennen.example")
    make_group(hengelo)
    assert "groups_listed_with_your_address': ['Rennende Moeders']" in str(
        privacy.export(user=host, now=timezone.now())
    )
    privacy.erase(user=host, now=timezone.now())
    assert not Initiative.objects.exists()
    assert not RefusedAddress.objects.exists()


def test_what_a_guest_did_not_confirm_is_forgotten_after_a_day(hengelo):
    fill_in(hengelo, own_email="noor@guest.example")
    now = timezone.now()
    forgetting.forget_unconfirmed_groups(now=now + timedelta(hours=23))
    assert ExistingGroup.objects.exists()
    link = f"/initiatieven/bestaat-al/{tokens.make_for_lister(ExistingGroup.objects.get())}/"
    ExistingGroup.objects.update(created_at=now - timedelta(hours=25))
    assert Client().get(link).status_code == 410
    assert letters() == []
    forgetting.forget_unconfirmed_groups(now=now)
    assert not Initiative.objects.exists()
    assert not User.objects.filter(email="noor@guest.example").exists()


def test_a_group_of_whose_people_nothing_was_heard_for_a_year_goes(hengelo):
    silent, kept = make_group(hengelo), make_group(hengelo, title="Wandelen", email="w@x.example")
    Initiative.objects.update(active_at=timezone.now() - timedelta(days=366))
    actions.keep(group=kept, now=timezone.now())
    forgetting.forget_silent_groups(now=timezone.now())
    assert list(ExistingGroup.objects.all()) == [kept]
    assert Client().get(path_of(silent)).status_code == 410


def test_a_coordinator_is_known_and_lists_at_once(town):
    role = make_role("coordinator", town.hengelo, make_user("Ank"))
    assert list_group(town.hengelo, role, is_known=False).is_public
