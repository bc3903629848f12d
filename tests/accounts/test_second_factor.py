"""Users who work with data of others need a second factor; after 14 days those pages are closed without it."""

import re
from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts import second_factor
from accounts.backends import Backend
from accounts.middleware import SecondFactorMiddleware
from accounts.models import AddressChange, Role, SecurityEvent, User
from insights.permissions import towns_visible_to
from meetups.models import Meetup
from meetups.permissions import can_create_anywhere, coordinated_towns, is_host_anywhere, towns_to_create_in
from pages import address_changes
from tests.addresses import ADDRESSES, Address, Answer, answer_in, is_as_expected
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.scenario import CREDENTIAL, Town
from tests.visitors import copy_of, rolled_back, visitor

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
GRACE = User.SECOND_FACTOR_GRACE
MOMENT = timedelta(minutes=1)
GUARDED = ("officer", "officer_elsewhere", "coordinator", "coordinator_elsewhere")
CLOSED = "Hier werk je met gegevens van anderen."


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def backdate_duties(user: User, time: timedelta) -> None:
    """Make it look as if `user` got their roles and staff status `time` ago."""
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


def show_second_factor(client: Client, user: User, **record: object) -> Client:
    """Record a second factor in the session of `client`."""
    request = HttpRequest()
    request.user, request.session = user, client.session
    record_authentication(request, user, **({"method": "mfa", "type": "webauthn"} | record))
    request.session.save()
    return client


def current_code(secret: str = SECRET) -> str:
    """The latest accepted code, which stays valid if the time step changes during the test."""
    return totp.format_hotp_value(totp.hotp_value(secret, list(totp.yield_hotp_counters_from_time())[-1]))


# --- Every page of every role -----------------------------------------------------------------------------------------
def is_page_of_role(address: Address, role: str) -> bool:
    """Whether the role itself, and not being a parent, gives access to this page."""
    return address.get[role] != address.get["parent"] or address.post[role] != address.post["parent"]


# Personal pages, not of a role: credentials, the device in the test data, which belongs to the parent, and the idea in
# which the parent takes part (tests/initiatives/test_talk.py has its talk with roles).
PERSONAL = ("mfa_", "account_", "sign_out_", "unblock", "initiative_talk", "initiative_ask", "initiative_take_over")
# For everyone, but a coordinator who has nobody else to check it is refused.
FOR_EVERYONE = {"group_claim"}
PAIRS = [
    pytest.param(address, role, id=f"{address.name}-{role}")
    for address in ADDRESSES
    for role in GUARDED
    if is_page_of_role(address, role) and not address.name.startswith(PERSONAL) and address.name not in FOR_EVERYONE
]


METHODS = ("get", "post")


def get_and_post(client: Client, address: Address, town: Town) -> dict[str, tuple[Answer, str]]:
    """Return the answer of this page in the notation of the table, and its words, by method."""
    found = {}
    for method in METHODS:
        with rolled_back():
            data = address.data(town) if method == "post" else None
            response = getattr(copy_of(client), method)(address.path(town), data)
        words = "" if response.streaming else response.content.decode(errors="replace")
        found[method] = (answer_in(response, address.path(town)), words)
    return found


def is_usual(found: dict[str, tuple[Answer, str]], address: Address, role: str) -> bool:
    """Whether these are the answers that this role gets without a deadline."""
    return all(is_as_expected(getattr(address, method)[role], found[method][0]) for method in METHODS)


def test_each_guarded_role_has_pages():
    assert {pair.values[1] for pair in PAIRS} == set(GUARDED)
    assert {"theme", "insights", "town_insights_download", "manage", "meetup_new", "occurrence_cancel"} <= {
        pair.values[0].name for pair in PAIRS
    }


