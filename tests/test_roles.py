"""Every URL for every role: the expected responses, and where names may appear. See tests/addresses.py."""

import logging

import pytest
from django.urls import reverse

from tests.addresses import ADDRESSES, ROLES, SIGN_IN, Address, answer_in, is_as_expected, names_in_use
from tests.scenario import Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(lasting_town, caplog) -> Town:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    return lasting_town


def test_every_url_is_in_the_table():
    table = [address.name for address in ADDRESSES]
    assert len(table) == len(set(table))
    assert set(names_in_use()) == {*table, "admin"}


def test_no_url_answers_405_to_get():
    """After signing in people are redirected to where they were going, by GET, even to a POST-only URL."""
    assert [address.name for address in ADDRESSES if 405 in address.get.values()] == []


def private_words(town: Town) -> dict[str, set[str]]:
    """Return private data -> the roles that may see it, besides the hosts of that date."""
    return {
        "Fatima": {"parent"},
        "Zoë 🌱": set(),
        "Gülsüm": set(),
        "Aisha": set(),
        "Ik ben verlegen": {"parent"},
        "Ik ken nog niemand": set(),
        "Wij zijn met de fiets": set(),
        town.parent.email: {"parent"},
        town.newcomer.email: set(),
        "gulsum@guest.example": set(),
        "aisha@guest.example": set(),
        "info@rennen.example": set(),
        "bestuur@rennen.example": {"coordinator", "professional"},  # of whom claimed it
        "Ik loop voorop sinds 2019": {"coordinator", "professional"},
        "noortje@guest.example": set(),
        "buurjongen": {"safety_contact"},
        "06-geheim": {"safety_contact"},
    }


def may_read(role: str, word: str, address: Address, town: Town) -> bool:
    is_own = role in private_words(town)[word]
    is_at_the_door = role == "host" and "@" not in word and address.name in AT_THE_DOOR
    return is_own or is_at_the_door or word in address.shows(town)


AT_THE_DOOR = {
    "door",
    "presence",
    "greeted",
    "walk_ins",
    "add_at_door",
    "remove_at_door",
    "late_taps",
    "close_occurrence",
    "reopen_occurrence",
}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_each_role_gets_its_expected_response_and_no_name_leaks(town, address):
    path = address.path(town)
    wrong = []
    for role in ROLES:
        client = visitor(town.people[role])
        for method, expected in (("get", address.get[role]), ("post", address.post[role])):
            with rolled_back():
                data = address.data(town) if method == "post" else None
                response = getattr(copy_of(client), method)(path, data)
            answer = answer_in(response, path)
            if not is_as_expected(expected, answer):
                wrong.append(f"{method} as {role}: {answer} instead of {expected}")
            body = "" if response.streaming else response.content.decode(errors="replace")
            wrong += [
                f"{method} as {role} shows {word!r}"
                for word in private_words(town)
                if word in body and not may_read(role, word, address, town)
            ]
    assert wrong == []


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_post_requires_a_csrf_token(town, address):
    may = [role for role in ROLES if address.post[role] not in {404, 405, SIGN_IN}]
    for role in may[:1]:
        with rolled_back():
            client = visitor(town.people[role], enforce_csrf_checks=True)
            response = client.post(address.path(town), address.data(town))
        assert (response.status_code == 403) is not address.is_csrf_exempt


def test_admin_redirects_everyone_else_to_sign_in(town):
    for role in ROLES:
        client = visitor(town.people[role])
        for name in ("admin:index", "admin:meetups_meetup_changelist", "admin:accounts_user_changelist"):
            response = client.get(reverse(name))
            assert response.status_code == 302, (role, name)
            assert "login" in response["Location"]


PUBLIC = [address for address in ADDRESSES if address.get["stranger"] == 200]


@pytest.mark.parametrize("address", PUBLIC, ids=lambda address: address.name)
def test_public_page_costs_at_most_three_queries(town, address, django_assert_max_num_queries):
    path = address.path(town)
    with django_assert_max_num_queries(3):
        assert visitor(None).get(f"{path}?again=1").status_code == 200
