from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from meetups import notices
from meetups.attending import tokens
from meetups.attending.actions.reminding import plan_reminders, reminder_instant
from meetups.models import Attendance
from notifications.delivery import send_due
from notifications.models import Message, Preference
from tests.factories import make_attendance, make_location, make_meetup, make_municipality, make_occurrence, make_user

pytestmark = pytest.mark.django_db
State = Attendance.State


@pytest.fixture
def occurrence():
    town = make_municipality("Hengelo", contact_email="hello@hengelo.example")
    location = make_location(town, name="Library", address="Street 1", directions="Left of the desk.")
    meetup = make_meetup(location, title="Coffee", hosts=(make_user("Fatima"),), greeting="She wears a yellow scarf.")
    return make_occurrence(meetup)


def deliver() -> list:
    """Send the due messages and return the mails, parsed as a mail client does."""
    mail.outbox.clear()
    send_due(now=timezone.now())
    assert not Message.objects.exclude(last_error="").exists()
    return [message_from_bytes(sent.message().as_bytes(), policy=policy.default) for sent in mail.outbox]


def plain(message) -> str:
    return message.get_body(("plain",)).get_content()


def calendar(message) -> Calendar:
    [part] = message.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_filename() == "datum.ics"
    return Calendar.from_ical(part.get_payload(decode=True))


def move(occurrence, **fields) -> None:
    for name, value in fields.items():
        setattr(occurrence, name, value)
    occurrence.sequence += 1
    occurrence.save()


def test_joined_starts_with_what_when_where_and_attaches_the_date(occurrence):
    attendance = make_attendance(occurrence, make_user("Noor", language="en"), adults=2, children_0_3=1)
    notices.joined(attendance)
    [message] = deliver()
    day = f"{timezone.localtime(occurrence.starts_at):%A %-d %B}"
    assert message["Subject"] == f"You are coming: Coffee, {day}, 9:30"
    assert message["To"] == attendance.user.email
    assert message["Reply-To"] == "hello@hengelo.example"
    assert plain(message).splitlines()[:3] == ["Coffee", f"{day}, 9:30 to 11:30", "Library, Street 1, Hengelo"]
    assert "Signed up: 2 adults, 1 child." in plain(message)
    assert "At the door: Fatima. She wears a yellow scarf." in plain(message)
    assert "How to find the door: Left of the desk." in plain(message)
    ics = calendar(message)
    assert ics["METHOD"] == "PUBLISH"
    assert ics.events[0]["UID"] == f"occurrence-{occurrence.pk}@localhost"
    assert ics.events[0]["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize(
    "name, state, words",
    [
        ("guest_confirm", State.UNCONFIRMED, "Bevestig even: Coffee"),
        ("joined", State.GOING, "Je komt: Coffee"),
        ("waiting", State.WAITING, "Op de wachtlijst: Coffee"),
        ("promoted", State.GOING, "Er is plaats voor je: Coffee"),
        ("withdrawn", State.WITHDRAWN, "Je bent afgemeld: Coffee"),
    ],
)
def test_each_mail_has_dutch_text_and_an_html_part(occurrence, name, state, words):
    withdrawn_at = timezone.now() if state == State.WITHDRAWN else None
    attendance = make_attendance(
        occurrence, guest_name="Sam", guest_email="sam@example.org", state=state, withdrawn_at=withdrawn_at
    )
    getattr(notices, name)(attendance)
    [message] = deliver()
    assert message["Subject"].startswith(words)
    assert message["Subject"].endswith(", 9.30 uur")
    assert "Hoi Sam," in plain(message)
    html = message.get_body(("html",)).get_content()
    assert '<html lang="nl">' in html
    assert "Hoi Sam," in html
    assert "{{" not in html
    assert "{%" not in html + plain(message)


