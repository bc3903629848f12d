"""Names at the door are for people who were host on that day, until a month after it; counts stay."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from meetups.door.door_list import door_list
from meetups.door.names import named_for
from meetups.models import Attendance, Host, Occurrence
from pages import retention
from tests.factories import make_attendance, make_meetup, make_occurrence, make_role, make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
WORDS = ("Fatima", "Gülsüm", "Ik ben verlegen", "Met de fiets")
DOORS = ("presence", "greeted", "remove_at_door", "walk_ins", "add_at_door", "close_occurrence", "reopen_occurrence")


@pytest.fixture
def host():
    return make_user("Marieke")


def morning(host, *, days_ago: float, **fields) -> Occurrence:
    """A date that ended this many days ago; two families came, one with an account and one as a guest."""
    ended = timezone.now() - timedelta(days=days_ago)
    found = {"on": timezone.localdate(ended), "starts_at": ended - timedelta(hours=2), "ends_at": ended} | fields
    occurrence = make_occurrence(make_meetup(hosts=(host,)), **found)
    fatima = make_user("Fatima")
    make_attendance(occurrence, fatima, note="Ik ben verlegen", adults=2, children_0_3=1, is_present=True)
    guest = {"guest_name": "Gülsüm", "guest_email": "gulsum@guest.example", "note": "Met de fiets"}
    make_attendance(occurrence, **guest, children_4_12=2, is_present=True)
    return occurrence


def page(user, occurrence: Occurrence) -> str:
    response = visitor(user).get(reverse("door", args=[occurrence.pk]))
    assert response.status_code == 200
    return response.content.decode()


def shown(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def test_names_of_everyone_are_shown_until_a_month_after_the_date(host):
    assert shown(page(host, morning(host, days_ago=29.99))) == list(WORDS)


def test_after_a_month_only_the_number_of_families_is_shown(host):
    occurrence = morning(host, days_ago=30.01)
    text = page(host, occurrence)
    assert shown(text) == []
    assert "2 gezinnen hadden zich aangemeld." in text
    people = door_list(occurrence, timezone.now(), host)
    assert (people.people, people.expected, people.expected_here, people.adults, people.children) == ([], 2, 2, 3, 3)


def test_people_still_see_which_dates_they_attended_after_names_are_hidden(host):
    morning(host, days_ago=40)
    retention.forget(now=timezone.now())
    fatima = Attendance.objects.get(user__isnull=False).user
    assert "Coffee morning" in visitor(fatima).get("/mijn/").content.decode()
    assert fatima.first_name == "Fatima"


@pytest.mark.parametrize("name", DOORS)
def test_no_door_page_of_an_old_date_shows_a_name(host, name):
    occurrence = morning(host, days_ago=30.01)
    person = occurrence.attendances.get(user__isnull=False)
    args = [occurrence.pk] + ([person.pk] if name in {"presence", "greeted", "remove_at_door"} else [])
    data = {"state": "1", "adults": "1", "first_name": "Bo", "head_adults": "3", "head_children": "2"}
    for headers in ({}, {"HX-Request": "true"}):
        response = visitor(host).post(reverse(name, args=args), data, headers=headers)
        assert shown(response.content.decode()) == []
        if name == "close_occurrence":
            assert shown(visitor(host).get(reverse(name, args=args)).content.decode()) == []


def test_a_new_host_sees_names_of_the_same_day_but_not_of_earlier_days(host):
    morning_before = morning(host, days_ago=3)
    meetup = morning_before.meetup
    new = make_role(Role.Kind.HOST, meetup.location.municipality, make_user("Joke"))
    Host.objects.create(meetup=meetup, user=new)
    text = page(new, morning_before)
    assert shown(text) == []
    assert "2 gezinnen hadden zich aangemeld." in text
    assert shown(page(host, morning_before)) == list(WORDS)
    today = timezone.localtime().replace(hour=0, minute=1)
    Occurrence.objects.update(starts_at=today, ends_at=today + timedelta(minutes=1), planned_for=today.date())
    assert shown(page(new, morning_before)) == list(WORDS)


def test_hosts_from_before_the_migration_keep_seeing_all_names(capsys):
    """The migration leaves `since` null for them."""
    call_command("sqlmigrate", "meetups", "0003_host_since")
    assert 'ADD COLUMN "since" timestamp with time zone NULL;' in capsys.readouterr().out


def test_a_new_host_can_close_an_earlier_date_with_the_right_count(host):
    occurrence = morning(host, days_ago=3, walk_in_adults=1)
    new = make_role(Role.Kind.HOST, occurrence.meetup.location.municipality, make_user("Joke"))
    Host.objects.create(meetup=occurrence.meetup, user=new)
    form = visitor(new).get(reverse("close_occurrence", args=[occurrence.pk])).context["form"]
    assert (form.initial["head_adults"], form.initial["head_children"]) == (4, 3)


def test_hosts_of_other_meetups_and_former_hosts_see_nothing(host):
    occurrence = morning(host, days_ago=1)
    other = make_user("Joke")
    make_meetup(hosts=(other,))
    assert visitor(other).get(reverse("door", args=[occurrence.pk])).status_code == 404
    assert list(named_for(other, timezone.now())) == []
    Role.objects.filter(user=host).delete()
    assert visitor(host).get(reverse("door", args=[occurrence.pk])).status_code == 404
    assert list(named_for(host, timezone.now())) == []


def test_the_list_takes_one_query_with_names_or_without(host, django_assert_num_queries):
    recent, old = morning(host, days_ago=1), morning(host, days_ago=31)
    for number in range(30):
        for occurrence in (recent, old):
            make_attendance(occurrence, guest_name=f"Bo {number}", guest_email=f"{number}@example.org")
    with django_assert_num_queries(1):
        assert len(door_list(recent, timezone.now(), host).people) == 32
    with django_assert_num_queries(1):
        assert door_list(old, timezone.now(), host).people == []


def test_the_technical_administration_shows_neither_the_note_of_a_host_nor_how_many_came(host):
    numbers = {"head_adults": 7001, "head_children": 7002, "walk_in_adults": 7003, "walk_in_children": 7004}
    closed = {"closed_at": timezone.now(), "closed_by": host, "seats_taken": 7000} | numbers
    occurrence = morning(host, days_ago=1, host_note="Het was druk", **closed)
    admin = make_user("Bram", is_staff=True, is_superuser=True)
    for path in ("", f"{occurrence.pk}/change/"):
        text = visitor(admin).get(f"/techniek/meetups/occurrence/{path}").content.decode()
        assert str(occurrence.meetup) in text
        assert re.findall(r"7\.?00\d|Het was druk|Marieke", text) == []


def test_the_technical_administration_shows_no_name_and_after_a_month_no_note_of_a_host(host):
    closed = {"closed_at": timezone.now(), "closed_by": host, "head_adults": 3, "head_children": 2}
    occurrence = morning(host, days_ago=31, host_note="Fatima was er ook", **closed)
    retention.forget(now=timezone.now())
    admin = make_user("Bram", is_staff=True, is_superuser=True)
    for path in ("", f"{occurrence.pk}/change/"):
        text = visitor(admin).get(f"/techniek/meetups/occurrence/{path}").content.decode()
        assert shown(text) == []
        assert "Marieke" not in text
