"""Hiding takes back everything at once: every page, feed, file and mail is requested before and after.

A new address is in `tests.addresses`, a page in another state in `tests.page_states`, a mail in the triggers of
`tests.notifications.test_language_of_mails`: other tests see to that, and all of them are walked here.
"""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone

from initiatives.models import Answer, Post, Question
from initiatives.moderated import ANSWER, POST, QUESTION
from locations.parameters import PARAMETERS
from locations.visibility import Visibility
from meetups.managing.actions import planning
from meetups.models import Meetup
from meetups.moderated import DATE, MEETUP, PHOTO, PLACE, WELCOME
from moderation.actions import people
from moderation.models import Trust
from notifications.models import Message
from page_cache import versions
from photos.models import Photo
from tests.addresses import ADDRESSES
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_user
from tests.mailbox import letters
from tests.notifications.test_language_of_mails import TRIGGERS
from tests.page_states import STATES
from tests.scenario import Town
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
SLUG = "zonderling-adres"
MARKS = {
    "welcome": ["zonderling-welkom"],
    "photo": ["zonderling-foto"],
    "portrait": ["zonderling-portret"],
    "place": ["zonderling-plek"],
    "date": ["zonderling-thema"],
    "meetup": ["zonderling-titel", SLUG],  # an address is made of the first title
    "post": ["zonderling-bericht"],
    "question": ["zonderling-vraag"],
    "answer": ["zonderling-antwoord"],
}
# Not its host and the coordinator of the town: they still see it, marked.
WALKS = [
    ("stranger", ""),
    ("stranger", "/en"),
    ("parent", ""),
    ("officer", ""),
    ("other_host", ""),
    ("coordinator_elsewhere", ""),
]
FULLY = {"stranger", "parent"}
# A value for each parameter of addresses, so that every search and filter is walked as well.
QUERIES = {
    "initiatives": [
        "q=zonderling",
        "gemeente=hengelo",
        "bij=Hengelo&straal=5",
        "soort=animals",
        "nodig=things",
        "fase=ended",
    ],
    "initiative_merge": ["q=zonderling"],
    "agenda": [
        "q=zonderling",
        "gemeente=hengelo",
        "bij=Hengelo&straal=5",
        "lat=52.26&lon=6.79",
        "leeftijd=0-3,4-12",
        "dagdeel=ochtend,middag",
        "drempelvrij=ja",
        "gratis=ja",
        "taal=ar",
        "soort=coffee",
        f"dag={(timezone.localdate() + timedelta(days=5)).isoweekday()}",
        f"vanaf={timezone.localdate() + timedelta(days=5)}",
        "pagina=1",
    ],
    "home": ["bij=Hengelo", "lat=52.26&lon=6.79"],
    "locations": ["bij=Hengelo", "pagina=1"],
    "report": ["reden=unkind"],
    "town_insights": ["deel=places"],
}


@pytest.fixture
def town(lasting_town, caplog) -> Iterator[Town]:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    slug = lasting_town.coffee.slug
    yield lasting_town
    lasting_town.coffee.slug = slug


def write(town: Town) -> dict[str, tuple]:
    """Put a text that occurs nowhere else in each thing, and return the thing with its kind."""
    coffee = Meetup.objects.get(pk=town.coffee.pk)
    welcome = coffee.hosts.get()
    for field in Meetup.TEXTS:
        setattr(coffee, field, "Zonderling-titel")
    town.coffee.slug = coffee.slug = SLUG
    coffee.save()
    welcome.welcome = "Zonderling-welkom"
    welcome.save()
    town.library.description = town.library.directions = "Zonderling-plek"
    town.library.save()
    town.next_week.theme = "Zonderling-thema"
    town.next_week.save(update_fields=["theme"])
    type(town.today).objects.filter(pk=town.today.pk).update(theme="Zonderling-titel")
    type(town.cancelled).objects.filter(pk=town.cancelled.pk).update(cancel_reason="Zonderling-titel")
    Photo.objects.filter(pk=town.place_photo.pk).update(description="Zonderling-foto")
    Photo.objects.filter(pk=welcome.portrait_id).update(description="Zonderling-portret")
    Post.objects.filter(pk=town.post.pk).update(text="Zonderling-bericht")
    Question.objects.filter(pk=town.question.pk).update(text="Zonderling-vraag")
    answer = Answer.objects.create(question=town.question, by=town.officer, text="Zonderling-antwoord")
    return {
        "answer": (ANSWER, answer),
        "question": (QUESTION, town.question),
        "post": (POST, town.post),
        "welcome": (WELCOME, welcome),
        "photo": (PHOTO, town.place_photo),
        "portrait": (PHOTO, welcome.portrait),
        "place": (PLACE, town.library),
        "date": (DATE, town.next_week),
        "meetup": (MEETUP, coffee),
    }


