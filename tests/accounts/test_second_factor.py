"""Who works with data of others needs a passkey or an app for codes: after 14 days no page of that work without it."""

import re
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts import second_factor
from accounts.backends import Backend
from accounts.models import AddressChange, Role, SecurityEvent, User
from insights.permissions import towns_to_look_into
from meetups.models import Meetup
from meetups.permissions import can_create_anywhere, coordinated_towns, is_host_anywhere, towns_to_create_in
from pages import address_changes
from tests.addresses import ADDRESSES, Address
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.scenario import CREDENTIAL, Town
from tests.visitors import copy_of, undone, visitor

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
GRACE = User.SECOND_FACTOR_GRACE
MOMENT = timedelta(minutes=1)
GUARDED = ("officer", "officer_elsewhere", "coordinator", "coordinator_elsewhere")
CLOSED = "Hier werk je met gegevens van anderen."


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def had_it_for(user: User, time: timedelta) -> None:
    """As if `user` got the role, or the key to the administration, so long ago."""
    since = timezone.now() - time
    user.roles.update(created_at=since)
    User.objects.filter(pk=user.pk).update(staff_since=since)
    for name in ("guarded_since", "has_second_factor", "restored_at", "role_kinds"):
        user.__dict__.pop(name, None)
    user.refresh_from_db()


def make_key(user: User, kind: str) -> Authenticator:
    data = (
        {"secret": SECRET} if kind == "totp" else {"name": "Telefoon", "credential": CREDENTIAL, "passwordless": True}
    )
    return Authenticator.objects.create(user=user, type=kind, data=data)


def showed(client: Client, user: User, **record: object) -> Client:
    """This client showed a passkey or a code in the session it has."""
    request = HttpRequest()
    request.user, request.session = user, client.session
    record_authentication(request, user, **({"method": "mfa", "type": "webauthn"} | record))
    request.session.save()
    return client


def code_of_now(secret: str = SECRET) -> str:
    """The newest code that works: it still does when the clock goes on to the next one meanwhile."""
    return totp.format_hotp_value(totp.hotp_value(secret, list(totp.yield_hotp_counters_from_time())[-1]))


# --- Every page of every role ------------------------------------------------------------------------------------
def of_a_guarded_role(address: Address, role: str) -> bool:
    """Whether the page is there for this role because of what it does, and not because of being a parent or a host."""
    return address.get[role] != address.get["parent"] or address.post[role] != address.post["parent"]


# Of a person and of no role: keys and ways in, and the device in the town of the tests, which is the parent's.
PERSONAL = ("mfa_", "account_", "sign_out_")
PAIRS = [
    pytest.param(address, role, id=f"{address.name}-{role}")
    for address in ADDRESSES
    for role in GUARDED
    if of_a_guarded_role(address, role) and not address.name.startswith(PERSONAL)
]


def answers(client: Client, address: Address, town: Town) -> dict[str, tuple[int, str]]:
    found = {}
    for method in ("get", "post"):
        with undone():
            data = address.data(town) if method == "post" else None
            response = getattr(copy_of(client), method)(address.path(town), data)
        words = "" if response.streaming else response.content.decode(errors="replace")
        found[method] = (response.status_code, words)
    return found


def test_there_are_pages_of_each_guarded_role():
    assert {pair.values[1] for pair in PAIRS} == set(GUARDED)
    assert {"theme", "insights", "town_insights_download", "manage", "meetup_new", "occurrence_cancel"} <= {
        pair.values[0].name for pair in PAIRS
    }


@pytest.mark.parametrize(("address", "role"), PAIRS)
def test_a_page_of_a_role_is_open_in_the_grace_and_closed_after_it(town, address, role):
    user = town.people[role]
    had_it_for(user, timedelta(0))
    before = {method: status for method, (status, _words) in answers(visitor(user), address, town).items()}
    had_it_for(user, GRACE - MOMENT)
    within = {method: status for method, (status, _words) in answers(visitor(user), address, town).items()}
    assert within == before
    had_it_for(user, GRACE)
    for method, (status, words) in answers(visitor(user), address, town).items():
        is_of_role = getattr(address, method)[role] != getattr(address, method)["parent"]
        if is_of_role:
            assert (method, status) == (method, 403)
            assert CLOSED in words
            assert (reverse("mfa_add_webauthn") in words, reverse("mfa_activate_totp") in words) == (True, True)
        else:
            assert (method, status) == (method, before[method])


