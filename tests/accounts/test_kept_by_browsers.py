"""The browser keeps no page of someone who is signed in; what is the same for all may be kept."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.test_second_factor import make_boss, make_key, showed
from tests.addresses import ADDRESSES, Address
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db

SAME_FOR_ALL = {
    "agenda_feed",
    "colour_sample",
    "favicon",
    "join",  # leads back to the date
    "location_feed",
    "meetup_feed",
    "municipality_feed",
    "occurrence_ics",
    "personal_feed",
    "robots",
    "town_colours",
    "town_logo",
}


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def is_kept(client: Client, path: str) -> bool:
    with rolled_back():
        return "no-store" not in copy_of(client).get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
@pytest.mark.parametrize("role", ["parent", "host", "coordinator"])
def test_no_page_of_who_is_signed_in_is_kept(town, address: Address, role):
    assert is_kept(visitor(town.people[role]), address.path(town)) is (address.name in SAME_FOR_ALL)


def test_no_page_with_secrets_of_an_app_is_kept(town):
    make_key(town.parent, "totp")
    client = showed(visitor(town.parent), town.parent)
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"):
        assert not is_kept(client, reverse(name))


def test_nor_of_the_technical_administration(town):
    boss = make_boss()
    assert not is_kept(visitor(boss), "/techniek/accounts/user/")


@pytest.mark.parametrize("name", ["home", "agenda", "occurrence", "location"])
def test_public_pages_of_strangers_may_be_kept(town, name):
    [address] = [address for address in ADDRESSES if address.name == name]
    assert is_kept(Client(), address.path(town))
