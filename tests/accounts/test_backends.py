"""The backend loads the signed-in user and their roles on each request."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from accounts.backends import Backend
from accounts.models import SecurityEvent
from tests.factories import make_municipality, make_role, make_user

pytestmark = pytest.mark.django_db


def test_user_and_roles_load_in_one_query(django_assert_num_queries):
    noor = make_user()
    for town in (make_municipality(), make_municipality()):
        make_role("host", town, noor)
    make_role("coordinator", town, noor)
    with django_assert_num_queries(1):
        found = Backend().get_user(noor.pk)
        assert found == noor
        assert found.role_kinds == ["coordinator", "host"]
        assert found.get_deferred_fields() == set()
    assert noor.role_kinds == found.role_kinds
    assert Backend().get_user(make_user().pk).role_kinds == []


def test_closed_or_deleted_account_is_not_returned():
    assert Backend().get_user(make_user(is_active=False).pk) is None
    gone = make_user()
    number = gone.pk
    gone.delete()
    assert Backend().get_user(number) is None


def test_second_factor_properties_are_those_of_the_user_and_ignore_other_kinds():
    town = make_municipality()
    noor, sam = make_role("host", town), make_role("coordinator", town)
    for user, factor, event in ((noor, "recovery_codes", "address_changed"), (sam, "totp", "address_restored")):
        Authenticator.objects.create(user=user, type=factor, data={})
        SecurityEvent.objects.create(user=user, kind=event, happened_at=timezone.now())
    found = Backend().get_user(noor.pk)
    assert (found.guarded_since, found.has_second_factor, found.restored_at) == (None, False, None)


def test_column_added_by_a_migration_does_not_break_a_running_server():
    noor = make_user()
    for _ in range(8):  # until PostgreSQL caches the plan
        Backend().get_user(noor.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # ALTER TABLE refuses with deferred checks pending
        cursor.execute("ALTER TABLE accounts_user ADD COLUMN favourite_tea text")
    assert Backend().get_user(noor.pk) == noor