@pytest.mark.no_cover
@pytest.mark.parametrize(("address", "role"), PAIRS)
def test_role_page_is_open_in_grace_period_and_closed_after_it(town, address, role):
    user = town.people[role]
    backdate_duties(user, GRACE - MOMENT)
    assert is_usual(get_and_post(visitor(user), address, town), address, role)
    backdate_duties(user, GRACE)
    for method, (status, words) in get_and_post(visitor(user), address, town).items():
        is_of_role = getattr(address, method)[role] != getattr(address, method)["parent"]
        if is_of_role:
            assert (method, status) == (method, 403)
            assert CLOSED in words
            assert (reverse("mfa_add_webauthn") in words, reverse("mfa_activate_totp") in words) == (True, True)
        else:
            assert is_as_expected(getattr(address, method)[role], status)


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["webauthn", "totp"])
@pytest.mark.parametrize(("address", "role"), PAIRS)
def test_role_page_is_open_to_session_with_second_factor(town, address, role, kind):
    user = town.people[role]
    backdate_duties(user, 20 * GRACE)
    make_key(user, kind)
    asked = get_and_post(visitor(user), address, town)
    for method, (status, words) in asked.items():
        if getattr(address, method)[role] != getattr(address, method)["parent"]:
            assert (method, status, CLOSED in words) == (method, 403, True)
    after = get_and_post(show_second_factor(visitor(user), user, type=kind), address, town)
    assert is_usual(after, address, role)


@pytest.mark.no_cover
@pytest.mark.parametrize("role", ["parent", "host", "other_host", "professional"])
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_parents_and_hosts_never_need_a_second_factor(town, address, role):
    user = town.people[role]
    backdate_duties(user, 20 * GRACE)
    after = get_and_post(visitor(user), address, town)
    assert is_usual(after, address, role)
    assert not any(CLOSED in words or "passkey of een app voor codes nodig" in words for _, words in after.values())


OF_A_PARENT = [
    address
    for address in ADDRESSES
    if address.get["parent"] == address.get["coordinator"] == 200
    and not address.name.startswith(PERSONAL)
    and address.name not in FOR_EVERYONE
]


@pytest.mark.no_cover
@pytest.mark.parametrize("address", OF_A_PARENT, ids=lambda address: address.name)
def test_parent_pages_stay_open_without_second_factor(town, address):
    backdate_duties(town.coordinator, 20 * GRACE)
    assert visitor(town.coordinator).get(address.path(town)).status_code == 200


# --- Permissions ------------------------------------------------------------------------------------------------------
def may(user: User) -> dict[str, bool]:
    return {
        "create": can_create_anywhere(user),
        "create in": towns_to_create_in(user).exists(),
        "theme": coordinated_towns(user).exists(),
        "figures": towns_visible_to(user).exists(),
        "manage": Meetup.objects.managed_by(user).exists(),
        "host": is_host_anywhere(user),
    }


def test_user_loaded_from_database_showed_no_second_factor(town):
    backdate_duties(town.coordinator, GRACE - MOMENT)
    all_of_it = dict.fromkeys(may(town.coordinator), True) | {"host": False}
    assert may(town.coordinator) == all_of_it
    backdate_duties(town.coordinator, GRACE)
    assert may(town.coordinator) == dict.fromkeys(all_of_it, False)
    town.coordinator.showed_second_factor = True
    assert may(town.coordinator) == all_of_it
    town.coordinator.showed_second_factor = False


def test_coordinator_without_second_factor_remains_host(town):
    make_role(Role.Kind.COORDINATOR, town.hengelo, town.host)
    backdate_duties(town.host, GRACE)
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


def test_missing_page_stays_404(town):
    backdate_duties(town.coordinator, GRACE)
    assert visitor(town.coordinator).get("/bijeenkomsten/bestaat-niet/").status_code == 404
    assert visitor(town.coordinator).get(reverse("door", args=[town.today.pk])).status_code == 404


def test_user_without_role_gets_404_without_explanation(town):
    backdate_duties(town.parent, 20 * GRACE)
    assert visitor(town.parent).get(reverse("insights")).status_code == 404


