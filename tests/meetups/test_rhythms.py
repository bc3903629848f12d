"""The rhythm in words matches the dates: their number and locations."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetups.agenda.rows import read_dates
from meetups.models import Host
from meetups.schedule.actions.reconciliation import materialise
from meetups.schedule.rhythms import meetup_cards, rhythm_in_words
from tests.factories import at, make_location, make_meetup, make_municipality, make_occurrence, make_role, make_user

pytestmark = pytest.mark.django_db


def test_number_of_times_leaves_out_skipped_holidays():
    # Of five Tuesdays from 15 December 2026 on, two are in the Christmas holidays.
    meetup = make_meetup(
        make_location(make_municipality(school_region="Noord")),
        rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=5",
        first_on=date(2026, 12, 15),
        skip_school_holidays=True,
    )
    made = materialise(meetup, now=at(date(2026, 12, 1), 0)).created
    assert (len(made), rhythm_in_words(meetup)) == (3, "Elke dinsdag, 9.30 tot 11.30 uur, 3 keer")
    meetup.skip_school_holidays = False
    assert rhythm_in_words(meetup).endswith("5 keer")


@pytest.fixture
def village_tour():
    """A meetup of one village, with two of its five dates in other villages."""
    town = make_municipality("Molenlanden")
    home, *others = (make_location(town, name=f"Dorpshuis {name}", place=name) for name in "ABC")
    meetup = make_meetup(home, rrule="FREQ=WEEKLY;BYDAY=SA")
    for week, location in enumerate([home, home, others[0], home, others[1]], start=1):
        make_occurrence(meetup, on=timezone.localdate() + timedelta(weeks=week), location=location)
    return meetup


def test_travelling_meetup_shows_the_location_of_each_date(client, village_tour):
    names = ["Dorpshuis A", "Dorpshuis B", "Dorpshuis C"]
    card = meetup_cards(type(village_tour).objects.all(), timezone.now())[0]
    assert (card.places, card.is_travelling) == (names, True)
    assert [day.place for day in card.dates] == ["Dorpshuis A", "Dorpshuis A", "Dorpshuis B"]
    page = client.get(village_tour.get_absolute_url())
    assert [row["place"] for row in page.context["dates"]] == [
        "Dorpshuis A", "Dorpshuis A", "Dorpshuis B", "Dorpshuis A", "Dorpshuis C",
    ]  # fmt: skip
    for name in ("meetup", "meetup_poster"):
        page = client.get(reverse(name, args=[village_tour.slug])).content.decode()
        assert "Op verschillende plekken:" in page
        assert "Dorpshuis B" in page
    for location in {day.location for day in village_tour.occurrences.select_related("location")}:
        page = client.get(location.get_absolute_url()).content.decode()
        assert "Op verschillende plekken:" in page


def test_meetup_with_one_location_does_not_repeat_it(client):
    meetup = make_meetup(rrule="FREQ=WEEKLY;BYDAY=SA")
    for week in (1, 2):
        make_occurrence(meetup, on=timezone.localdate() + timedelta(weeks=week))
    page = client.get(meetup.get_absolute_url())
    assert [row["place"] for row in page.context["dates"]] == ["", ""]
    assert "Op verschillende plekken:" not in page.content.decode()


def test_page_of_a_date_shows_other_locations_of_next_dates(client, village_tour):
    first = village_tour.occurrences.order_by("starts_at")[0]
    page = client.get(first.get_absolute_url())
    assert [row["place"] for row in page.context["dates"]] == ["", "Dorpshuis B", "", "Dorpshuis C"]


def test_card_only_shows_hosts_in_role():
    town, elsewhere = make_municipality(), make_municipality()
    meetup = make_meetup(make_location(town))
    for name, where in (("Marieke", town), ("Fatima", elsewhere), ("Joost", None)):
        host = make_user(name)
        Host.objects.create(meetup=meetup, user=host)
        if where:
            make_role("host", where, host)
    occurrence = make_occurrence(meetup)
    assert read_dates([occurrence.pk])[0].hosts == "Marieke"
    assert [host.user.first_name for host in meetup.hosts.in_role()] == ["Marieke"]
