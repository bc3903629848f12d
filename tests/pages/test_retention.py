"""Data is deleted when its retention period on the privacy page is over, and not earlier."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models
from django.test import Client
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import override

from accounts import sessions
from accounts.models import AddressChange, SecurityEvent, User
from accounts.retention import Rule
from initiatives.models import Card, Claim, Initiative, Invitation, Merge, Post, Support
from insights.models import YearKey
from meetups.models import Attendance, DoorTap, Occurrence
from moderation.models import Absence, Answer, Case, Concern, Decision, Report, Trust
from moderation.worries import actions as worries
from notifications.models import Message
from pages import privacy, retention
from pages.tasks import OLD_NAMES, forget
from pedbasis import celery
from photos.models import Photo, SealedCopy
from tests.factories import (
    make_attendance,
    make_concern,
    make_contact,
    make_existing_group,
    make_initiative,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_photo,
    make_support,
    make_user,
)
from tests.notifications.letters import make_messages

DOC = Path(__file__).resolve().parent.parent.parent / "docs" / "data-protection.md"
Exists = Callable[[], bool]


def date_that_ended(at: datetime, **fields) -> Occurrence:
    return make_occurrence(make_meetup(), on=at.date(), starts_at=at - timedelta(hours=2), ends_at=at, **fields)


def make_unconfirmed(at: datetime) -> Exists:
    row = make_attendance(
        make_occurrence(), guest_name="Ada", guest_email="ada@example.org", state="unconfirmed", queued_at=at
    )
    return Attendance.objects.filter(pk=row.pk).exists


def make_guest(at: datetime) -> Exists:
    """A guest who signed up, and one added at the door."""
    date = date_that_ended(at)
    make_attendance(date, guest_name="Ada", guest_email="ada@example.org", children_0_3=2)
    make_attendance(date, guest_name="Ank", source="door", children_0_3=2)

    def exists() -> bool:
        rows = list(date.attendances.order_by("pk").values_list("guest_name", "guest_email", "adults", "children_0_3"))
        gone = [("-", "", 1, 2), ("-", "", 1, 2)]
        assert rows in (gone, [("Ada", "ada@example.org", 1, 2), ("Ank", "", 1, 2)])
        return rows != gone

    return exists


def make_note(at: datetime) -> Exists:
    row = make_attendance(date_that_ended(at), make_user(), note="Ik ben verlegen.", adults=2)

    def exists() -> bool:
        row.refresh_from_db()
        assert (row.adults, row.first_name) == (2, "Noor")
        return row.note != ""

    return exists


def make_report(at: datetime) -> Exists:
    """The note of a host on a closed date, and on one that was reopened."""
    closed = {"closed_at": at, "closed_by": make_user(), "head_adults": 3, "head_children": 2}
    dates = [date_that_ended(at, host_note="Fijn!", **closed), date_that_ended(at, host_note="Nog even")]

    def exists() -> bool:
        rows = list(Occurrence.objects.filter(pk__in=[date.pk for date in dates]).order_by("pk"))
        assert [row.head_adults for row in rows] == [3, None]
        return any(row.host_note or row.closed_by_id for row in rows)

    return exists


def make_tap(at: datetime) -> Exists:
    fields = {"kind": "adults", "delta": 1, "device": uuid.uuid4(), "tapped_at": at, "received_at": at}
    tap = DoorTap.objects.create(occurrence=date_that_ended(at), host=make_user(), **fields)
    return DoorTap.objects.filter(pk=tap.pk).exists


def make_message(at: datetime) -> Exists:
    [message] = make_messages(1, dedupe_key=f"{at}", due_at=at, state="skipped")
    return Message.objects.filter(pk=message.pk).exists


def make_session(at: datetime) -> Exists:
    key = f"{at:%Y%m%d%H%M%S%f}"
    expires = at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Session.objects.create(session_key=key, session_data="x", expire_date=expires)
    return Session.objects.filter(session_key=key).exists


def make_address_change(at: datetime) -> Exists:
    row = AddressChange.objects.create(
        user=make_user(), old_email="old@example.org", new_email="new@example.org", changed_at=at
    )
    return AddressChange.objects.filter(pk=row.pk).exists


def make_security_event(at: datetime) -> Exists:
    row = SecurityEvent.objects.create(user=make_user(), kind=SecurityEvent.Kind.BY_CODE, happened_at=at)
    return SecurityEvent.objects.filter(pk=row.pk).exists


def make_key(at: datetime) -> Exists:
    key = YearKey.objects.create(year=at.year)
    return YearKey.objects.filter(pk=key.pk, secret__isnull=False).exists


def make_admin_log(at: datetime) -> Exists:
    boss = make_user()
    of_people = ContentType.objects.get_for_model(User)
    row = LogEntry.objects.create(
        user=boss, content_type=of_people, object_id=boss.pk, object_repr="Noor", action_flag=CHANGE, action_time=at
    )
    return LogEntry.objects.filter(pk=row.pk).exists


def make_unused_account(at: datetime) -> Exists:
    """Someone who was warned a while ago."""
    user = make_user(date_joined=at, erase_on=timezone.localdate(at + timedelta(days=750)))
    return User.objects.filter(pk=user.pk).exists


def make_concerns(at: datetime) -> Exists:
    """A concern that was handled, and one that nobody ever read."""
    town = make_municipality()
    contact = make_contact(town)
    handled, unread = (make_concern(town, now=at) for _ in range(2))
    worries.mark_read(concern=handled, reader=contact, now=at)
    worries.mark_handled(concern=handled, now=at)

    def exists() -> bool:
        left = Concern.objects.filter(pk__in=[handled.pk, unread.pk]).count()
        assert left in {0, 2}
        return left == 2

    return exists


def make_draft(at: datetime) -> Exists:
    """A photo that was never saved, and one that was taken off its page."""
    fields = {"attached_at": None, "created_at": at}
    kept = [make_photo(make_user(), **fields), make_photo(make_user(), detached_at=at, attached_at=None)]
    drafts = Photo.objects.filter(pk__in=[photo.pk for photo in kept])

    def exists() -> bool:
        assert drafts.count() in {0, 2}
        return drafts.exists()

    return exists


def make_case(at: datetime, **fields) -> Case:
    return Case.objects.create(
        kind="meetup",
        object_id=make_meetup().pk,
        municipality=make_municipality(),
        **{"cause": "report", "opened_at": at, "state": "closed"} | fields,
    )


def decide(case: Case, at: datetime) -> Decision:
    return case.decisions.create(
        outcome="fine", decided_at=at, state="open", cause="report", visibility="shown", decided_by=make_user()
    )


def make_report_of_something(at: datetime) -> Exists:
    case = make_case(timezone.now())
    decision = decide(case, at)
    row = case.reports.create(token=uuid.uuid4(), reason="other", words="Hm", created_at=at, decision=decision)
    decide(case, timezone.now())
    return Report.objects.filter(pk=row.pk).exists


def make_decision(at: datetime) -> Exists:
    decision = decide(make_case(at), at)
    return Decision.objects.filter(pk=decision.pk).exists


def make_answer(at: datetime) -> Exists:
    case = make_case(timezone.now())
    decide(case, timezone.now())
    return Answer.objects.filter(pk=case.answers.create(words="Sorry", created_at=at).pk).exists


def make_trust(at: datetime) -> Exists:
    row = Trust.objects.create(user=make_user(), fact="welcomed", on=timezone.localdate(at))
    return Trust.objects.filter(pk=row.pk).exists


def make_absence(at: datetime) -> Exists:
    day = timezone.localdate(at)
    row = Absence.objects.create(user=make_user(), from_on=day, until_on=day)
    return Absence.objects.filter(pk=row.pk).exists


def make_hidden_photo(at: datetime) -> Exists:
    """A photo that was hidden: its row stays, its copy goes. One that is on no page any more goes altogether."""
    hidden = {"visibility": "hidden", "hidden_at": at, "state": "sealed", "has_files": False}
    photo, detached = make_photo(make_user(), **hidden), make_photo(make_user(), attached_at=None, **hidden)
    make_location(photo=photo)
    for row in (photo, detached):
        SealedCopy.objects.create(photo=row, image=b"webp")

    def exists() -> bool:
        photo.refresh_from_db()
        is_kept = SealedCopy.objects.filter(photo=photo).exists()
        assert (photo.state == "sealed") is is_kept is Photo.objects.filter(pk=detached.pk).exists()
        return is_kept

    return exists


def make_unconfirmed_commitment(at: datetime) -> Exists:
    row = make_support(make_initiative(), state="unconfirmed", asked_at=at)
    return Support.objects.filter(pk=row.pk).exists


def make_withdrawn_commitment(at: datetime) -> Exists:
    row = make_support(make_initiative(), make_user(), state="withdrawn", withdrawn_at=at)
    return Support.objects.filter(pk=row.pk).exists


def make_guest_of_idea(at: datetime) -> Exists:
    row = make_support(make_initiative(stage="ended", end_reason="done", active_at=at))
    return Support.objects.filter(pk=row.pk).exists


def make_invitation(at: datetime) -> Exists:
    """An invitation that was not answered; a no of the same day stays, without the address."""
    idea, fields = make_initiative(), {"invited_by": make_user(), "created_at": at}
    row = Invitation.objects.create(initiative=idea, email="bo@example.org", address_hash="1", **fields)
    no = Invitation.objects.create(initiative=idea, address_hash="2", state="declined", answered_at=at, **fields)

    def exists() -> bool:
        assert Invitation.objects.filter(pk=no.pk, email="").exists()
        return Invitation.objects.filter(pk=row.pk).exists()

    return exists


def make_merge(at: datetime) -> Exists:
    """A question to continue together that was declined."""
    fields = {"is_asked_by_ending": True, "asked_by": make_user(), "asked_at": at}
    ideas = {"ending": make_initiative(), "into": make_initiative()}
    row = Merge.objects.create(**ideas, **fields, state="declined", answered_at=at)
    return Merge.objects.filter(pk=row.pk).exists


def make_noted_idea(at: datetime) -> Exists:
    row = make_initiative(published_at=None)
    row.initiators.all().delete()
    Card.objects.create(initiative=row, code_hash=f"{at}"[:32], created_at=at)
    return Initiative.objects.filter(pk=row.pk).exists


def make_deleted_post(at: datetime) -> Exists:
    fields = {"text": "Hallo", "audience": "network", "shown_at": at, "deleted_at": at}
    row = Post.objects.create(initiative=make_initiative(), author=make_user(), **fields)
    return Post.objects.filter(pk=row.pk).exists


def make_draft_idea(at: datetime) -> Exists:
    row = make_initiative(published_at=None, active_at=at)
    return Initiative.objects.filter(pk=row.pk).exists


def make_left_idea(at: datetime) -> Exists:
    row = make_initiative(stage="ended", end_reason="left", active_at=at)
    row.initiators.all().delete()
    return Initiative.objects.filter(pk=row.pk).exists


def make_listed_group(at: datetime) -> Exists:
    """A group of which nobody looks after the page; one that someone claimed stays."""
    town = make_municipality()
    group, claimed = make_existing_group(town), make_existing_group(town, email="", claimed_at=at)
    Initiative.objects.filter(existing__in=[group, claimed]).update(active_at=at)

    def exists() -> bool:
        assert Initiative.objects.filter(pk=claimed.initiative_id).exists()
        return Initiative.objects.filter(pk=group.initiative_id).exists()

    return exists


def make_unconfirmed_group(at: datetime) -> Exists:
    group = make_existing_group(make_municipality(), guest_email="noor@guest.example", created_at=at)
    return Initiative.objects.filter(pk=group.initiative_id).exists


def make_claim(at: datetime) -> Exists:
    """A claim that nobody answered, and one that was answered, made long before."""
    group = make_existing_group(make_municipality())
    asked = {"email": "bestuur@rennen.example", "words": "Ik loop voorop."}
    answered = {"state": "declined", "answered_at": at, "made_at": at - timedelta(days=400)}
    rows = [
        Claim.objects.create(group=group, by=make_user(), made_at=at, **asked),
        Claim.objects.create(group=group, by=make_user(), **answered),
    ]

    def exists() -> bool:
        left = Claim.objects.filter(pk__in=[row.pk for row in rows]).count()
        assert left in {0, 2}
        return left == 2

    return exists


MAKERS: dict[str, Callable[[datetime], Exists]] = {
    "unconfirmed": make_unconfirmed,
    "concerns": make_concerns,
    "guests": make_guest,
    "notes": make_note,
    "reports": make_report,
    "taps": make_tap,
    "messages": make_message,
    "sessions": make_session,
    "address_changes": make_address_change,
    "security_events": make_security_event,
    "visits": make_key,
    "photo_drafts": make_draft,
    "hidden_photos": make_hidden_photo,
    "inactive_accounts": make_unused_account,
    "admin_log": make_admin_log,
    "reports_of_things": make_report_of_something,
    "decisions": make_decision,
    "answers": make_answer,
    "trust": make_trust,
    "absences": make_absence,
    "unconfirmed_commitments": make_unconfirmed_commitment,
    "withdrawn_commitments": make_withdrawn_commitment,
    "idea_guests": make_guest_of_idea,
    "idea_drafts": make_draft_idea,
    "deleted_posts": make_deleted_post,
    "noted_ideas": make_noted_idea,
    "idea_invitations": make_invitation,
    "idea_merges": make_merge,
    "left_ideas": make_left_idea,
    "listed_groups": make_listed_group,
    "unconfirmed_groups": make_unconfirmed_group,
    "group_claims": make_claim,
}
# For rules without a fixed number of days: an age that is kept, and one that is deleted.
AGES = {
    "concerns": (timedelta(days=29), timedelta(days=181)),
    "visits": (timedelta(days=365), timedelta(days=2 * 366)),
    "inactive_accounts": (timedelta(days=700), timedelta(days=800)),
    "trust": (timedelta(days=729), timedelta(days=732)),
    "absences": (timedelta(0), timedelta(days=2)),  # by date, so an hour may be yesterday
}
ACTIVE = [rule for rule in retention.RULES if rule.forget]


def ages(rule: Rule) -> tuple[list[timedelta], list[timedelta]]:
    """Return ages that are kept, and ages that are deleted."""
    if rule.keep is None:
        young, old = AGES[rule.name]
        return [timedelta(0), young], [old, 3 * old]
    moment = timedelta(minutes=1)
    return [timedelta(0), rule.keep / 2, rule.keep - moment], [rule.keep + moment, 2 * rule.keep, 20 * rule.keep]


def test_every_active_rule_is_tested_here():
    assert {rule.name for rule in ACTIVE} == set(MAKERS)
    assert len({rule.name for rule in retention.RULES}) == len(retention.RULES)
    assert all(rule.overdue for rule in ACTIVE)


@pytest.mark.django_db
def test_job_deletes_everything_past_its_retention_period_and_nothing_else():
    now = timezone.now()
    stays, goes = [], []
    for rule in ACTIVE:
        young, old = ages(rule)
        stays += [(rule.name, age, MAKERS[rule.name](now - age)) for age in young]
        goes += [(rule.name, age, MAKERS[rule.name](now - age)) for age in old]
    assert [rule.name for rule in ACTIVE if not rule.overdue(now=now).exists()] == []
    assert [name for name, _age, exists in stays + goes if not exists()] == []
    retention.forget(now=now)
    assert [rule.name for rule in ACTIVE if rule.overdue(now=now).exists()] == []
    assert [(name, age) for name, age, exists in stays if not exists()] == []
    assert [(name, age) for name, age, exists in goes if exists()] == []
    retention.forget(now=now)
    assert [(name, age) for name, age, exists in stays if not exists()] == []


@pytest.mark.django_db
def test_unsent_message_is_never_deleted():
    now = timezone.now()
    make_messages(1, due_at=now - timedelta(days=90))
    retention.forget(now=now)
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_sessions_of_an_erased_user_are_deleted(monkeypatch):
    monkeypatch.setattr(sessions, "BATCH", 1)
    noor, sam = make_user("Noor"), make_user("Sam")
    for user in (noor, noor, sam):
        Client().force_login(user)
    Client().get("/agenda/")
    privacy.erase(user=noor, now=timezone.now())
    retention.forget(now=timezone.now())
    assert [row.get_decoded()["_auth_user_id"] for row in Session.objects.all()] == [str(sam.pk)]


@pytest.mark.django_db
def test_failing_rule_is_reported_and_does_not_stop_the_others(monkeypatch, caplog):
    now = timezone.now()

    def fail(*, now: datetime) -> None:
        Message.objects.all().delete()
        raise RuntimeError("no")

    def rule(name: str, forget) -> Rule:
        return Rule(name=name, what="", why="", seen_by="", until="", forget=forget)

    make_messages(1)
    done = []
    rules = [rule("first", fail), rule("second", lambda *, now: done.append(now)), rule("none", None)]
    monkeypatch.setattr(retention, "RULES", rules)
    with pytest.raises(retention.RetentionFailed, match=r"^first$"):
        retention.forget(now=now)
    assert done == [now]
    assert Message.objects.count() == 1, "the failing rule must be rolled back"
    assert "Could not forget: first" in caplog.text


@pytest.mark.django_db
def test_beat_schedules_one_job_and_old_task_names_run_it_too():
    tasks = [row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()]
    assert [name for name in tasks if "forget" in name] == ["pages.tasks.forget"]
    celery.app.loader.import_default_modules()
    for name in ("pages.tasks.forget", *OLD_NAMES):
        exists = make_message(timezone.now() - timedelta(days=31))
        celery.app.tasks[name].apply().get()
        assert not exists()
    assert forget.name == "pages.tasks.forget"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_privacy_page_shows_the_rules(client, db, language):
    page = client.get("/privacy/" if language == "nl" else "/en/privacy/").content.decode()
    with override(language):
        rules = [
            (str(rule.what), capfirst(str(rule.until)), str(rule.why), capfirst(str(rule.seen_by)))
            for rule in retention.RULES
        ]
    shown = r'<span class="rule-what">(.*?)</span><span[^>]*>(.*?)</span>.*?<dd>(.*?)</dd>.*?<dd>(.*?)</dd>'
    assert re.findall(shown, page, re.DOTALL) == rules


def test_table_in_the_documentation_matches_the_rules():
    """When this fails, paste what it expected into docs/data-protection.md."""
    with override("en"):
        rows = [f"| {rule.what} | {rule.why} | {rule.seen_by} | {rule.until} |" for rule in retention.RULES]
    table = "\n".join(["| what | why | who sees it | how long |", "|---|---|---|---|", *rows])
    assert table in DOC.read_text()


# Every field that may contain personal data -> its rule. A new field fails the test below until it is added here or to
# NOT_PERSONAL.
PERSONAL = {
    "accounts.AddressChange.new_email": "address_changes",
    "accounts.AddressChange.old_email": "address_changes",
    "accounts.AddressChange.user": "address_changes",
    "accounts.Device.browser": "sessions",
    "accounts.Device.system": "sessions",
    "accounts.Device.user": "sessions",
    "accounts.Role.label": "roles",
    "accounts.Role.organisation": "roles",
    "accounts.Role.user": "roles",
    "accounts.SecurityEvent.user": "security_events",
    "accounts.User.email": "accounts",
    "accounts.User.first_name": "accounts",
    "accounts.User.language": "accounts",
    "accounts.User.password": "ways_in",
    "initiatives.Answer.by": "questions",
    "initiatives.Answer.question_text": "questions",
    "initiatives.Answer.text": "questions",
    "initiatives.Follow.user": "follows",
    "initiatives.Post.author": "posts",
    "initiatives.Post.text": "posts",
    "initiatives.Question.asked_by": "questions",
    "initiatives.Question.text": "questions",
    "initiatives.Card.code_hash": "noted_ideas",
    "initiatives.Claim.answered_by": "group_claims",
    "initiatives.Claim.by": "group_claims",
    "initiatives.Claim.email": "group_claims",
    "initiatives.Claim.reason": "group_claims",
    "initiatives.Claim.words": "group_claims",
    "initiatives.ExistingGroup.address_hash": "listed_groups",
    "initiatives.ExistingGroup.email": "listed_groups",
    "initiatives.ExistingGroup.guest_email": "unconfirmed_groups",
    "initiatives.ExistingGroup.guest_language": "unconfirmed_groups",
    "initiatives.ExistingGroup.listed_by": "listed_groups",
    "initiatives.RefusedAddress.address_hash": "listed_groups",
    "initiatives.Card.noted_by": "noted_ideas",
    "initiatives.HistoryEntry.by": "ideas",
    "initiatives.Initiative.end_note": "ideas",
    "initiatives.Initiative.for_whom": "ideas",
    "initiatives.Initiative.meeting_point": "ideas",
    "initiatives.Initiative.meets_when": "ideas",
    "initiatives.Initiative.meets_where": "ideas",
    "initiatives.Initiative.website": "ideas",
    "initiatives.Initiative.needed": "ideas",
    "initiatives.Initiative.title": "ideas",
    "initiatives.Initiative.what": "ideas",
    "initiatives.Initiator.user": "ideas",
    "initiatives.Invitation.address_hash": "idea_invitations",
    "initiatives.Invitation.email": "idea_invitations",
    "initiatives.Invitation.invited_by": "idea_invitations",
    "initiatives.Invitation.language": "idea_invitations",
    "initiatives.Merge.asked_by": "idea_merges",
    "initiatives.Need.text": "ideas",
    "initiatives.PlaceContact.email": "place_contacts",
    "initiatives.PlaceContact.name": "place_contacts",
    "initiatives.PlaceRequest.asked_by": "ideas",
    "initiatives.PlaceRequest.expected": "asked_places",
    "initiatives.PlaceRequest.reason": "asked_places",
    "initiatives.Recipe.checklist": "ideas",
    "initiatives.Recipe.costs": "ideas",
    "initiatives.Recipe.lessons": "ideas",
    "initiatives.SearchWord.word": "idea_words",
    "initiatives.Support.guest_email": "idea_guests",
    "initiatives.Support.guest_name": "idea_guests",
    "initiatives.Support.language": "commitments",
    "initiatives.Support.user": "commitments",
    "initiatives.Support.words": "commitments",
    "insights.Visit.person": "visits",
    "insights.Visit.person_last_year": "visits",
    "insights.YearKey.secret": "visits",
    "meetups.Attendance.guest_email": "guests",
    "meetups.DoorTap.host": "taps",
    "meetups.Attendance.guest_name": "guests",
    "meetups.Attendance.language": "sign_ups",
    "meetups.Attendance.note": "notes",
    "meetups.Attendance.user": "sign_ups",
    "meetups.CalendarKey.secret": "calendar_links",
    "meetups.CalendarKey.user": "calendar_links",
    "meetups.Host.user": "hosts",
    "meetups.Host.welcome": "hosts",
    "meetups.Meetup.created_by": "hosts",
    "meetups.Meetup.greeting": "hosts",
    "meetups.Occurrence.closed_by": "reports",
    "meetups.Occurrence.host_note": "reports",
    "moderation.Concern.fingerprint": "concerns",
    "moderation.Concern.language": "concerns",
    "moderation.Concern.reader": "concerns",
    "moderation.Concern.reply_to": "concerns",
    "moderation.Concern.words": "concerns",
    "moderation.Absence.user": "absences",
    "moderation.Answer.words": "answers",
    "moderation.Answer.writer": "answers",
    "moderation.Block.blocked": "blocks",
    "moderation.Block.user": "blocks",
    "moderation.Case.proposed": "decisions",
    "moderation.Case.title": "decisions",
    "moderation.Case.writer": "decisions",
    "moderation.Decision.approved": "decisions",
    "moderation.Decision.decided_by": "decisions",
    "moderation.Decision.proposed": "decisions",
    "moderation.Decision.seen": "decisions",
    "moderation.Decision.words": "decisions",
    "moderation.Decision.writer": "decisions",
    "moderation.Report.email": "reports_of_things",
    "moderation.Report.language": "reports_of_things",
    "moderation.Report.seen": "reports_of_things",
    "moderation.Report.sender": "reports_of_things",
    "moderation.Report.user": "reports_of_things",
    "moderation.Report.words": "reports_of_things",
    "moderation.Trust.user": "trust",
    "notifications.Message.context": "messages",
    "notifications.Message.dedupe_key": "messages",
    "notifications.Message.email": "messages",
    "notifications.Message.language": "messages",
    "notifications.Message.last_error": "messages",
    "notifications.Message.user": "messages",
    "notifications.Preference.email": "wishes",
    "photos.Incoming.data": "photo_files",
    "photos.Photo.description": "photos",
    "photos.Photo.fingerprint": "photos",
    "photos.Photo.given_by": "photos",
    "photos.Photo.purpose": "photos",
    "photos.SealedCopy.image": "hidden_photos",
}
# Models with public information about towns, places and meetups.
PUBLIC = {"locations.Municipality", "locations.Logo", "locations.Location", "meetups.Meetup"}
NOT_PERSONAL = {
    "initiatives.Answer.idea_fingerprint",
    "initiatives.Initiative.slug",
    "initiatives.PlaceRequest.rrule",
    "initiatives.Plan.rrule",
    "meetups.Occurrence.cancel_reason",
    "meetups.Occurrence.theme",
    "moderation.Case.kind",
    "notifications.Message.template",
    "photos.Discarded.token",
    "photos.Photo.token",
}
MAY_HOLD_ANYTHING = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


# Third-party models.
THIRD_PARTY = {
    "account.EmailAddress": "accounts",
    "account.EmailConfirmation": "accounts",
    "admin.LogEntry": "admin_log",
    "mfa.Authenticator": "ways_in",
    "sessions.Session": "sessions",
}
NOT_PERSONAL_MODELS = {"auth.Group", "auth.Permission", "contenttypes.ContentType"}


def test_every_third_party_model_has_a_rule():
    found = {model._meta.label for model in apps.get_models() if model._meta.app_label not in settings.OWN_APPS}
    assert found == set(THIRD_PARTY) | NOT_PERSONAL_MODELS
    assert set(THIRD_PARTY.values()) <= {rule.name for rule in retention.RULES}


def test_every_field_with_personal_data_has_a_rule():
    found = set()
    for app in settings.OWN_APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.fields:
                is_text = isinstance(field, MAY_HOLD_ANYTHING) and not field.choices
                if is_text or field.related_model is User:
                    name = f"{model._meta.label}.{field.name}"
                    if name in PERSONAL or (model._meta.label not in PUBLIC and name not in NOT_PERSONAL):
                        found.add(name)
    assert found == set(PERSONAL)
    assert set(PERSONAL.values()) <= {rule.name for rule in retention.RULES}
