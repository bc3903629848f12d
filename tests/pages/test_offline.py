"""What a device keeps for when there is no internet: one page for everyone, and public facts of dates."""

import json
import re
from datetime import datetime

import pytest

from locations.visibility import Visibility
from meetups.models import Meetup, Occurrence
from tests.factories import make_occurrence, make_user

pytestmark = pytest.mark.django_db


def kept(page: str) -> dict[str, str] | None:
    found = re.search(r'<script id="kept-date" type="application/json">(.*?)</script>', page)
    return json.loads(found[1]) if found else None


def test_a_date_gives_the_device_when_and_where_it_is(client):
    date = make_occurrence()
    given = kept(client.get(date.get_absolute_url()).content.decode())
    assert given["title"] == date.meetup.title
    assert given["when"].endswith("9.30 tot 11.30 uur")
    assert date.location.address in given["where"]
    assert datetime.fromisoformat(given["until"]) == date.ends_at


def test_a_cancelled_date_says_so_there_too(client):
    date = make_occurrence(status=Occurrence.Status.CANCELLED)
    assert kept(client.get(date.get_absolute_url()).content.decode())["when"].startswith("Gaat niet door: ")


def test_a_device_keeps_nothing_of_what_is_hidden(client):
    date = make_occurrence()
    Meetup.objects.update(visibility=Visibility.HIDDEN)
    client.force_login(make_user(is_staff=True))
    assert kept(client.get(date.get_absolute_url()).content.decode()) is None


def test_the_script_names_the_page_of_each_language_and_has_a_version(client):
    answer = client.get("/service-worker.js")
    script = answer.content.decode()
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "text/javascript",
        "public, max-age=3600",
    )
    pages = json.loads(re.search("PAGES = (.*);", script)[1])
    assert pages == {
        "": "/zonder-internet/",
        "/en/": "/en/zonder-internet/",
    }
    for url in json.loads(re.search("FILES = (.*);", script)[1]):
        assert url.startswith("/static/")
    assert re.search(r'"pedbasis-[0-9a-f]{12}"', script)
    assert client.get("/service-worker.js").content == answer.content


def test_the_offline_page_is_the_same_for_everyone_who_is_not_signed_in(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        first = client.get("/zonder-internet/")
    assert first.content == client.get("/zonder-internet/").content
    assert 'name="robots" content="noindex"' in first.content.decode()
