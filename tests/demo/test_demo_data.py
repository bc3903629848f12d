"""The demo data: the ten towns, the cast, and today's door."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from accounts.models import Role, User
from demo.cast import CAST
from demo.data.content import read_towns
from demo.management.commands import demo_data
from demo.management.commands.demo_data import flush
from insights.figures import of_town
from locations.models import Municipality
from meetups.models import TAP_RETENTION, Attendance, DoorTap, Host, Meetup, Occurrence
from meetups.schedule import recurrence

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo data, created once; tests only read it."""
    with django_db_blocker.unblock():
        call_command(demo_data.Command(), verbosity=0)
        yield
        flush()


def test_ten_towns_have_places_and_complete_meetups():
    towns = read_towns()
    assert sorted(town.name for town in towns) == [
        *("Brummen", "Culemborg", "Gorinchem", "Heerenveen", "Hengelo"),
        *("Hilversum", "Leiden", "Molenlanden", "Utrecht", "Weert"),
    ]
    for town in towns:
        assert len(town.meetups) >= 2
        for meetup in town.meetups:
            recurrence.Rule.parse(meetup.rrule)
            assert meetup.location in {location["slug"] for location in town.locations}
            assert all((meetup.description, meetup.greeting, meetup.cost, meetup.stay, meetup.welcome))


def test_every_row_passes_full_clean(demo):
    for model in (Municipality, Meetup, Host, Role):
        for row in model.objects.all():
            row.full_clean()
    for row in [*Occurrence.objects.all()[::40], *Attendance.objects.all()[::40]]:
        row.full_clean()


def test_recent_walk_ins_are_the_sum_of_taps(demo):
    sums = {kind: Sum("door_taps__delta", filter=Q(door_taps__kind=kind), default=0) for kind in ("adults", "children")}
    recent = Occurrence.objects.filter(ends_at__gt=timezone.now() - TAP_RETENTION).annotate(**sums)
    assert any(row.adults for row in recent)
    assert [row for row in recent if (row.adults, row.children) != (row.walk_in_adults, row.walk_in_children)] == []
    assert not DoorTap.objects.overdue(timezone.now()).exists()


def test_cast_exists_with_their_roles(demo):
    roles = set(Role.objects.values_list("user__email", "kind", "municipality__slug"))
    assert {(person.email, person.kind, person.town) for person in CAST if person.kind} <= roles
    assert User.objects.filter(email__in=[person.email for person in CAST]).count() == len(CAST)


def test_host_of_hengelo_has_a_date_every_day_of_the_coming_weeks(demo):
    today = timezone.localdate()
    for ahead in range(15):
        date = Occurrence.objects.get(
            meetup__hosts__user__email="marieke.hengelo@demo.pedbasis.example",
            planned_for=today + timedelta(days=ahead),
        )
        going = date.attendances.going()
        assert going.count() >= 8
        assert going.filter(is_first_time=True).exclude(note="").count() >= 2
    assert Occurrence.objects.filter(meetup__hosts__user__first_name="Marieke", planned_for=today).count() == 1


def test_fatima_comes_once_a_week(demo):
    today = timezone.localdate()
    hers = Attendance.objects.filter(user__email="fatima.hengelo@demo.pedbasis.example")
    coming = hers.filter(occurrence__planned_for__gte=today).values_list("occurrence__planned_for", flat=True)
    assert 1 <= len(coming) <= 3
    assert {on.weekday() for on in coming} == {1}
    weeks = [on.isocalendar()[:2] for on in hers.values_list("occurrence__planned_for", flat=True)]
    assert len(weeks) == len(set(weeks)) > 20


def test_no_date_is_oversold_and_seats_taken_is_correct(demo):
    dates = Occurrence.objects.annotate(
        seats=Sum("attendances__adults", filter=Q(attendances__state="going"), default=0)
    ).filter(~Q(seats=F("seats_taken")) | Q(seats_taken__gt=F("meetup__capacity")))
    assert not dates.exists()


def test_some_dates_are_full_nearly_full_and_cancelled(demo):
    coming = Occurrence.objects.filter(starts_at__gt=timezone.now())
    assert coming.filter(seats_taken=F("meetup__capacity"), attendances__state="waiting").exists()
    assert coming.filter(seats_taken=F("meetup__capacity") - 1).exists()
    assert coming.filter(status="cancelled", cancel_reason__gt="", attendances__state="going").exists()


def test_every_meetup_has_dates_months_ahead_and_a_host_with_a_role(demo):
    late = timezone.localdate() + timedelta(weeks=16)  # a monthly date may fall on a holiday
    for meetup in Meetup.objects.annotate(late=Count("occurrences", filter=Q(occurrences__planned_for__gte=late))):
        assert meetup.late, meetup
        for host in meetup.hosts.all():
            assert host.user.roles.filter(kind="host", municipality=meetup.location.municipality).exists()


def places_with_a_regular_group(town, now) -> int:
    return sum(place.has_regular_group is True for place in of_town(town, now=now).places)


def test_steady_groups_form_everywhere_but_in_molenlanden(demo):
    now = timezone.now()
    steady = {town.slug: places_with_a_regular_group(town, now) for town in Municipality.objects.all()}
    assert steady.pop("molenlanden") == 0
    assert sum(number > 0 for number in steady.values()) >= 7
