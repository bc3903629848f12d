"""Old addresses lead on for ever: mails and chats link to them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetups.managing.actions import planning
from meetups.models import Attendance, FormerDate, Meetup, Occurrence
from meetups.schedule.actions import reconciliation
from tests.factories import make_attendance, make_meetup, make_role, make_user
from tests.meetups.test_calendar_stamps import as_staff
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def page(on: date, name: str = "occurrence") -> str:
    return reverse(name, args=["picnic", on])


@pytest.fixture
def picnic() -> Meetup:
    """A meetup on one day, with someone who comes."""
    host = make_user("Marieke")
    meetup = make_meetup(hosts=(host,), slug="picnic", title="Picnic", first_on=day(3))
    reconciliation.materialise(meetup, now=timezone.now())
    make_attendance(meetup.occurrences.get())
    return meetup


def move(meetup: Meetup, on: date, **fields) -> None:
    planning.change_meetup(meetup=meetup, now=timezone.now(), also_signed_up=True, first_on=on, **fields)
    meetup.refresh_from_db()


@pytest.mark.parametrize("name", ["occurrence", "occurrence_ics"])
def test_the_address_before_a_move_leads_to_where_the_date_is_now(client, picnic, name):
    for number in (5, 7, 6):
        move(picnic, day(number))
    for number in (3, 5, 7):
        answer = client.get(page(day(number), name))
        assert (answer.status_code, answer["Location"]) == (301, page(day(6), name))
        assert answer["Cache-Control"] == "no-cache"  # a browser asks again: the address may be taken some day
    assert client.get(page(day(6), name)).status_code == 200
    assert client.get(page(day(4), name)).status_code == 404
    old, new = (f"/en{page(day(number), name)}" for number in (3, 6))
    english = client.get(old)
    assert (english.status_code, english["Location"]) == (301, new)


def test_a_date_that_moves_back_stands_at_its_address_again(client, picnic):
    move(picnic, day(5))
    move(picnic, day(3))
    assert client.get(page(day(3))).status_code == 200
    assert client.get(page(day(5)))["Location"] == page(day(3))


def test_a_single_date_to_which_nobody_comes_keeps_its_row_and_leaves_its_address_behind(client, picnic):
    Attendance.objects.all().delete()
    before = picnic.occurrences.get()
    planning.change_meetup(meetup=picnic, now=timezone.now(), first_on=day(5))
    assert picnic.occurrences.get().pk == before.pk
    assert client.get(page(day(3)))["Location"] == page(day(5))


def test_a_new_date_at_the_old_address_goes_before(client, picnic):
    move(picnic, day(5))
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day(3).weekday()]
    rule = {"rrule": f"FREQ=WEEKLY;BYDAY={weekday};COUNT=2", "skip_public_holidays": False}
    planning.change_meetup(meetup=picnic, now=timezone.now(), first_on=day(3), **rule)
    assert client.get(page(day(3))).status_code == 200
    assert client.get(page(day(5))).status_code == 200  # somebody comes: it stayed where it was


def test_the_address_of_a_date_that_the_rule_no_longer_gives_leads_to_the_meetup(client):
    weekdays = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    rule = {"first_on": day(1), "skip_public_holidays": False}
    meetup = make_meetup(slug="picnic", rrule=f"FREQ=WEEKLY;BYDAY={weekdays[day(1).weekday()]}", **rule)
    reconciliation.materialise(meetup, now=timezone.now())
    rrule = f"FREQ=WEEKLY;BYDAY={weekdays[day(2).weekday()]}"
    planning.change_meetup(meetup=meetup, now=timezone.now(), rrule=rrule)
    answer = client.get(page(day(8)))
    assert (answer.status_code, answer["Location"]) == (302, "/bijeenkomsten/picnic/")
    assert client.get(page(day(9))).status_code == 200
    planning.end_meetup(meetup=meetup, reason="x", by=make_user(), now=timezone.now())
    assert client.get(page(day(9)))["Location"] == "/bijeenkomsten/picnic/"
    assert client.get(page(day(10))).status_code == 404


def test_what_was_filled_in_before_the_move_is_not_lost_and_nobody_comes_on_a_day_they_did_not_see(client, picnic):
    move(picnic, day(5))
    filled_in = {"first_name": "Noor", "email": "noor@example.org", "adults": "2", "note": "Met de fiets"}
    answer = client.post(page(day(3), "join"), filled_in)
    assert (answer.status_code, Attendance.objects.count()) == (422, 1)
    assert answer.context["occurrence"] == picnic.occurrences.get()
    form = answer.context["form"]
    assert {name: form[name].value() for name in filled_in} == filled_in
    assert form.non_field_errors() == [
        "Deze bijeenkomst is naar een andere dag verplaatst."
        " Kijk naar de nieuwe dag. Kun je dan? Stuur dit nog een keer."
    ]
    assert f'action="{page(day(5), "join")}' in answer.content.decode()
    assert client.get(page(day(3), "join"))["Location"] == page(day(5))


def test_who_cannot_come_says_so_at_the_old_address_too(picnic):
    person = Attendance.objects.get()
    move(picnic, day(5))
    answer = visitor(person.user).post(page(day(3), "withdraw"))
    assert answer["Location"] == f"{page(day(5))}#answer"
    person.refresh_from_db()
    assert person.state == "withdrawn"


def test_pages_of_hosts_lead_on_too_and_stay_closed_to_others(client, picnic):
    move(picnic, day(5))
    host, stranger = picnic.hosts.get().user, make_role("host", picnic.location.municipality)
    assert visitor(host).get(page(day(3), "occurrence_edit"))["Location"] == page(day(5), "occurrence_edit")
    assert visitor(stranger).get(page(day(3), "occurrence_edit")).status_code == 404
    assert client.get(page(day(3), "occurrence_edit")).status_code == 302


def test_the_address_is_noted_in_the_transaction_of_the_move(picnic, monkeypatch):
    def fails(*args, **fields):
        raise RuntimeError

    monkeypatch.setattr(planning, "reconcile", fails)
    with pytest.raises(RuntimeError):
        move(picnic, day(5))
    assert not FormerDate.objects.exists()
    assert Occurrence.objects.get().planned_for == day(3)


def test_addresses_of_places_and_towns_do_not_change(picnic):
    """So nothing has to lead on from them; a meetup's is made once."""
    place = picnic.location
    boss = make_user(is_staff=True, is_superuser=True)

    as_staff(boss, place, name="Park", slug="other")
    place.refresh_from_db()
    assert place.name == "Park"
    assert place.slug != "other"
    town = place.municipality
    as_staff(boss, town, slug="other")
    assert type(town).objects.get(pk=town.pk).slug == town.slug
    answer = visitor(boss).get("/techniek/locations/location/add/")
    assert "slug" in answer.context["adminform"].form.fields
