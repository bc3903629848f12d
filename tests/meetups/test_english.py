"""What towns write has an English version beside it: whole or not at all, and marked while there is none."""

from email import message_from_bytes, policy
from functools import partial

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from icalendar import Calendar

from locations.bilingual import is_whole, missing_in_english, whole_q, whole_sql
from locations.models import Location
from locations.visibility import Visibility
from meetups import notices
from meetups.calendars import ics
from meetups.managing.actions import planning
from meetups.models import Meetup
from notifications.delivery import send_due
from tests.factories import make_attendance, make_location, make_meetup, make_municipality, make_occurrence, make_user
from tests.scenario import Town, make_town

pytestmark = pytest.mark.django_db

DUTCH = {"title": "Koffie aan tafel", "summary": "Koffie en andere ouders.", "cost": "Niets."}
ENGLISH = {"title_en": "Coffee at the table", "summary_en": "Coffee and other parents.", "cost_en": "Nothing."}
VERSIONS = {
    "none": ({}, False),
    "whole": (ENGLISH, True),
    "without a text that is there in Dutch": (ENGLISH | {"cost_en": ""}, False),
    "without the title": (ENGLISH | {"title_en": ""}, False),
    "more than there is in Dutch": (ENGLISH | {"stay_en": "An hour."}, True),
}


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def occurrence():
    hengelo = make_municipality("Hengelo", introduction="Er staat koffie.", introduction_en="There is coffee.")
    place = make_location(
        hengelo, name="Bibliotheek", directions="Links van de balie.", directions_en="Left of the desk."
    )
    meetup = make_meetup(place, slug="koffie", hosts=(make_user("Fatima"),), **DUTCH, **ENGLISH)
    return make_occurrence(meetup)


