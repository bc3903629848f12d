"""The security log records sign-ins, second factors and opened door lists, for auditors and for the user."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import security_log
from accounts.models import SecurityEvent, User
from pages import privacy
from tests.accounts.test_other_ways_in import PASSWORD, code_in_last_mail, make_user_with_password, sign_in_by_code
from tests.accounts.test_second_factor import CLOSED, GRACE, backdate_duties, current_code, make_key, show_second_factor
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.scenario import Town
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
Kind = SecurityEvent.Kind
NOON = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def town(lasting_town) -> Town:
    return lasting_town


def log_of(user: User) -> list[str]:
    return list(user.security_events.order_by("pk").values_list("kind", flat=True))


def test_each_sign_in_method_is_logged(client):
    noor = make_user_with_password()
    sign_in_by_code(client, noor)
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": noor.email, "password": "iets anders dan dat"})
    assert log_of(noor) == [Kind.BY_CODE]
    client.post(reverse("account_login"), {"login": noor.email, "password": PASSWORD})
    assert log_of(noor) == [Kind.BY_CODE, Kind.BY_PASSWORD]


def test_sign_up_and_password_reset_are_logged_as_by_code(client):
    client.post(reverse("account_request_login_code"), {"email": "new@example.org"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in_last_mail()})
    client.post(reverse("account_signup"), {"email": "new@example.org", "first_name": "Noor"})
    noor = User.objects.get(email="new@example.org")
    assert log_of(noor) == [Kind.BY_CODE]
    client.post(reverse("account_logout"))
    response = client.post(reverse("account_reset_password"), {"email": noor.email})
    response = client.post(response["Location"], {"code": code_in_last_mail()})
    client.post(response["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert client.session["_auth_user_id"] == str(noor.pk)
    assert log_of(noor) == [Kind.BY_CODE, Kind.PASSWORD_CHANGED, Kind.BY_CODE]
    other = f"{PASSWORD} nog eens"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": other, "password2": other})
    assert log_of(noor)[3:] == [Kind.PASSWORD_CHANGED]


def test_second_step_is_logged_whether_it_succeeds_or_fails(client):
    noor = make_user_with_password()
    make_key(noor, "totp")
    client.post(reverse("account_login"), {"login": noor.email, "password": PASSWORD})
    assert log_of(noor) == []
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert log_of(noor) == [Kind.FACTOR_FAILED]
    client.post(reverse("mfa_authenticate"), {"code": current_code()})
    assert log_of(noor) == [Kind.FACTOR_FAILED, Kind.BY_PASSWORD, Kind.FACTOR_SHOWN]


def test_reauthentication_is_logged_whether_it_succeeds_or_fails():
    noor = make_user()
    make_key(noor, "totp")
    client = visitor(noor)
    client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    client.post(reverse("mfa_reauthenticate"), {"code": current_code()})
    assert log_of(noor) == [Kind.FACTOR_FAILED, Kind.FACTOR_SHOWN]
    make_key(noor, "webauthn")
    response = client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": "{}"})
    assert response.status_code == 422, "the form again, for someone who is signed in"
    assert log_of(noor)[2:] == [Kind.FACTOR_FAILED]


def test_sign_in_by_passkey_is_logged_as_such(rf):
    noor = make_user()
    client = show_second_factor(Client(), noor, passwordless=True)
    request = rf.get("/")
    request.session, request.user = client.session, noor
    security_log.record_sign_in(request, noor, now=NOON)
    event = noor.security_events.get()
    assert (event.kind, event.happened_at, event.occurrence_id) == (Kind.BY_PASSKEY, NOON, 0)


def test_credential_changes_are_logged():
    noor = make_user()
    client = visitor(noor)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": current_code(secret)})
    show_second_factor(client, noor, type="totp", reauthenticated=True)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=noor, type="totp").exists()
    key = make_key(noor, "webauthn")
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert log_of(noor) == [Kind.FACTOR_ADDED, Kind.FACTOR_REMOVED, Kind.FACTOR_REMOVED]


def test_address_change_is_logged_without_the_address(client):
    noor = make_user("Noor", email="old@example.org")
    sign_in_by_code(client, noor)
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert log_of(noor) == [Kind.BY_CODE]
    [letter] = [letter for letter in letters() if letter.to == ["new@example.org"]]
    letters().append(letter)
    client.post(reverse("account_email_verification_sent"), {"code": code_in_last_mail()})
    assert EmailAddress.objects.get(user=noor).email == "new@example.org"
    assert log_of(noor) == [Kind.BY_CODE, Kind.ADDRESS_CHANGED]


def test_opened_door_list_is_logged_once_an_hour(town):
    client, door = visitor(town.host), reverse("door", args=[town.today.pk])
    for _ in range(3):
        assert client.get(door).status_code == 200
    [event] = town.host.security_events.all()
    assert (event.kind, event.occurrence_id, event.happened_at.minute) == (Kind.DOOR_OPENED, town.today.pk, 0)


def test_each_hour_occurrence_and_user_has_its_own_row():
    noor, sam = make_user(), make_user("Sam")
    for user, date, minutes in [(noor, 7, 0), (noor, 7, 59), (noor, 7, 60), (noor, 8, 0), (sam, 7, 5)]:
        security_log.record_door_opened(user, date, now=NOON + timedelta(minutes=minutes))
    rows = SecurityEvent.objects.order_by("pk").values_list("user", "occurrence_id", "happened_at")
    later = NOON + timedelta(hours=1)
    assert list(rows) == [(noor.pk, 7, NOON), (noor.pk, 7, later), (noor.pk, 8, NOON), (sam.pk, 7, NOON)]


def test_refused_door_list_is_not_logged(town):
    for role in ("parent", "other_host", "coordinator"):
        assert visitor(town.people[role]).get(reverse("door", args=[town.today.pk])).status_code == 404
    assert Client().get(reverse("door", args=[town.today.pk])).status_code == 302
    assert SecurityEvent.objects.count() == 0


def test_closed_page_is_logged_once_an_hour(town):
    backdate_duties(town.officer, GRACE)
    client = visitor(town.officer)
    for _ in range(2):
        assert CLOSED in client.get("/inzicht/hengelo/").content.decode()
    assert log_of(town.officer) == [Kind.ROLE_REFUSED]


@pytest.mark.parametrize(("kind", "date"), [(Kind.DOOR_OPENED, 0), (Kind.BY_CODE, 7)])
def test_only_door_events_have_an_occurrence(kind, date):
    with pytest.raises(IntegrityError, match="security_event_of_door_names_date"), transaction.atomic():
        SecurityEvent.objects.create(user=make_user(), kind=kind, occurrence_id=date, happened_at=NOON)


# --- Access to the log ------------------------------------------------------------------------------------------------
LOG = "/techniek/accounts/securityevent/"


def test_superuser_reads_the_log_and_nobody_edits_it():
    superuser = User.objects.create_superuser("boss@example.org", first_name="Boss")
    noor = make_user("Noor")
    security_log.record_door_opened(noor, 7, now=timezone.now())
    event = noor.security_events.get()
    client = visitor(superuser)
    page = client.get(LOG).content.decode()
    assert noor.email in page
    assert client.get(f"{LOG}?q={noor.email}").status_code == 200
    assert client.get(f"{LOG}{event.pk}/change/").status_code == 200
    data = {"kind": Kind.BY_CODE, "occurrence_id": "0"}
    assert client.post(f"{LOG}{event.pk}/change/", data).status_code == 403
    assert client.post(f"{LOG}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LOG}add/").status_code == 403
    client.post(LOG, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert list(SecurityEvent.objects.values_list("pk", "kind")) == [(event.pk, Kind.DOOR_OPENED)]


def test_staff_without_superuser_cannot_read_it():
    sam = make_user("Sam", is_staff=True)
    sam.user_permissions.set(Permission.objects.all())
    assert visitor(sam).get(LOG).status_code == 403
    assert LOG not in visitor(sam).get("/techniek/").content.decode()


def test_user_sees_last_ten_events_and_exports_all(django_assert_num_queries):
    noor, sam = make_user("Noor"), make_user("Sam")
    for hour in range(12):
        security_log.record_door_opened(noor, 100 + hour, now=NOON + timedelta(hours=hour))
    security_log.record(sam, Kind.BY_PASSWORD, now=NOON)
    page = visitor(noor).get(reverse("my_data"))
    assert [event.occurrence_id for event in page.context["events"]] == list(range(111, 101, -1))
    assert page.content.decode().count("een lijst bij de deur geopend") == 10
    assert "ingelogd met een wachtwoord" not in page.content.decode()
    log = privacy.export(noor, timezone.now())["security_log"]
    assert len(log) == 12
    assert log[0] == {"what": "door_opened", "at": "2026-12-01T12:00:00+01:00", "number_of_the_date": 100}
    assert privacy.export(sam, timezone.now())["security_log"] == [
        {"what": "by_password", "at": "2026-12-01T12:00:00+01:00", "number_of_the_date": None}
    ]


def test_events_are_deleted_with_the_account():
    noor = make_role("host", make_municipality())
    security_log.record_door_opened(noor, 7, now=NOON)
    privacy.erase(user=noor, now=timezone.now())
    assert SecurityEvent.objects.count() == 0