def test_guest_confirm_carries_the_link_that_confirms(occurrence):
    attendance = make_attendance(occurrence, guest_name="Sam", guest_email="sam@example.org", state=State.UNCONFIRMED)
    notices.guest_confirm(attendance)
    [message] = deliver()
    token = plain(message).split("/bevestigen/")[1].split("/")[0]
    assert tokens.read("confirm", token) == attendance.pk


@pytest.mark.parametrize("places, will_wait", [(2, False), (1, True)])
def test_guest_confirm_says_if_it_is_for_the_waiting_list(occurrence, places, will_wait):
    occurrence.meetup.capacity = places
    occurrence.meetup.save()
    make_attendance(occurrence, make_user("Noor"))
    asks = make_attendance(occurrence, guest_name="Sam", guest_email="sam@example.org", state=State.UNCONFIRMED)
    notices.guest_confirm(asks)
    [message] = deliver()
    for text in (plain(message), message.get_body(("html",)).get_content()):
        assert ("Dan kom je op de wachtlijst" in text) is will_wait
        assert ("Ja, zet me op de wachtlijst" in text) is will_wait
        assert ("Pas dan ben je aangemeld" in text) is not will_wait
        assert "Ingevuld: 1 volwassene." in text
        assert "Aangemeld:" not in text


@pytest.mark.parametrize("as_guest", [True, False])
def test_withdraw_link_works_for_guests_and_users(occurrence, as_guest):
    who = {"guest_name": "Sam", "guest_email": "sam@example.org"} if as_guest else {"user": make_user()}
    attendance = make_attendance(occurrence, **who)
    notices.joined(attendance)
    [message] = deliver()
    assert "http://localhost:8000/afmelden/" in plain(message)
    token = plain(message).split("/afmelden/")[1].split("/")[0]
    assert tokens.read("withdraw", token) == attendance.pk
    assert token in message.get_body(("html",)).get_content()


def test_links_in_english_mails_lead_to_english_pages(occurrence):
    notices.joined(make_attendance(occurrence, make_user(language="en")))
    [message] = deliver()
    assert "http://localhost:8000/en/bijeenkomsten/" in plain(message)


@pytest.mark.parametrize(
    "name, state", [("joined", State.WITHDRAWN), ("waiting", State.GOING), ("promoted", State.WITHDRAWN)]
)
def test_outdated_mail_is_not_sent(occurrence, name, state):
    attendance = make_attendance(occurrence)
    getattr(notices, name)(attendance)
    attendance.state, attendance.withdrawn_at = state, timezone.now() if state == State.WITHDRAWN else None
    attendance.save()
    assert deliver() == []
    assert Message.objects.get().state == "skipped"


def test_no_mail_about_a_date_that_is_over(occurrence):
    notices.joined(make_attendance(occurrence))
    long_ago = timedelta(days=10)
    move(occurrence, starts_at=occurrence.starts_at - long_ago, ends_at=occurrence.ends_at - long_ago)
    assert deliver() == []


def test_withdrawing_and_joining_again_is_confirmed_once(occurrence):
    attendance = make_attendance(occurrence)
    notices.joined(attendance)
    attendance.queued_at = timezone.now()
    attendance.save()
    notices.joined(attendance)
    assert len(deliver()) == 1


def test_titles_and_names_never_become_headers_or_html(occurrence):
    occurrence.meetup.title = "Coffee\r\nBcc: everyone@example.org\r\n\r\n<script>alert(1)</script> & tea"
    occurrence.meetup.save()
    attendance = make_attendance(occurrence, make_user("Noor\nX: 1 <b>"))
    notices.joined(attendance)
    [message] = deliver()
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Je komt: Coffee Bcc: everyone@example.org <script>alert(1)</script> & tea, ")
    html = message.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; tea" in html
    assert "<script>alert(1)</script> & tea" in plain(message)
    assert Calendar.from_ical(next(message.iter_attachments()).get_payload(decode=True)).events


