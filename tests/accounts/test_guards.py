"""Each condition on who may do what, by itself: none of these was missed by another test when it was taken out."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import recent_sign_in
from accounts.models import Role, SecurityEvent, User
from tests.factories import make_municipality, make_role, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now


def test_who_is_not_signed_in_has_no_role():
    make_role("host", make_municipality())
    assert list(Role.objects.of(AnonymousUser(), *Role.Kind)) == []


def test_only_a_role_that_asks_for_a_second_factor_is_missed_without_it():
    town = make_municipality()
    user = make_role("coordinator", town)
    make_role("host", town, user)
    user.roles.update(created_at=NOW() - 2 * User.SECOND_FACTOR_GRACE)
    assert [role.kind for role in Role.objects.of(user, "host")] == ["host"]
    assert user.missed_second_factor is False
    assert [role.kind for role in Role.objects.of(user, "host", "coordinator")] == ["host"]
    assert user.missed_second_factor is True


def test_at_a_door_stand_hosts_of_that_town_only():
    here, elsewhere = make_municipality(), make_municipality()
    host = make_role("host", here)
    make_role("coordinator", here)
    make_role("host", elsewhere)
    assert [role.user for role in Role.objects.hosts_in(here.pk)] == [host]


def test_a_session_ends_with_the_password_and_with_the_generation():
    user = make_user()
    user.set_password("a long one")
    marks = {user.get_session_auth_hash()}
    for generation in (1, 2):
        user.session_generation = generation
        marks.add(user.get_session_auth_hash())
    user.set_password("another long one")
    assert len(marks | {user.get_session_auth_hash()}) == 4


def test_what_is_known_of_a_second_factor_counts_nothing_else():
    user = make_role("host", make_municipality())
    Authenticator.objects.create(user=user, type="recovery_codes", data={})
    SecurityEvent.objects.create(user=user, kind="address_changed", happened_at=NOW())
    assert (user.guarded_since, user.has_second_factor, user.restored_at) == (None, False, None)


def test_another_password_or_address_is_another_way_in():
    user = make_user()
    ways = {recent_sign_in._credentials(user.pk)}
    user.set_password("a long one")
    user.save()
    ways.add(recent_sign_in._credentials(user.pk))
    user.email = "another@example.org"
    user.save()
    assert len(ways | {recent_sign_in._credentials(user.pk)}) == 3


def test_who_joined_lately_is_not_away():
    user = make_user()
    assert list(User.objects.inactive_since(NOW() - timedelta(days=1))) == []
    User.objects.filter(pk=user.pk).update(date_joined=NOW() - timedelta(days=2))
    assert list(User.objects.inactive_since(NOW() - timedelta(days=1))) == [user]


def test_who_would_be_erased_is_seen_at_once():
    user = make_user(erase_on=timezone.localdate() + timedelta(days=9), last_seen_on=timezone.localdate())
    user.record_seen(NOW())
    user.refresh_from_db()
    assert user.erase_on is None