@pytest.mark.parametrize("kind", ["webauthn", "totp"])
@pytest.mark.parametrize(("address", "role"), PAIRS)
def test_a_page_of_a_role_is_open_to_who_showed_a_key_in_this_session(town, address, role, kind):
    user = town.people[role]
    before = {method: status for method, (status, _words) in answers(visitor(user), address, town).items()}
    had_it_for(user, 20 * GRACE)
    make_key(user, kind)
    asked = answers(visitor(user), address, town)
    for method, (status, words) in asked.items():
        if getattr(address, method)[role] != getattr(address, method)["parent"]:
            assert (method, status, CLOSED in words) == (method, 403, True)
    after = answers(showed(visitor(user), user, type=kind), address, town)
    assert {method: status for method, (status, _words) in after.items()} == before


@pytest.mark.parametrize("role", ["parent", "host", "other_host", "professional"])
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_parents_and_hosts_need_none_however_long_they_are_here(town, address, role):
    user = town.people[role]
    before = {method: status for method, (status, _words) in answers(visitor(user), address, town).items()}
    had_it_for(user, 20 * GRACE)
    after = answers(visitor(user), address, town)
    assert {method: status for method, (status, _words) in after.items()} == before
    assert not any(CLOSED in words or "passkey of een app voor codes nodig" in words for _, words in after.values())


OF_A_PARENT = [address for address in ADDRESSES if address.get["parent"] == address.get["coordinator"] == 200]


@pytest.mark.parametrize("address", OF_A_PARENT, ids=lambda address: address.name)
def test_all_that_a_parent_may_do_stays_open_to_who_lacks_a_key(town, address):
    had_it_for(town.coordinator, 20 * GRACE)
    assert visitor(town.coordinator).get(address.path(town)).status_code == 200


# --- One place decides -------------------------------------------------------------------------------------------
def may(user: User) -> dict[str, bool]:
    return {
        "create": can_create_anywhere(user),
        "create in": towns_to_create_in(user).exists(),
        "theme": coordinated_towns(user).exists(),
        "figures": towns_to_look_into(user).exists(),
        "manage": Meetup.objects.managed_by(user).exists(),
        "host": is_host_anywhere(user),
    }


def test_someone_who_was_looked_up_has_shown_nothing(town):
    had_it_for(town.coordinator, GRACE - MOMENT)
    all_of_it = dict.fromkeys(may(town.coordinator), True) | {"host": False}
    assert may(town.coordinator) == all_of_it
    had_it_for(town.coordinator, GRACE)
    assert may(town.coordinator) == dict.fromkeys(all_of_it, False)
    town.coordinator.showed_second_factor = True
    assert may(town.coordinator) == all_of_it
    town.coordinator.showed_second_factor = False


def test_a_coordinator_who_is_a_host_too_stays_host_without_a_key(town):
    make_role(Role.Kind.COORDINATOR, town.hengelo, town.host)
    had_it_for(town.host, GRACE)
    assert may(town.host) == {
        "create": True,
        "create in": True,
        "theme": False,
        "figures": False,
        "manage": True,
        "host": True,
    }
    client = visitor(town.host)
    assert client.get(reverse("hosting")).status_code == 200
    assert client.get(reverse("manage")).status_code == 200
    page = client.get(reverse("theme", args=[town.hengelo.slug]))
    assert (page.status_code, CLOSED in page.content.decode()) == (403, True)


def test_a_page_that_is_not_there_is_not_explained_away(town):
    had_it_for(town.coordinator, GRACE)
    assert visitor(town.coordinator).get("/bijeenkomsten/bestaat-niet/").status_code == 404
    assert visitor(town.coordinator).get(reverse("door", args=[town.today.pk])).status_code == 404


def test_who_has_no_role_is_not_told_that_a_key_would_help(town):
    had_it_for(town.parent, 20 * GRACE)
    assert visitor(town.parent).get(reverse("insights")).status_code == 404


