"""The consent of a place: the question by mail, its answers by the link, reminders, and two that want one room."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from initiatives import notices, tokens
from initiatives.models import AgreedSlot, HistoryEntry, PlaceContact, PlaceRequest
from initiatives.planning import actions, answers
from initiatives.refusals import CannotDo, Refusal
from initiatives.tasks import follow_up
from notifications.delivery import send_due
from notifications.models import Message
from tests.factories import make_initiative, make_location, make_role, make_user
from tests.initiatives.places import EMAIL, make_cavia, next_wednesday, schedule, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cavia():
    return make_cavia()


@pytest.fixture
def request_to_place(cavia):
    cavia.choose()
    return cavia.ask()


def url(request, answer=""):
    path = reverse("place_request", args=[tokens.make_for_place(request)])
    return f"{path}?antwoord={answer}" if answer else path


def snapshot():
    """Everything that a visit might change."""
    return [list(model.objects.order_by("pk").values()) for model in (PlaceRequest, AgreedSlot, HistoryEntry, Message)]


def refused(action, **fields):
    with pytest.raises(CannotDo) as error:
        action(**{"now": timezone.now(), **fields})
    return error.value.refusal


# Asking


def test_the_place_is_asked_with_date_hours_numbers_and_what_is_expected(cavia, request_to_place):
    sent_mails = sent_bodies()
    [question] = [message for message in sent_mails if message.to == [EMAIL]]
    for part in (question.body, question.alternatives[0][0]):
        for words in ("Cavia Café", "Fatima", "14.00", "16.00", "Een tafel en water.", url(request_to_place, "nee")):
            assert words in part
    assert cavia.steps() == ["published", "planned", "asked"]
    assert (request_to_place.adults, request_to_place.children) == (4, 6)


def sent_bodies(now=None):
    mail.outbox.clear()
    send_due(now=now or timezone.now() + timedelta(hours=1))
    mails = list(mail.outbox)
    mail.outbox.clear()
    return mails


def test_asking_twice_is_one_question(cavia, request_to_place):
    assert cavia.ask(adults=9) == request_to_place
    assert [to for to, _subject in sent()].count(EMAIL) == 1


def test_without_a_contact_the_coordinators_are_asked_and_the_proposer_hears_that(cavia, client):
    PlaceContact.objects.all().delete()
    second = make_role(Role.Kind.COORDINATOR, cavia.town, make_user("Bram"))
    cavia.choose()
    client.force_login(cavia.fatima)
    ask_url = reverse("initiative_ask_place", args=[cavia.idea.slug])
    assert not client.get(ask_url).context["has_contact"]
    page = client.post(f"/en{ask_url}", {"adults": "3", "children": "4", "expected": ""}, follow=True)
    assert "We have no address for this place yet" in page.content.decode()
    coordinators = Role.objects.filter(kind=Role.Kind.COORDINATOR).values_list("user__email", flat=True)
    question = [message for message in sent_bodies() if message.to[0] in coordinators]
    assert sorted(message.to[0] for message in question) == sorted(coordinators)
    assert second.email in coordinators
    assert all(f"/initiatieven/plekken/{cavia.place.slug}/" in message.body for message in question)


def test_filling_in_the_contact_sends_the_waiting_question_there(cavia, client):
    PlaceContact.objects.all().delete()
    cavia.choose()
    request = cavia.ask()
    sent()
    coordinator = Role.objects.get(kind=Role.Kind.COORDINATOR).user
    client.force_login(coordinator)
    answer = client.post(
        reverse("place_contact", args=[cavia.place.slug]), {"email": "Baas@Farm.example", "name": "Jo"}
    )
    assert answer.url == cavia.place.get_absolute_url()
    assert PlaceContact.objects.values_list("email", "name").get() == ("baas@farm.example", "Jo")
    [question] = sent_bodies()
    assert question.to == ["baas@farm.example"]
    assert url(request, "ja") in question.body


def test_only_coordinators_of_the_town_see_the_contact(cavia, client):
    page = reverse("place_contact", args=[cavia.place.slug])
    for person in (cavia.fatima, cavia.sam, make_role(Role.Kind.COORDINATOR, make_location().municipality)):
        client.force_login(person)
        assert client.get(page).status_code == 404
        assert client.post(page, {"email": "x@y.example"}).status_code == 404
    client.logout()
    assert client.get(page).status_code == 302
    assert PlaceContact.objects.get().email == EMAIL


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"visibility": "hidden"}, Refusal.NOT_PUBLIC),
        ({"stage": "paused"}, Refusal.NOT_IN_THIS_STAGE),
    ],
)
def test_asking_is_refused(cavia, change, refusal):
    cavia.choose()
    type(cavia.idea).objects.update(**change)
    assert refused(cavia.ask) == refusal
    assert not PlaceRequest.objects.exists()


def test_asking_without_a_day_a_place_or_anyone_to_ask_is_refused(cavia):
    assert refused(cavia.ask) == Refusal.NO_DAY
    cavia.choose(place=None)
    assert refused(cavia.ask) == Refusal.NO_PLACE
    cavia.choose()
    assert refused(cavia.ask, by=cavia.sam) == Refusal.NOT_YOURS
    cavia.choose(rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=2")
    assert refused(cavia.ask, now=timezone.now() + timedelta(days=60)) == Refusal.DAY_PASSED
    PlaceContact.objects.all().delete()
    Role.objects.filter(kind=Role.Kind.COORDINATOR).delete()
    cavia.town.contact_email = ""
    cavia.town.save()
    assert refused(cavia.ask) == Refusal.NOBODY_TO_ASK


# The link


@pytest.mark.parametrize("answer", ["", "ja", "nee", "anders", "intrekken", "x" * 1000])
@pytest.mark.parametrize("state", ["asked", "agreed"])
def test_looking_twenty_times_changes_nothing(cavia, request_to_place, client, answer, state):
    if state == "agreed":
        cavia.agree(request_to_place)
    before = snapshot()
    for _ in range(10):
        assert client.get(url(request_to_place, answer)).status_code == 200
        assert client.head(url(request_to_place, answer)).status_code == 200
    assert snapshot() == before


def test_the_link_chooses_an_answer_and_one_button_saves_it(cavia, request_to_place, client):
    link = url(request_to_place)
    page = client.get(f"/en{link}?antwoord=ja").content.decode()
    assert "Not saved yet." in page
    assert page.count('<button class="button button-large">') == 1
    nothing = client.get(f"/en{link}").content.decode()
    assert "Not saved yet." not in nothing
    assert '<button class="button button-large">' not in nothing
    until = next_wednesday(12)
    answer = client.post(link, {"answer": "ja", "until": until.isoformat()})
    assert answer.url == f"{link}#answer"
    request_to_place.refresh_from_db()
    assert (request_to_place.state, request_to_place.agreed_until) == ("agreed", until)
    assert request_to_place.slots.count() == 11
    entry = cavia.idea.history.last()
    assert (entry.step, entry.via, entry.by, entry.stage_before, entry.stage_after) == (
        "agreed", "mail", None, "gathering", "ready",
    )  # fmt: skip
    assert cavia.stage() == "ready"
    told = [to for to, _subject in sent() if to != EMAIL]
    assert set(told) >= {cavia.fatima.email, cavia.joke.email}


def test_a_wrong_link_says_so(client):
    assert client.get(reverse("place_request", args=["123.abc"])).status_code == 404
    assert client.get(reverse("place_request", args=[tokens.make_for_place(PlaceRequest(pk=99))])).status_code == 410


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"answer": "ja", "until": ""}, "until"),
        ({"answer": "ja", "until": "2020-01-01"}, "until"),
        ({"answer": "ja", "until": "2199-01-01"}, "until"),
        ({"answer": "ja", "until": "x\0y"}, "until"),
        ({"answer": "nee", "reason": ""}, "reason"),
        ({"answer": "nee", "reason": "\u200b"}, "reason"),
        ({"answer": "nee", "reason": "n" * 10_000}, "reason"),
        ({"answer": "nee", "reason": "nee\0"}, "reason"),
        ({"answer": "anders", "other_on": "2020-01-01"}, "other_on"),
        ({"answer": "anders", "other_start_time": "14:00", "other_end_time": "13:00"}, "other_end_time"),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_keeps_what_was_typed(request_to_place, client, typed, field):
    page = client.post(url(request_to_place), typed)
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert page.context["form"].data[field] == typed[field] if field in typed else True
    request_to_place.refresh_from_db()
    assert request_to_place.state == "asked"


def test_an_unknown_answer_changes_nothing(request_to_place, client):
    before = snapshot()
    for data in ({}, {"answer": "misschien"}, {"answer": "intrekken", "reason": "weg"}):
        assert client.post(url(request_to_place), data).status_code == 422
    assert snapshot() == before


# The answers


def test_saying_yes_twice_is_one_yes(cavia, request_to_place):
    cavia.agree(request_to_place)
    cavia.agree(request_to_place)
    assert cavia.steps().count("agreed") == 1
    assert AgreedSlot.objects.count() == 11


def test_a_yes_counts_for_a_year_at_most(cavia, request_to_place):
    cavia.agree(request_to_place, until=next_wednesday(500))
    assert 49 <= AgreedSlot.objects.count() <= 53


def test_a_no_tells_why_to_those_who_started_it_only(cavia, request_to_place, client):
    client.post(url(request_to_place), {"answer": "nee", "reason": "De stal wordt <b>verbouwd</b>."})
    assert cavia.stage() == "gathering"
    told = sent_bodies()
    with_reason = {message.to[0] for message in told if "verbouwd" in message.body}
    assert with_reason == {cavia.fatima.email, cavia.joke.email}
    for person, is_told in ((None, False), (cavia.sam, False), (cavia.fatima, True)):
        visitor = Client()
        if person:
            visitor.force_login(person)
        assert ("verbouwd" in visitor.get(cavia.idea.get_absolute_url()).content.decode()) is is_told
    assert refused(cavia.ask) == Refusal.PLACE_SAID_NO


def test_after_a_no_the_place_can_still_say_yes(cavia, request_to_place):
    answers.decline(request=request_to_place, reason="druk", now=timezone.now())
    cavia.agree(request_to_place)
    assert cavia.stage() == "ready"
    assert refused(answers.decline, request=request_to_place, reason="toch niet") == Refusal.NOT_IN_THIS_STAGE


def test_the_place_offers_another_moment_and_the_proposer_chooses_it(cavia, request_to_place, client):
    on = next_wednesday() + timedelta(days=1)
    data = {
        "answer": "anders",
        "other_on": on.isoformat(),
        "other_start_time": "10:00",
        "other_end_time": "12:00",
        "until": (on + timedelta(days=70)).isoformat(),
        "reason": "Donderdag is het rustig.",
    }
    client.post(url(request_to_place), data)
    assert cavia.stage() == "gathering"
    assert not AgreedSlot.objects.exists()
    sent()
    client.force_login(cavia.joke)
    page = client.get(cavia.idea.get_absolute_url())
    assert page.context["step"].do == "answer_offer"
    assert "Donderdag is het rustig." in page.content.decode()
    client.post(reverse("initiative_offer", args=[cavia.idea.slug]), {"accept": "1"})
    cavia.idea.refresh_from_db()
    plan = cavia.idea.plan
    assert (plan.rrule, plan.first_on, plan.start_time) == ("FREQ=WEEKLY;BYDAY=TH", on, time(10))
    assert (cavia.stage(), cavia.steps()[-2:]) == ("ready", ["offered", "accepted"])
    assert AgreedSlot.objects.count() == 11
    assert {to for to, _subject in sent()} == {EMAIL, cavia.sam.email, "mees@guest.example"}
    assert refused(actions.accept_offer, initiative=cavia.idea, by=cavia.fatima) == Refusal.NO_OFFER


def test_a_moment_that_does_not_suit_is_refused_and_the_place_can_offer_another(cavia, request_to_place):
    offer(request_to_place)
    assert refused(actions.refuse_offer, initiative=cavia.idea, by=cavia.sam) == Refusal.NOT_YOURS
    actions.refuse_offer(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())
    request_to_place.refresh_from_db()
    assert request_to_place.state == "refused"
    assert EMAIL in [to for to, _subject in sent()]
    offer(request_to_place, start_time=time(11))
    assert cavia.steps()[-3:] == ["offered", "refused", "offered"]


def offer(request, **fields):
    on = next_wednesday() + timedelta(days=1)
    moment = {"on": on, "start_time": time(10), "end_time": time(12), "until": on + timedelta(days=70)}
    return answers.offer(**{"request": request, "reason": "", "now": timezone.now(), **moment, **fields})


@pytest.mark.parametrize(
    "change",
    [
        {"start_time": time(10)},
        {"end_time": time(17)},
        {"first_on": next_wednesday(3)},
        {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"},
        {"skip_public_holidays": False},
    ],
)
def test_another_day_hours_or_rhythm_voids_the_consent_and_asks_again(cavia, request_to_place, change):
    cavia.agree(request_to_place)
    sent()
    cavia.choose(**change)
    request_to_place.refresh_from_db()
    assert (request_to_place.state, AgreedSlot.objects.count()) == ("void", 0)
    again = cavia.idea.place_requests.current().get()
    assert (again.state, again.expected, again.adults) == ("asked", "Een tafel en water.", 4)
    assert (cavia.stage(), cavia.steps()[-3:]) == ("gathering", ["planned", "voided", "asked"])
    assert [to for to, _subject in sent()].count(EMAIL) == 1
    assert refused(answers.agree, request=request_to_place, until=next_wednesday(9)) == Refusal.REQUEST_VOID


def test_another_place_is_asked_and_the_first_hears_that_it_is_off(cavia, request_to_place):
    cavia.agree(request_to_place)
    sent()
    other = make_location(cavia.town, name="Buurthuis")
    PlaceContact.objects.create(location=other, email="info@buurthuis.example")
    cavia.choose(place=other)
    assert cavia.idea.place_requests.current().get().place == other
    assert {EMAIL, "info@buurthuis.example"} <= {to for to, _subject in sent()}


def test_three_changes_in_a_row_are_one_new_question(cavia, request_to_place):
    sent()
    for hour in (9, 10, 11):
        cavia.choose(start_time=time(hour))
    questions = [message for message in sent_bodies() if message.to == [EMAIL]]
    assert len(questions) == 1
    assert "11.00" in questions[0].body


def test_the_page_of_a_void_question_says_so(cavia, request_to_place, client):
    cavia.choose(start_time=time(10))
    page = client.get(f"/en{url(request_to_place, 'ja')}")
    assert "This question no longer counts" in page.content.decode()
    assert '<button class="button button-large">' not in page.content.decode()


def test_a_consent_taken_back_tells_everyone_who_takes_part(cavia, client):
    request = cavia.make_ready()
    client.post(url(request), {"answer": "intrekken", "reason": "De vloer is kapot."})
    assert (cavia.stage(), AgreedSlot.objects.count()) == ("gathering", 0)
    told = sent_bodies()
    assert sorted(message.to[0] for message in told) == sorted(
        [cavia.fatima.email, cavia.joke.email, cavia.sam.email, "mees@guest.example"]
    )
    with_reason = {message.to[0] for message in told if "De vloer is kapot." in message.body}
    assert with_reason == {cavia.fatima.email, cavia.joke.email}
    assert cavia.idea.history.last().via == "mail"
    client.post(url(request), {"answer": "intrekken", "reason": "nog eens"})
    assert cavia.steps().count("revoked") == 1


def test_what_everyone_was_told_is_not_lost_when_someone_withdraws(cavia, request_to_place):
    """Messages about a request and about a commitment may have the same number."""
    support = cavia.idea.supports.first()
    support.pk = request_to_place.pk
    before = Message.objects.filter(template="initiative_places.asked").count()
    notices.cancel_for([support])
    assert Message.objects.filter(template="initiative_places.asked").count() == before == 1


# Reminders


def remind_after(**delta):
    answers.remind_all(now=timezone.now() + timedelta(**delta))


def test_the_place_is_reminded_after_three_and_seven_days_and_then_the_proposer_hears_whom_to_call(
    cavia, request_to_place
):
    sent()
    remind_after(days=2, hours=23)
    assert sent() == []
    for _ in range(3):
        remind_after(days=3)
    assert [to for to, _subject in sent(timezone.now() + timedelta(days=3, hours=1))] == [EMAIL]
    remind_after(days=6)
    assert sent(timezone.now() + timedelta(days=6)) == []
    for _ in range(3):
        remind_after(days=7)
    told = sent_bodies(timezone.now() + timedelta(days=7, hours=1))
    assert sorted(message.to[0] for message in told) == sorted([EMAIL, cavia.fatima.email, cavia.joke.email])
    assert all("Sanne" in message.body for message in told if message.to != [EMAIL])
    remind_after(days=30)
    assert sent(timezone.now() + timedelta(days=31)) == []


def test_after_downtime_one_reminder_is_sent(cavia, request_to_place):
    sent()
    remind_after(days=8)
    told = sent(timezone.now() + timedelta(days=9))
    assert [to for to, _subject in told].count(EMAIL) == 1


def test_an_answer_stops_the_reminders(cavia, request_to_place):
    remind_after(days=3)
    answers.decline(request=request_to_place, reason="druk", now=timezone.now())
    mails = sent(timezone.now() + timedelta(days=8))
    assert EMAIL not in [to for to, _subject in mails]
    remind_after(days=8)
    assert sent(timezone.now() + timedelta(days=9)) == []


def test_a_reminder_that_fails_half_way_is_sent_later(cavia, request_to_place, monkeypatch):
    sent()

    def fail(*_args, **_fields):
        raise RuntimeError("the worker is killed")

    with monkeypatch.context() as broken:
        broken.setattr("initiatives.plan_notices.remind", fail)
        with pytest.raises(RuntimeError):
            remind_after(days=3)
    request_to_place.refresh_from_db()
    assert request_to_place.reminded == 0
    remind_after(days=3)
    assert [to for to, _subject in sent(timezone.now() + timedelta(days=4))] == [EMAIL]


def test_the_task_reminds(cavia, request_to_place):
    sent()
    PlaceRequest.objects.update(asked_at=timezone.now() - timedelta(days=3))
    follow_up()
    assert [to for to, _subject in sent()] == [EMAIL]


# One room


def test_the_database_refuses_two_consents_for_one_room_at_once(cavia, request_to_place):
    def slot(start, end, place=cavia.place):
        at = lambda hour: datetime(2027, 1, 6, hour, tzinfo=timezone.get_current_timezone())  # noqa: E731
        during = DateTimeTZRange(at(start), at(end))
        return AgreedSlot.objects.create(request=request_to_place, place=place, during=during)

    slot(10, 12)
    slot(12, 14)
    slot(10, 12, make_location(cavia.town))
    with pytest.raises(IntegrityError, match="agreed_slot_one_at_a_time"), transaction.atomic():
        slot(11, 13)


def test_the_database_allows_one_current_request_of_an_idea(cavia, request_to_place):
    with pytest.raises(IntegrityError, match="place_request_one_at_a_time"), transaction.atomic():
        PlaceRequest.objects.create(initiative=cavia.idea, place=cavia.place, adults=1, children=0, **schedule())
    with pytest.raises(IntegrityError, match="place_request_agreed_until"), transaction.atomic():
        PlaceRequest.objects.update(state="agreed")
    with pytest.raises(IntegrityError, match="place_request_offers_a_moment"), transaction.atomic():
        PlaceRequest.objects.update(state="offered", agreed_until=next_wednesday())


def another(cavia, **fields):
    """Another idea that asks the same place, at an overlapping time."""
    proposer = make_user("Gerda")
    idea = make_initiative(proposer, municipality=cavia.town, stage="gathering", title="Konijnenclub")
    cavia.choose(initiative=idea, by=proposer, start_time=time(15), end_time=time(17), **fields)
    return cavia.ask(initiative=idea, by=proposer), proposer


def test_the_second_consent_for_one_room_is_refused_and_both_sides_hear_why(cavia, request_to_place, client):
    cavia.agree(request_to_place)
    second, proposer = another(cavia)
    sent()
    link = url(second)
    page = client.post(f"/en{link}", {"answer": "ja", "until": next_wednesday(9).isoformat()})
    assert page.status_code == 422
    assert "You said yes to something else at this time" in page.content.decode()
    second.refresh_from_db()
    assert (second.state, second.slots.count()) == ("asked", 0)
    assert [to for to, _subject in sent()] == [proposer.email]
    client.post(link, {"answer": "ja", "until": next_wednesday(9).isoformat()})
    assert sent() == []  # told once


def test_an_offer_of_a_moment_that_is_taken_by_then_cannot_be_chosen(cavia, request_to_place):
    second, proposer = another(cavia)
    offer(second, on=next_wednesday(), start_time=time(15), end_time=time(17), until=next_wednesday(9))
    cavia.agree(request_to_place)
    assert refused(actions.accept_offer, initiative=second.initiative, by=proposer) == Refusal.PLACE_TAKEN
    second.refresh_from_db()
    assert second.state == "offered"


def run_concurrently(*jobs):
    """Run the jobs concurrently, each in a thread with its own connection; return results, or refusals."""
    start = Barrier(len(jobs))

    def run(job):
        try:
            start.wait(timeout=20)
            return job()
        except CannotDo as refusal:
            return refusal.refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(3))
def test_two_consents_at_the_same_moment_have_one_winner(_time):
    cavia = make_cavia()
    cavia.choose()
    first = cavia.ask()
    requests = [first, *[another(cavia)[0] for _ in range(3)]]
    results = run_concurrently(*[lambda request=request: cavia.agree(request) for request in requests])
    assert results.count(Refusal.PLACE_TAKEN) == 3
    assert PlaceRequest.objects.filter(state="agreed").count() == 1
    assert AgreedSlot.objects.count() == 11


@pytest.mark.django_db(transaction=True)
def test_a_consent_and_a_changed_plan_at_the_same_moment():
    cavia = make_cavia()
    cavia.choose()
    request = cavia.ask()
    run_concurrently(lambda: cavia.agree(request), lambda: cavia.choose(start_time=time(10)))
    request.refresh_from_db()
    assert request.state == "void"
    assert AgreedSlot.objects.count() == 0
    assert cavia.stage() == "gathering"


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_reminder():
    cavia = make_cavia()
    cavia.choose()
    cavia.ask()
    sent()
    run_concurrently(*[lambda: remind_after(days=3)] * 3)
    assert [to for to, _subject in sent(timezone.now() + timedelta(days=4))] == [EMAIL]
