"""Announcements of changes to dates: one mail per person and action."""

from collections import Counter
from datetime import time, timedelta
from email import message_from_bytes, policy
from inspect import getmodule, isfunction

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.translation import override
from icalendar import Calendar

from meetups import wording
from meetups.attending import tokens
from meetups.attending.actions.reminding import plan_reminders, reminder_instant
from meetups.managing import audiences
from meetups.managing.actions import planning, single_dates
from meetups.models import Attendance, Meetup, Occurrence
from meetups.news import Audience
from meetups.schedule.actions import reconciliation
from notifications.delivery import send_due
from notifications.models import Message
from tests import attending
from tests.factories import make_attendance, make_location, make_meetup, make_municipality, make_occurrence, make_user
from tests.news import announce_change

pytestmark = pytest.mark.django_db
State = Attendance.State
TODAY = timezone.localdate()
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def weekly(**fields) -> Meetup:
    """Make a meetup in the library on four weekly dates, from the day after tomorrow on."""
    first_on = TODAY + timedelta(days=2)
    location = fields.pop("location", None) or make_location(
        make_municipality("Hengelo"), name="Library", address="Street 1", place="Hengelo"
    )
    meetup = make_meetup(
        location,
        **{
            "title": "Coffee",
            "rrule": f"FREQ=WEEKLY;COUNT=4;BYDAY={DAYS[first_on.weekday()]}",
            "first_on": first_on,
            "skip_public_holidays": False,
        }
        | fields,
    )
    reconciliation.materialise(meetup, now=timezone.now())
    return meetup


def dates(meetup) -> list[Occurrence]:
    return list(meetup.occurrences.order_by("starts_at").select_related("meetup__location", "location"))


def guest(occurrence, email="sam@example.org", **fields) -> Attendance:
    return make_attendance(occurrence, guest_name="Sam", guest_email=email, **fields)


def change(meetup, **fields) -> None:
    planning.change_meetup(by=make_user(), meetup=meetup, now=timezone.now(), also_signed_up=True, **fields)


LATER = {"start_time": time(10), "end_time": time(12)}


def deliver() -> list:
    """Send the due messages and return the mails, parsed as a mail client does."""
    mail.outbox.clear()
    send_due(now=timezone.now())
    assert not Message.objects.exclude(last_error="").exists()
    return [message_from_bytes(sent.message().as_bytes(), policy=policy.default) for sent in mail.outbox]


def to(address: str):
    [letter] = [letter for letter in deliver() if letter["To"] == address]
    return letter


