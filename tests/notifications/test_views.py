import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from notifications.models import Preference
from notifications.unsubscribing import unsubscribe_url
from tests.factories import make_user
from tests.notifications.letters import make_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> str:
    [message] = make_messages(1, topic="reminder", email="noor@example.org")
    return unsubscribe_url(message).removeprefix("http://localhost:8000")


def wants_reminders(email: str = "noor@example.org") -> bool:
    return Preference.objects.wants(email, "reminder")


def test_opening_the_link_changes_nothing(client, link):
    response = client.get(link)
    assert response.status_code == 200
    assert wants_reminders()
    assert "Herinneringen stoppen?" in response.content.decode()


def test_button_stops_reminders_and_starts_them_again(client, link):
    response = client.post(link, {"wanted": "0"}, follow=True)
    assert "Je krijgt geen herinneringen meer" in response.content.decode()
    assert not wants_reminders()
    client.post(link, {"wanted": "1"})
    assert wants_reminders()
    assert Preference.objects.count() == 1


def test_one_click_unsubscribe_needs_no_cookie_or_csrf_token(link):
    response = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 204
    assert not wants_reminders()


def test_preference_applies_to_every_spelling_of_the_address(client, link):
    client.post(link, {"wanted": "0"})
    assert not wants_reminders("Noor@Example.ORG")


def test_page_of_the_link_is_not_cached(client, link):
    assert "no-store" in client.get(link)["Cache-Control"]


def test_link_contains_no_address(link):
    assert "noor" not in link


@pytest.mark.parametrize("token", ["1", "1.forged", "x.y", "%00", "9" * 300])
def test_invalid_link_gets_404(client, token):
    response = client.get(f"/berichten/uit/{token}/")
    assert response.status_code == 404
    assert client.post(f"/berichten/uit/{token}/", {"wanted": "0"}).status_code == 404
    assert not Preference.objects.exists()


def test_link_of_a_deleted_message_gets_404(client, link):
    from notifications.models import Message

    Message.objects.all().delete()
    response = client.get(link)
    assert response.status_code == 404
    assert "Deze link is te oud" in response.content.decode()


def test_link_for_a_required_topic_does_nothing(client):
    [message] = make_messages(1, topic="cancelled")
    assert client.post(unsubscribe_url(message), {"wanted": "0"}).status_code == 404
    assert not Preference.objects.exists()


def test_preferences_are_saved_and_shown(client, sign_in):
    user = make_user()
    sign_in(user)
    assert client.get(reverse("preferences")).context["form"]["reminder"].value() is True
    response = client.post(reverse("preferences"), {"saved": "1"}, follow=True)
    assert not wants_reminders(user.email)
    assert response.context["form"]["reminder"].value() is False
    client.post(reverse("preferences"), {"reminder": "on"})
    assert wants_reminders(user.email)


def test_stranger_has_no_preferences_page(client):
    assert client.get(reverse("preferences")).status_code == 302


def test_link_in_a_mail_to_an_old_address_applies_to_the_current_one(client):
    noor = make_user(email="new@example.org")
    [message] = make_messages(1, topic="reminder", email="old@example.org", user=noor)
    client.post(unsubscribe_url(message).removeprefix("http://localhost:8000"), {"wanted": "0"})
    assert not wants_reminders("new@example.org")


def test_link_applies_to_the_channel_of_its_message_only(client):
    [message] = make_messages(1, topic="reminder", email="noor@example.org", channel="bell")
    link = unsubscribe_url(message).removeprefix("http://localhost:8000")
    response = client.post(link, {"wanted": "0"}, follow=True)
    assert "Je krijgt geen herinneringen meer" in response.content.decode()
    assert wants_reminders()


@pytest.mark.parametrize("before, after", [(False, True), (True, False), (False, False)])
def test_topic_switched_off_for_either_address_stays_off(before, after):
    Preference.objects.set_wanted("old@example.org", "reminder", is_wanted=before)
    Preference.objects.set_wanted("new@example.org", "reminder", is_wanted=after)
    Preference.objects.move("Old@example.org", "New@example.org")
    assert list(Preference.objects.values_list("email", "is_wanted")) == [("new@example.org", False)]


def test_database_keeps_one_preference_per_address_in_lower_case():
    Preference.objects.set_wanted("noor@example.org", "reminder", is_wanted=False)
    with pytest.raises(IntegrityError, match="preference_once"), transaction.atomic():
        Preference.objects.create(email="noor@example.org", topic="reminder")
    with pytest.raises(IntegrityError, match="preference_email_in_lower_case"), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_preference SET email = 'Noor@example.org'")
