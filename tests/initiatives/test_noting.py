"""A host notes the idea of a parent; it waits for her under the code on a card."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives.models import Card, Initiative
from initiatives.noting import actions
from initiatives.noting.codes import LETTERS, code_of, hash_of
from initiatives.refusals import CannotDo, Refusal
from moderation.models import Case
from pages import privacy
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOTE = {"what": "Samen brood bakken.", "title": "", "agrees": "on"}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def card(town):
    signed_in(town.host).post(f"/gastvrouw/ideeen/{town.coffee.slug}/", NOTE)
    return Card.objects.get(initiative__what="Samen brood bakken.")


def test_the_host_notes_it_without_an_address_and_gets_a_card(town, card):
    page = signed_in(town.host).get(f"/gastvrouw/kaarten/{card.pk}/").content.decode()
    assert code_of(card.initiative_id) in page
    assert "<svg" in page
    idea = card.initiative
    assert (idea.is_draft, idea.initiators.count(), idea.born_at_meetup) == (True, 0, town.coffee)


def test_without_a_yes_nothing_is_kept(town):
    answer = signed_in(town.host).post(f"/gastvrouw/ideeen/{town.coffee.slug}/", {"what": "Brood", "title": "Brood"})
    assert answer.status_code == 422
    assert "Zonder ja bewaren we niets." in answer.content.decode()
    assert "Brood</textarea>" in answer.content.decode()
    assert not Initiative.objects.filter(what="Brood").exists()


def test_a_double_tap_is_one_card(town, card):
    signed_in(town.host).post(f"/gastvrouw/ideeen/{town.coffee.slug}/", NOTE)
    assert Card.objects.filter(initiative__what="Samen brood bakken.").count() == 1


def test_nobody_else_sees_it_not_even_who_looks_after_the_town(town, card):
    for user in (None, town.parent, town.other_host, town.coordinator, town.officer):
        client = signed_in(user) if user else Client()
        for path in (card.initiative.get_absolute_url(), f"/gastvrouw/kaarten/{card.pk}/"):
            assert client.get(path).status_code in {404, 302}
            assert "brood" not in client.get(path).content.decode()


@pytest.mark.parametrize("spelling", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_the_parent_finds_it_by_the_code_signs_in_and_decides(town, card, spelling):
    typed = spelling(code_of(card.initiative_id))
    answer = Client().post("/initiatieven/kaart/", {"code": typed})
    assert answer.url.startswith("/account/login/code/?next=%2Finitiatieven%2Fkaart%2F%3Fcode%3D")
    client = signed_in(town.parent)
    for _ in range(2):
        answer = client.post("/initiatieven/kaart/", {"code": typed})
        assert answer.url == f"{card.initiative.get_absolute_url()}bewerken/"
    assert card.initiative.initiators.get().user == town.parent
    assert not Case.objects.filter(kind="initiative").exists()
    assert signed_in(town.host).get(f"/gastvrouw/kaarten/{card.pk}/").status_code == 404


@pytest.mark.parametrize("typed", ["", "x", "AAAAA-AAAAA", "🐹" * 10, "a" * 10_000, "\u0000"])
def test_a_wrong_code_says_what_to_do(town, card, typed):
    answer = signed_in(town.parent).post("/initiatieven/kaart/", {"code": typed})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()


def test_codes_cannot_be_tried_without_end(town, card):
    client = signed_in(town.parent)
    answers = [client.post("/initiatieven/kaart/", {"code": "AAAAAAAAAA"}).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_a_card_works_once_and_for_sixty_days(town, card):
    now = timezone.now()
    with pytest.raises(CannotDo) as refused:
        actions.claim(card=card, by=town.parent, now=now + timedelta(days=60))
    assert refused.value.refusal == Refusal.CARD_GONE
    actions.claim(card=card, by=town.parent, now=now + timedelta(days=59))
    with pytest.raises(CannotDo) as refused:
        actions.claim(card=card, by=town.newcomer, now=now)
    assert refused.value.refusal == Refusal.CARD_GONE


def test_the_host_can_delete_it_until_the_parent_has_it(town, card):
    signed_in(town.host).post(f"/gastvrouw/kaarten/{card.pk}/verwijderen/")
    assert not Card.objects.filter(pk=card.pk).exists()
    kept = actions.note(by=town.host, meetup=town.coffee, fields={"what": "Taart"}, now=timezone.now())
    actions.claim(card=kept, by=town.parent, now=timezone.now())
    with pytest.raises(CannotDo):
        actions.discard(card=kept, by=town.host, now=timezone.now())


def test_it_still_waits_when_the_host_is_erased(town, card):
    privacy.erase(user=town.host, now=timezone.now())
    client = signed_in(town.parent)
    assert client.post("/initiatieven/kaart/", {"code": code_of(card.initiative_id)}).status_code == 302


def test_codes_differ_have_no_letters_that_look_alike_and_are_stored_as_a_hash():
    codes = {code_of(number) for number in range(2000)}
    assert len(codes) == 2000
    assert set("".join(codes)) == {*LETTERS, "-"}
    assert hash_of("abcde fghjk") == hash_of("ABCDE-FGHJK")
    assert not set("01OILSZ52") & set(LETTERS)


def test_a_former_host_cannot_note(town):
    assert signed_in(make_user()).get(f"/gastvrouw/ideeen/{town.coffee.slug}/").status_code == 404
    assert signed_in(town.other_host).get(f"/gastvrouw/ideeen/{town.coffee.slug}/").status_code == 404