def plain(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def html(letter) -> str:
    return letter.get_body(("html",)).get_content()


def calendar(letter) -> Calendar:
    [part] = letter.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    return Calendar.from_ical(part.get_payload(decode=True))


def at_hours(occurrence, times: str) -> str:
    return f"{wording.day(occurrence.local_date)}, {times}"


# One action sends each person at most one mail.


def crowd(meetup) -> list[Occurrence]:
    """Fill the dates and their waiting lists: a user on all, a guest on three, one who is both, and others."""
    rows = dates(meetup)
    regular, both = make_user("Noor"), make_user("Ada", email="ada@example.org")
    for row in rows:
        make_attendance(row, regular)
        make_attendance(row, adults=2)
    for row in rows[:3]:
        guest(row, state=State.WAITING)
    make_attendance(rows[0], both, state=State.WAITING)
    guest(rows[1], "ada@example.org")
    make_attendance(rows[2], guest_name="At the door", source="door")
    make_attendance(rows[3], state=State.WITHDRAWN, withdrawn_at=timezone.now())
    guest(rows[3], "kim@example.org", state=State.UNCONFIRMED)
    return rows


def _cancel(row) -> None:
    single_dates.cancel_occurrence(occurrence=row, reason="De bieb is dicht.", by=make_user(), now=timezone.now())


def _restore_with_more_places(meetup) -> None:
    row = dates(meetup)[0]
    _cancel(row)
    deliver()
    Message.objects.all().delete()
    Meetup.objects.update(capacity=9)
    single_dates.restore_occurrence(occurrence=row, by=make_user(), now=timezone.now())


def _move(row, **fields) -> None:
    same = {"on": row.planned_for, "start_time": time(9, 30), "end_time": time(11, 30), "location": row.location}
    same |= {"theme": "", "capacity": None}
    single_dates.move_occurrence(occurrence=row, by=make_user(), now=timezone.now(), **(same | fields))


def _end(meetup) -> None:
    planning.end_meetup(meetup=meetup, reason="We stoppen.", by=make_user(), now=timezone.now())


def _resume(meetup) -> None:
    _end(meetup)
    deliver()
    Message.objects.all().delete()
    planning.resume_meetup(meetup=meetup, now=timezone.now())


def _single(meetup) -> Occurrence:
    """Turn the series into a one-off meetup with only its first date."""
    first, *others = dates(meetup)
    Occurrence.objects.filter(pk__in=[row.pk for row in others]).delete()
    Meetup.objects.update(rrule="")
    meetup.refresh_from_db()
    return first


def _single_to_another_day(meetup) -> None:
    _single(meetup)
    change(meetup, first_on=meetup.first_on + timedelta(days=3))


def _welcome(meetup) -> None:
    host = meetup.hosts.create(user=make_user())
    planning.set_welcome(host=host, by=host.user, words="Welkom!", now=timezone.now())


# Each planning action in all its variants, and how many people it notifies.
ACTIONS = {
    "change_meetup": {
        "another time": (lambda meetup: change(meetup, **LATER), 7),
        "another place": (lambda meetup: change(meetup, location=make_location()), 7),
        "another time, place and more room": (
            lambda meetup: change(meetup, location=make_location(), capacity=20, **LATER),
            7,
        ),
        "more room": (lambda meetup: change(meetup, capacity=20), 2),
        "a single date to another day": (_single_to_another_day, 4),
        "only another title": (lambda meetup: change(meetup, title="Tea"), 0),
    },
    "end_meetup": {"": (_end, 7)},
    "cancel_occurrence": {"": (lambda meetup: _cancel(dates(meetup)[0]), 4)},
    "restore_occurrence": {"with more room": (_restore_with_more_places, 4)},
    "move_occurrence": {
        "another time and more room": (lambda meetup: _move(dates(meetup)[0], capacity=20, start_time=time(9)), 4),
        "more room": (lambda meetup: _move(dates(meetup)[0], capacity=20), 2),
        "a theme": (lambda meetup: _move(dates(meetup)[0], theme="Slapen"), 0),
    },
    "keep_occurrence": {"": (lambda meetup: single_dates.keep_occurrence(occurrence=dates(meetup)[0]), 0)},
    "resume_meetup": {"": (_resume, 0)},
    "materialise": {"": (lambda meetup: reconciliation.materialise(meetup, now=timezone.now()), 0)},
    "set_welcome": {"": (_welcome, 0)},
    "create_meetup": {},  # nobody has signed up yet
}


def test_all_planning_actions_are_covered():
    acts = {
        name
        for module in (planning, single_dates, reconciliation)
        for name, function in vars(module).items()
        if isfunction(function) and getmodule(function) is module and hasattr(function, "__wrapped__")
    }
    assert acts == set(ACTIONS)


@pytest.mark.parametrize(
    "act, people", [pytest.param(*way, id=f"{name}: {how}") for name in ACTIONS for how, way in ACTIONS[name].items()]
)
def test_one_action_sends_each_person_at_most_one_mail(act, people):
    meetup = weekly(capacity=3)
    crowd(meetup)
    act(meetup)
    mails = Counter(letter["To"] for letter in deliver())
    assert set(mails.values()) <= {1}
    assert len(mails) == people
    assert not {"kim@example.org", ""} & set(mails)


# The audience that a page shows beforehand is the actual one.


@pytest.mark.parametrize(
    "fields, audience",
    [
        (LATER, Audience(7, 4)),
        (LATER | {"capacity": 20}, Audience(7, 4)),
        ({"capacity": 20}, Audience(2, 3)),
        ({"title": "Tea"}, Audience(0, 0)),
        ({"rrule": "", "first_on": TODAY + timedelta(days=40)}, Audience(0, 0)),
    ],
)
def test_previewed_audience_of_a_change_is_the_number_of_mails(fields, audience):
    meetup = weekly(capacity=3)
    crowd(meetup)
    preview = audiences.of_change(meetup=meetup, now=timezone.now(), also_signed_up=True, **fields)
    assert preview.audience() == audience
    meetup.refresh_from_db()
    change(meetup, **fields)
    assert Message.objects.count() == len(deliver()) == audience.people


def test_previewed_audience_is_zero_if_dates_with_sign_ups_stay():
    meetup = weekly()
    crowd(meetup)
    assert audiences.of_change(meetup=meetup, now=timezone.now(), **LATER).audience() == Audience(0, 0)
    planning.change_meetup(by=make_user(), meetup=meetup, now=timezone.now(), **LATER)
    assert deliver() == []


def test_previewed_audience_of_moving_a_one_off_date_to_another_day():
    meetup = weekly()
    crowd(meetup)
    _single(meetup)
    fields = {"first_on": meetup.first_on + timedelta(days=3)}
    preview = audiences.of_change(meetup=meetup, now=timezone.now(), also_signed_up=True, **fields)
    change(meetup, **fields)
    assert (len(deliver()), preview.audience()) == (4, Audience(4, 1))


def test_previewing_changes_nothing():
    meetup = weekly(capacity=3)
    crowd(meetup)
    before = [list(model.objects.order_by("pk").values()) for model in (Meetup, Occurrence, Attendance, Message)]
    audiences.of_change(meetup=meetup, now=timezone.now(), also_signed_up=True, capacity=20, **LATER)
    audiences.of_end(meetup=meetup, now=timezone.now()).audience()
    assert [
        list(model.objects.order_by("pk").values()) for model in (Meetup, Occurrence, Attendance, Message)
    ] == before


def test_previewed_audience_of_ending_and_cancelling():
    meetup = weekly()
    rows = crowd(meetup)
    assert audiences.of_dates(rows[0]).audience() == Audience(4, 1)
    _cancel(rows[0])
    assert len(deliver()) == 4
    audience = audiences.of_end(meetup=meetup, now=timezone.now()).audience()
    _end(meetup)
    assert (len(deliver()), audience) == (6, Audience(6, 3))


def test_query_count_does_not_depend_on_the_number_of_recipients(django_assert_num_queries):
    row = make_occurrence()
    for _ in range(30):
        make_attendance(row)
    with django_assert_num_queries(3):  # save the date, select its people, insert the letters
        announce_change(row, location=row.location)
    assert Message.objects.count() == 30


# The content of the mail.


def test_one_mail_lists_old_and_new_state_with_a_link_for_each_date():
    meetup = weekly()
    rows = dates(meetup)
    mine = [guest(row) for row in rows[:3]]
    change(meetup, **LATER)
    letter = to("sam@example.org")
    assert letter["Subject"] == "Veranderd: Coffee, 3 bijeenkomsten"
    text = plain(letter)
    assert text.splitlines()[:3] == ["Coffee", "3 bijeenkomsten", "Library, Street 1, Hengelo"]
    for row, person in zip(rows, mine, strict=False):
        line = at_hours(row, "9.30 tot 11.30 uur → 10.00 tot 12.00 uur")
        assert f"- {line}\n" in text
        was, now = line.split(" → ")
        assert f"<s>{was}</s> → <strong>{now}</strong>" in html(letter)
        for body in (text, html(letter)):
            assert f"/bijeenkomsten/{meetup.slug}/{row.planned_for}/" in body
            [token] = {
                token
                for token in (part.split("/")[0] for part in body.split("/afmelden/")[1:])
                if tokens.read("withdraw", token) == person.pk
            }
            assert token
    assert "Je bent nog steeds aangemeld. Je hoeft niets te doen." in text
    ics = calendar(letter)
    assert (ics["METHOD"], [event["SEQUENCE"] for event in ics.events]) == ("PUBLISH", [1, 1, 1])
    assert [event["UID"] for event in ics.events] == [f"occurrence-{row.pk}@localhost" for row in rows[:3]]
    assert [event["DTSTART"].dt.time() for event in ics.events] == [time(10)] * 3


def test_mail_shows_old_and_new_day_and_location():
    row = dates(weekly())[0]
    make_attendance(row, make_user("Noor", email="noor@example.org", language="en"))
    elsewhere = make_location(row.location.municipality, name="Town hall", address="Square 2", place="Hengelo")
    on = row.planned_for + timedelta(days=1)
    _move(row, on=on, start_time=time(13), end_time=time(15), location=elsewhere)
    letter = to("noor@example.org")
    text = plain(letter)
    with override("en"):
        was, now = at_hours(row, "9:30 to 11:30"), f"{wording.day(on)}, 13:00 to 15:00"
    assert text.splitlines()[:3] == ["Coffee", now, "Town hall, Square 2, Hengelo"]
    assert f"- {was} → {now}\n  Library → Town hall, Square 2, Hengelo\n" in text
    assert letter["Subject"] == f"Changed: Coffee, {now.split(', ')[0]}, 13:00"
    assert "<s>Library</s> → <strong>Town hall</strong>, Square 2, Hengelo" in html(letter)


def test_location_that_all_dates_leave_is_shown_once():
    rows = dates(weekly())
    for row in rows[:3]:
        guest(row)
    change(rows[0].meetup, location=make_location(name="Town hall", address="Square 2", place="Hengelo"))
    letter = to("sam@example.org")
    assert plain(letter).splitlines()[2] == "Town hall, Square 2, Hengelo"
    assert plain(letter).count("Library → Town hall, Square 2, Hengelo") == 1
    assert html(letter).count("<s>Library</s> → <strong>Town hall</strong>, Square 2, Hengelo") == 1
    assert plain(letter).count("- ") >= 3


def test_two_sign_ups_with_one_address_are_one_mail_to_the_account_in_its_language():
    first, second, *_ = dates(weekly())
    make_attendance(first, make_user("Selam", email="selam@example.org", language="en"), language="nl")
    guest(second, "selam@example.org", language="nl")
    change(first.meetup, **LATER)
    [letter] = deliver()
    assert (letter["To"], letter["Subject"]) == ("selam@example.org", "Changed: Coffee, 2 meetups")


def test_mail_to_people_waiting_says_so_and_has_no_calendar_file():
    rows = dates(weekly(capacity=1))
    for row in rows[:2]:
        make_attendance(row)
        guest(row, state=State.WAITING)
    change(rows[0].meetup, **LATER)
    letter = to("sam@example.org")
    assert "Je staat nog op de wachtlijst." in plain(letter)
    assert not list(letter.iter_attachments())
    assert "bijlage" not in plain(letter)


def test_mail_shows_on_which_date_the_recipient_is_going_or_waiting():
    first, second, *_ = dates(weekly(capacity=1))
    guest(first)
    make_attendance(second)
    guest(second, state=State.WAITING)
    change(first.meetup, **LATER)
    letter = to("sam@example.org")
    text = plain(letter)
    assert text.count("Je staat op de wachtlijst.") == 1
    assert text.index("Je staat op de wachtlijst.") > text.index(wording.day(second.planned_for))
    assert [event["UID"] for event in calendar(letter).events] == [f"occurrence-{first.pk}@localhost"]


def test_promotion_on_several_dates_is_sent_in_one_mail():
    meetup = weekly(capacity=1)
    for row in dates(meetup)[:2]:
        make_attendance(row)
        guest(row, state=State.WAITING)
    guest(dates(meetup)[2])
    one = make_attendance(dates(meetup)[2], state=State.WAITING)
    change(meetup, capacity=2)
    letters = {letter["To"]: letter for letter in deliver()}
    assert letters.keys() == {"sam@example.org", one.user.email}
    several = letters["sam@example.org"]
    assert several["Subject"] == "Er is plaats voor je: Coffee, 2 bijeenkomsten"
    assert "Goed nieuws: er is plaats voor je. Tot dan!" in plain(several)
    assert len(calendar(several).events) == 2
    assert letters[one.user.email]["Subject"].startswith("Er is plaats voor je: Coffee, ")
    assert Message.objects.get(email=one.user.email).template == "meetups.promoted"


def test_cancellation_mail_removes_the_date_from_calendars():
    row = dates(weekly())[0]
    guest(row)
    _cancel(row)
    letter = to("sam@example.org")
    assert letter["Subject"] == f"Gaat niet door: Coffee, {wording.day(row.planned_for)}, 9.30 uur"
    assert plain(letter).splitlines()[0] == "Gaat niet door: Coffee"
    assert "Het spijt ons: deze bijeenkomst gaat niet door." in plain(letter)
    assert "Waarom: De bieb is dicht." in plain(letter)
    [event] = calendar(letter).events
    assert (calendar(letter)["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == f"occurrence-{row.pk}@localhost"


@pytest.mark.parametrize(
    "language, subject, stops, elsewhere",
    [
        ("nl", "Stopt: Coffee", "Het spijt ons: deze bijeenkomst stopt.", "Kijk wat er te doen is in Hengelo"),
        ("en", "Has ended: Coffee", "We are sorry: this meetup has ended.", "See what's on in Hengelo"),
    ],
)
def test_mail_about_an_ended_meetup_says_so_and_links_to_alternatives(language, subject, stops, elsewhere):
    meetup = weekly()
    for row in dates(meetup)[:2]:
        guest(row, language=language)
    _end(meetup)
    letter = to("sam@example.org")
    assert letter["Subject"] == subject
    text = plain(letter)
    assert text.splitlines()[:2] == [f"{subject.split(':')[0]}: Coffee", "Library, Street 1, Hengelo"]
    assert stops in text
    assert "We stoppen." in text
    with override(language):
        hours = wording.times(row.starts_at, row.ends_at)
        assert [f"- {at_hours(row, hours)}\n" in text for row in dates(meetup)] == [True, True]
    prefix = "" if language == "nl" else "/en"
    for body in (text, html(letter).replace("&#x27;", "'")):
        assert elsewhere in body
        assert f"http://localhost:8000{prefix}/agenda/?gemeente=hengelo" in body
        assert f"/bijeenkomsten/{meetup.slug}/" not in body  # that page is gone
    ics = calendar(letter)
    assert (ics["METHOD"], [event["STATUS"] for event in ics.events]) == ("PUBLISH", ["CANCELLED"] * 2)


# Checked again when it is sent.


def test_mail_leaves_out_a_date_the_recipient_withdrew_from():
    first, second, *_ = dates(weekly())
    gone = guest(first)
    guest(second)
    change(first.meetup, **LATER)
    attending.withdraw(attendance=gone)
    letter = next(letter for letter in deliver() if letter["Subject"].startswith("Veranderd"))
    assert letter["Subject"].startswith(f"Veranderd: Coffee, {wording.day(second.planned_for)}")
    assert wording.day(first.planned_for) not in plain(letter)


def test_mail_without_remaining_changes_is_not_sent():
    meetup = weekly()
    for row in dates(meetup)[:2]:
        guest(row)
    change(meetup, **LATER)
    Attendance.objects.update(state=State.WITHDRAWN, withdrawn_at=timezone.now())
    assert deliver() == []
    assert Message.objects.get().state == "skipped"


def test_two_changes_before_the_first_mail_are_combined():
    first, second, *_ = dates(weekly())
    guest(first)
    guest(second)
    change(first.meetup, **LATER)
    _move(dates(first.meetup)[0], start_time=time(14), end_time=time(16))
    letters = {letter["Subject"]: plain(letter) for letter in deliver()}
    texts = "\n".join(letters.values())
    assert len(letters) == 2  # one about the second date, one about the first
    assert texts.count(at_hours(first, "9.30 tot 11.30 uur → 14.00 tot 16.00 uur")) == 1
    assert texts.count(at_hours(second, "9.30 tot 11.30 uur → 10.00 tot 12.00 uur")) == 1
    assert "→ 10.00" not in texts.replace(at_hours(second, "9.30 tot 11.30 uur → 10.00 tot 12.00 uur"), "")


def test_second_change_starts_from_the_state_in_the_first_mail():
    row = dates(weekly())[0]
    guest(row)
    change(row.meetup, **LATER)
    deliver()
    _move(dates(row.meetup)[0], start_time=time(14), end_time=time(16))
    assert at_hours(row, "10.00 tot 12.00 uur → 14.00 tot 16.00 uur") in plain(to("sam@example.org"))


def test_change_starts_from_the_state_at_the_latest_sign_up():
    row = dates(weekly())[0]
    noor = make_user("Noor")
    make_attendance(row, noor)
    change(row.meetup, **LATER)
    attending.withdraw(attendance=Attendance.objects.get())
    attending.join(occurrence=row, user=noor)
    _move(dates(row.meetup)[0], start_time=time(14), end_time=time(16))
    texts = [plain(letter) for letter in deliver() if letter["Subject"].startswith("Veranderd")]
    assert [at_hours(row, "10.00 tot 12.00 uur → 14.00 tot 16.00 uur") in text for text in texts] == [True]


def test_mail_to_someone_promoted_on_a_restored_date_says_both():
    row = dates(weekly(capacity=1))[0]
    make_attendance(row)
    guest(row, state=State.WAITING)
    _cancel(row)
    deliver()
    Meetup.objects.update(capacity=2)
    single_dates.restore_occurrence(occurrence=row, by=make_user(), now=timezone.now())
    assert "deze bijeenkomst gaat toch door. En er is plaats voor je." in plain(to("sam@example.org"))


def test_change_undone_before_the_mail_is_not_sent():
    row = dates(weekly())[0]
    guest(row)
    change(row.meetup, **LATER)
    change(row.meetup, start_time=time(9, 30), end_time=time(11, 30))
    assert deliver() == []


def test_cancellation_undone_before_the_mail_is_not_sent():
    row = dates(weekly())[0]
    guest(row)
    _cancel(row)
    single_dates.restore_occurrence(occurrence=row, by=make_user(), now=timezone.now())
    assert deliver() == []


def test_restored_date_is_announced_once_after_a_cancellation_mail():
    row = dates(weekly())[0]
    guest(row)
    _cancel(row)
    deliver()
    single_dates.restore_occurrence(occurrence=row, by=make_user(), now=timezone.now())
    letter = to("sam@example.org")
    assert letter["Subject"].startswith("Gaat toch door: Coffee, ")
    assert "Goed nieuws: deze bijeenkomst gaat toch door." in plain(letter)
    assert calendar(letter).events[0]["STATUS"] == "CONFIRMED"
    _move(dates(row.meetup)[0], start_time=time(14), end_time=time(16))
    assert to("sam@example.org")["Subject"].startswith("Veranderd: ")


def test_mail_does_not_say_ended_for_a_meetup_resumed_since():
    meetup = weekly()
    for row in dates(meetup)[:2]:
        guest(row)
    _end(meetup)
    planning.resume_meetup(meetup=meetup, now=timezone.now())
    letter = to("sam@example.org")
    assert letter["Subject"] == "Gaat niet door: Coffee, 2 bijeenkomsten"
    assert f"/bijeenkomsten/{meetup.slug}/" in plain(letter)


def test_change_of_a_date_that_is_cancelled_or_over_is_not_sent():
    first, second, *_ = dates(weekly())
    guest(first)
    guest(second)
    change(first.meetup, **LATER)
    _cancel(first)
    Occurrence.objects.filter(pk=second.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    [letter] = deliver()
    assert letter["Subject"].startswith("Gaat niet door: ")


def test_mail_goes_to_the_current_address():
    row = dates(weekly())[0]
    noor = make_user("Noor")
    make_attendance(row, noor)
    change(row.meetup, **LATER)
    noor.email = "new@example.org"
    noor.save()
    assert [letter["To"] for letter in deliver()] == ["new@example.org"]


def test_same_action_twice_is_one_letter_and_another_action_is_a_second():
    row = dates(weekly())[0]
    guest(row)
    for _ in range(2):
        change(row.meetup, **LATER)
    assert Message.objects.count() == 1
    change(row.meetup, start_time=time(11), end_time=time(12))
    assert Message.objects.count() == 2


def test_failed_action_notifies_nobody(monkeypatch):
    row = dates(weekly())[0]
    guest(row)

    def fail(*args):
        raise RuntimeError("halfway")

    monkeypatch.setattr("page_cache.versions.invalidate", fail)
    with pytest.raises(RuntimeError):
        _end(row.meetup)
    row.refresh_from_db()
    assert (row.status, Message.objects.count()) == ("scheduled", 0)


@pytest.mark.parametrize("template, is_cancelled", [("meetups.changed", False), ("meetups.cancelled", True)])
def test_letter_in_the_old_single_date_format_is_still_sent(template, is_cancelled):
    row = dates(weekly())[0]
    person = guest(row)
    if is_cancelled:
        Occurrence.objects.filter(pk=row.pk).update(status="cancelled", cancel_reason="Dicht")
    Message.objects.create(
        topic="changed", template=template, object_id=person.pk, email=person.email, dedupe_key="as it was"
    )
    text = plain(to("sam@example.org"))
    assert ("Gaat niet door" in text) is is_cancelled
    assert f"{wording.day(row.planned_for)}, 9.30 tot 11.30 uur" in text


def test_no_reminder_after_a_mail_about_a_change():
    tomorrow = make_occurrence(on=TODAY + timedelta(days=1))
    notified, other = guest(tomorrow), make_attendance(tomorrow)
    Attendance.objects.update(queued_at=timezone.now() - timedelta(days=5))
    after = reminder_instant(tomorrow.local_date) + timedelta(minutes=1)
    announce_change(tomorrow, location=make_location())
    Message.objects.filter(email=notified.email).update(created_at=after)
    Message.objects.filter(email=other.email).update(created_at=after - timedelta(hours=1))
    plan_reminders(now=after)
    assert [letter.email for letter in Message.objects.filter(template="meetups.reminder")] == [other.email]