def test_who_needs_what_comes_along_with_who_is_signed_in(django_assert_num_queries):
    noor = make_role(Role.Kind.COORDINATOR, make_municipality())
    make_role(Role.Kind.HOST, make_municipality(), noor)
    make_key(noor, "totp")
    with django_assert_num_queries(1):
        found = Backend().get_user(noor.pk)
        came = (found.guarded_since, found.has_second_factor, found.second_factor_due_at)
    since = noor.roles.get(kind=Role.Kind.COORDINATOR).created_at
    assert came == (noor.guarded_since, True, since + GRACE)
    assert noor.guarded_since == since
    parent = Backend().get_user(make_user().pk)
    assert (parent.guarded_since, parent.has_second_factor, parent.second_factor_due_at) == (None, False, None)


def test_the_first_role_that_asks_for_it_starts_the_grace():
    noor, now = make_user(), timezone.now()
    for number, kind in enumerate(Role.Kind.values):
        make_role(kind, make_municipality(), noor, created_at=now - timedelta(days=number))
    assert noor.second_factor_due_at == now - timedelta(days=3) + GRACE


# --- What one is told --------------------------------------------------------------------------------------------
def test_every_page_tells_from_which_day_on_until_a_key_is_there(town):
    user = town.officer
    had_it_for(user, timedelta(0))
    day = timezone.localtime(user.second_factor_due_at)
    words = f"Vanaf {date_format(day, 'j F')} heb je voor je werk hier een passkey of een app voor codes nodig."
    for path in (reverse("town_insights", args=["hengelo"]), "/", "/agenda/", "/mijn/"):
        page = visitor(user).get(path).content.decode()
        assert words in page
        assert f'href="{reverse("my_data")}#sign-in"' in page
    had_it_for(user, GRACE)
    assert (
        "Voor je werk hier heb je een passkey of een app voor codes nodig." in visitor(user).get("/").content.decode()
    )
    make_key(user, "webauthn")
    assert "app voor codes nodig" not in visitor(user).get("/").content.decode()


def test_the_menu_still_leads_to_the_page_that_explains(town):
    had_it_for(town.officer, GRACE)
    page = visitor(town.officer).get("/").content.decode()
    assert 'href="/inzicht/"' in page
    assert visitor(town.officer).get("/inzicht/").status_code == 403


def test_who_has_a_key_is_asked_for_it_and_comes_back(town):
    user = town.officer
    had_it_for(user, GRACE)
    make_key(user, "totp")
    client, wanted = visitor(user), reverse("town_insights", args=["hengelo"])
    page = client.get(f"{wanted}?van=2026").content.decode()
    step = f"{reverse('mfa_reauthenticate')}?next=%2Finzicht%2Fhengelo%2F%3Fvan%3D2026"
    assert f'href="{step}"' in page
    assert reverse("mfa_add_webauthn") not in page
    assert reverse("mfa_reauthenticate_webauthn") not in page
    wrong = client.post(step, {"code": "000000", "next": wanted})
    assert wrong.status_code == 422
    assert client.get(wanted).status_code == 403
    answer = client.post(step, {"code": code_of_now(), "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, wanted)
    assert client.get(wanted).status_code == 200


def test_who_sets_up_an_app_has_shown_it_by_that(town):
    user = town.officer
    had_it_for(user, GRACE)
    client, wanted = visitor(user), reverse("town_insights", args=["hengelo"])
    assert client.get(wanted).status_code == 403
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code_of_now(secret)}).status_code == 302
    assert client.get(wanted).status_code == 200


def test_who_took_the_last_key_away_has_shown_nothing(town):
    user = town.officer
    had_it_for(user, GRACE)
    key = make_key(user, "totp")
    client = showed(visitor(user), user, type="totp")
    assert client.get("/inzicht/hengelo/").status_code == 200
    key.delete()
    assert client.get("/inzicht/hengelo/").status_code == 403


def test_what_someone_else_showed_in_this_browser_does_not_count(town):
    had_it_for(town.officer, GRACE)
    make_key(town.officer, "totp")
    client = showed(visitor(town.officer), town.coordinator)
    assert client.get("/inzicht/hengelo/").status_code == 403


