"""Coordinators who are no host see how full dates are and which to close, but no numbers of people."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from meetups.managing.date_summaries import fullness, with_counts
from meetups.models import Attendance, Host, Occurrence
from tests.addresses import ADDRESSES
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_role, make_user
from tests.scenario import Town, make_town


@pytest.fixture
def town(db) -> Town:
    return make_town()


# Skipped, as are links from mails, which show the numbers of one sign-up; the last is signed, with the time in it.
PERSONAL_PATHS = ("/account/", "/mijn/", "/melden/zorg-om-een-kind/verstuurd/")
MADE_EACH_TIME = re.compile(r'name="(csrfmiddlewaretoken|token|form_id)" value="[\w-]+"|nonce="[^"]+"|X-CSRFToken[^}]+')
LINK = re.compile(r"/\d+-\d+-")


def pages_of(town: Town, who) -> dict[str, str]:
    """Return all pages this person can open, and every page about a date, without tokens and nonces."""
    client = Client()
    client.force_login(who)
    paths = {address.path(town) for address in ADDRESSES if address.get["coordinator"] == 200}
    paths = {path for path in paths if not path.startswith(PERSONAL_PATHS) and not LINK.search(path)}
    for date in Occurrence.objects.select_related("meetup"):
        paths.add(reverse("occurrence_edit", args=[date.meetup.slug, date.planned_for]))
        paths |= {reverse("door", args=[date.pk]), date.get_absolute_url()}
    for name in ("meetup_edit", "meetup_end"):
        paths |= {reverse(name, args=[meetup.slug]) for meetup in (town.coffee, town.walk)}
    pages = {}
    for path in sorted(paths):
        response = client.get(path)
        text = response.content.decode(errors="replace")
        pages[path] = MADE_EACH_TIME.sub("", text)
    return pages


def change_attendees(town: Town) -> None:
    """Change the attendees and their numbers, keeping the same number of free seats."""
    for attendance in Attendance.objects.exclude(user=town.parent):
        attendance.children_0_3, attendance.is_first_time = 7, not attendance.is_first_time
        attendance.is_present = None if attendance.is_present else True
        attendance.save()
    make_attendance(town.next_week, adults=3, children_4_12=2)
    make_attendance(town.next_week, is_first_time=True)
    make_attendance(town.over, children_4_12=3, is_present=True)
    make_attendance(town.full, state="waiting", adults=2)
    town.over.refresh_from_db()
    if town.over.is_closed:
        Occurrence.objects.filter(pk=town.over.pk).update(head_adults=9, head_children=14, host_note="Soup.")


@pytest.mark.parametrize("is_closed", [False, True])
def test_coordinator_pages_do_not_depend_on_the_number_of_attendees(town, is_closed):
    if is_closed:
        Occurrence.objects.filter(pk=town.over.pk).update(closed_at=timezone.now(), head_adults=1, head_children=2)
    before = pages_of(town, town.coordinator)
    change_attendees(town)
    after = pages_of(town, town.coordinator)
    assert len(before) > 30
    assert {path for path in before if before[path] != after[path]} == set()


def test_host_pages_depend_on_the_number_of_attendees(town):
    """Shows that the test above can fail."""
    before = pages_of(town, town.host)
    change_attendees(town)
    after = pages_of(town, town.host)
    changed = {path for path in before if before[path] != after[path]}
    assert {reverse("meetup_edit", args=["ouder-en-kindcafe"]), reverse("manage")} <= changed


def test_a_coordinator_who_is_host_of_the_meetup_sees_what_hosts_see(town):
    page = reverse("occurrence_edit", args=[town.coffee.slug, town.next_week.planned_for])
    client = Client()
    client.force_login(town.coordinator)
    assert "1 volwassene en 1 kind" not in client.get(page).content.decode()
    Host.objects.create(meetup=town.coffee, user=town.coordinator)
    make_role(Role.Kind.HOST, town.hengelo, town.coordinator)
    assert "1 volwassene en 1 kind" in client.get(page).content.decode()


def test_a_coordinator_is_told_that_people_get_a_message(town):
    client = Client()
    client.force_login(town.coordinator)
    page = client.get(reverse("meetup_end", args=[town.coffee.slug])).content.decode()
    assert "Iedereen die zich aanmeldde, krijgt een bericht met jouw reden." in page
    page = client.get(reverse("occurrence_edit", args=[town.coffee.slug, town.next_week.planned_for])).content.decode()
    assert "Iedereen die is aangemeld, krijgt een mail." in page


def test_fullness_is_described_as_for_the_public(db):
    now = timezone.now().replace(microsecond=0)
    meetup = make_meetup(capacity=6)
    hour = timedelta(hours=1)

    def date(**fields):
        return make_occurrence(meetup, on=fields.pop("on", (now + timedelta(days=len(seen) + 1)).date()), **fields)

    seen: list[str] = []
    ago = {
        days: {"starts_at": now - timedelta(days=days) - hour, "ends_at": now - timedelta(days=days)}
        for days in (13, 14)
    }
    for fields in (
        {},
        {"seats_taken": 3},
        {"seats_taken": 6},
        ago[13],
        ago[14],
        ago[13] | {"closed_at": now, "head_adults": 3, "head_children": 0},
    ):
        dates = with_counts(Occurrence.objects.filter(pk=date(**fields).pk))
        seen.append(fullness(dates.get(), now))
    assert seen == [
        "Er is plaats",
        "Nog 3 plaatsen",
        "Vol, met wachtlijst",
        "Nog niet geteld",
        "Niet geregistreerd",
        "Geteld",
    ]


# Dates to close.


def past(meetup, *, days: int, **fields) -> Occurrence:
    ends_at = timezone.now() - timedelta(days=days)
    return make_occurrence(
        meetup, on=timezone.localdate(ends_at), starts_at=ends_at - timedelta(hours=2), ends_at=ends_at, **fields
    )


def to_close_of(user) -> list[tuple[str, str, bool]]:
    client = Client()
    client.force_login(user)
    response = client.get(reverse("manage"))
    for date in response.context["to_close"]:
        assert (f'href="{reverse("door", args=[date.occurrence.pk])}"' in response.content.decode()) == date.is_host
    return [(date.title, date.hosts, date.is_host) for date in response.context["to_close"]]


def test_coordinators_and_hosts_see_which_dates_are_still_to_close(town):
    town.over.delete()
    elsewhere = make_meetup(make_location(town.leiden), title="Elsewhere")
    past(elsewhere, days=1)
    past(town.coffee, days=2)
    past(town.walk, days=13)
    past(town.walk, days=15)  # too late
    past(town.coffee, days=3, status="cancelled")
    past(town.coffee, days=4, closed_at=timezone.now(), head_adults=1, head_children=0)
    walk, coffee = ("Wandelen met de wagen", "Joke"), ("Ouder- en kindcafé", "Marieke")
    assert to_close_of(town.coordinator) == [(*walk, False), (*coffee, False)]
    assert to_close_of(town.host) == [(*coffee, True)]
    assert to_close_of(town.coordinator_elsewhere) == [("Elsewhere", "", False)]


@pytest.mark.parametrize("number", [1, 12])
def test_list_of_dates_to_close_takes_one_query(town, number, django_assert_max_num_queries):
    for days in range(1, number + 1):
        meetup = make_meetup(town.library, hosts=(make_user(),))
        past(meetup, days=days)
    client = Client()
    client.force_login(town.coordinator)
    with django_assert_max_num_queries(14):
        client.get(reverse("manage"))
