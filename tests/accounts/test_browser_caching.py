"""Browsers may not cache pages of a signed-in user, only responses that are the same for everyone."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.middleware import AuthenticationMiddleware
from tests.accounts.test_second_factor import make_key, make_superuser, show_second_factor
from tests.addresses import ADDRESSES, Address
from tests.factories import make_user
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db

CACHEABLE = {
    "agenda_feed",
    "colour_sample",
    "favicon",
    "join",  # redirects to the date
    "initiative_picture",
    "location_feed",
    "location_picture",
    "manifest",
    "map",
    "meetup_feed",
    "meetup_picture",
    "place_suggestions",
    "municipality_feed",
    "municipality_ideas_feed",
    "municipality_picture",
    "occurrence_ics",
    "occurrence_picture",
    "personal_feed",
    "photo",
    "robots",
    "service_worker",
    "town_colours",
    "town_logo",
}


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def is_cacheable(client: Client, path: str) -> bool:
    with rolled_back():
        return "no-store" not in copy_of(client).get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
@pytest.mark.parametrize("role", ["parent", "host", "coordinator"])
def test_pages_of_a_signed_in_user_are_not_cacheable(town, address: Address, role):
    assert is_cacheable(visitor(town.people[role]), address.path(town)) is (address.name in CACHEABLE)


def test_view_may_allow_caching_for_a_signed_in_user(rf):
    request = rf.get("/")
    request.user = make_user()
    view = AuthenticationMiddleware(lambda request: HttpResponse(headers={"Cache-Control": "private, max-age=60"}))
    answer = view.process_response(request, view.get_response(request))
    assert answer["Cache-Control"] == "private, max-age=60"


def test_recovery_code_pages_are_not_cacheable(town):
    make_key(town.parent, "totp")
    client = show_second_factor(visitor(town.parent), town.parent)
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"):
        assert not is_cacheable(client, reverse(name))


def test_technical_administration_is_not_cacheable(town):
    superuser = make_superuser()
    assert not is_cacheable(visitor(superuser), "/techniek/accounts/user/")


@pytest.mark.parametrize("name", ["home", "agenda", "occurrence", "location"])
def test_public_pages_are_cacheable_for_strangers(town, name):
    [address] = [address for address in ADDRESSES if address.name == name]
    assert is_cacheable(Client(), address.path(town))