# --- A mailbox alone gets nobody round it ------------------------------------------------------------------------
WAYS_IN = ["mfa_add_webauthn", "mfa_activate_totp"]


@pytest.mark.parametrize("name", WAYS_IN)
def test_who_came_in_by_mailbox_adds_no_key_beside_the_one_there_is(town, name):
    make_key(town.officer, "webauthn")
    answer = visitor(town.officer).get(reverse(name))
    assert (answer.status_code, answer["Location"].startswith("/account/")) == (302, True)
    assert "reauthenticate" in answer["Location"]
    shown = showed(visitor(town.officer), town.officer, reauthenticated=True)
    assert shown.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", WAYS_IN)
def test_a_parent_adds_a_key_on_another_device_after_a_code(town, name):
    assert visitor(town.parent).get(reverse(name)).status_code == 200


# --- Nor the mailbox of an old address that was put back --------------------------------------------------------
def put_back(user: User, ago: timedelta = timedelta(0)) -> SecurityEvent:
    return SecurityEvent.objects.create(user=user, kind="address_restored", happened_at=timezone.now() - ago)


@pytest.mark.parametrize("had_it", [MOMENT, 20 * GRACE], ids=["in the grace", "after it"])
@pytest.mark.parametrize("kind", ["webauthn", "totp"])
def test_no_key_opens_the_work_of_whose_old_address_was_put_back(town, had_it, kind):
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    had_it_for(user, had_it)
    event = put_back(user)
    make_key(user, kind)
    page = showed(visitor(user), user, type=kind).get(path)
    day = date_format(timezone.localtime(event.happened_at + GRACE), "j F")
    assert page.status_code == 403
    assert f"Je werk met gegevens van anderen blijft daarom gesloten tot {day}." in page.content.decode()
    assert reverse("mfa_add_webauthn") not in page.content.decode()


def test_the_work_of_whose_old_address_was_put_back_opens_after_two_weeks_with_a_key(town):
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    had_it_for(user, 20 * GRACE)
    put_back(user, ago=GRACE - MOMENT)
    make_key(user, "totp")
    assert showed(visitor(user), user, type="totp").get(path).status_code == 403
    SecurityEvent.objects.filter(kind="address_restored").update(happened_at=timezone.now() - GRACE)
    assert showed(visitor(user), user, type="totp").get(path).status_code == 200
    assert visitor(user).get(path).status_code == 403


def test_work_that_was_given_after_an_old_address_was_put_back_is_open(town):
    user = town.officer
    put_back(user, ago=MOMENT)
    had_it_for(user, timedelta(0))
    assert visitor(user).get(reverse("town_insights", args=["hengelo"])).status_code == 200


def test_the_administration_is_closed_to_whose_old_address_was_put_back():
    boss = make_boss()
    had_it_for(boss, MOMENT)
    put_back(boss)
    make_key(boss, "webauthn")
    for path in ("/techniek/", "/techniek/accounts/user/"):
        assert showed(visitor(boss), boss).get(path).status_code == 403


def test_whoever_reads_the_mailbox_of_an_old_address_gets_nothing_but_what_a_parent_sees(town):
    """From the link in that mailbox on: undo, sign in by code, make a key of one's own."""
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    had_it_for(user, 20 * GRACE)
    old = user.email
    User.objects.filter(pk=user.pk).update(email="new@example.org")
    change = AddressChange.objects.create(
        user=user, old_email=old, new_email="new@example.org", changed_at=timezone.now()
    )
    reader = Client()
    reader.post(address_changes.link(change).removeprefix("http://localhost:8000"))
    reader.post(reverse("account_request_login_code"), {"email": old})
    code = re.search(r"\d{4}-\d{4}", letters()[-1].body).group()
    reader.post(reverse("account_confirm_login_code"), {"code": code})
    secret = reader.get(reverse("mfa_activate_totp")).context["form"].secret
    assert reader.post(reverse("mfa_activate_totp"), {"code": code_of_now(secret)}).status_code == 302
    assert reader.get("/mijn/").status_code == 200
    assert reader.get(path).status_code == 403


