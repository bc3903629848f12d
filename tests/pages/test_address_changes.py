"""A change of e-mail address: the old address is notified and can undo it for a while."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.models import AddressChange, User
from notifications.models import Message, Preference, Topic
from pages import address_changes, privacy
from tests.factories import make_user
from tests.mailbox import letters
from tests.scenario import CREDENTIAL
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

PASSWORD = "vijf bruine beren dansen"
OLD, NEW = "old@example.org", "new@example.org"


def letters_to(address: str) -> list[str]:
    return [letter.body for letter in letters() if letter.to == [address]]


def change_address(client: Client, email: str = NEW) -> None:
    client.post("/account/email/", {"email": email, "action_add": ""})
    code = re.search(r"\d{4}-\d{4}", letters_to(email)[-1]).group()
    client.post("/account/confirm-email/", {"code": code})


def undo_link(address: str = OLD) -> str:
    """Return the path of the undo link in the last mail to an address."""
    return re.search(r"https?://[^/]+(\S+oude-adres\S+)", letters_to(address)[-1]).group(1)


def stolen_account(**fields) -> tuple[User, Client]:
    """Return a user whose address was changed by a thief, and the client of the thief."""
    noor = make_user("Noor", email=OLD, **fields)
    thief = visitor(noor)
    change_address(thief)
    letters()
    noor.refresh_from_db()
    assert noor.email == NEW
    return noor, thief


def key(user: User, **fields) -> Authenticator:
    kind = fields.pop("type", "webauthn")
    row = Authenticator.objects.create(user=user, type=kind, data={"name": "Tel", "credential": CREDENTIAL})
    Authenticator.objects.filter(pk=row.pk).update(**fields)
    return row


@pytest.mark.parametrize("has_row", [True, False])
@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Was jij dit niet? Zet dan"), ("en", "Was this not you? Then put")]
)
def test_old_address_gets_one_mail_in_the_language_of_the_person(has_row, language, words):
    noor = make_user("Noor", email=OLD, language=language)
    if has_row:
        EmailAddress.objects.create(user=noor, email=OLD, verified=True, primary=True)
    with translation.override("nl"):
        change_address(visitor(noor))
    [letter] = letters_to(OLD)
    assert words in letter
    assert NEW in letter
    assert OLD in letter


def test_address_does_not_change_when_the_mail_cannot_be_stored(monkeypatch):
    noor = make_user("Noor", email=OLD)
    client = visitor(noor)
    client.post("/account/email/", {"email": NEW, "action_add": ""})
    code = re.search(r"\d{4}-\d{4}", letters_to(NEW)[-1]).group()

    def full(*args, **kwargs):
        raise OperationalError("no space left")

    monkeypatch.setattr(address_changes, "post", full)
    client.raise_request_exception = False
    assert client.post("/account/confirm-email/", {"code": code}).status_code == 503
    noor.refresh_from_db()
    assert noor.email == OLD


def test_outbox_stores_no_link_and_mail_about_an_undone_change_is_skipped():
    noor = make_user("Noor", email=OLD)
    thief = visitor(noor)
    thief.post("/account/email/", {"email": NEW, "action_add": ""})
    code = re.search(r"\d{4}-\d{4}", letters_to(NEW)[-1]).group()
    thief.post("/account/confirm-email/", {"code": code})
    message = Message.objects.get(template=address_changes.TEMPLATE)
    assert (message.email, message.user, message.context) == (OLD, noor, {"is_asked": False})
    address_changes.undo(change=AddressChange.objects.get(), now=timezone.now())
    assert letters_to(OLD) == []
    message.refresh_from_db()
    assert message.state == "skipped"


def test_undo_restores_the_account_and_ends_every_session():
    noor, thief = stolen_account()
    thief.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    key(noor)
    assert thief.get("/mijn/").status_code == 200
    Preference.objects.set_wanted(NEW, Topic.REMINDER, is_wanted=False)
    me = Client()
    page = me.get(undo_link())
    assert "Je oude e-mailadres terugzetten?" in page.content.decode()
    noor.refresh_from_db()
    assert noor.email == NEW, "a GET of the link must change nothing"
    answer = me.post(undo_link(), follow=True)
    assert answer.redirect_chain == [(undo_link(), 302)]
    assert "Wat je nu doet" in answer.content.decode()
    noor.refresh_from_db()
    assert (noor.email, noor.has_usable_password()) == (OLD, False)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(OLD, True, True)]
    assert not Authenticator.objects.exists()
    assert thief.get("/mijn/").status_code == 302
    assert list(Preference.objects.values_list("email", "is_wanted")) == [(OLD, False)]
    log = noor.security_events.order_by("pk").values_list("kind", flat=True)
    assert list(log) == ["address_changed", "password_changed", "address_restored"]


def test_undo_ends_every_session_when_no_password_changed():
    noor, thief = stolen_account()
    never_noted = Client()
    never_noted.force_login(noor)
    Client().post(undo_link())
    assert [one.get("/mijn/").status_code for one in (thief, never_noted)] == [302, 302]


@pytest.mark.parametrize(
    ("kind", "age", "stays"),
    [
        ("webauthn", timedelta(days=14, minutes=1), True),
        ("totp", timedelta(days=14, minutes=1), True),
        ("webauthn", timedelta(days=13), False),
        ("totp", timedelta(minutes=1), False),
        ("recovery_codes", timedelta(days=200), False),
    ],
)
def test_undo_keeps_only_authenticators_from_long_before_the_change(kind, age, stays):
    noor = make_user("Noor", email=OLD)
    change_address(visitor(noor))
    row = key(noor, type=kind, created_at=AddressChange.objects.get().changed_at - age)
    Client().post(undo_link())
    assert list(Authenticator.objects.all()) == ([row] if stays else [])


def test_undo_removes_a_password_set_just_before_the_change():
    noor = make_user("Noor", email=OLD)
    thief = visitor(noor)
    thief.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    change_address(thief)
    Client().post(undo_link())
    noor.refresh_from_db()
    assert not noor.has_usable_password()
    thief.post("/account/login/", {"login": OLD, "password": PASSWORD})
    assert "_auth_user_id" not in thief.session


def test_undo_revokes_the_calendar_link():
    noor, thief = stolen_account()
    thief.post("/mijn/kalender/", {"wanted": "1"})
    feed = reverse("personal_feed", args=[noor.calendar_key.secret])
    assert Client().get(feed).status_code == 200
    Client().post(undo_link())
    assert Client().get(feed).status_code == 404


def test_undo_page_lists_what_is_removed():
    stolen_account()
    page = Client().get(undo_link()).content.decode()
    day = date_format(timezone.localtime(AddressChange.objects.get().changed_at) - timedelta(days=14), "j F")
    assert "Je wachtwoord en je reservecodes worden verwijderd." in page
    assert f"Een passkey of een app voor codes van {day} of later wordt verwijderd." in page
    assert "De link naar je bijeenkomsten in je eigen agenda stopt." in page


def test_undo_also_undoes_later_changes_and_invalidates_their_links():
    noor, thief = stolen_account()
    change_address(thief, "third@example.org")
    in_between = undo_link(NEW)
    Client().post(undo_link())
    noor.refresh_from_db()
    assert noor.email == OLD
    assert Client().post(in_between).status_code == 422
    noor.refresh_from_db()
    assert noor.email == OLD


def test_a_link_works_once():
    noor, _thief = stolen_account()
    link = undo_link()
    Client().post(link)
    change_address(visitor(User.objects.get(pk=noor.pk)), "mine@example.org")
    answer = Client().post(link)
    assert answer.status_code == 422
    assert "Deze link is al gebruikt." in answer.content.decode()
    noor.refresh_from_db()
    assert noor.email == "mine@example.org"


@pytest.mark.parametrize(("age", "works"), [(timedelta(days=14), False), (timedelta(days=13, hours=23), True)])
def test_a_link_works_fourteen_days(age, works):
    noor, _thief = stolen_account()
    AddressChange.objects.update(changed_at=timezone.now() - age)
    assert Client().get(undo_link()).status_code == (200 if works else 410)
    answer = Client().post(undo_link())
    assert answer.status_code == (302 if works else 422)
    assert ("Deze link is te oud" in answer.content.decode()) is not works
    noor.refresh_from_db()
    assert noor.email == (OLD if works else NEW)


def test_undo_is_refused_when_the_address_belongs_to_someone_else():
    noor, thief = stolen_account()
    make_user("Sam", email=OLD)
    answer = Client().post(undo_link())
    assert answer.status_code == 422
    assert "Er is nu een ander account met dit e-mailadres." in answer.content.decode()
    noor.refresh_from_db()
    assert noor.email == NEW
    assert thief.get("/mijn/").status_code == 200


def test_undo_checks_the_address_before_updating_because_postgresql_logs_it():
    stolen_account()
    make_user("Sam", email=OLD)
    with CaptureQueriesContext(connection) as queries:
        assert Client().post(undo_link()).status_code == 422
    assert [query["sql"] for query in queries if OLD in query["sql"] and query["sql"].startswith("UPDATE")] == []


def test_undo_is_refused_when_someone_takes_the_address_concurrently(monkeypatch):
    noor, _thief = stolen_account()
    make_user("Sam", email=OLD)
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    answer = Client().post(undo_link())
    assert answer.status_code == 422
    assert "Er is nu een ander account met dit e-mailadres" in answer.content.decode()
    noor.refresh_from_db()
    assert noor.email == NEW


def test_link_of_an_erased_account_is_404():
    noor, _thief = stolen_account()
    link = undo_link()
    privacy.erase(user=noor, now=timezone.now())
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_of_a_deleted_change_is_reported_as_too_old(method):
    stolen_account()
    change = AddressChange.objects.get()
    change.changed_at -= AddressChange.UNDO_WITHIN
    AddressChange.objects.all().delete()
    answer = getattr(Client(), method)(address_changes.link(change).removeprefix(settings.SITE_URL))
    assert (answer.status_code, "Deze link is te oud" in answer.content.decode()) == (410, True)
    assert OLD not in answer.content.decode()


def test_old_token_without_time_works_until_the_change_is_deleted():
    noor, _thief = stolen_account()
    link = f"/mijn/oude-adres/{address_changes._signer.sign(str(AddressChange.objects.get().pk))}/"
    assert Client().get(link).status_code == 200
    assert Client().post(link).status_code == 302
    noor.refresh_from_db()
    assert noor.email == OLD
    AddressChange.objects.all().delete()
    assert Client().get(link).status_code == 404


def request_code(email: str) -> tuple[Client, list]:
    """Request a code; return the client and the response, without the parts that differ each time."""
    client = Client()
    response = client.post("/account/login/code/", {"email": email})
    page = client.get(response["Location"]).content.decode().replace(email, "…")
    page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="\S*"', "", page)
    return client, [response.status_code, response["Location"], page]


def test_code_request_from_the_old_address_resends_the_undo_link():
    noor, _thief = stolen_account()
    letters().clear()
    owner, response = request_code(OLD)
    _someone, response_to_unknown = request_code("nobody@example.org")
    assert response == response_to_unknown
    [letter] = letters_to(OLD)
    assert "Met dit adres kun je niet meer inloggen." in letter
    assert not re.search(r"\d{4}-\d{4}", letter)
    assert owner.post(undo_link()).status_code == 302
    noor.refresh_from_db()
    assert noor.email == OLD
    owner.post("/account/login/code/", {"email": OLD})
    code = re.search(r"\d{4}-\d{4}", letters_to(OLD)[-1]).group()
    owner.post("/account/login/code/confirm/", {"code": code})
    assert owner.session["_auth_user_id"] == str(noor.pk)


def test_resent_link_is_that_of_the_last_change():
    noor, thief = stolen_account()
    change_address(thief, "third@example.org")
    request_code(NEW)
    assert undo_link(NEW) == address_changes.link(AddressChange.objects.get(old_email=NEW)).partition("8000")[2]
    assert noor.address_changes.count() == 2


@pytest.mark.parametrize("ago", [timedelta(days=14), timedelta(days=13, hours=23)])
def test_old_address_can_create_a_new_account_after_fourteen_days(ago):
    stolen_account()
    AddressChange.objects.update(changed_at=timezone.now() - ago)
    request_code(OLD)
    assert ("Met deze code maak je je account" in letters_to(OLD)[-1]) is (ago == timedelta(days=14))


@pytest.mark.parametrize("token", ["1", "1.x", "x", "\x00"])
def test_invalid_token_is_404(token):
    stolen_account()
    for method in ("get", "post"):
        assert getattr(Client(), method)(f"/mijn/oude-adres/{token}/").status_code == 404


def test_link_after_erasure_is_404():
    noor, _thief = stolen_account()
    link = undo_link()
    privacy.erase(user=noor, now=timezone.now())
    assert Client().get(link).status_code == 404


def test_export_includes_the_change():
    noor, _thief = stolen_account()
    [row] = privacy.export(noor, timezone.now())["changes_of_address"]
    assert (row["from"], row["to"], row["undone_at"]) == (OLD, NEW, None)


def test_verifying_the_same_address_again_is_not_a_change():
    noor = make_user("Noor", email=OLD)
    row = EmailAddress.objects.create(user=noor, email=OLD, verified=False, primary=True)
    client = visitor(noor)
    client.post("/account/email/", {"email": OLD, "action_send": ""})
    assert not AddressChange.objects.exists()
    assert address_changes.find("x") is None
    assert row.pk
