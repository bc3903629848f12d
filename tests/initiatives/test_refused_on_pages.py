"""What pages say when an action is refused after the form was opened: a sentence, and nothing changes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from initiatives import search_words, tasks
from initiatives.models import Answer, Initiative, Initiator, Post, Question, SearchWord, Support
from initiatives.moderated import QUESTION
from initiatives.noting import actions as noting
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.proposing import photos
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions as taking_part
from notifications.models import Message
from photos.models import Photo
from tests.addresses import ADDRESSES
from tests.factories import make_initiative, make_photo, make_support, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db
GUEST = {"adults": "1", "first_name": "Samira", "email": "samira@example.org"}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def end(idea: Initiative) -> None:
    Initiative.objects.filter(pk=idea.pk).update(stage="ended", end_reason="done")


def counts() -> list[int]:
    return [model.objects.count() for model in (Initiative, Initiator, Post, Question, Answer, Support)]


@pytest.mark.parametrize("name", ["initiative_talk", "initiative_ask", "initiative_question_edit"])
def test_whoever_writes_about_an_idea_that_has_ended_meanwhile_reads_why_it_is_not_saved(town, name):
    end(town.talk_idea)
    before = counts()
    address = next(address for address in ADDRESSES if address.name == name)
    answer = signed_in(town.host).post(address.path(town), address.data(town), follow=True)
    assert "Dit idee is gestopt" in answer.content.decode()
    assert counts() == before


def test_an_official_who_answers_twice_or_moves_a_date_twice_reads_why_not(town):
    client = signed_in(town.officer)
    moved = next(address for address in ADDRESSES if address.name == "initiative_question_move")
    for _ in range(2):
        client.post(moved.path(town), moved.data(town))
    assert Answer.objects.exclude(moved_to=None).count() == 1
    assert client.get(moved.path(town)).status_code == 302


def test_a_post_cannot_be_put_back_after_a_day(town):
    path = reverse("initiative_post_put_back", args=[town.talk_idea.slug, town.post.pk])
    Post.objects.update(deleted_at=timezone.now() - timedelta(days=2))
    answer = signed_in(town.host).post(path, follow=True)
    assert "meer dan een dag geleden" in answer.content.decode()
    assert Post.objects.filter(deleted_at=None, pk=town.post.pk).count() == 0


@pytest.mark.parametrize("limit", ["MAIL_REQUESTS_PER_MINUTE", "OTHER_MAILS_PER_HOUR"])
def test_too_many_requests_for_a_link_say_how_long_to_wait_and_keep_what_was_typed(client, monkeypatch, limit):
    monkeypatch.setattr(limits, limit, 1)
    idea = make_initiative()
    path = f"{idea.get_absolute_url()}meedoen/?hoe=kom"
    statuses = [client.post(path, GUEST).status_code for _ in range(2)]
    assert statuses == [200, 429]
    refused = client.post(path, GUEST)
    assert int(refused["Retry-After"]) >= 60
    assert 'value="Samira"' in refused.content.decode()


def test_taking_part_in_what_ended_while_the_form_was_open(client):
    idea, person = make_initiative(), make_user()
    mine = make_support(idea, person)
    end(idea)
    path = f"{idea.get_absolute_url()}meedoen/"
    for visitor, data in ((client, GUEST), (signed_in(make_user()), {"adults": "1"})):
        answer = visitor.post(f"{path}?hoe=kom", data)
        assert (answer.status_code, "Dit idee is gestopt" in answer.content.decode()) == (422, True)
    own = signed_in(person)
    own.post(f"{path}{mine.pk}/stoppen/")
    again = own.post(f"{path}{mine.pk}/toch/", follow=True)
    assert "Dit idee is gestopt" in again.content.decode()
    mine.refresh_from_db()
    assert mine.state == "withdrawn"


def test_who_stops_with_an_idea_that_is_hidden_is_led_to_their_own_page():
    idea, person = make_initiative(visibility="hidden"), make_user()
    mine = make_support(idea, person)
    answer = signed_in(person).post(f"{idea.get_absolute_url()}meedoen/{mine.pk}/stoppen/")
    assert answer.url == "/mijn/"


def test_a_need_that_was_taken_off_the_list_cannot_be_promised_again():
    idea, person = make_initiative(needed="Hooi"), make_user()
    need = idea.needs.get()
    mine = make_support(idea, person, kind="have", thing="material", need=need)
    taking_part.withdraw(support=mine, now=timezone.now())
    idea.needs.update(is_wanted=False)
    with pytest.raises(CannotDo) as refused:
        taking_part.undo_withdrawal(support=mine, now=timezone.now())
    assert refused.value.refusal == Refusal.NEED_GONE


def test_a_confirmed_guest_who_fills_in_the_form_again_hears_that_they_take_part_and_a_withdrawn_link_says_so(client):
    idea = make_initiative()
    act = {"initiative": idea, "first_name": "Samira", "email": "samira@example.org"}
    mine = taking_part.support_as_guest(**act, commitment=taking_part.Commitment(), now=timezone.now())
    taking_part.confirm(support=mine, now=timezone.now())
    taking_part.support_as_guest(**act, commitment=taking_part.Commitment(adults=3), now=timezone.now())
    mine.refresh_from_db()
    assert (mine.state, mine.adults) == ("live", 1)
    assert [mail.subject for mail in letters()] == ["Je doet mee: Cavia Café"] * 2  # the link works, and can stop it
    taking_part.withdraw(support=mine, now=timezone.now())
    with pytest.raises(CannotDo) as refused:
        taking_part.confirm(support=mine, now=timezone.now())
    assert refused.value.refusal == Refusal.LINK_USED
    mine.delete()
    with pytest.raises(CannotDo) as refused:
        taking_part.withdraw(support=Support(pk=0, initiative=idea), now=timezone.now())
    assert refused.value.refusal == Refusal.LINK_EXPIRED


def test_ending_on_the_page_asks_for_a_reason_and_then_says_what_happens(town):
    client, path = signed_in(town.host), f"{town.idea.get_absolute_url()}stoppen/"
    wrong = client.post(path, {"reason": "not_possible", "note": " "})
    assert (wrong.status_code, "Schrijf in een paar woorden waarom." in wrong.content.decode()) == (422, True)
    done = client.post(path, {"reason": "not_possible", "note": "Geen plek."}, follow=True)
    assert "Iedereen die meedoet, krijgt een mail." in done.content.decode()
    again = client.post(path, {"reason": "done", "note": ""})
    assert (again.status_code, "in een andere fase" in again.content.decode()) == (422, True)
    refused = client.post(f"{town.idea.get_absolute_url()}pauze/", follow=True)
    assert "in een andere fase" in refused.content.decode()


def test_changing_or_deleting_meanwhile_is_refused_on_the_page(town, monkeypatch):
    client = signed_in(town.host)
    assert client.get(f"{town.idea.get_absolute_url()}bewerken/").status_code == 200
    end(town.idea)
    data = {"title": "Cavia", "what": "Iets", "for_whom": "iedereen", "gemeente": "hengelo"}
    answer = client.post(f"{town.idea.get_absolute_url()}bewerken/", data)
    assert (answer.status_code, "Dit idee is gestopt" in answer.content.decode()) == (422, True)
    refused = client.post(f"{town.idea.get_absolute_url()}verwijderen/", follow=True)
    assert "in een andere fase" in refused.content.decode()
    monkeypatch.setattr(proposing, "MAX_DRAFTS", 0)
    full = client.post("/initiatieven/nieuw/", data | {"title": "Nog een", "later": "1"})
    assert (full.status_code, "nog niet geplaatst zijn" in full.content.decode()) == (422, True)
    assert 'value="Nog een"' in full.content.decode()


def test_publishing_a_draft_twice_is_once(town):
    fields = {"title": "Vlieger", "what": "Samen", "for_whom": "iedereen", "needed": ""}
    act = {"draft": town.idea_draft, "by": town.host, "fields": fields}
    first = proposing.publish_draft(**act, now=timezone.now())
    again = proposing.publish_draft(**act, now=timezone.now())
    assert first == again
    assert first.history.count() == 1
    for by, refusal in ((town.host, Refusal.NOT_IN_THIS_STAGE), (town.parent, Refusal.NOT_YOURS)):
        with pytest.raises(CannotDo) as refused:
            proposing.delete_draft(draft=first, by=by, now=timezone.now())
        assert refused.value.refusal == refusal


def test_handing_over_and_stepping_down_on_the_page(town):
    client, path = signed_in(town.host), f"{town.idea.get_absolute_url()}samen/"
    refused = client.post(f"{path}stoppen/", follow=True)
    assert "Draag het eerst over" in refused.content.decode()
    heir = town.idea.initiators.get(part="co_initiator")
    client.post(f"{path}{heir.pk}/overdragen/")
    again = client.post(f"{path}{heir.pk}/overdragen/", follow=True)
    assert "Alleen wie dit idee begon" in again.content.decode()
    left = client.post(f"{path}stoppen/", follow=True)
    assert "Bedankt voor wat je deed." in left.content.decode()
    assert [row.user for row in town.idea.initiators.all()] == [heir.user]


def test_a_card_of_which_the_idea_is_gone_says_what_to_do(town):
    card = town.card
    town.card.initiative.delete()
    with pytest.raises(CannotDo) as refused:
        noting.claim(card=card, by=town.parent, now=timezone.now())
    assert refused.value.refusal == Refusal.CARD_GONE
    noting.discard(card=card, by=town.host, now=timezone.now())  # already gone is fine


def test_a_photo_is_given_replaced_put_back_and_taken_away(town):
    idea, now = town.idea, timezone.now()
    answers = {"description": "Een cavia in het hooi", "children": "none"}
    first = make_photo(town.host, purpose=idea.photo_purpose, attached_at=None)
    photos.set_photo(initiative=idea, photo=first, by=town.host, now=now, **answers)
    second = make_photo(town.host, purpose=idea.photo_purpose, attached_at=None)
    photos.set_photo(initiative=idea, photo=second, by=town.host, now=now, **answers)
    idea.refresh_from_db()
    assert idea.photo == second
    partner = idea.initiators.get(part="co_initiator").user
    photos.remove_photo(initiative=idea, by=partner, now=now)
    photos.remove_photo(initiative=idea, by=partner, now=now)
    idea.refresh_from_db()
    assert idea.photo is None
    third = make_photo(town.host, purpose=idea.photo_purpose, attached_at=None)
    photos.set_photo(initiative=idea, photo=third, by=town.host, now=now, **answers)
    photos.remove_photo(initiative=idea, by=town.host, now=now)
    assert Photo.objects.get(pk=third.pk).detached_at is not None


def test_words_that_no_idea_holds_any_more_are_forgotten_and_missing_ones_are_added(town):
    SearchWord.objects.create(word="oudwoord")
    SearchWord.objects.filter(word="cavia").delete()
    tasks.renew_search_words()
    assert not SearchWord.objects.filter(word="oudwoord").exists()
    assert SearchWord.objects.filter(word="cavia").exists()
    search_words.renew()  # again changes nothing
    assert SearchWord.objects.filter(word="cavia").exists()


def test_mails_that_are_no_longer_true_are_not_sent(town):
    now = timezone.now()
    proposing.change(initiative=town.idea, by=town.host, now=now, fields={"for_whom": "iedereen"})
    Message.objects.update(due_at=now)
    progress.pause(initiative=town.idea, by=town.host, now=now)
    progress.resume(initiative=town.idea, by=town.host, now=now)
    Initiative.objects.filter(pk=town.idea.pk).update(visibility="hidden")
    assert letters() == []
    ours = Message.objects.filter(template__startswith="initiatives.")
    assert set(ours.values_list("state", flat=True)) == {"skipped"}


def test_approved_words_of_a_question_are_written(town):
    QUESTION.write(town.question, {"text": "Mag het morgen?"}, now=timezone.now())
    town.question.refresh_from_db()
    assert town.question.text == "Mag het morgen?"
