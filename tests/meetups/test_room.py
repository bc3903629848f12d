"""Free seats: what pages show beforehand is what happens on signing up."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from meetups.agenda.cards import card_of
from meetups.agenda.query import Search, look_up
from meetups.attending import tokens
from meetups.capacity import FEW, LEFT, LEFT_FOR_NEWCOMERS, Room, availability_chip, is_full
from meetups.models import Attendance, Occurrence
from tests.attending import Party, join
from tests.factories import make_attendance, make_meetup, make_occurrence, make_user

SPACES = st.none() | st.integers(1, 12)
PARTIES = st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=6)  # adults, first time


def url(name, occurrence):
    return reverse(name, args=[occurrence.meetup.slug, occurrence.planned_for])


def fill(occurrence, parties):
    for adults, is_first_time in parties:
        make_attendance(occurrence, guest_name="Sam", source="door", adults=adults, is_first_time=is_first_time)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None)
@given(capacity=SPACES, override=SPACES, reserved=st.integers(0, 12), parties=PARTIES)
def test_sql_for_cards_agrees_with_the_actions(capacity, override, reserved, parties):
    meetup = make_meetup(capacity=capacity, newcomer_places=min(reserved, capacity) if capacity else 0)
    occurrence = make_occurrence(meetup, capacity=override)
    fill(occurrence, parties)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {LEFT_FOR_NEWCOMERS}, {LEFT}"
            " FROM meetups_occurrence o JOIN meetups_meetup m ON m.id = o.meetup_id WHERE o.id = %s",
            [occurrence.pk],
        )
        found = cursor.fetchone()
    room = Room.of(occurrence)
    capped = [
        left if left is None else min(left, FEW + 1) for left in (room.left(newcomer=True), room.left(newcomer=False))
    ]
    assert list(found) == capped
    assert is_full(occurrence) is (room.left(newcomer=True) == 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("taken", "person", "chip", "outcome"),
    [
        # Four seats, three reserved for newcomers.
        ([], "unknown", ("few", "1 space left"), "going"),
        ([(1, False)], "unknown", ("few", "Only space left for newcomers"), "waiting"),
        ([(1, False)], "returning", ("full", "Full, with a waiting list"), "waiting"),
        ([(1, True)], "unknown", ("few", "1 space left"), "going"),
        ([(3, True)], "returning", ("few", "1 space left"), "going"),
        ([(1, False), (3, True)], "unknown", ("full", "Full, with a waiting list"), "waiting"),
    ],
)
def test_page_predicts_the_outcome(client, taken, person, chip, outcome):
    meetup = make_meetup(capacity=4, newcomer_places=3)
    occurrence, noor = make_occurrence(meetup), make_user()
    fill(occurrence, taken)
    if person == "returning":
        before = make_occurrence(meetup, on=timezone.localdate() - timedelta(days=7))
        make_attendance(before, noor, is_present=True)
    client.force_login(noor)
    with translation.override("en"):
        page = client.get(url("occurrence", occurrence))
        assert page.context["place_chip"] == chip
        assert ("Put me on the waiting list" in page.content.decode()) is (chip[0] == "full")
        if person == "unknown":
            assert card_of(look_up(Search(now=timezone.now())).dates[0]).chip_words == chip[1]
    assert join(occurrence=occurrence, user=noor).state == outcome


@pytest.mark.django_db
def test_newcomer_gets_a_reserved_seat():
    occurrence = make_occurrence(make_meetup(capacity=4, newcomer_places=3))
    fill(occurrence, [(1, False)])
    assert join(occurrence=occurrence, user=make_user(), party=Party(is_first_time=True)).state == "going"


@pytest.mark.parametrize(
    ("new", "known", "newcomer", "css"),
    [
        (None, None, None, "open"),
        (6, 6, None, "open"),
        (5, 0, True, "few"),
        (5, 0, False, "full"),
        (0, 0, True, "full"),
    ],
)
def test_chip_depends_on_newcomer(new, known, newcomer, css):
    assert availability_chip(new, known, is_walk_in=False, newcomer=newcomer)[0] == css


@pytest.mark.django_db
def test_people_waiting_do_not_see_the_number_of_free_seats(client):
    occurrence, noor = make_occurrence(make_meetup(capacity=4, newcomer_places=3)), make_user()
    fill(occurrence, [(1, False)])
    join(occurrence=occurrence, user=noor)
    client.force_login(noor)
    page = client.get("/en/agenda/").content.decode()
    assert "You are on the waiting list" in page
    assert "chip-few" not in page
    assert "chip-open" not in page


@pytest.mark.django_db
def test_each_date_of_this_week_shows_whether_it_is_full(client):
    meetup = make_meetup(capacity=1)
    today = timezone.localdate()
    make_occurrence(meetup, on=today + timedelta(days=2))
    full = make_occurrence(meetup, on=today + timedelta(days=3), seats_taken=1)
    point = {"lat": full.location.latitude, "lon": full.location.longitude}
    page = client.get("/en/", point).content.decode()
    assert re.findall(r'<span class="chip[^>]*>(.*?)</span>', page) == ["1 space left"]
    assert re.findall(r'<span class="also-note">(.*?)</span>', page) == ["full, with a waiting list"]


@pytest.mark.django_db
def test_page_of_the_mail_link_says_if_it_is_for_the_waiting_list(client):
    occurrence = make_occurrence(make_meetup(capacity=2))
    asked = {"guest_name": "Sam", "guest_email": "sam@example.org", "state": "unconfirmed", "adults": 2}
    guest = make_attendance(occurrence, **asked)
    link = f"/en{reverse('guest_confirm', args=[tokens.make('confirm', guest)])}"
    assert "Yes, I am coming" in client.get(link).content.decode()
    fill(occurrence, [(1, False)])
    page = client.get(link).content.decode()
    assert "If you confirm, you will be on the waiting list." in page
    assert "Yes, put me on the waiting list" in page
    client.post(link)
    assert Attendance.objects.get(pk=guest.pk).state == "waiting"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reserved", "party", "is_first"),
    [
        (0, Party(), True),
        (0, Party(adults=2), False),  # a single adult can overtake
        (1, Party(), False),  # a newcomer can overtake
        (1, Party(is_first_time=True), True),
    ],
)
def test_first_in_line_is_shown_only_if_nobody_can_overtake(client, reserved, party, is_first):
    occurrence, noor = make_occurrence(make_meetup(capacity=2, newcomer_places=reserved)), make_user()
    fill(occurrence, [(2, True)])
    join(occurrence=occurrence, user=noor, party=party)
    client.force_login(noor)
    page = client.get(f"/en{url('occurrence', occurrence)}").content.decode()
    assert ("You are first in line." in page) is is_first
    assert ("gets a space sooner" in page) is not is_first


@pytest.mark.django_db
def test_page_says_that_children_do_not_count(client):
    limited, open_one = make_occurrence(make_meetup(capacity=4)), make_occurrence(make_meetup())
    assert (
        "There are 4 spaces for adults. Children do not need one."
        in client.get(f"/en{url('occurrence', limited)}").content.decode()
    )
    assert "Children do not need" not in client.get(f"/en{url('occurrence', open_one)}").content.decode()
    join(occurrence=limited, user=make_user(), party=Party(adults=1, children_0_3=9))
    assert Occurrence.objects.get(pk=limited.pk).seats_taken == 1
