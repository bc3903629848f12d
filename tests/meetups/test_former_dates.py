"""Old URLs of dates redirect permanently, because mails and chats link to them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetups.managing.actions import planning
from meetups.models import Attendance, FormerDate, Meetup, Occurrence
from meetups.schedule.actions import reconciliation
from tests.factories import make_attendance, make_meetup, make_role, make_user
from tests.meetups.test_calendar_stamps import save_in_admin
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def page(on: date, name: str = "occurrence") -> str:
    return reverse(name, args=["picnic", on])


@pytest.fixture
def picnic() -> Meetup:
    """A one-off meetup with one sign-up."""
    host = make_user("Marieke")
    meetup = make_meetup(hosts=(host,), slug="picnic", title="Picnic", first_on=day(3))
    reconciliation.materialise(meetup, now=timezone.now())
    make_attendance(meetup.occurrences.get())
    return meetup


def move(meetup: Meetup, on: date, **fields) -> None:
    planning.change_meetup(
        by=make_user(), meetup=meetup, now=timezone.now(), also_signed_up=True, first_on=on, **fields
    )
    meetup.refresh_from_db()


@pytest.mark.parametrize("name", ["occurrence", "occurrence_ics"])
def test_old_url_redirects_to_the_current_one(client, picnic, name):
    for number in (5, 7, 6):
        move(picnic, day(number))
    for number in (3, 5, 7):
        answer = client.get(page(day(number), name))
        assert (answer.status_code, answer["Location"]) == (301, page(day(6), name))
        assert answer["Cache-Control"] == "no-cache"  # not cached: another date may get this URL later
    assert client.get(page(day(6), name)).status_code == 200
    assert client.get(page(day(4), name)).status_code == 404
    old, new = (f"/en{page(day(number), name)}" for number in (3, 6))
    english = client.get(old)
    assert (english.status_code, english["Location"]) == (301, new)


def test_date_that_moves_back_gets_its_url_back(client, picnic):
    move(picnic, day(5))
    move(picnic, day(3))
    assert client.get(page(day(3))).status_code == 200
    assert client.get(page(day(5)))["Location"] == page(day(3))


def test_one_off_date_without_sign_ups_keeps_its_row_and_redirects(client, picnic):
    Attendance.objects.all().delete()
    before = picnic.occurrences.get()
    planning.change_meetup(by=make_user(), meetup=picnic, now=timezone.now(), first_on=day(5))
    assert picnic.occurrences.get().pk == before.pk
    assert client.get(page(day(3)))["Location"] == page(day(5))


def test_new_date_at_an_old_url_takes_precedence(client, picnic):
    move(picnic, day(5))
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day(3).weekday()]
    rule = {"rrule": f"FREQ=WEEKLY;BYDAY={weekday};COUNT=2", "skip_public_holidays": False}
    planning.change_meetup(by=make_user(), meetup=picnic, now=timezone.now(), first_on=day(3), **rule)
    assert client.get(page(day(3))).status_code == 200
    assert client.get(page(day(5))).status_code == 200  # it has a sign-up, so it was not moved


def test_url_of_a_removed_date_redirects_to_the_meetup(client, django_capture_on_commit_callbacks):
    weekdays = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    rule = {"first_on": day(1), "skip_public_holidays": False}
    meetup = make_meetup(slug="picnic", rrule=f"FREQ=WEEKLY;BYDAY={weekdays[day(1).weekday()]}", **rule)
    reconciliation.materialise(meetup, now=timezone.now())
    rrule = f"FREQ=WEEKLY;BYDAY={weekdays[day(2).weekday()]}"
    planning.change_meetup(by=make_user(), meetup=meetup, now=timezone.now(), rrule=rrule)
    answer = client.get(page(day(8)))
    assert (answer.status_code, answer["Location"]) == (302, "/bijeenkomsten/picnic/")
    assert client.get(page(day(9))).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):  # the page in the cache is no longer current
        planning.end_meetup(meetup=meetup, reason="x", by=make_user(), now=timezone.now())
    assert client.get(page(day(9)))["Location"] == "/bijeenkomsten/picnic/"
    assert client.get(page(day(10))).status_code == 404


def test_form_opened_before_a_move_is_kept_but_not_submitted(client, picnic):
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


def test_withdrawing_works_at_an_old_url(picnic):
    person = Attendance.objects.get()
    move(picnic, day(5))
    answer = visitor(person.user).post(page(day(3), "withdraw"))
    assert answer["Location"] == f"{page(day(5))}#answer"
    person.refresh_from_db()
    assert person.state == "withdrawn"


def test_management_urls_redirect_and_stay_private(client, picnic):
    move(picnic, day(5))
    host, stranger = picnic.hosts.get().user, make_role("host", picnic.location.municipality)
    assert visitor(host).get(page(day(3), "occurrence_edit"))["Location"] == page(day(5), "occurrence_edit")
    assert visitor(stranger).get(page(day(3), "occurrence_edit")).status_code == 404
    assert client.get(page(day(3), "occurrence_edit")).status_code == 302


def test_old_url_is_recorded_in_the_transaction_of_the_move(picnic, monkeypatch):
    def fails(*args, **fields):
        raise RuntimeError

    monkeypatch.setattr(planning, "reconcile", fails)
    with pytest.raises(RuntimeError):
        move(picnic, day(5))
    assert not FormerDate.objects.exists()
    assert Occurrence.objects.get().planned_for == day(3)


def test_slugs_of_locations_and_towns_do_not_change(picnic):
    """So these need no redirects; the slug of a meetup is set once."""
    place = picnic.location
    boss = make_user(is_staff=True, is_superuser=True)

    save_in_admin(boss, place, name="Park", slug="other")
    place.refresh_from_db()
    assert place.name == "Park"
    assert place.slug != "other"
    town = place.municipality
    save_in_admin(boss, town, slug="other")
    assert type(town).objects.get(pk=town.pk).slug == town.slug
    answer = visitor(boss).get("/techniek/locations/location/add/")
    assert "slug" in answer.context["adminform"].form.fields