def test_emoji_and_right_to_left_names_are_sent_intact(occurrence):
    occurrence.meetup.title = "قهوة ☕ Koffie"
    occurrence.meetup.save()
    notices.joined(make_attendance(occurrence, make_user("ليلى 🌷")))
    [message] = deliver()
    assert "قهوة ☕ Koffie" in message["Subject"]
    assert "ليلى 🌷" in plain(message)
    assert calendar(message).events[0]["SUMMARY"] == "قهوة ☕ Koffie"


def test_mail_goes_to_the_current_address(occurrence):
    attendance = make_attendance(occurrence)
    notices.joined(attendance)
    attendance.user.email = "new@example.org"
    attendance.user.save()
    [message] = deliver()
    assert message["To"] == "new@example.org"


# Reminders


@pytest.fixture
def tomorrow():
    """A date tomorrow."""
    return make_occurrence(on=timezone.localdate() + timedelta(days=1))


def after_reminder_hour(occurrence):
    return reminder_instant(occurrence.local_date) + timedelta(minutes=1)


def sign_up_earlier(attendance: Attendance) -> Attendance:
    Attendance.objects.filter(pk=attendance.pk).update(queued_at=timezone.now() - timedelta(days=5))
    return attendance


def deliver_reminders(occurrence) -> list:
    mail.outbox.clear()
    send_due(now=max(timezone.now(), after_reminder_hour(occurrence)))
    return [message_from_bytes(sent.message().as_bytes(), policy=policy.default) for sent in mail.outbox]


def test_reminder_hour_is_local_time_across_dst(settings):
    from datetime import date

    settings.REMINDER_HOUR = 17
    assert reminder_instant(date(2026, 12, 1)).isoformat() == "2026-11-30T17:00:00+01:00"
    assert reminder_instant(date(2026, 7, 1)).isoformat() == "2026-06-30T17:00:00+02:00"
    assert reminder_instant(date(2026, 3, 30)).isoformat() == "2026-03-29T17:00:00+02:00"