@pytest.mark.parametrize(
    ("error", "is_explained"), [(Http404(), True), (PermissionDenied(), True), (ValueError(), False)]
)
def test_only_a_refusal_is_explained_by_a_missing_second_factor(client, rf, error, is_explained):
    user = make_role(Role.Kind.COORDINATOR, make_municipality())
    backdate_duties(user, GRACE)
    assert not coordinated_towns(user).exists()
    request = rf.get("/")
    request.user = request._cached_user = user
    request.session = client.session
    answer = SecondFactorMiddleware(lambda request: HttpResponse()).process_exception(request, error)
    assert (answer is not None and CLOSED in answer.content.decode()) is is_explained


def test_second_factor_properties_load_with_the_user(django_assert_num_queries):
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


def test_oldest_guarded_role_starts_the_grace_period():
    noor, now = make_user(), timezone.now()
    for number, kind in enumerate(["host", "professional", "policy_officer", "coordinator"]):
        make_role(kind, make_municipality(), noor, created_at=now - timedelta(days=number))
    assert noor.second_factor_due_at == now - timedelta(days=3) + GRACE


# --- Messages ---------------------------------------------------------------------------------------------------------
def test_every_page_shows_the_deadline_until_a_second_factor_exists(town):
    user = town.officer
    backdate_duties(user, timedelta(0))
    day = timezone.localtime(user.second_factor_due_at)
    words = f"Vanaf {date_format(day, 'j F')} heb je voor je werk hier een passkey of een app voor codes nodig."
    for path in (reverse("town_insights", args=["hengelo"]), "/", "/agenda/", "/mijn/"):
        page = visitor(user).get(path).content.decode()
        assert words in page
        assert f'href="{reverse("my_data")}#sign-in"' in page
    backdate_duties(user, GRACE)
    assert (
        "Voor je werk hier heb je een passkey of een app voor codes nodig." in visitor(user).get("/").content.decode()
    )
    make_key(user, "webauthn")
    assert "app voor codes nodig" not in visitor(user).get("/").content.decode()


def test_stranger_and_parent_get_no_reminder():
    for user in (AnonymousUser(), make_user()):
        assert second_factor.reminder(user, timezone.now()) is None


def test_fault_in_the_reminder_is_not_hidden(town, monkeypatch):
    def fail(user, now):
        raise ZeroDivisionError

    monkeypatch.setattr(second_factor, "reminder", fail)
    with pytest.raises(ZeroDivisionError):
        visitor(town.officer).get("/mijn/")


def test_menu_still_links_to_the_closed_page(town):
    backdate_duties(town.officer, GRACE)
    page = visitor(town.officer).get("/").content.decode()
    assert 'href="/inzicht/"' in page
    assert visitor(town.officer).get("/inzicht/").status_code == 403


def test_user_with_app_is_asked_for_it_and_returns(town):
    user = town.officer
    backdate_duties(user, GRACE)
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
    response = client.post(step, {"code": current_code(), "next": wanted})
    assert (response.status_code, response["Location"]) == (302, wanted)
    assert client.get(wanted).status_code == 200


def test_setting_up_an_app_counts_as_showing_it(town):
    user = town.officer
    backdate_duties(user, GRACE)
    client, wanted = visitor(user), reverse("town_insights", args=["hengelo"])
    assert client.get(wanted).status_code == 403
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": current_code(secret)}).status_code == 302
    assert client.get(wanted).status_code == 200
    assert user.authenticator_set.get(type="totp").last_used_at, "the app was used, not the recovery codes"


def test_removing_the_last_second_factor_closes_the_page(town):
    user = town.officer
    backdate_duties(user, GRACE)
    key = make_key(user, "totp")
    client = show_second_factor(visitor(user), user, type="totp")
    assert client.get("/inzicht/hengelo/").status_code == 200
    key.delete()
    assert client.get("/inzicht/hengelo/").status_code == 403


def test_second_factor_of_another_user_in_this_browser_does_not_count(town):
    backdate_duties(town.officer, GRACE)
    make_key(town.officer, "totp")
    client = show_second_factor(visitor(town.officer), town.coordinator)
    assert client.get("/inzicht/hengelo/").status_code == 403


