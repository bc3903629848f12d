"""Exporting and erasing a person's data."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.utils import timezone

from accounts.models import Role, User
from meetups.attending.actions import signing_up
from meetups.door.actions import check_in
from meetups.models import Attendance, CalendarKey, DoorTap
from notifications.delivery import send_due
from notifications.models import Message, Preference
from pages import privacy
from tests.factories import make_attendance, make_location, make_meetup, make_occurrence, make_role, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


def past_occurrence(**fields):
    now = timezone.now()
    return make_occurrence(
        on=timezone.localdate() - timedelta(days=7),
        starts_at=now - timedelta(days=7, hours=2),
        ends_at=now - timedelta(days=7),
        **fields,
    )


def sign_in_with_code(client, user):
    """Sign in as if by code just now: force_login alone does not record how."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": timezone.now().timestamp()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def test_export_contains_my_data_and_nothing_of_a_stranger(client):
    town = make_location().municipality
    noor = make_user(first_name="Noor", email="noor@example.org")
    Role.objects.create(user=noor, kind=Role.Kind.HOST, municipality=town, label="gastvrouw")
    occurrence = make_occurrence()
    make_attendance(occurrence, noor, note="Ik kom met de bus", children_0_3=1)
    stranger = make_user(first_name="Stranger", email="stranger@example.org")
    make_attendance(occurrence, stranger, note="geheim")
    Preference.objects.create(email="noor@example.org", topic="reminder", is_wanted=False)
    client.force_login(noor)
    answer = client.get("/mijn/gegevens/pedbasis.json")
    assert answer["Content-Disposition"] == 'attachment; filename="pedbasis.json"'
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert "stranger" not in text.lower()
    assert "geheim" not in text
    data = json.loads(text)
    assert data["account"]["email"] == "noor@example.org"
    assert [row["note_to_the_host"] for row in data["sign_ups"]] == ["Ik kom met de bus"]
    assert [row["what_you_do"] for row in data["roles"]] == ["gastvrouw"]
    assert data["message_preferences"] == [{"topic": "reminder", "channel": "email", "wanted": False}]


def test_export_includes_mails_and_the_calendar_link_without_its_key():
    noor = make_user(email="noor@example.org")
    key = CalendarKey.objects.create(user=noor)
    for number, (user, email) in enumerate([(noor, "old@example.org"), (None, "Noor@example.org"), (None, "x@x.nl")]):
        Message.objects.create(
            topic="reminder", user=user, email=email, template="meetups.reminder", object_id=1, dedupe_key=f"{number}"
        )
    data = privacy.export(noor, timezone.now())
    assert len(data["calendar_link_made_at"]) == 1
    assert key.secret not in json.dumps(data)
    assert [row["to"] for row in data["messages"]] == ["old@example.org", "noor@example.org"]


def test_message_preferences_of_others_are_neither_exported_nor_erased():
    noor, now = make_user(email="noor@example.org"), timezone.now()
    for email in ("noor@example.org", "sam@example.org"):
        Preference.objects.set_wanted(email, "reminder", is_wanted=False)
    exported = privacy.export(noor, now)["message_preferences"]
    assert exported == [{"topic": "reminder", "channel": "email", "wanted": False}]
    privacy.erase(user=noor, now=now)
    assert [preference.email for preference in Preference.objects.all()] == ["sam@example.org"]


def test_export_includes_what_i_did_as_a_host():
    noor = make_user()
    occurrence = make_occurrence(closed_by=noor, host_note="Er was taart")
    DoorTap.objects.create(occurrence=occurrence, kind="adults", delta=1, device=uuid4(), tapped_at=NOON, host=noor)
    DoorTap.objects.create(occurrence=occurrence, kind="adults", delta=1, device=uuid4(), tapped_at=NOON)
    data = privacy.export(noor, timezone.now())
    assert [row["what_you_wrote"] for row in data["dates_you_closed"]] == ["Er was taart"]
    assert data["taps_at_the_door"] == [
        {"number_of_the_date": occurrence.pk, "what": "adults", "at": "2026-12-01T12:00:00+01:00"}
    ]


def test_export_includes_what_i_did_as_a_guest_before():
    noor = make_user(email="noor@example.org")
    make_attendance(make_occurrence(), guest_name="Noortje", guest_email="Noor@Example.org")
    assert [row["signed_up_as"] for row in privacy.export(noor, timezone.now())["sign_ups"]] == ["Noortje"]