def page(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("english, expected", VERSIONS.values(), ids=VERSIONS)
def test_a_meetup_is_in_english_as_a_whole_or_not_at_all(english, expected):
    meetup = make_meetup(**DUTCH, **english)
    assert is_whole(meetup) is expected
    assert Meetup.objects.filter(whole_q(Meetup.BILINGUAL)).exists() is expected
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {whole_sql(Meetup.BILINGUAL, 'm')} FROM meetups_meetup m")
        assert cursor.fetchone() == (expected,)
    with override("en"):
        texts = meetup.texts
        assert (texts.language, texts.is_foreign) == (("en", False) if expected else ("nl", True))
        assert texts.title == (ENGLISH["title_en"] if expected else DUTCH["title"])
        assert texts.cost == (ENGLISH["cost_en"] if expected else DUTCH["cost"])
    with override("nl"):
        assert (meetup.texts.language, meetup.texts.is_foreign, meetup.texts.title) == ("nl", False, DUTCH["title"])


@pytest.mark.parametrize(
    "texts, expected",
    [(DUTCH, []), (DUTCH | ENGLISH, []), (DUTCH | {"cost_en": "Nothing."}, ["title", "summary"]), ({}, [])],
)
def test_which_texts_miss_their_english(texts, expected):
    assert missing_in_english(texts, Meetup.BILINGUAL) == expected


def test_a_place_without_texts_is_not_called_english():
    with override("en"):
        assert Location().texts.language == "nl"


@pytest.mark.parametrize("path", ["", "bijeenkomsten/koffie/", "agenda/", "gemeenten/hengelo/", "DATE"])
def test_english_pages_show_the_english_version_and_dutch_pages_the_dutch(client, occurrence, path):
    path = path.replace("DATE", occurrence.get_absolute_url().removeprefix("/"))
    english, dutch = page(client, f"/en/{path}"), page(client, f"/{path}")
    assert ENGLISH["title_en"] in english
    assert DUTCH["title"] not in english
    assert "Written in Dutch" not in english
    assert DUTCH["title"] in dutch
    assert ENGLISH["title_en"] not in dutch


@pytest.mark.parametrize("path", ["bijeenkomsten/koffie/", "gemeenten/hengelo/", "locaties/bieb/", "DATE"])
def test_what_is_there_only_in_dutch_is_marked_once_on_english_pages(client, occurrence, path):
    Meetup.objects.update(cost_en="")
    Location.objects.update(slug="bieb", description="Een lichte zaal.")
    type(occurrence.location.municipality).objects.update(introduction_en="")
    path = path.replace("DATE", occurrence.get_absolute_url().removeprefix("/"))
    english = page(client, f"/en/{path}")
    assert english.count("Written in Dutch.") == 1
    assert "in het Nederlands geschreven" not in page(client, f"/{path}")
    assert ENGLISH["title_en"] not in english


def test_search_finds_english_words(client, occurrence):
    assert "Coffee at the table" in page(client, "/en/agenda/?q=table")
    assert "Koffie aan tafel" in page(client, "/agenda/?q=table")


def test_calendars_and_mails_are_in_the_language_of_their_reader(client, occurrence):
    [event] = Calendar.from_ical(client.get("/en/bijeenkomsten/koffie/agenda.ics").content).events
    assert event["SUMMARY"] == "Coffee at the table"
    assert "Left of the desk." in event["DESCRIPTION"]
    [event] = Calendar.from_ical(client.get("/bijeenkomsten/koffie/agenda.ics").content).events
    assert event["SUMMARY"] == "Koffie aan tafel"

    for language in ("en", "nl"):
        notices.joined(make_attendance(occurrence, make_user(language=language)))
    send_due(now=timezone.now())
    mails = [message_from_bytes(sent.message().as_bytes(), policy=policy.default) for sent in mail.outbox]
    subjects = sorted(message["Subject"].split(": ")[1].split(",")[0] for message in mails)
    assert subjects == ["Coffee at the table", "Koffie aan tafel"]


def test_hidden_texts_are_hidden_in_english_too(client, occurrence):
    Meetup.objects.update(visibility=Visibility.HIDDEN)
    Location.objects.update(visibility=Visibility.HIDDEN)
    assert client.get("/en/bijeenkomsten/koffie/").status_code == 404
    with override("en"):
        assert occurrence.meetup.__class__.objects.get().without_hidden_texts().texts.title == "A meetup"
        assert Location.objects.get().shown_directions == ""


def edited(client, town, **changed):
    client.force_login(town.host)
    path = reverse("meetup_edit", args=[town.coffee.slug])
    form = client.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return client.post(path, {name: value for name, value in values.items() if value not in (None, False)} | changed)


def test_the_form_saves_a_whole_version_and_shows_it_again(client, town):
    texts = {f"{name}_en": f"English {name}" for name in Meetup.BILINGUAL if getattr(town.coffee, name)}
    assert edited(client, town, **texts).status_code == 302
    town.coffee.refresh_from_db()
    assert {name: getattr(town.coffee, name) for name in texts} == texts
    form = client.get(reverse("meetup_edit", args=[town.coffee.slug])).context["form"]
    assert form.has_english()


def test_the_form_asks_for_what_is_missing_and_keeps_what_was_typed(client, town):
    answer = edited(client, town, title_en="Coffee at the table")
    form = answer.context["form"]
    assert {name for name in form.errors if name.endswith("_en")} == {
        f"{name}_en" for name in Meetup.BILINGUAL if getattr(town.coffee, name) and name != "title"
    }
    assert "Coffee at the table" in answer.content.decode()
    town.coffee.refresh_from_db()
    assert town.coffee.title_en == ""


def test_an_empty_version_is_not_asked_for(client, town):
    assert edited(client, town).status_code == 302


def test_a_calendar_event_that_changes_its_language_has_higher_stamps(occurrence):
    def shown() -> str:
        occurrence.refresh_from_db()
        with override("en"):
            return str(Calendar.from_ical(ics.publication(occurrence)).events[0]["SUMMARY"])

    change = partial(planning.change_meetup, by=make_user(), meetup=occurrence.meetup, now=timezone.now())
    assert (shown(), occurrence.sequence) == ("Coffee at the table", 0)
    change(stay="Een uur.")
    assert (shown(), occurrence.sequence) == ("Koffie aan tafel", 1)
    change(stay_en="An hour.")
    assert (shown(), occurrence.sequence) == ("Coffee at the table", 2)