def shown_in(response: HttpResponse, path: str) -> set[str]:
    """Return the kinds of things of which a text is in this response."""
    body = getattr(response, "content", b"").decode(errors="replace")
    body = re.sub(r'action="[^"]*"', "", body)  # to where a button sends, such as the one to cancel
    text = "\n".join([body, *response.headers.values()]).lower()
    if SLUG in path:  # whoever asked for it knows it
        text = text.replace(SLUG, "")
    return {kind for kind, marks in MARKS.items() if any(mark in text for mark in marks)}


def responses(town: Town, only: set[tuple[str, str]] | None = None) -> Iterator[tuple[str, str, str, HttpResponse]]:
    """Request everything as everyone; yield what, the role, the path and the response. `only`: what, by role."""
    for role, prefix in WALKS:
        client = visitor(town.people[role])
        for address in ADDRESSES:
            # Of people with a role only the pages that a parent does not have.
            is_walked = address.get[role] in {200, 404} and (role in FULLY or address.get["parent"] != 200)
            if not is_walked or (only is not None and (address.name, role) not in only):
                continue
            for query in ["", *QUERIES.get(address.name, [])]:
                path = prefix + address.path(town) + (f"?{query}" if query else "")
                yield address.name, role, path, client.get(path, headers={"accept-encoding": "identity"})
        path = f"{prefix}/initiatieven/{town.talk_idea.slug}/"
        yield "idea with talk", role, path, client.get(path)
        partial = client.get(f"{prefix}/agenda/", headers={"hx-request": "true"})
        yield "part of the agenda", role, f"{prefix}/agenda/", partial
    for limit in ("mails:*", "asks:*"):  # each walk asks for the same mails
        cache.delete_pattern(limit)
    for page in STATES:
        if page.role in FULLY and (only is None or (page.label, page.role) in only):
            response = page.answer(town, "nl")
            yield page.label, page.role, response.path, response


def surfaces(
    town: Town, only: set[tuple[str, str]] | None = None, etags: dict[str, str] | None = None
) -> dict[str, set[tuple[str, str]]]:
    """Return where each kind of thing is seen; `etags` collects those of the pages and files of strangers."""
    found: dict[str, set[tuple[str, str]]] = {kind: set() for kind in MARKS}
    for what, role, path, response in responses(town, only):
        shown = shown_in(response, path)
        for kind in shown:
            found[kind].add((what, role))
        if etags is not None and shown and role == "stranger" and "ETag" in response.headers:
            etags[path] = response.headers["ETag"]
    return found


def test_every_parameter_is_walked():
    walked = {part.partition("=")[0] for queries in QUERIES.values() for query in queries for part in query.split("&")}
    assert walked == set(PARAMETERS.values())