# --- A mailbox alone is not enough ------------------------------------------------------------------------------------
WAYS_IN = ["mfa_add_webauthn", "mfa_activate_totp"]


@pytest.mark.parametrize("name", WAYS_IN)
def test_sign_in_by_code_cannot_add_another_second_factor(town, name):
    make_key(town.officer, "webauthn")
    response = visitor(town.officer).get(reverse(name))
    assert (response.status_code, response["Location"].startswith("/account/")) == (302, True)
    assert "reauthenticate" in response["Location"]
    shown = show_second_factor(visitor(town.officer), town.officer, reauthenticated=True)
    assert shown.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", WAYS_IN)
def test_parent_adds_a_second_factor_after_a_code(town, name):
    assert visitor(town.parent).get(reverse(name)).status_code == 200


# --- Undone address changes -------------------------------------------------------------------------------------------
def restore_old_address(user: User, ago: timedelta = timedelta(0)) -> SecurityEvent:
    return SecurityEvent.objects.create(user=user, kind="address_restored", happened_at=timezone.now() - ago)


@pytest.mark.parametrize("had_it", [MOMENT, 20 * GRACE], ids=["in grace period", "after it"])
@pytest.mark.parametrize("kind", ["webauthn", "totp"])
def test_second_factor_does_not_count_after_an_undone_address_change(town, had_it, kind):
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    backdate_duties(user, had_it)
    event = restore_old_address(user)
    make_key(user, kind)
    page = show_second_factor(visitor(user), user, type=kind).get(path)
    day = date_format(timezone.localtime(event.happened_at + GRACE), "j F")
    assert page.status_code == 403
    assert f"Je werk met gegevens van anderen blijft daarom gesloten tot {day}." in page.content.decode()
    assert reverse("mfa_add_webauthn") not in page.content.decode()


def test_access_returns_two_weeks_after_undone_address_change(town):
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    backdate_duties(user, 20 * GRACE)
    restore_old_address(user, ago=GRACE - MOMENT)
    make_key(user, "totp")
    assert show_second_factor(visitor(user), user, type="totp").get(path).status_code == 403
    SecurityEvent.objects.filter(kind="address_restored").update(happened_at=timezone.now() - GRACE)
    assert show_second_factor(visitor(user), user, type="totp").get(path).status_code == 200
    assert visitor(user).get(path).status_code == 403


def test_role_given_after_an_undone_address_change_is_open(town):
    user = town.officer
    restore_old_address(user, ago=MOMENT)
    backdate_duties(user, timedelta(0))
    assert visitor(user).get(reverse("town_insights", args=["hengelo"])).status_code == 200


def test_administration_is_closed_after_an_undone_address_change():
    superuser = make_superuser()
    backdate_duties(superuser, MOMENT)
    restore_old_address(superuser)
    make_key(superuser, "webauthn")
    for path in ("/techniek/", "/techniek/accounts/user/"):
        assert show_second_factor(visitor(superuser), superuser).get(path).status_code == 403


def test_attacker_with_old_mailbox_gets_only_parent_pages(town):
    """The attacker undoes the address change, signs in by code and adds a second factor."""
    user, path = town.officer, reverse("town_insights", args=["hengelo"])
    backdate_duties(user, 20 * GRACE)
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
    assert reader.post(reverse("mfa_activate_totp"), {"code": current_code(secret)}).status_code == 302
    assert reader.get("/mijn/").status_code == 200
    assert reader.get(path).status_code == 403


def test_parent_keeps_access_after_an_undone_address_change(town, django_assert_num_queries):
    event = restore_old_address(town.parent)
    assert visitor(town.parent).get("/mijn/").status_code == 200
    with django_assert_num_queries(1):
        found = Backend().get_user(town.parent.pk)
        assert (found.restored_at, found.closed_until(timezone.now())) == (event.happened_at, None)


# --- The technical administration --------------------------------------------------------------------------------
def make_superuser() -> User:
    return User.objects.create_superuser("boss@example.org", first_name="Boss")


