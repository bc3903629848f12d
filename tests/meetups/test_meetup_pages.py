"""The pages of a meetup and of one date, for anonymous users."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from meetups.models import Occurrence
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db


def address(name: str, *args) -> str:
    with override("en"):
        return reverse(name, args=args)


def test_meetup_page_shows_rhythm_hosts_and_next_dates(client):
    fatma = make_user("Fatma")
    meetup = make_meetup(hosts=(fatma,), rrule="FREQ=WEEKLY;BYDAY=TU", cost="Free", languages=["nl", "ar"])
    meetup.hosts.update(welcome="Come in!")
    dates = [make_occurrence(meetup, on=meetup.first_on + timedelta(days=7 * n)) for n in range(3)]
    make_occurrence(meetup, on=meetup.first_on - timedelta(days=14))
    page = client.get(address("meetup", meetup.slug))
    text = page.content.decode()
    assert page.context["rhythm"] == "Every Tuesday, 9:30 to 11:30"
    assert [row["iso"] for row in page.context["dates"]] == [date.planned_for.isoformat() for date in dates]
    for words in ("Fatma", "Come in!", "Free", "Dutch, Arabic", address("meetup_feed", meetup.slug)):
        assert words in text
    assert not page.cookies


def test_ended_meetup_says_so(client):
    meetup = make_meetup(status="ended")
    make_occurrence(meetup)
    page = client.get(address("meetup", meetup.slug))
    assert page.status_code == 200
    assert "This meetup has ended. Thank you to everyone who came by." in page.content.decode()
    assert page.context["dates"] == []


def test_invalid_rule_does_not_break_the_page(client):
    meetup = make_meetup(rrule="FREQ=YEARLY")
    assert client.get(address("meetup", meetup.slug)).context["rhythm"] == ""


def test_an_unknown_meetup_is_not_found(client):
    assert client.get(address("meetup", "no-such-meetup")).status_code == 404


def test_user_text_is_escaped(client):
    location = make_location(name="<b>Plek</b>", directions="<i>links</i>")
    meetup = make_meetup(location, title="<script>alert(1)</script>", description="<img src=x>\n\nTwee")
    meetup.hosts.create(user=make_user("<u>Ada</u>"), welcome="<s>Hoi</s>")
    occurrence = make_occurrence(meetup, theme="<em>Slapen</em>")
    for path in (
        address("meetup", meetup.slug),
        address("occurrence", meetup.slug, occurrence.planned_for),
        address("agenda"),
    ):
        text = client.get(path).content.decode()
        for markup in ("<b>Plek", "<i>links", "<script>alert", "<img src=x", "<u>Ada", "<s>Hoi", "<em>Slapen"):
            assert markup not in text


def test_one_date_shows_what_to_expect_before_the_form(client):
    location = make_location(step_free=True, quiet_room=False, directions="Left of the desk")
    meetup = make_meetup(location, greeting="Fatma in an orange sweater", cost="Free", stay="About an hour")
    occurrence = make_occurrence(meetup, theme="Sleeping")
    text = client.get(address("occurrence", meetup.slug, occurrence.planned_for)).content.decode()
    order = [text.index(words) for words in ("Sleeping", "Fatma in an orange sweater", "Step-free", 'id="join"')]
    assert order == sorted(order)
    for words in ("Left of the desk", "Free", "About an hour", "All ages"):
        assert words in text


def test_a_walk_in_date_says_that_signing_up_is_not_needed(client):
    occurrence = make_occurrence(make_meetup(mode="walk_in"))
    text = client.get(address("occurrence", occurrence.meetup.slug, occurrence.planned_for)).content.decode()
    assert "You do not have to sign up." in text


@pytest.mark.parametrize("number", [1, 30])
def test_query_count_does_not_depend_on_dates_and_hosts(client, django_assert_max_num_queries, number):
    meetup = make_meetup(hosts=tuple(make_user() for _ in range(min(number, 5))), capacity=5, newcomer_places=1)
    for n in range(number):
        occurrence = make_occurrence(meetup, on=meetup.first_on + timedelta(days=n))
    for path in (address("meetup", meetup.slug), address("occurrence", meetup.slug, occurrence.planned_for)):
        with django_assert_max_num_queries(3):
            assert client.get(path).status_code == 200


def test_text_by_towns_is_marked_as_dutch_on_english_pages(client):
    meetup = make_meetup(title="Koffie", summary="Koffie en thee.", greeting="Fatma staat bij de deur.")
    occurrence = make_occurrence(meetup)
    for path in (address("meetup", meetup.slug), address("occurrence", meetup.slug, occurrence.planned_for)):
        text = client.get(path).content.decode()
        for words in ('h1 lang="nl">Koffie<', 'lang="nl">Koffie en thee.<', 'lang="nl">Fatma staat bij de deur.<'):
            assert words in text


def test_host_without_the_role_is_not_shown_to_the_public(client):
    marieke, bram = make_user("Marieke"), make_user("Bram")
    meetup = make_meetup(hosts=(marieke, bram))
    occurrence = make_occurrence(meetup)
    marieke.roles.all().delete()
    for path in (
        "/agenda/",
        meetup.get_absolute_url(),
        occurrence.get_absolute_url(),
        f"{meetup.get_absolute_url()}poster/",
    ):
        page = client.get(path).content.decode()
        assert "Marieke" not in page
        assert "Bram" in page or path.endswith("poster/")


def glance(page) -> str:
    """Return the text at the top of the page of a meetup or date."""
    panel = re.search(r'<div class="glance stack">.*?</dl>.*?</div>', page.content.decode(), re.DOTALL).group()
    return re.sub(r"\s+([.,])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", panel).split()))


def test_top_of_a_date_page_shows_time_location_ages_room_and_route(client):
    location = make_location(name="Library", address="High Street 1", place="Hengelo", latitude=52.26, longitude=6.79)
    meetup = make_meetup(location, capacity=3, age_bands=["0-3"], languages=["nl", "ar"])
    occurrence = make_occurrence(meetup)
    page = client.get(address("occurrence", meetup.slug, occurrence.planned_for))
    day, times = page.context["day"], page.context["times"]
    assert glance(page) == (
        f"When {day}, {times} Where Library High Street 1, Hengelo. Route (OpenStreetMap) Space 3 spaces left "
        "For which children 0 to 3 years Languages spoken Dutch, Arabic"
    )
    assert 'href="https://www.openstreetmap.org/directions?to=52.26%2C6.79"' in page.content.decode()


def test_top_of_a_meetup_page_shows_its_next_scheduled_date(client):
    location = make_location(name="Library", address="High Street 1", place="Hengelo")
    meetup = make_meetup(location, capacity=1, rrule="FREQ=WEEKLY;BYDAY=TU")
    dates = [make_occurrence(meetup, on=meetup.first_on + timedelta(days=7 * n)) for n in range(3)]
    Occurrence.objects.filter(pk=dates[0].pk).update(status="cancelled")
    make_attendance(dates[1])
    Occurrence.objects.filter(pk=dates[1].pk).update(seats_taken=1)
    page = client.get(address("meetup", meetup.slug))
    row = page.context["dates"][1]
    assert glance(page) == (
        f"When {page.context['rhythm']} Next: {row['day']}, {row['times']} Where Library High Street 1, Hengelo. "
        f"Route (OpenStreetMap) Space Full, with a waiting list For which children All ages "
        f"Join the waiting list: {row['day']}"
    )
    assert f'href="{address("occurrence", meetup.slug, dates[1].planned_for)}#join"' in page.content.decode()


def test_meetup_with_several_locations_shows_that_of_the_next_date(client):
    meetup = make_meetup(make_location(name="Library"))
    make_occurrence(meetup, location=make_location(name="Park", address="Green 2", place="Hengelo"))
    make_occurrence(meetup, on=meetup.first_on + timedelta(days=7))
    page = client.get(address("meetup", meetup.slug))
    day = page.context["dates"][0]["day"]
    assert f"Library, Park {day}: Park Green 2, Hengelo. Route" in glance(page).replace(
        "Park, Library", "Library, Park"
    )


def test_one_off_meetup_shows_its_day_once(client):
    meetup = make_meetup(rrule="")
    make_occurrence(meetup)
    page = client.get(address("meetup", meetup.slug))
    row = page.context["dates"][0]
    assert glance(page).startswith(f"When {row['day']}, {row['times']} Where")