def test_what_is_hidden_is_nowhere_and_what_is_shown_again_is_where_it_was(town, django_capture_on_commit_callbacks):
    def make(kind: str, visibility: Visibility) -> None:
        line, thing = things[kind]
        with django_capture_on_commit_callbacks(execute=True):
            line.set_visibility(line.lock(thing.pk), visibility, now=timezone.now())

    things = write(town)
    versions.renew([town.hengelo.pk])
    etags: dict[str, str] = {}
    before = surfaces(town, etags=etags)
    seen = set().union(*before.values())
    for kind, names in {
        "meetup": {"home", "agenda", "municipality", "location", "meetup", "occurrence", "meetup_poster"}
        | {"agenda_feed", "municipality_feed", "location_feed", "meetup_feed", "occurrence_ics", "personal_feed"},
        "welcome": {"meetup", "occurrence"},
        "photo": {"location", "location_poster", "meetup", "occurrence"},
        "portrait": {"meetup", "meetup_poster", "occurrence"},
        "place": {"location", "meetup", "occurrence", "location_feed", "meetup_poster"},
        "date": {"agenda", "meetup", "occurrence", "location_feed", "meetup_feed"},
        "question": {"idea with talk"},
        "answer": {"idea with talk"},
    }.items():
        assert {name for name, role in before[kind] if role == "stranger"} >= names
    talk = {"idea with talk", "initiative_talk", "quiet idea, for who takes part"}
    assert before["post"] == {(name, "parent") for name in talk} | {("idea with talk", "other_host")}
    for kind in ("welcome", "photo", "portrait", "place", "date", "post", "answer", "question"):
        make(kind, Visibility.HIDDEN)
        after = surfaces(town, seen)
        assert after[kind] == set()
        goes_along = {"answer"} if kind == "question" else set()
        for other in MARKS.keys() - {kind} - goes_along:  # the form to report it no longer says at which meetup it is
            assert {page for page in before[other] - after[other] if not page[0].startswith("report")} == set()
        make(kind, Visibility.SHOWN)
    make("meetup", Visibility.HIDDEN)
    hidden = surfaces(town)
    assert (sorted(hidden["meetup"]), sorted(hidden["date"])) == ([], [])
    for path, etag in etags.items():
        response = visitor(None).get(path, headers={"accept-encoding": "identity", "if-none-match": etag})
        assert "meetup" not in shown_in(response, path)
        assert response.status_code != 304 or "/plekken/" in path or "/initiatieven/" in path, path
    make("meetup", Visibility.WAITING)
    assert surfaces(town, seen)["meetup"] == set()
    assert letters() == []
    make("meetup", Visibility.SHOWN)
    shown = surfaces(town, seen)
    assert {kind: sorted(before[kind] ^ shown[kind]) for kind in MARKS} == {kind: [] for kind in MARKS}


def test_a_change_that_waits_is_nowhere_and_the_approved_text_stays_everywhere(
    town, django_capture_on_commit_callbacks
):
    things = write(town)
    versions.renew([town.hengelo.pk])
    before = surfaces(town)
    seen = set().union(*before.values())
    Trust.objects.all().delete()
    meetup, welcome = things["meetup"][1], things["welcome"][1]
    with django_capture_on_commit_callbacks(execute=True):
        texts = dict.fromkeys(Meetup.TEXTS, "Wonderlijk-nieuw")
        planning.change_meetup(meetup=meetup, by=town.host, now=timezone.now(), **texts)
        planning.set_welcome(host=welcome, by=town.host, words="Wonderlijk-nieuw", now=timezone.now())
    for what, role, _path, response in responses(town, seen):
        assert b"onderlijk-nieuw" not in getattr(response, "content", b""), (what, role)
    assert surfaces(town, seen) == before
    assert all("onderlijk-nieuw" not in str(mail.message()) for mail in letters())


@pytest.mark.parametrize("visibility", [Visibility.HIDDEN, Visibility.WAITING])
@pytest.mark.parametrize("template", [template for template in TRIGGERS if template.startswith("meetups.")])
def test_a_mail_that_was_queued_before_shows_no_text_of_what_is_hidden_now(template, visibility):
    place = make_location(directions="Zonderling-plek", visibility=Visibility.HIDDEN)
    texts = dict.fromkeys(Meetup.TEXTS, "Zonderling-titel")
    meetup = make_meetup(place, hosts=(make_user("Marieke"),), slug=SLUG, **texts)
    tomorrow = timezone.localdate() + timedelta(days=1)
    date = make_occurrence(meetup, on=tomorrow, theme="Zonderling-titel")
    TRIGGERS[template](make_attendance(date, make_user("Fatima")))
    cancelled = meetup.occurrences.filter(status="cancelled")
    cancelled.update(cancel_reason="Zonderling-titel")
    Meetup.objects.filter(pk=meetup.pk).update(visibility=visibility)
    Message.objects.update(due_at=timezone.now())
    [mail] = letters()
    parts = [mail.subject, *(part.get_payload(decode=True).decode() for part in leaves(mail.message()))]
    for part in parts:
        assert "onderling" not in part.replace("\r\n ", "")
    assert "Een bijeenkomst" in mail.subject
    assert "Een bijeenkomst" in parts[1]


