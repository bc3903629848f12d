"""Unit tests of single permission conditions that no other test covers."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import recent_sign_in
from accounts.models import Role, SecurityEvent, User
from tests.factories import make_municipality, make_role, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now


def test_anonymous_user_has_no_role():
    make_role("host", make_municipality())
    assert list(Role.objects.of(AnonymousUser(), *Role.Kind)) == []


def test_only_guarded_role_is_missing_without_second_factor():
    town = make_municipality()
    user = make_role("coordinator", town)
    make_role("host", town, user)
    user.roles.update(created_at=NOW() - 2 * User.SECOND_FACTOR_GRACE)
    assert [role.kind for role in Role.objects.of(user, "host")] == ["host"]
    assert user.missed_second_factor is False
    assert [role.kind for role in Role.objects.of(user, "host", "coordinator")] == ["host"]
    assert user.missed_second_factor is True


def test_hosts_in_returns_only_hosts_of_that_town():
    here, elsewhere = make_municipality(), make_municipality()
    host = make_role("host", here)
    make_role("coordinator", here)
    make_role("host", elsewhere)
    assert [role.user for role in Role.objects.hosts_in(here.pk)] == [host]


def test_user_has_a_role_once_in_a_town():
    town = make_municipality()
    user = make_role("host", town)
    make_role("host", make_municipality(), user)
    with pytest.raises(IntegrityError, match="role_once"), transaction.atomic():
        make_role("host", town, user)


def test_session_hash_changes_with_password_and_generation():
    user = make_user()
    user.set_password("a long one")
    hashes = {user.get_session_auth_hash()}
    for generation in (1, 2):
        user.session_generation = generation
        hashes.add(user.get_session_auth_hash())
    user.set_password("another long one")
    assert len(hashes | {user.get_session_auth_hash()}) == 4


def test_second_factor_properties_ignore_other_rows():
    user = make_role("host", make_municipality())
    Authenticator.objects.create(user=user, type="recovery_codes", data={})
    SecurityEvent.objects.create(user=user, kind="address_changed", happened_at=NOW())
    assert (user.guarded_since, user.has_second_factor, user.restored_at) == (None, False, None)


def test_credentials_change_with_password_or_address():
    user = make_user()
    ways = {recent_sign_in._credentials(user.pk)}
    Authenticator.objects.create(user=make_user("Sam"), type="totp", data={})
    assert {recent_sign_in._credentials(user.pk)} == ways
    user.set_password("a long one")
    user.save()
    ways.add(recent_sign_in._credentials(user.pk))
    user.email = "another@example.org"
    user.save()
    assert len(ways | {recent_sign_in._credentials(user.pk)}) == 3


def test_recently_joined_user_is_not_inactive():
    user = make_user()
    assert list(User.objects.inactive_since(NOW() - timedelta(days=1))) == []
    User.objects.filter(pk=user.pk).update(date_joined=NOW() - timedelta(days=2))
    assert list(User.objects.inactive_since(NOW() - timedelta(days=1))) == [user]


def test_user_due_for_erasure_is_recorded_as_seen_immediately():
    user = make_user(erase_on=timezone.localdate() + timedelta(days=9), last_seen_on=timezone.localdate())
    user.record_seen(NOW())
    user.refresh_from_db()
    assert user.erase_on is None
