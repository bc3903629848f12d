"""Addresses have one canonical form everywhere, and undeliverable ones are refused."""

from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import AddressField, AddressFormField, normalise
from accounts.models import User
from meetups.models import Attendance
from notifications.models import Message, Preference
from tests.factories import make_attendance, make_occurrence, make_user
from tests.mailbox import letters
from tests.notifications.letters import make_messages
from tests.visitors import visitor

NOT_SENDABLE = [
    "noor@" + "ä" * 60 + ".nl",  # longer than 63 characters in ASCII
    "noor@" + ".".join(["İ" * 20] * 10) + ".nl",  # longer than the column once encoded
    "n" * 65 + "@example.org",
    "noor@[127.0.0.1]",
    "noor@localhost",
    "\u0131noor@example.org",  # a dotless i, which few mail servers accept
    "noor@i❤️.example",  # invalid in IDNA 2008
]
SENDABLE = ["noor@exämple.nl", "noor@xn--exmple-cua.nl", "o'brien+thee@example.org", "n" * 64 + "@example.org"]
SAME = {
    "dub@example.com": ["DUB@Example.COM", "dub@example.com\u200b", "\ufeffdub@exam\u00adple.com", "ｄub＠example.com"],
    "dub@xn--mnchen-3ya.de": ["dub@münchen.de", "dub@MÜNCHEN.de", "dub@mu\u0308nchen.de", "dub@XN--MNCHEN-3YA.de"],
    "dub@xn--strae-oqa.de": ["dub@straße.de"],  # strasse.de in IDNA 2003, which is another domain
}
SPELLINGS = [(one, other) for one, others in SAME.items() for other in others]


def try_everywhere(client, email: str) -> list[int]:
    occurrence = make_occurrence()
    join = reverse("join", args=[occurrence.meetup.slug, occurrence.planned_for])
    forms = [
        (join, {"adults": "1", "first_name": "Noor", "email": email}),
        (reverse("account_request_login_code"), {"email": email}),
        (reverse("account_reset_password"), {"email": email}),
    ]
    return [client.post(path, data).status_code for path, data in forms]


@pytest.mark.django_db
@pytest.mark.parametrize("email", NOT_SENDABLE)
def test_undeliverable_address_is_refused(client, email):
    assert try_everywhere(client, email) == [422, 422, 422]
    assert not Attendance.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("email", SENDABLE)
def test_unusual_address_is_accepted(client, email):
    assert try_everywhere(client, email) == [200, 302, 302]


@pytest.mark.parametrize("one, other", SPELLINGS)
def test_every_spelling_has_one_canonical_form(one, other):
    assert (normalise(other), normalise(one)) == (one, one)


@given(st.text("abNÖ.\u200b\u0131ﬁ", min_size=1, max_size=8), st.text(st.characters(categories=["L"]), max_size=8))
def test_accepted_address_has_an_ascii_canonical_form(local_part, domain):
    typed = f"{local_part}@{domain}.nl"
    try:
        cleaned = AddressFormField().clean(typed)
    except ValidationError:
        return
    assert cleaned.isascii()
    assert normalise(cleaned) == cleaned == cleaned.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("one, other", SPELLINGS)
def test_every_spelling_is_the_same_person_everywhere(client, one, other):
    noor = make_user(email=one)
    assert try_everywhere(client, other) == [200, 302, 302]
    assert list(User.objects.filter(email=other)) == [noor]
    assert User.objects.get_by_natural_key(other) == noor
    assert Attendance.objects.get().guest_email == one
    assert {letter.to[0] for letter in letters()} == {one}
    Preference.objects.set_wanted(other, "reminder", is_wanted=False)
    assert not Preference.objects.wants(one, "reminder")


@pytest.mark.django_db
@pytest.mark.parametrize("one, other", SPELLINGS)
def test_second_account_under_another_spelling_is_refused(client, one, other):
    superuser = make_user(email=one, is_staff=True, is_superuser=True)
    data = {"email": other, "first_name": "Noor", "language": "nl", "is_active": "on", "municipality": ""}
    formset = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    response = visitor(superuser).post("/techniek/accounts/user/add/", data | formset)
    assert response.status_code == 200
    assert "email" in response.context["adminform"].form.errors
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("one, other", SPELLINGS)
def test_commands_and_bulk_writes_store_the_canonical_form(one, other):
    call_command("createsuperuser", email=other, interactive=False)
    assert User.objects.get().email == one
    User.objects.update(email="someone@example.org")
    User.objects.filter(email="someone@example.org").update(email=other)
    User.objects.bulk_create([User(email=f"x{other}", first_name="Bo")])
    assert list(User.objects.order_by("pk").values_list("email", flat=True)) == [one, f"x{one}"]


def test_every_personal_address_uses_address_field():
    """The contact address of a town is not personal."""
    models = [model for app in settings.OWN_APPS for model in apps.get_app_config(app).get_models()]
    fields = [field for model in models for field in model._meta.fields]
    others = [str(field) for field in fields if "email" in field.name and not isinstance(field, AddressField)]
    assert others == ["locations.Municipality.contact_email"]


@pytest.mark.django_db
def test_migrations_normalise_existing_addresses_without_duplicates():
    occurrence = make_occurrence()
    noor, sam = make_user(email="noor@example.org"), make_user(email="sam@example.org")
    guests = [make_attendance(occurrence, guest_name="Bo", guest_email=f"{n}@example.org") for n in range(2)]
    make_messages(1)
    Preference.objects.bulk_create(
        [Preference(email=f"{n}@example.org", topic="reminder", is_wanted=n == 0) for n in range(2)]
    )
    with connection.cursor() as cursor:  # as older versions stored them
        cursor.execute("UPDATE accounts_user SET email = 'noor@münchen.de' WHERE id = %s", [noor.pk])
        cursor.execute("UPDATE accounts_user SET email = 'dub@example.com' WHERE id = %s", [sam.pk])
        cursor.execute("UPDATE meetups_attendance SET guest_email = 'bo@münchen.de' WHERE id = %s", [guests[0].pk])
        cursor.execute("UPDATE notifications_message SET email = 'noor@münchen.de'")
        cursor.execute("UPDATE notifications_preference SET email = 'bo@xn--mnchen-3ya.de' WHERE is_wanted")
        cursor.execute("UPDATE notifications_preference SET email = 'bo@münchen.de' WHERE NOT is_wanted")
    for name in (
        "accounts.migrations.0004_one_way_to_write_an_address",
        "meetups.migrations.0003_host_since",
        "notifications.migrations.0002_one_way_to_write_an_address",
    ):
        import_module(name).write_anew(apps, None)
    assert list(User.objects.order_by("pk").values_list("email", flat=True)) == [
        "noor@xn--mnchen-3ya.de",
        "dub@example.com",
    ]
    assert list(Attendance.objects.order_by("pk").values_list("guest_email", flat=True)) == [
        "bo@xn--mnchen-3ya.de",
        "1@example.org",
    ]
    assert Message.objects.get().email == "noor@xn--mnchen-3ya.de"
    assert list(Preference.objects.values_list("email", "is_wanted")) == [("bo@xn--mnchen-3ya.de", False)]