def test_each_person_going_gets_one_reminder_however_often_beat_runs(tomorrow):
    going = sign_up_earlier(make_attendance(tomorrow))
    sign_up_earlier(make_attendance(tomorrow, state=State.WAITING))
    sign_up_earlier(make_attendance(tomorrow, state=State.WITHDRAWN, withdrawn_at=timezone.now()))
    sign_up_earlier(make_attendance(tomorrow, guest_name="At the door", source="door"))
    guest = sign_up_earlier(make_attendance(tomorrow, guest_name="Sam", guest_email="sam@example.org"))
    for _ in range(3):
        plan_reminders(now=after_reminder_hour(tomorrow))
    messages = deliver_reminders(tomorrow)
    plan_reminders(now=after_reminder_hour(tomorrow))
    assert deliver_reminders(tomorrow) == []
    assert sorted(message["To"] for message in messages) == sorted([going.user.email, guest.guest_email])
    assert messages[0]["Subject"] == f"Morgen: {tomorrow.meetup.title}, 9.30 tot 11.30 uur"
    assert "Geen herinneringen meer? Stop ze hier: http://localhost:8000/berichten/uit/" in plain(messages[0])
    assert messages[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_no_reminder_before_its_hour(tomorrow):
    sign_up_earlier(make_attendance(tomorrow))
    plan_reminders(now=reminder_instant(tomorrow.local_date) - timedelta(seconds=1))
    assert not Message.objects.exists()


def test_missed_reminders_are_sent_until_the_start(tomorrow):
    sign_up_earlier(make_attendance(tomorrow))
    plan_reminders(now=tomorrow.starts_at)
    assert not Message.objects.exists()
    plan_reminders(now=tomorrow.starts_at - timedelta(minutes=1))
    assert Message.objects.count() == 1


def test_no_reminder_for_sign_ups_after_the_reminder_hour(tomorrow):
    instant = reminder_instant(tomorrow.local_date)
    attendance = make_attendance(tomorrow)
    Attendance.objects.filter(pk=attendance.pk).update(queued_at=instant)
    plan_reminders(now=after_reminder_hour(tomorrow))
    assert not Message.objects.exists()


def test_no_reminder_for_promotions_after_the_reminder_hour(tomorrow):
    attendance = sign_up_earlier(make_attendance(tomorrow))
    notices.promoted(attendance)
    Message.objects.update(created_at=after_reminder_hour(tomorrow))
    plan_reminders(now=after_reminder_hour(tomorrow))
    assert [message.template for message in Message.objects.all()] == ["meetups.promoted"]


@pytest.mark.parametrize("change", ["withdrawn", "cancelled", "moved", "ended", "unwanted"])
def test_reminder_is_checked_again_when_it_is_sent(tomorrow, change):
    attendance = sign_up_earlier(make_attendance(tomorrow))
    plan_reminders(now=after_reminder_hour(tomorrow))
    if change == "withdrawn":
        Attendance.objects.update(state=State.WITHDRAWN, withdrawn_at=timezone.now())
    elif change == "cancelled":
        move(tomorrow, status="cancelled")
    elif change == "moved":
        move(tomorrow, starts_at=tomorrow.starts_at + timedelta(minutes=30))
    elif change == "ended":
        tomorrow.meetup.status = "ended"
        tomorrow.meetup.save()
    else:
        Preference.objects.set_wanted(attendance.user.email, "reminder", False)
    assert deliver_reminders(tomorrow) == []
    assert Message.objects.get().state == "skipped"


def test_reminder_of_a_moved_date_has_the_new_time(tomorrow):
    sign_up_earlier(make_attendance(tomorrow))
    plan_reminders(now=after_reminder_hour(tomorrow))
    move(tomorrow, starts_at=tomorrow.starts_at + timedelta(minutes=30))
    plan_reminders(now=after_reminder_hour(tomorrow))
    [message] = deliver_reminders(tomorrow)
    assert "10.00 tot 11.30 uur" in plain(message)


def test_query_count_of_planning_reminders_is_constant(tomorrow, django_assert_max_num_queries):
    for _ in range(30):
        sign_up_earlier(make_attendance(tomorrow))
    with django_assert_max_num_queries(4):
        plan_reminders(now=after_reminder_hour(tomorrow))
    assert Message.objects.count() == 30


@pytest.mark.parametrize(
    ("state", "first", "subject"), [("going", "joined", "You are coming"), ("waiting", "waiting", "waiting list")]
)
def test_second_sign_up_resends_the_confirmation_at_most_once_an_hour(occurrence, state, first, subject):
    attendance = make_attendance(
        occurrence, guest_name="Ada", guest_email="ada@example.org", language="en", state=state
    )
    getattr(notices, first)(attendance)
    now = timezone.now().replace(minute=10)
    mails = deliver()
    for minutes in (0, 5, 49):
        notices.resend_confirmation(attendance, now=now + timedelta(minutes=minutes))
        mails += deliver()
    assert [subject in mail["Subject"] for mail in mails] == [True, True]
    notices.resend_confirmation(attendance, now=now + timedelta(minutes=50))
    assert len(deliver()) == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_of_two_confirmations_in_one_run_only_the_newest_is_sent(occurrence):
    attendance = make_attendance(occurrence, guest_name="Ada", guest_email="ada@example.org", language="en")
    notices.joined(attendance)
    notices.resend_confirmation(attendance, now=timezone.now())
    assert len(deliver()) == 1


def test_promoted_person_signing_up_again_gets_the_joined_mail(occurrence):
    attendance = make_attendance(
        occurrence, guest_name="Ada", guest_email="ada@example.org", language="en", state=State.WAITING
    )
    notices.waiting(attendance)
    deliver()
    attendance.state = State.GOING
    attendance.save()
    notices.promoted(attendance)
    notices.resend_confirmation(attendance, now=timezone.now())
    assert "You are coming" in deliver()[-1]["Subject"]
