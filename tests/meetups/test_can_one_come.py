"""Whether a date is open: every page, list, action and mail agrees, in each state of the date."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from locations.geo import Circle, Point
from meetups.agenda.nearby import look_nearby, next_anywhere
from meetups.agenda.query import Search, look_up
from meetups.emails import promoted, reminder
from meetups.models import Attendance, Occurrence
from meetups.refusals import CannotDo, Refusal
from meetups.schedule.rhythms import meetup_cards
from notifications.models import Message
from tests import attending
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_user

pytestmark = pytest.mark.django_db
WHEN = {"coming": timedelta(days=2), "started": timedelta(hours=-1), "over": timedelta(hours=-3)}
STATES = list(product(WHEN, ["scheduled", "cancelled"], ["active", "ended"], ["open", "closed"]))


def expected_refusal(when, status, meetup, list_):
    if status == "cancelled":
        return Refusal.CANCELLED
    if meetup == "ended":
        return Refusal.ENDED
    if when == "over":
        return Refusal.OVER
    return Refusal.CLOSED if list_ == "closed" else None


def date_in(when, status, meetup, list_, **fields):
    starts_at = timezone.now() + WHEN[when]
    closed = {"closed_at": timezone.now(), "head_adults": 4, "head_children": 2} if list_ == "closed" else {}
    return make_occurrence(
        make_meetup(make_location(latitude=52.1, longitude=5.1), status=meetup, rrule="FREQ=WEEKLY;BYDAY=MO"),
        on=timezone.localdate(starts_at),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        status=status,
        **closed,
        **fields,
    )


@pytest.mark.parametrize("state", STATES, ids=" ".join)
def test_pages_lists_and_actions_agree(client, state):
    when, status, _meetup, list_ = state
    occurrence, now = date_in(*state), timezone.now()
    refusal = expected_refusal(*state)
    is_open = refusal is None
    # A cancelled date is listed until it is over, so that nobody turns up in vain.
    is_listed = is_open or (
        refusal is Refusal.CANCELLED and state[2] == "active" and list_ == "open" and when != "over"
    )
    circle = Circle(Point(52.1, 5.1), 5)
    url = {
        name: reverse(name, args=[occurrence.meetup.slug, occurrence.planned_for])
        for name in ("occurrence", "join", "occurrence_edit")
    }

    # The model and its QuerySet.
    assert occurrence.refusal(now) is refusal
    assert Occurrence.objects.joinable(now).exists() is is_open
    assert Occurrence.objects.listed(now).exists() is is_listed

    # The lists, in SQL and through the ORM.
    agenda = [found.row.status == "cancelled" for found in look_up(Search(now=now)).dates]
    near = [dates[0].row.status == "cancelled" for dates in look_nearby(circle, now).this_week]
    assert agenda == near == ([status == "cancelled"] if is_listed else [])
    assert look_nearby(circle, now).count == is_open
    assert [dates[0].row.key for dates in next_anywhere(now)] == ([occurrence.pk] if is_open else [])
    cards = meetup_cards(type(occurrence.meetup).objects.all(), now)
    assert [len(card.scheduled_dates) for card in cards] == ([int(is_open)] if state[2] == "active" else [])

    # The pages.
    day = url["occurrence"]
    for name, slug in (
        ("meetup", occurrence.meetup.slug),
        ("municipality", occurrence.location.municipality.slug),
        ("location", occurrence.location.slug),
        ("home", None),
        ("agenda", None),
    ):
        page = client.get(reverse(name, args=[slug] if slug else []))
        shown = is_open if name == "home" else is_listed
        assert (f'href="{day}"' in page.content.decode()) is shown, name
    page = client.get(day)
    assert page.context["is_open"] is is_open
    assert (url["join"] in page.content.decode()) is is_open

    # The actions, with an account, as a guest, and by the link.
    for act in (
        lambda: attending.join(occurrence=occurrence, user=make_user()),
        lambda: attending.sign_up_as_guest(occurrence=occurrence, first_name="Sam", email="sam@example.org"),
        lambda: attending.confirm_guest(attendance=unconfirmed(occurrence)),
    ):
        if is_open:
            assert act()
        else:
            with pytest.raises(CannotDo) as caught:
                act()
            assert caught.value.refusal is refusal


def unconfirmed(occurrence):
    return make_attendance(occurrence, guest_name="Ank", guest_email="ank@example.org", state="unconfirmed")


@pytest.mark.parametrize("state", STATES, ids=" ".join)
def test_no_promotion_and_no_mail_for_a_date_that_is_not_open(state):
    occurrence, is_open = date_in(*state, capacity=1), expected_refusal(*state) is None
    waiting = make_attendance(occurrence, state="waiting")
    attending.promote_waiting(attending.lock(occurrence.pk))
    waiting.refresh_from_db()
    assert waiting.is_going is is_open
    Attendance.objects.update(state="going")
    about = {"object_id": waiting.pk, "email": "x@example.org"}
    context = {"starts_at": occurrence.starts_at.isoformat()}
    place = Message.objects.create(template="meetups.promoted", dedupe_key="a", **about)
    reminding = Message.objects.create(template="meetups.reminder", dedupe_key="b", context=context, **about)
    assert (promoted(place) is not None) is is_open
    assert (reminder(reminding) is not None) is (is_open and occurrence.starts_at > timezone.now())


def test_my_page_lists_a_date_as_coming_until_it_is_closed(client):
    noor = make_user()
    open_one, closed = (date_in("started", "scheduled", "active", list_) for list_ in ("open", "closed"))
    for occurrence in (open_one, closed):
        make_attendance(occurrence, noor)
    client.force_login(noor)
    page = client.get(reverse("my"))
    assert [row.occurrence for row in page.context["going"]] == [open_one]
    assert [row.occurrence for row in page.context["past"]] == [closed]