@pytest.mark.parametrize(
    "path", ["/mijn/", "/mijn/gegevens/", "/mijn/gegevens/pedbasis.json", "/mijn/gegevens/wissen/"]
)
def test_stranger_is_redirected_to_sign_in(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/code/?next={path}")


def test_erasing_gives_my_seat_to_the_waiting_list():
    noor, waiting = make_user(), make_user()
    occurrence = make_occurrence(make_meetup(capacity=1))
    make_attendance(occurrence, noor)
    behind = make_attendance(occurrence, waiting, state=Attendance.State.WAITING)
    privacy.erase(user=noor, now=timezone.now())
    behind.refresh_from_db()
    occurrence.refresh_from_db()
    assert behind.state == Attendance.State.GOING
    assert occurrence.seats_taken == 1
    assert list(Attendance.objects.values_list("user", flat=True)) == [waiting.pk]


def test_erasing_notifies_the_waiting_list_in_one_mail_per_meetup():
    noor, waiting = make_user(), make_user()
    weekly, other = make_meetup(title="Koffie", capacity=1), make_meetup(title="Knutselen", capacity=1)
    for meetup, week in ((weekly, 0), (weekly, 1), (other, 0)):
        occurrence = make_occurrence(meetup, on=meetup.first_on + timedelta(weeks=week))
        make_attendance(occurrence, noor)
        make_attendance(occurrence, waiting, state=Attendance.State.WAITING)
    privacy.erase(user=noor, now=timezone.now())
    assert Attendance.objects.of(waiting).going().count() == 3
    send_due(now=timezone.now())
    subjects = sorted(str(letter.subject) for letter in mail.outbox)
    assert len(subjects) == 2
    assert subjects[0].startswith("Er is plaats voor je: Knutselen, ")
    assert subjects[1] == "Er is plaats voor je: Koffie, 2 bijeenkomsten"


def test_erasing_keeps_only_the_counts_of_past_dates():
    noor = make_user(first_name="Noor", email="noor@example.org")
    make_attendance(past_occurrence(), noor, adults=2, children_0_3=1, note="hallo", is_present=True, is_greeted=True)
    make_attendance(past_occurrence(), guest_name="Noor", guest_email="noor@example.org", is_present=True)
    make_attendance(past_occurrence(), noor, state=Attendance.State.WAITING)
    privacy.erase(user=noor, now=timezone.now())
    rows = Attendance.objects.order_by("pk").values_list(
        "user", "guest_name", "guest_email", "note", "adults", "children_0_3", "is_present"
    )
    assert list(rows) == [(None, "-", "", "", 2, 1, True), (None, "-", "", "", 1, 0, True)]


def test_erasing_leaves_no_trace_of_name_or_address():
    noor = make_user(first_name="Noor", email="noor@example.org")
    make_attendance(make_occurrence(), noor)
    Preference.objects.create(email="noor@example.org", topic="reminder", is_wanted=False)
    boss = make_user(is_staff=True)
    LogEntry.objects.create(
        user=boss, content_type=ContentType.objects.get_for_model(User), object_id=noor.pk, object_repr="Noor",
        action_flag=CHANGE,
    )  # fmt: skip
    other = make_user(email="else@example.org")
    make_attendance(make_occurrence(), other)
    privacy.erase(user=noor, now=timezone.now())
    assert not User.objects.filter(email="noor@example.org").exists()
    assert not Message.objects.filter(email="noor@example.org").exists()
    assert not Preference.objects.exists()
    assert not LogEntry.objects.exists()
    assert Attendance.objects.of(other).count() == 1


def test_erasing_requires_a_recent_sign_in(sign_in):
    noor = make_user()
    client = sign_in(noor)
    for method in (client.get, client.post):
        answer = method("/mijn/gegevens/wissen/")
        assert answer["Location"] == "/account/reauthenticate/?next=%2Fmijn%2Fgegevens%2Fwissen%2F"
    assert User.objects.filter(pk=noor.pk).exists()


def test_after_a_recent_sign_in_one_tap_erases(client):
    noor = make_user()
    sign_in_with_code(client, noor)
    assert "Alles over mij verwijderen" in client.get("/mijn/gegevens/wissen/").content.decode()
    answer = client.post("/mijn/gegevens/wissen/", follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Je account is verwijderd" in answer.content.decode()
    assert not User.objects.filter(pk=noor.pk).exists()
    assert client.get("/mijn/").status_code == 302


def test_erase_page_lists_the_meetups_of_a_host(client):
    marieke = make_user()
    make_meetup(title="Ouder- en kindcafé", hosts=(marieke,))
    sign_in_with_code(client, marieke)
    assert "Ouder- en kindcafé" in client.get("/mijn/gegevens/wissen/").content.decode()


def test_erasing_deletes_roles():
    officer = make_role(Role.Kind.POLICY_OFFICER, make_location().municipality)
    privacy.erase(user=officer, now=timezone.now())
    assert not Role.objects.exists()


def test_erasing_still_counts_attendance_of_a_date_closed_concurrently(monkeypatch):
    """The host closes the date between reading and locking it."""
    noor = make_user()
    now = timezone.now()
    occurrence = make_occurrence(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    make_attendance(occurrence, noor, adults=2)
    take_back = signing_up.withdraw

    def close_first(*, attendance, now, notify):
        check_in.close(occurrence=attendance.occurrence, host=make_user(), head_adults=2, head_children=0, now=now)
        return take_back(attendance=attendance, now=now, notify=notify)

    monkeypatch.setattr(signing_up, "withdraw", close_first)
    privacy.erase(user=noor, now=now)
    occurrence.refresh_from_db()
    assert occurrence.seats_taken == 2
    assert list(occurrence.attendances.values_list("state", "guest_name", "adults")) == [("going", "-", 2)]
