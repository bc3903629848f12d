"""Access of hosts to meetups and dates."""

import pytest
from django.urls import reverse

from accounts.models import Role
from meetups.models import Meetup, Occurrence
from meetups.permissions import coordinated_towns, possible_hosts, towns_to_create_in
from tests.factories import make_meetup, make_municipality, make_occurrence, make_role, make_user

pytestmark = pytest.mark.django_db


def test_host_who_lost_the_role_in_the_town_no_longer_sees_who_comes(client):
    host = make_user()
    meetup = make_meetup(hosts=(host,))
    occurrence = make_occurrence(meetup)
    make_role(Role.Kind.HOST, make_municipality("Elsewhere"), host)
    assert list(Meetup.objects.managed_by(host)) == [meetup]
    assert list(Occurrence.objects.hosted_by(host)) == [occurrence]

    Role.objects.filter(user=host, municipality=meetup.location.municipality).delete()
    assert list(Meetup.objects.managed_by(host)) == []
    assert list(Occurrence.objects.hosted_by(host)) == []
    assert list(Meetup.objects.hosted_by(host)) == []
    client.force_login(host)
    assert client.get(reverse("door", args=[occurrence.pk])).status_code == 404
    assert client.get(reverse("meetup_edit", args=[meetup.slug])).status_code == 404


def test_restored_role_gives_access_again():
    host = make_user()
    meetup = make_meetup(hosts=(host,))
    Role.objects.filter(user=host).delete()
    make_role(Role.Kind.HOST, meetup.location.municipality, host)
    occurrence = make_occurrence(meetup)
    assert list(Occurrence.objects.hosted_by(host)) == [occurrence]


def test_possible_hosts_have_the_role_in_the_town_and_an_open_account():
    here, elsewhere = make_municipality(), make_municipality()
    host = make_role(Role.Kind.HOST, here)
    make_role(Role.Kind.COORDINATOR, here)
    make_role(Role.Kind.HOST, elsewhere)
    make_role(Role.Kind.HOST, here, make_user(is_active=False))
    assert list(possible_hosts([here.pk])) == [host]


def test_each_role_counts_only_in_its_own_town():
    user, towns = make_user(), {kind: make_municipality() for kind in Role.Kind}
    for kind, town in towns.items():
        make_role(kind, town, user)
    assert set(towns_to_create_in(user)) == {towns[Role.Kind.HOST], towns[Role.Kind.COORDINATOR]}
    assert list(coordinated_towns(user)) == [towns[Role.Kind.COORDINATOR]]
