"""The technical administration: only for staff, and without attendances."""

import logging
import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.utils import timezone

from accounts.models import AddressChange, Role, SecurityEvent, User
from meetups.models import Attendance
from moderation.models import Concern
from notifications.delivery import send_due
from notifications.models import Message, Preference
from tests.attending import join
from tests.factories import make_attendance, make_meetup, make_municipality, make_occurrence, make_role, make_user
from tests.notifications.letters import make_messages
from tests.visitors import mark_authenticated, visitor

pytestmark = pytest.mark.django_db
HOME = "/techniek/"
PASSWORD = "vijf bruine beren dansen"
LISTS = [
    f"/techniek/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry if model.__module__
]


def make_superuser():
    return User.objects.create_superuser("boss@example.org", first_name="Boss")


def test_admin_has_only_models_of_our_own_apps():
    shown = {model._meta.label for model in admin.site._registry}
    assert shown == {
        "accounts.Role",
        "accounts.SecurityEvent",
        "accounts.User",
        "insights.YearKey",
        "locations.Location",
        "locations.Municipality",
        "meetups.Meetup",
        "meetups.Occurrence",
        "notifications.Message",
        "photos.Photo",
    }


def test_addresses_authenticators_and_groups_have_no_admin():
    client = visitor(make_superuser())
    for label in ("account/emailaddress", "mfa/authenticator", "auth/group"):
        for page in ("", "add/"):
            assert client.get(f"/techniek/{label}/{page}").status_code == 404


def test_stranger_is_redirected_to_sign_in_with_next(client):
    response = client.get(HOME, follow=True)
    assert response.redirect_chain[-1][0] == "/account/login/code/?next=%2Ftechniek%2F"


@pytest.mark.parametrize("kind", [None, *Role.Kind.values])
def test_role_in_a_town_gives_no_access(kind):
    user = make_role(kind, make_municipality()) if kind else make_user()
    client = visitor(user)
    for address in (HOME, "/techniek/accounts/user/"):
        assert client.get(address, follow=True).status_code == 403


@pytest.mark.parametrize("address", [HOME, *LISTS])
def test_superuser_opens_every_list(address):
    make_attendance(make_occurrence())
    make_role(Role.Kind.HOST, make_municipality())
    assert visitor(make_superuser()).get(address).status_code == 200


def test_attendances_are_not_in_it():
    assert Attendance not in admin.site._registry


def test_worries_about_a_child_are_not_in_it():
    assert Concern not in admin.site._registry


def test_superuser_gives_a_role():
    noor, town = make_user(), make_municipality()
    client = visitor(make_superuser())
    data = {"user": noor.pk, "kind": "host", "municipality": town.pk, "organisation": "", "label": "gastvrouw"}
    assert client.post("/techniek/accounts/role/add/", data).status_code == 302
    assert Role.objects.filter(user=noor, kind="host", municipality=town).exists()
    duplicate = client.post("/techniek/accounts/role/add/", data)
    assert duplicate.status_code == 200
    assert Role.objects.count() == 1