@pytest.mark.parametrize("address", ["/techniek/", "/techniek/accounts/user/", "/techniek/accounts/user/add/"])
def test_administration_is_open_in_grace_period_and_closed_after_it(address):
    superuser = make_superuser()
    assert visitor(superuser).get(address).status_code == 200
    backdate_duties(superuser, GRACE - MOMENT)
    assert visitor(superuser).get(address).status_code == 200
    backdate_duties(superuser, GRACE)
    for method in ("get", "post"):
        page = getattr(visitor(superuser), method)(address)
        assert (page.status_code, CLOSED in page.content.decode()) == (403, True)
    make_key(superuser, "webauthn")
    assert visitor(superuser).get(address).status_code == 403
    assert show_second_factor(visitor(superuser), superuser).get(address).status_code == 200


def test_administration_shows_the_deadline_until_a_second_factor_exists():
    superuser = make_superuser()
    day = date_format(timezone.localtime(superuser.second_factor_due_at), "j F")
    words = f"Vanaf {day} heb je voor je werk hier een passkey of een app voor codes nodig."
    assert words in visitor(superuser).get("/techniek/accounts/user/").content.decode()
    make_key(superuser, "totp")
    assert words not in visitor(superuser).get("/techniek/accounts/user/").content.decode()


def test_locked_out_staff_can_set_up_a_second_factor():
    superuser = make_superuser()
    backdate_duties(superuser, 20 * GRACE)
    client = visitor(superuser)
    assert client.get("/techniek/").status_code == 403
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200
    assert client.get("/mijn/").status_code == 200


def test_new_staff_has_two_weeks_of_grace():
    superuser, noor = make_superuser(), make_user()
    backdate_duties(noor, 20 * GRACE)
    data = {"email": noor.email, "first_name": "Noor", "language": "nl", "is_active": "on", "is_staff": "on"}
    inline = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    response = visitor(superuser).post(f"/techniek/accounts/user/{noor.pk}/change/", data | inline)
    assert response.status_code == 302
    noor.refresh_from_db()
    assert noor.is_staff
    assert timezone.now() - MOMENT < noor.staff_since <= timezone.now()
    assert not noor.lacks_second_factor(timezone.now())


def test_superuser_removes_a_lost_second_factor():
    superuser, noor, sam = (
        make_superuser(),
        make_role("coordinator", make_municipality()),
        make_user("Sam", is_staff=True),
    )
    sam.user_permissions.set(Permission.objects.all())
    key, other_key = make_key(noor, "webauthn"), make_key(make_user("Lotte"), "webauthn")
    signed_in = visitor(noor)
    data = {"action": "take_away_factors", "_selected_action": [noor.pk]}
    visitor(sam).post("/techniek/accounts/user/", data)
    assert Authenticator.objects.filter(pk=key.pk).exists()
    assert visitor(superuser).post("/techniek/accounts/user/", data).status_code == 302
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert Authenticator.objects.filter(pk=other_key.pk).exists()
    assert signed_in.get("/mijn/").status_code == 302
    assert list(noor.security_events.values_list("kind", flat=True)) == [SecurityEvent.Kind.FACTOR_REMOVED]


# --- The demo ----------------------------------------------------------------------------------------------------
def test_demo_user_needs_no_second_factor_in_the_demo_only(town, settings):
    backdate_duties(town.officer, GRACE)
    client = show_second_factor(visitor(town.officer), town.officer, method="demo", type=None)
    assert client.get("/inzicht/hengelo/").status_code == 403
    settings.DEMO = True
    assert client.get("/inzicht/hengelo/").status_code == 200
    assert visitor(town.officer).get("/inzicht/hengelo/").status_code == 403


def test_user_who_showed_one_in_the_demo_gets_no_reminder():
    """In the demo anyone can sign in as any user with one click."""
    officer = make_role("policy_officer", make_municipality())
    backdate_duties(officer, GRACE)
    assert second_factor.reminder(officer, timezone.now())["is_over"]
    officer.showed_second_factor = True
    assert second_factor.reminder(officer, timezone.now()) is None