def test_a_parent_whose_old_address_was_put_back_misses_nothing(town, django_assert_num_queries):
    event = put_back(town.parent)
    assert visitor(town.parent).get("/mijn/").status_code == 200
    with django_assert_num_queries(1):
        found = Backend().get_user(town.parent.pk)
        assert (found.restored_at, found.closed_until(timezone.now())) == (event.happened_at, None)


# --- The technical administration --------------------------------------------------------------------------------
def make_boss() -> User:
    return User.objects.create_superuser("boss@example.org", first_name="Boss")


@pytest.mark.parametrize("address", ["/techniek/", "/techniek/accounts/user/", "/techniek/accounts/user/add/"])
def test_the_administration_is_open_in_the_grace_and_closed_after_it_without_a_key(address):
    boss = make_boss()
    assert visitor(boss).get(address).status_code == 200
    had_it_for(boss, GRACE - MOMENT)
    assert visitor(boss).get(address).status_code == 200
    had_it_for(boss, GRACE)
    for method in ("get", "post"):
        page = getattr(visitor(boss), method)(address)
        assert (page.status_code, CLOSED in page.content.decode()) == (403, True)
    make_key(boss, "webauthn")
    assert visitor(boss).get(address).status_code == 403
    assert showed(visitor(boss), boss).get(address).status_code == 200


def test_the_administration_tells_from_which_day_on_until_a_key_is_there():
    boss = make_boss()
    day = date_format(timezone.localtime(boss.second_factor_due_at), "j F")
    words = f"Vanaf {day} heb je voor je werk hier een passkey of een app voor codes nodig."
    assert words in visitor(boss).get("/techniek/accounts/user/").content.decode()
    make_key(boss, "totp")
    assert words not in visitor(boss).get("/techniek/accounts/user/").content.decode()


def test_staff_who_are_closed_out_can_set_up_a_key_themselves():
    boss = make_boss()
    had_it_for(boss, 20 * GRACE)
    client = visitor(boss)
    assert client.get("/techniek/").status_code == 403
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200
    assert client.get("/mijn/").status_code == 200


def test_who_becomes_staff_has_two_weeks_from_then():
    boss, noor = make_boss(), make_user()
    had_it_for(noor, 20 * GRACE)
    data = {"email": noor.email, "first_name": "Noor", "language": "nl", "is_active": "on", "is_staff": "on"}
    inline = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    answer = visitor(boss).post(f"/techniek/accounts/user/{noor.pk}/change/", data | inline)
    assert answer.status_code == 302
    noor.refresh_from_db()
    assert noor.is_staff
    assert timezone.now() - MOMENT < noor.staff_since <= timezone.now()
    assert not noor.lacks_second_factor(timezone.now())


def test_a_key_that_is_lost_is_taken_away_by_who_may_do_everything():
    boss, noor, sam = make_boss(), make_role("coordinator", make_municipality()), make_user("Sam", is_staff=True)
    key = make_key(noor, "webauthn")
    data = {"action": "take_away_factors", "_selected_action": [noor.pk]}
    visitor(sam).post("/techniek/accounts/user/", data)
    assert Authenticator.objects.filter(pk=key.pk).exists()
    assert visitor(boss).post("/techniek/accounts/user/", data).status_code == 302
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert list(noor.security_events.values_list("kind", flat=True)) == [SecurityEvent.Kind.FACTOR_REMOVED]


# --- The demo ----------------------------------------------------------------------------------------------------
def test_who_is_one_of_the_cast_needs_none_and_only_there(town, settings):
    had_it_for(town.officer, GRACE)
    client = showed(visitor(town.officer), town.officer, method="demo", type=None)
    assert client.get("/inzicht/hengelo/").status_code == 403
    settings.DEMO = True
    assert client.get("/inzicht/hengelo/").status_code == 200
    assert visitor(town.officer).get("/inzicht/hengelo/").status_code == 403


def test_who_showed_one_without_having_it_is_not_asked_to_set_one_up():
    """As in the demo, where anyone becomes anyone with one click."""
    officer = make_role("policy_officer", make_municipality())
    had_it_for(officer, GRACE)
    assert second_factor.reminder(officer, timezone.now())["is_over"]
    officer.showed_second_factor = True
    assert second_factor.reminder(officer, timezone.now()) is None