def test_user_added_there_has_no_password():
    client = visitor(make_superuser())
    data = {"email": "New@Example.org", "first_name": "Noor", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    assert client.post("/techniek/accounts/user/add/", data | formset).status_code == 302
    noor = User.objects.get(email="new@example.org")
    assert not noor.has_usable_password()
    assert not noor.security_events.exists(), "nobody changed the address"


def test_only_superuser_grants_staff_and_superuser():
    helper = make_user(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    noor = make_user(first_name="Noor")
    data = {"email": noor.email, "first_name": "Nora", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    permission = Permission.objects.first()
    powers = {"is_staff": "on", "is_superuser": "on", "user_permissions": [permission.pk]}
    client = visitor(helper)
    response = client.post(f"/techniek/accounts/user/{noor.pk}/change/", data | formset | powers)
    assert response.status_code == 302
    noor.refresh_from_db()
    assert (noor.first_name, noor.is_staff, noor.is_superuser) == ("Nora", False, False)
    assert not noor.user_permissions.exists()
    superuser = make_superuser()
    response = client.post(f"/techniek/accounts/user/{superuser.pk}/change/", data | formset)
    assert response.status_code == 403


def test_staff_who_may_only_view_users_cannot_change_or_delete_one():
    helper, noor = make_user(is_staff=True), make_user("Noor")
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client, page = visitor(helper), f"/techniek/accounts/user/{noor.pk}"
    assert client.get(f"{page}/change/").status_code == 200
    assert client.post(f"{page}/change/", user_form_data(noor, first_name="Nora")).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    noor.refresh_from_db()
    assert noor.first_name == "Noor"


def test_meetup_is_shown_without_its_recurrence():
    meetup = make_meetup()
    client = visitor(make_superuser())
    page = client.get(f"/techniek/meetups/meetup/{meetup.pk}/change/").content.decode()
    assert 'name="title"' in page
    assert 'name="rrule"' not in page
    assert client.get("/techniek/meetups/meetup/add/").status_code == 403


def test_address_changed_there_revokes_the_old_one(client):
    noor = make_user(email="old@example.org")
    EmailAddress.objects.create(user=noor, email="old@example.org", verified=True, primary=True)
    data = {"email": "new@example.org", "first_name": "Noor", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    Preference.objects.set_wanted("old@example.org", "reminder", is_wanted=False)
    signed_in = visitor(noor)
    response = visitor(make_superuser()).post(f"/techniek/accounts/user/{noor.pk}/change/", data | formset)
    assert response.status_code == 302
    assert list(Preference.objects.values_list("email", "is_wanted")) == [("new@example.org", False)]
    assert signed_in.get("/mijn/").status_code == 302
    assert noor.security_events.get().kind == SecurityEvent.Kind.ADDRESS_SET
    client.logout()
    assert list(filter_users_by_email("old@example.org")) == []
    assert list(filter_users_by_email("new@example.org")) == [noor]


def user_form_data(user, **changes):
    """The POST data of the change form of a user."""
    fields = {"email": user.email, "first_name": user.first_name, "language": user.language, "is_active": "on"}
    return fields | {"municipality": "", "roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"} | changes


def test_new_name_given_there_leaves_sign_in_and_deadline_as_they_were():
    since = timezone.now() - timedelta(days=3)
    noor = make_user("Noor", is_staff=True, staff_since=since)
    noor.set_password(PASSWORD)
    noor.save()
    address = EmailAddress.objects.create(user=noor, email=noor.email, verified=True, primary=True)
    signed_in = visitor(noor)
    data = user_form_data(noor, first_name="Nora", is_staff="on")
    assert visitor(make_superuser()).post(f"/techniek/accounts/user/{noor.pk}/change/", data).status_code == 302
    noor.refresh_from_db()
    assert (noor.first_name, noor.staff_since, noor.check_password(PASSWORD)) == ("Nora", since, True)
    assert list(EmailAddress.objects.all()) == [address]
    assert signed_in.get("/mijn/").status_code == 200
    assert not noor.security_events.exists()


@pytest.mark.parametrize(("language", "words"), [("nl", "Iemand die Pedbasis beheert"), ("en", "Someone who manages")])
def test_old_address_is_notified_without_undo_link_or_new_address(language, words):
    noor = make_user("Noor", email="old@example.org", language=language)
    client = visitor(make_superuser())
    page = f"/techniek/accounts/user/{noor.pk}/change/"
    assert client.post(page, user_form_data(noor, first_name="Nora")).status_code == 302
    assert not Message.objects.exists()
    assert client.post(page, user_form_data(noor, email="new@example.org")).status_code == 302
    send_due(now=timezone.now())
    [letter] = mail.outbox
    assert letter.to == ["old@example.org"]
    for text in (letter.body, letter.alternatives[0][0]):
        assert words in text
        assert "new@example.org" not in text
        assert "Nor" not in text
        assert "oude-adres" not in text
    assert not AddressChange.objects.exists()


def test_superuser_cannot_change_own_address_there():
    superuser = make_superuser()
    client = visitor(superuser)
    page = f"/techniek/accounts/user/{superuser.pk}/change/"
    assert 'name="email"' not in client.get(page).content.decode()
    changed = user_form_data(superuser, email="thief@example.org", first_name="B", is_staff="on")
    assert client.post(page, changed).status_code == 302
    superuser.refresh_from_db()
    assert (superuser.email, superuser.first_name) == ("boss@example.org", "B")


PAGES = [path + page for path in LISTS for page in ("", "add/", "1/change/", "1/delete/", "1/history/")]


@pytest.mark.parametrize("path", [HOME, f"{HOME}autocomplete/", f"{HOME}jsi18n/", f"{HOME}accounts/", *PAGES])
def test_old_session_cannot_change_anything_or_open_a_form(path):
    superuser = make_superuser()
    client = visitor(superuser)
    mark_authenticated(client, superuser, timedelta(days=1))
    reauthenticate = f"/account/reauthenticate/?next={quote(path, safe='')}"
    has_form = path.endswith(("add/", "change/", "delete/"))
    assert client.post(path, {"post": "yes"}).headers.get("Location") == reauthenticate
    assert (client.get(path).headers.get("Location") == reauthenticate) is has_form


@pytest.mark.parametrize("path", [f"{HOME}password_change/", f"{HOME}password_change/done/"])
def test_password_change_redirects_to_the_site(path):
    superuser = User.objects.create_superuser("boss@example.org", PASSWORD, first_name="Boss")
    other = "zes groene beren zingen"
    data = {"old_password": PASSWORD, "new_password1": other, "new_password2": other}
    client = visitor(superuser)
    for response in (client.get(path), client.post(path, data)):
        assert response["Location"] == "/account/password/change/"
    superuser.refresh_from_db()
    assert superuser.check_password(PASSWORD)


def test_signing_out_there_needs_no_recent_sign_in():
    superuser = make_superuser()
    client = visitor(superuser)
    mark_authenticated(client, superuser, timedelta(days=1))
    client.post(f"{HOME}logout/")
    assert client.get("/mijn/").status_code == 302


def unlisted_lookups(model):
    """Yield each lookup on a field or relation of `model` that is not in its `list_filter`."""
    filters = admin.site._registry[model].list_filter
    names = {field.name for field in model._meta.get_fields()} - {name.split("__")[0] for name in filters}
    yield from (f"{name}{ending}" for name in names for ending in ("", "__exact", "__startswith", "__in", "__isnull"))
    yield from (f"{name}{ending}" for name in filters for ending in ("__gte", "__regex", "__startswith"))


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_list_refuses_lookups_outside_its_filters(model, caplog):
    caplog.set_level(logging.CRITICAL)
    client = visitor(make_superuser())
    path = f"/techniek/{model._meta.app_label}/{model._meta.model_name}/"
    responses = {name: client.get(path, {name: "1"}).status_code for name in unlisted_lookups(model)}
    assert responses == dict.fromkeys(responses, 400)


@pytest.mark.parametrize(
    "path",
    [
        "accounts/user/?password__startswith=pbkdf2",
        "accounts/user/?attendances=1",
        "accounts/user/?email__regex=(",
        "notifications/message/?email__startswith=n",
        "notifications/message/?user=1",
        "meetups/occurrence/?closed_by=1",
        "meetups/occurrence/?attendances__user=1",
    ],
)
def test_staff_cannot_probe_hidden_fields(path, caplog):
    caplog.set_level(logging.CRITICAL)
    helper = make_user(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    assert visitor(helper).get(HOME + path).status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_each_list_filter_works(path):
    occurrence = make_occurrence()
    noor = make_role(Role.Kind.HOST, occurrence.location.municipality)
    make_role(Role.Kind.PROFESSIONAL, make_municipality(), noor)
    make_messages(2)
    Message.objects.filter(pk=Message.objects.latest("pk").pk).update(template="tests.other", state="failed")
    client = visitor(make_superuser())
    found = set(re.findall(r'href="(\?[^"]+)"', client.get(path).content.decode()))
    links = {unescape(link) for link in found if not link.startswith(("?o=", "?_facets"))}
    assert bool(links) is (path != "/techniek/insights/yearkey/")
    assert {link: client.get(path + link).status_code for link in links} == dict.fromkeys(links, 200)


def full_date_with_waiting_list():
    """A full occurrence: Noor has the only seat, Sam is on the waiting list. Noor got a mail and is a host."""
    noor, sam = make_user("Noor"), make_user("Sam")
    occurrence = make_occurrence(make_meetup(capacity=1, hosts=(noor,)))
    join(occurrence=occurrence, user=noor)
    join(occurrence=occurrence, user=sam)
    past = make_occurrence(occurrence.meetup, on=timezone.localdate() - timedelta(days=7))
    make_attendance(past, noor, adults=2, is_present=True)
    return noor, sam, occurrence, past


def delete_one(client, user):
    page = client.get(f"/techniek/accounts/user/{user.pk}/delete/")
    assert page.status_code == 200
    return client.post(f"/techniek/accounts/user/{user.pk}/delete/", {"post": "yes"})


def delete_from_the_list(client, user):
    data = {"action": "delete_selected", "_selected_action": [user.pk]}
    assert client.post("/techniek/accounts/user/", data).status_code == 200
    return client.post("/techniek/accounts/user/", data | {"post": "yes"})


@pytest.mark.parametrize("delete", [delete_one, delete_from_the_list])
def test_deleting_a_user_promotes_from_waiting_list_and_keeps_counts(delete):
    noor, sam, occurrence, past = full_date_with_waiting_list()
    assert delete(visitor(make_superuser()), noor).status_code == 302
    assert not User.objects.filter(pk=noor.pk).exists()
    occurrence.refresh_from_db()
    assert occurrence.seats_taken == 1
    assert list(occurrence.attendances.values_list("user", "state")) == [(sam.pk, "going")]
    assert list(past.attendances.values_list("guest_name", "adults", "state")) == [("-", 2, "going")]
    assert not Message.objects.filter(email=noor.email).exists()


def test_only_superuser_deletes_a_superuser():
    helper = make_user(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    superuser = make_superuser()
    client = visitor(helper)
    client.post(f"/techniek/accounts/user/{superuser.pk}/delete/", {"post": "yes"})
    client.post(
        "/techniek/accounts/user/", {"action": "delete_selected", "_selected_action": [superuser.pk], "post": "yes"}
    )
    assert User.objects.filter(pk=superuser.pk).exists()


def test_only_failed_messages_are_tried_again():
    now = timezone.now()
    later = now + timedelta(hours=1)
    make_messages(1, state="sent", sent_at=now, attempts=1, dedupe_key="sent")
    make_messages(1, state="skipped", dedupe_key="skipped")
    make_messages(1, due_at=later, attempts=3, dedupe_key="pending")
    make_messages(1, state="failed", attempts=7, last_error="KeyError", dedupe_key="failed")
    before = {
        message.dedupe_key: (message.state, message.attempts, message.due_at) for message in Message.objects.all()
    }
    rows = {"action": "try_again", "_selected_action": list(Message.objects.values_list("pk", flat=True))}
    assert visitor(make_superuser()).post("/techniek/notifications/message/", rows).status_code == 302
    after = {message.dedupe_key: (message.state, message.attempts, message.due_at) for message in Message.objects.all()}
    again = Message.objects.get(dedupe_key="failed")
    assert (again.state, again.attempts, again.last_error, again.due_at >= now) == ("pending", 0, "", True)
    assert after | {"failed": None} == before | {"failed": None}


def test_messages_are_read_only_even_for_superusers():
    client = visitor(make_superuser())
    [message] = make_messages(1)
    folder = "/techniek/notifications/message/"
    for path in ("add/", f"{message.pk}/change/", f"{message.pk}/delete/"):
        assert client.post(folder + path, {"post": "yes"}).status_code == 403
    client.post(folder, {"action": "delete_selected", "_selected_action": [message.pk], "post": "yes"})
    assert Message.objects.get() == message


def test_message_is_shown_without_its_recipient():
    [message] = make_messages(1, email="noor@example.org")
    client = visitor(make_superuser())
    for path in ("", f"{message.pk}/change/", f"{message.pk}/history/"):
        page = client.get(f"/techniek/notifications/message/{path}")
        assert page.status_code == 200
        assert "noor" not in page.content.decode()
