"""Every action that changes the public pages of a town invalidates them; a move invalidates those of both towns."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_redis import get_redis_connection

from accounts.models import Role, User
from locations.models import Location, Municipality
from locations.theme import logos
from locations.theme.actions import remove_logo, set_theme
from meetups.door.actions import check_in
from meetups.managing.actions import planning, single_dates
from meetups.models import Attendance, Host, Meetup, Occurrence
from meetups.schedule.actions import reconciliation
from page_cache import versions
from pages import privacy
from tests import attending
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_role, make_user
from tests.pictures import make_png
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@dataclass
class Place:
    """Two towns, and a meetup of the first with a future date, a current one, and one in the second town."""

    here: Municipality
    there: Municipality
    elsewhere: Location
    host: User
    boss: User
    meetup: Meetup
    ahead: Occurrence
    now: Occurrence
    visiting: Occurrence
    going: Attendance
    guest: Attendance


@pytest.fixture
def place() -> Place:
    library, elsewhere = make_location(), make_location()
    host = make_role(Role.Kind.HOST, library.municipality)
    first_on = timezone.localdate() + timedelta(days=2)
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first_on.weekday()]
    rrule = f"FREQ=WEEKLY;BYDAY={weekday};COUNT=3"
    meetup = make_meetup(library, hosts=(host,), capacity=5, first_on=first_on, rrule=rrule)
    ahead = make_occurrence(meetup)
    started = timezone.now() - timedelta(minutes=10)
    on_now = {"starts_at": started, "ends_at": started + timedelta(hours=2)}
    return Place(
        here=library.municipality,
        there=elsewhere.municipality,
        elsewhere=elsewhere,
        host=host,
        boss=make_user(is_staff=True, is_superuser=True),
        meetup=meetup,
        ahead=ahead,
        now=make_occurrence(meetup, on=timezone.localdate(started), **on_now),
        visiting=make_occurrence(meetup, on=first_on + timedelta(days=1), location=elsewhere, is_edited=True),
        going=make_attendance(ahead),
        guest=make_attendance(ahead, guest_name="Ada", guest_email="ada@example.org", state="unconfirmed"),
    )


def is_cached(town: Municipality) -> bool:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert Client().get(f"/agenda/?gemeente={town.slug}").status_code == 200
    return not queries


def fields_of(meetup: Meetup, **changes: Any) -> dict[str, Any]:
    names = ("title", "summary", "rrule", "first_on", "start_time", "end_time", "capacity", "newcomer_places")
    return {name: getattr(meetup, name) for name in names} | changes


def move(occurrence: Occurrence, by: User, **changes: Any) -> None:
    same = {
        "on": occurrence.local_date,
        "start_time": occurrence.meetup.start_time,
        "end_time": occurrence.meetup.end_time,
        "location": occurrence.location,
        "theme": occurrence.theme,
        "capacity": occurrence.capacity,
    }
    single_dates.move_occurrence(occurrence=occurrence, by=by, **(same | changes), now=timezone.now())


def as_staff(place: Place, address: str, /, **data: Any) -> None:
    answer = visitor(place.boss).post(address, data)
    assert answer.status_code == 302, answer.content.decode()


def close(place: Place) -> None:
    check_in.close(occurrence=place.now, host=place.host, head_adults=1, head_children=0, now=timezone.now())


def rename_in_the_administration(place: Place) -> None:
    data = {"email": place.host.email, "first_name": "Nora", "language": "nl", "is_active": "on", "municipality": ""}
    roles = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    as_staff(place, f"/techniek/accounts/user/{place.host.pk}/change/", **data, **roles)


def rename_oneself(place: Place) -> None:
    client = Client()
    client.force_login(place.host)
    assert client.post("/mijn/gegevens/", {"first_name": "Nora", "language": "nl"}).status_code == 302


def host_in_the_administration(place: Place) -> None:
    meetup, host = place.meetup, Host.objects.get()
    data = {name: getattr(meetup, name) for name in ("title", "kind", "summary", "mode")} | {"hosts-0-DELETE": "on"}
    rows = {"hosts-TOTAL_FORMS": "1", "hosts-INITIAL_FORMS": "1", "hosts-0-id": host.pk, "hosts-0-meetup": meetup.pk}
    as_staff(place, f"/techniek/meetups/meetup/{meetup.pk}/change/", **data, **rows, **{"hosts-0-user": host.user_id})
    assert not Host.objects.exists()


def of_town(town: Municipality) -> dict[str, Any]:
    names = ("name", "slug", "cbs_code", "school_region", "latitude", "longitude")
    return {name: getattr(town, name) for name in names}


def of_location(location: Location) -> dict[str, Any]:
    names = ("name", "slug", "kind", "address", "place", "latitude", "longitude")
    unknown = dict.fromkeys(Location.FACILITIES, "unknown")
    return {name: getattr(location, name) for name in names} | unknown | {"municipality": location.municipality_id}


def rename_town(place: Place) -> None:
    town = place.meetup.location.municipality
    as_staff(place, f"/techniek/locations/municipality/{town.pk}/change/", **of_town(town) | {"name": "Nieuw"})


def rename_location(place: Place) -> None:
    """Rename a place in the second town where a meetup of the first has a date."""
    address = f"/techniek/locations/location/{place.elsewhere.pk}/change/"
    as_staff(place, address, **of_location(place.elsewhere) | {"name": "Nieuw"})


def delete_location(place: Place) -> None:
    spare = make_location(place.elsewhere.municipality)
    as_staff(place, f"/techniek/locations/location/{spare.pk}/delete/", post="yes")


def delete_locations(place: Place) -> None:
    spare = make_location(place.elsewhere.municipality)
    data = {"action": "delete_selected", "_selected_action": [spare.pk], "post": "yes"}
    as_staff(place, "/techniek/locations/location/", **data)


def give_role(place: Place) -> None:
    town = place.meetup.location.municipality
    data = {"user": place.host.pk, "kind": "coordinator", "municipality": town.pk}
    as_staff(place, "/techniek/accounts/role/add/", **data)


def move_role(place: Place) -> None:
    role = Role.objects.get(user=place.host)
    data = {"user": place.host.pk, "kind": "host", "municipality": place.elsewhere.municipality_id}
    as_staff(place, f"/techniek/accounts/role/{role.pk}/change/", **data)


def take_role(place: Place) -> None:
    role = Role.objects.get(user=place.host)
    as_staff(place, f"/techniek/accounts/role/{role.pk}/delete/", post="yes")


def take_roles(place: Place) -> None:
    roles = list(Role.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": roles, "post": "yes"}
    as_staff(place, "/techniek/accounts/role/", **data)


def delete_person(place: Place) -> None:
    as_staff(place, f"/techniek/accounts/user/{place.host.pk}/delete/", post="yes")


def delete_people(place: Place) -> None:
    data = {"action": "delete_selected", "_selected_action": [place.host.pk], "post": "yes"}
    as_staff(place, "/techniek/accounts/user/", **data)


def end(place: Place) -> None:
    planning.end_meetup(meetup=place.meetup, reason="x", by=place.host, now=timezone.now())


HERE: dict[str, Any] = {
    "join": lambda place: attending.join(occurrence=place.ahead, user=make_user()),
    "join with more": lambda place: attending.join(
        occurrence=place.ahead, user=place.going.user, party=attending.Party(adults=2)
    ),
    "confirm": lambda place: attending.confirm_guest(attendance=place.guest),
    "withdraw": lambda place: attending.withdraw(attendance=place.going),
    "add at the door": lambda place: check_in.add_at_door(occurrence=place.now, first_name="Sam", now=timezone.now()),
    "close": close,
    "cancel": lambda place: single_dates.cancel_occurrence(
        occurrence=place.ahead, reason="x", by=place.host, now=timezone.now()
    ),
    "another time": lambda place: move(place.ahead, place.host, start_time=time(9)),
    "a theme": lambda place: move(place.ahead, place.host, theme="Sleep"),
    "new meetup": lambda place: planning.create_meetup(
        by=place.host,
        location=place.meetup.location,
        hosts=[],
        now=timezone.now(),
        **fields_of(place.meetup, title="B"),
    ),
    "more dates": lambda place: reconciliation.materialise(place.meetup, now=timezone.now()),
    "horizon": lambda place: reconciliation.extend_horizon(now=timezone.now()),
    "rename a host": rename_oneself,
    "rename a host in the administration": rename_in_the_administration,
    "erase a host": lambda place: privacy.erase(user=place.host, now=timezone.now()),
    "erase a parent": lambda place: privacy.erase(user=place.going.user, now=timezone.now()),
    "a host less in the administration": host_in_the_administration,
    "a colour": lambda place: set_theme(municipality=place.here, accent="#1b4f9c"),
    "a logo": lambda place: set_theme(municipality=place.here, accent="", logo=logos.read(make_png())),
    "no logo": lambda place: remove_logo(municipality=place.here),
    "rename the town in the administration": rename_town,
    "give a role in the administration": give_role,
    "take a role in the administration": take_role,
    "take roles in the administration": take_roles,
}
BOTH: dict[str, Any] = {
    "date to another town": lambda place: move(place.ahead, place.host, location=place.elsewhere),
    "date back from another town": lambda place: move(place.visiting, place.host, location=place.meetup.location),
    "join in another town": lambda place: attending.join(occurrence=place.visiting, user=make_user()),
    "cancel in another town": lambda place: single_dates.cancel_occurrence(
        occurrence=place.visiting, reason="x", by=place.host, now=timezone.now()
    ),
    "another title": lambda place: planning.change_meetup(
        by=make_user(), meetup=place.meetup, now=timezone.now(), title="Tea"
    ),
    "another host": lambda place: planning.change_meetup(
        by=make_user(), meetup=place.meetup, now=timezone.now(), hosts=[]
    ),
    "meetup to another town": lambda place: planning.change_meetup(
        by=make_user(), meetup=place.meetup, now=timezone.now(), location=place.elsewhere, also_signed_up=True
    ),
    "end": end,
    "a host less in the administration": host_in_the_administration,
    "rename a place in the administration": rename_location,
    "delete a place in the administration": delete_location,
    "delete places in the administration": delete_locations,
    "move a role in the administration": move_role,
    "delete someone in the administration": delete_person,
    "delete people in the administration": delete_people,
    "rename a host": rename_oneself,
    "erase a host": lambda place: privacy.erase(user=place.host, now=timezone.now()),
}


@pytest.mark.parametrize("act", HERE.values(), ids=HERE.keys())
def test_action_invalidates_the_page_of_the_town(place, act, django_capture_on_commit_callbacks):
    assert [is_cached(place.here), is_cached(place.here)] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        act(place)
    assert not is_cached(place.here)


@pytest.mark.parametrize("act", BOTH.values(), ids=BOTH.keys())
def test_action_in_two_towns_invalidates_both_pages(place, act, django_capture_on_commit_callbacks):
    for town in (place.here, place.there):
        assert [is_cached(town), is_cached(town)] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        act(place)
    assert [is_cached(place.here), is_cached(place.there)] == [False, False]


@pytest.mark.parametrize(
    "before, act",
    [
        (lambda place: attending.withdraw(attendance=place.going), HERE["join"]),
        (close, lambda place: check_in.reopen(occurrence=place.now, now=timezone.now())),
        (
            HERE["cancel"],
            lambda place: single_dates.restore_occurrence(occurrence=place.ahead, by=place.host, now=timezone.now()),
        ),
        (end, lambda place: planning.resume_meetup(meetup=place.meetup, now=timezone.now())),
        (
            HERE["add at the door"],
            lambda place: check_in.remove_at_door(
                occurrence=place.now, attendance_id=place.now.attendances.get(source="door").pk, now=timezone.now()
            ),
        ),
    ],
    ids=["join again", "reopen", "restore", "resume", "remove at the door"],
)
def test_reverting_an_action_invalidates_the_page(place, before, act, django_capture_on_commit_callbacks):
    before(place)
    assert [is_cached(place.here), is_cached(place.here)] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        act(place)
    assert not is_cached(place.here)


def test_door_list_changes_do_not_invalidate_the_page(place, django_capture_on_commit_callbacks):
    person = make_attendance(place.now)
    assert [is_cached(place.here), is_cached(place.here)] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        check_in.set_presence(occurrence=place.now, attendance_id=person.pk, is_present=True, now=timezone.now())
        check_in.count_walk_in(occurrence=place.now, kind="adults", delta=2, now=timezone.now())
    assert is_cached(place.here)


@pytest.mark.parametrize(
    ("invalidate", "changed"),
    [
        (versions.invalidate, {b"7", b"everywhere", b"calendars:7", b"calendars:everywhere"}),
        (versions.invalidate_pages, {b"7", b"everywhere"}),
    ],
)
def test_versions_of_the_town_and_of_all_towns_change_on_commit(
    invalidate, changed, django_capture_on_commit_callbacks
):
    valkey = get_redis_connection("default")
    with django_capture_on_commit_callbacks(execute=True):
        invalidate(7)
        assert valkey.hgetall(versions.VERSIONS) == {}
    assert set(valkey.hgetall(versions.VERSIONS)) == changed