def leaves(message) -> list:
    return [part for part in message.walk() if not part.is_multipart()]


def test_a_mail_about_what_is_shown_has_its_texts_and_address():
    meetup = make_meetup(make_location(), slug=SLUG, title="Zonderling-titel")
    TRIGGERS["meetups.joined"](make_attendance(make_occurrence(meetup), make_user("Fatima")))
    [mail] = letters()
    assert "Zonderling-titel" in mail.subject
    assert mail.body.count(SLUG) == 1


# What someone who blocks a host still sees of the meetup: its own pages, what they signed up for, and what is the same
# for everyone because it is printed or read by a calendar that cannot sign in.
STILL_SEEN = {
    "meetup",
    "occurrence",
    "report",
    "meetup_poster",
    "location_poster",
    "my",
    "my_export",
    "guest_withdraw",
} | {
    "guest_confirm",
    "personal_feed",
    "place_request",
    "municipality_ideas_feed",
    "agenda_feed",
    "municipality_feed",
    "location_feed",
    "meetup_feed",
    "occurrence_ics",
}
CHANGES_EACH_TIME = re.compile(r'value="[^"]*"|:\d\d:\d\d')


def test_a_blocked_host_is_in_no_list_of_who_blocks_and_sees_nothing_of_it(town):
    def pages_of_host() -> dict[str, str]:
        pages = {}
        for name, path in paths.items():
            body = getattr(host.get(path), "content", b"").decode(errors="replace")
            pages[name] = CHANGES_EACH_TIME.sub("", body)
        return pages

    def lists(role: str) -> set[str]:
        client = visitor(town.people[role])
        found = set()
        for address in ADDRESSES:
            if address.name not in STILL_SEEN and address.get[role] == 200:
                for query in ["", *QUERIES.get(address.name, [])]:
                    path = address.path(town) + (f"?{query}" if query else "")
                    response = client.get(path)
                    if {"meetup", "welcome"} & shown_in(response, path) or b">Marieke<" in response.content:
                        found.add(address.name)
        return found

    write(town)
    shows_times = {"healthz", "readyz"}
    paths = {
        address.name: address.path(town)
        for address in ADDRESSES
        if address.get["host"] == 200 and address.name not in shows_times
    }
    host = visitor(town.host)
    pages_of_host()  # the first visit is recorded
    hosts_pages, before = pages_of_host(), lists("parent")
    assert before >= {"home", "agenda", "municipality", "location", "locations"}
    people.block(user=town.parent, blocked=town.host, now=timezone.now())
    assert lists("parent") == {"blocks"}  # where one undoes it
    assert lists("officer") >= before - {"initiative_talk"}  # its author did not let the municipality read it
    assert pages_of_host() == hosts_pages
    for name in ("meetup", "occurrence"):
        [path] = [address.path(town) for address in ADDRESSES if address.name == name]
        page = visitor(town.parent).get(path).content.decode()
        assert "Zonderling-titel" in page
        assert "Zonderling-welkom" not in page
        assert ">Marieke<" not in page


def test_a_mail_does_not_name_a_host_whom_its_reader_blocked():
    marieke, joke = make_user("Marieke"), make_user("Joke")
    date = make_occurrence(make_meetup(make_location(), hosts=(marieke, joke)))
    fatima = make_user("Fatima")
    people.block(user=fatima, blocked=marieke, now=timezone.now())
    for person in ({"user": fatima}, {"user": make_user("Daan")}, {"guest_name": "Noor", "guest_email": "noor@a.nl"}):
        TRIGGERS["meetups.joined"](make_attendance(date, **person))
    named = ["Marieke" in mail.body for mail in letters()]
    assert named == [False, True, True]
    assert all("Joke" in mail.body for mail in letters())
