"""Mails use the language of the recipient's account, or without one that of the page they used."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Role, User
from initiatives import changes
from initiatives import notices as idea_notices
from initiatives.dormancy import actions as dormancy
from initiatives.dormancy import clock
from initiatives.existing import claims
from initiatives.existing import notices as group_notices
from initiatives.initiating import actions as initiating
from initiatives.merging import actions as merging
from initiatives.models import Claim, Dormancy, Initiative, Merge, PlaceContact, PlaceRequest, Question, Support
from initiatives.planning import answers, beginning
from initiatives.progress import actions as progress
from initiatives.talking import asking, digest
from initiatives.talking.reminding import remind_officials
from meetups import notices
from meetups.attending.actions.reminding import plan_reminders, reminder_instant
from meetups.clock import localise
from meetups.models import Attendance
from moderation.actions.escalating import check_waiting
from moderation.models import Case, Concern
from moderation.worries.actions import ask_to_visit, follow_up
from notifications import account_emails
from notifications.channels.email import composers
from notifications.delivery import send_due
from notifications.models import Message
from pages import address_changes, addresses_set, inactivity
from tests import attending
from tests.factories import (
    make_attendance,
    make_concern,
    make_contact,
    make_existing_group,
    make_initiative,
    make_location,
    make_meetup,
    make_occurrence,
    make_role,
    make_support,
    make_user,
)
from tests.initiatives.places import Cavia, make_cavia
from tests.mailbox import letters as letters_sent
from tests.moderation.scene import decide, report
from tests.news import announce_change

pytestmark = pytest.mark.django_db
State = Attendance.State
Trigger = Callable[[Attendance], None]


def _withdrawn(attendance: Attendance) -> None:
    attendance.state, attendance.withdrawn_at = State.WITHDRAWN, timezone.now()
    attendance.save()
    notices.withdrawn(attendance)


def _in_state(state: str, letter: Trigger) -> Trigger:
    def write(attendance: Attendance) -> None:
        attendance.state = state
        attendance.save()
        letter(attendance)

    return write


def _ended(attendance: Attendance) -> None:
    attendance.occurrence.meetup.status = "ended"
    attendance.occurrence.meetup.save()
    announce_change(attendance.occurrence, "ended", status="cancelled")


def _reminder(attendance: Attendance) -> None:
    remind_at = reminder_instant(attendance.occurrence.local_date)
    Attendance.objects.update(queued_at=remind_at - timedelta(days=1))
    plan_reminders(now=remind_at)


def _inactive(attendance: Attendance) -> None:
    user = attendance.user or make_user(email=attendance.email)
    user.date_joined = user.last_login = timezone.now() - timedelta(days=800)
    user.save()
    inactivity.warn(now=timezone.now())


def _concern(attendance: Attendance) -> None:
    town = attendance.occurrence.location.municipality
    make_contact(town, user=attendance.user or make_user(email=attendance.email))
    make_concern(town)


def _concern_reminder(attendance: Attendance) -> None:
    _concern(attendance)
    now = timezone.now()
    Concern.objects.update(goes_up_at=now + timedelta(hours=1), told_at=now - timedelta(days=1))
    follow_up(now=now)
    Message.objects.exclude(template="moderation.concern_reminder").delete()


def _contact_unseen(attendance: Attendance) -> None:
    user = attendance.user or make_user(email=attendance.email)
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=40))
    make_contact(attendance.occurrence.location.municipality, user=user)
    ask_to_visit(now=timezone.now())


def _case(attendance: Attendance) -> Case:
    """Let someone report a meetup of the town, which this person coordinates and wrote."""
    user = attendance.user or make_user(email=attendance.email)
    meetup = attendance.occurrence.meetup
    type(meetup).objects.filter(pk=meetup.pk).update(created_by=user)
    other = make_role(Role.Kind.COORDINATOR, meetup.location.municipality, make_user("Willem"))
    User.objects.filter(pk=other.pk).update(is_active=False)  # hears nothing, but may decide
    report(meetup, "meetup", email=user.email, user=user)
    return Case.objects.get()


def _case_waits(attendance: Attendance) -> None:
    town = attendance.occurrence.location.municipality
    make_role(Role.Kind.COORDINATOR, town, attendance.user)
    report(make_meetup(make_location(town)), "meetup")


def _case_still_waits(attendance: Attendance) -> None:
    _case_waits(attendance)
    opened_at = timezone.now() - timedelta(hours=17)
    Message.objects.update(due_at=opened_at, context={"opened_at": opened_at.isoformat()})
    Case.objects.update(opened_at=opened_at, next_check_at=timezone.now())
    check_waiting(now=timezone.now())
    Message.objects.exclude(template="moderation.case_still_waits").delete()


def _decision(template: str) -> Trigger:
    def write(attendance: Attendance) -> None:
        case = _case(attendance)
        decide(case, User.objects.get(first_name="Willem"), "hide")
        Message.objects.exclude(template=template).delete()

    return write


def _support(attendance: Attendance, **fields: Any) -> Support:
    """The commitment of this person to an idea of someone else."""
    return make_support(make_initiative(make_user()), attendance.user, **fields)


def _idea_changed(attendance: Attendance) -> None:
    idea = _support(attendance).initiative
    before = changes.snapshot(idea) | {"for_whom": "iedereen"}
    changes.announce(idea, before, now=timezone.now() - idea_notices.CHANGES_SETTLE)


def _idea_paused(attendance: Attendance) -> None:
    idea = _support(attendance).initiative
    progress.pause(initiative=idea, by=idea.initiators.get().user, now=timezone.now())


def _idea_invitation(attendance: Attendance) -> None:
    idea = make_initiative(make_user())
    act = {"initiative": idea, "by": idea.initiators.get().user, "email": attendance.email, "language": "nl"}
    initiating.invite(**act, now=timezone.now())


def _two_ideas(attendance: Attendance) -> Merge:
    """Let someone ask this person whether two ideas continue together; they take part in the one that would end."""
    user = attendance.user or make_user(email=attendance.email)
    asker, into = make_user(), make_initiative(user)
    ending = make_initiative(asker, municipality=into.municipality, title="Konijnenclub")
    act = {"initiative": ending, "other": into, "by": asker, "is_ending": True, "starts_along": False}
    return merging.ask(**act, now=timezone.now())


def _merge_declined(attendance: Attendance) -> None:
    asked = _two_ideas(attendance)
    Message.objects.all().delete()
    Merge.objects.update(is_asked_by_ending=False)
    merging.decline(merge=asked, by=asked.ending.initiators.get().user, now=timezone.now())


def _merged(attendance: Attendance) -> None:
    ending, other = _support(attendance).initiative, make_user()
    by = ending.initiators.get().user
    into = make_initiative(other, municipality=ending.municipality)
    asked = merging.ask(initiative=ending, other=into, by=by, is_ending=True, starts_along=False, now=timezone.now())
    merging.agree(merge=asked, by=other, starts_along=False, now=timezone.now())
    Message.objects.exclude(template="initiatives.merged").delete()


def _place(template: str, happens: Callable[[Cavia], object]) -> Trigger:
    """Let this happen with an idea: this person answers for its place, started it and takes part in another one."""

    def write(attendance: Attendance) -> None:
        cavia = make_cavia()
        user = attendance.user or make_user(email=attendance.email)
        PlaceContact.objects.update(email=user.email)
        if template in {"initiatives.place_gone", "initiatives.begins"}:
            make_support(cavia.idea, user)
        else:
            cavia.idea.initiators.create(user=user, part="co_initiator")
        happens(cavia)
        Message.objects.exclude(template=template, email=user.email).delete()

    return write


def _revoke(cavia: Cavia) -> None:
    answers.revoke(request=cavia.make_ready(), reason="kapot", has_begun=False, now=timezone.now())


def _asked(cavia: Cavia) -> PlaceRequest:
    cavia.choose()
    return cavia.ask()


def _silent(cavia: Cavia) -> None:
    _asked(cavia)
    answers.remind_all(now=timezone.now() + timedelta(days=7))


def _begins(cavia: Cavia) -> None:
    cavia.make_ready()
    beginning.begin(initiative=cavia.idea, by=cavia.fatima, now=timezone.now())


def _listing(attendance: Attendance) -> None:
    group = make_existing_group(attendance.occurrence.location.municipality, guest_email=attendance.email)
    group_notices.confirm_listing(group)


def _group_told(attendance: Attendance) -> None:
    group_notices.tell(make_existing_group(attendance.occurrence.location.municipality, email=attendance.email))


def _claimed(attendance: Attendance, by: User) -> Claim:
    group = make_existing_group(attendance.occurrence.location.municipality)
    asked = {"email": "bestuur@rennen.example", "words": "Ik loop voorop.", "has_link": False}
    return claims.claim(group=group, by=by, now=timezone.now(), **asked)


def _claim_made(attendance: Attendance) -> None:
    make_role(Role.Kind.COORDINATOR, attendance.occurrence.location.municipality, attendance.user)
    _claimed(attendance, make_user("Fenna"))


def _group_taken_over(attendance: Attendance) -> None:
    group = make_existing_group(attendance.occurrence.location.municipality, email=attendance.email)
    group_notices.taken_over(group, make_user("Fenna"))
    type(group).objects.update(email="", claimed_at=timezone.now())


def _claim_answered(attendance: Attendance) -> None:
    willem = make_role(Role.Kind.COORDINATOR, attendance.occurrence.location.municipality, make_user("Willem"))
    claim = _claimed(attendance, attendance.user)
    Message.objects.all().delete()
    claims.accept(claim=claim, by=willem, meets_at=None, now=timezone.now())
    Message.objects.exclude(template="group_claims.answered").delete()


def _quiet(template: str, happens: Callable[[Initiative, User], object]) -> Trigger:
    """Let this happen with an idea that is quiet for months: this person started it too, or takes part."""

    def write(attendance: Attendance) -> None:
        user, long_ago = attendance.user or make_user(email=attendance.email), timezone.now() - timedelta(days=300)
        idea = make_initiative(make_user("Dewi"), published_at=long_ago, active_at=long_ago)
        idea.initiators.create(user=make_user("Bo"), part="co_initiator")
        make_support(idea, make_user("Sam"))
        if template == "initiatives.takeover":
            make_support(idea, user)
        else:
            idea.initiators.create(user=user, part="co_initiator")
        asked_at = long_ago + timedelta(days=100)
        Dormancy.objects.create(initiative=idea, asked_at=asked_at, offers_on=asked_at.date())
        happens(idea, user)
        Message.objects.exclude(template=template, email=user.email).delete()

    return write


def _ask_again(idea: Initiative, user: User) -> None:
    Dormancy.objects.all().delete()
    clock.attend(pk=idea.pk, now=timezone.now())


def _offer(idea: Initiative, user: User) -> None:
    clock.attend(pk=idea.pk, now=timezone.now())


def _pause_quiet(idea: Initiative, user: User) -> None:
    offered_at = timezone.now() - timedelta(days=90)
    told = {"offered_at": offered_at, "pauses_on": offered_at.date(), "told_at": offered_at}
    Dormancy.objects.update(**told)
    clock.attend(pk=idea.pk, now=timezone.now())


def _take_over(idea: Initiative, user: User) -> None:
    _offer(idea, user)
    dormancy.take_over(initiative=idea, by=idea.supports.earliest("pk").user, now=timezone.now())


def _hand_over(idea: Initiative, user: User) -> None:
    proposer = idea.initiators.get(part="proposer").user
    dormancy.hand_over(initiative=idea, by=proposer, to=user, now=timezone.now())


def _digest(attendance: Attendance) -> None:
    idea = make_initiative(attendance.user, municipality=attendance.occurrence.location.municipality)
    idea.initiators.update(since=timezone.now() - timedelta(days=3))
    make_support(idea, asked_at=timezone.now() - timedelta(days=2))
    digest.plan(now=localise(timezone.localdate(), digest.SENT_AT))


def _question(attendance: Attendance) -> Question:
    """Let someone ask the municipality of the town something."""
    asker = make_user("Dewi")
    idea = make_initiative(asker, municipality=attendance.occurrence.location.municipality)
    return asking.ask(initiative=idea, by=asker, text="Mag het?", now=timezone.now())


def _question_asked(attendance: Attendance) -> None:
    make_role(Role.Kind.POLICY_OFFICER, attendance.occurrence.location.municipality, attendance.user)
    _question(attendance)


def _question_due(attendance: Attendance) -> None:
    _question_asked(attendance)
    Message.objects.all().delete()
    remind_officials(now=localise(Question.objects.get().due_on, digest.SENT_AT))


def _question_answered(attendance: Attendance) -> None:
    town = attendance.occurrence.location.municipality
    officer = make_role(Role.Kind.POLICY_OFFICER, town, make_user("Henk"))
    question = _question(attendance)
    Message.objects.all().delete()
    Question.objects.update(asked_by=attendance.user)
    asking.answer(question=question, by=officer, text="Ja.", now=timezone.now())


# How to trigger each mail, for someone who is signed up for a date tomorrow.
TRIGGERS: dict[str, Trigger] = {
    "meetups.guest_confirm": _in_state(State.UNCONFIRMED, notices.guest_confirm),
    "meetups.joined": notices.joined,
    "meetups.waiting": _in_state(State.WAITING, notices.waiting),
    "meetups.promoted": notices.promoted,
    "meetups.withdrawn": _withdrawn,
    "meetups.reminder": _reminder,
    "meetups.cancelled": lambda attendance: announce_change(attendance.occurrence, "cancelled", status="cancelled"),
    "meetups.changed": lambda attendance: announce_change(attendance.occurrence, location=make_location()),
    "meetups.ended": _ended,
    "initiatives.guest_confirm": lambda attendance: idea_notices.guest_confirm(
        _support(attendance, state="unconfirmed")
    ),
    "initiatives.changed": _idea_changed,
    "initiatives.step_taken": _idea_paused,
    "initiative_invitations.asked": _idea_invitation,
    "initiative_merges.asked": _two_ideas,
    "initiative_merges.answered": _merge_declined,
    "initiatives.merged": _merged,
    "initiative_places.asked": _place("initiative_places.asked", _asked),
    "initiative_places.told": _place("initiative_places.told", _begins),
    "initiative_places.answered": _place("initiative_places.answered", _revoke),
    "initiative_places.silent": _place("initiative_places.silent", _silent),
    "initiatives.place_gone": _place("initiatives.place_gone", _revoke),
    "initiatives.begins": _place("initiatives.begins", _begins),
    "existing_groups.confirm": _listing,
    "existing_groups.told": _group_told,
    "existing_groups.taken_over": _group_taken_over,
    "group_claims.made": _claim_made,
    "group_claims.answered": _claim_answered,
    "dormancy.asked": _quiet("dormancy.asked", _ask_again),
    "dormancy.offered": _quiet("dormancy.offered", _offer),
    "dormancy.paused": _quiet("dormancy.paused", _pause_quiet),
    "dormancy.taken_over": _quiet("dormancy.taken_over", _take_over),
    "dormancy.handed_over": _quiet("dormancy.handed_over", _hand_over),
    "initiatives.takeover": _quiet("initiatives.takeover", _offer),
    "talking.digest": _digest,
    "talking.question_asked": _question_asked,
    "talking.question_due": _question_due,
    "talking.question_answered": _question_answered,
    "moderation.concern": _concern,
    "moderation.concern_reminder": _concern_reminder,
    "moderation.contact_unseen": _contact_unseen,
    "moderation.case_waits": _case_waits,
    "moderation.case_still_waits": _case_still_waits,
    "moderation.decided": _decision("moderation.decided"),
    "moderation.outcome": _decision("moderation.outcome"),
    "pedbasis.inactive": _inactive,
    "pedbasis.address_set": lambda attendance: addresses_set.notify_old_address(
        user=attendance.user, before="before@example.org", now=timezone.now()
    ),
}


def sent(at=None) -> list:
    mail.outbox.clear()
    send_due(now=at or timezone.now())
    assert not Message.objects.exclude(last_error="").exists()
    return [message_from_bytes(letter.message().as_bytes(), policy=policy.default) for letter in mail.outbox]


def languages(letter) -> tuple[str, str]:
    """Return the Content-Language of the mail and the language of its text."""
    html = letter.get_body(("html",)).get_content()
    assert f'<html lang="{letter["Content-Language"]}">' in html
    words = {"nl": "ouders ontmoeten elkaar in de buurt", "en": "parents meet each other nearby"}
    return letter["Content-Language"], "+".join(code for code in words if words[code] in html)


def test_every_composer_is_tested_here():
    ours = {template for template in composers if not template.startswith("tests.")}
    assert ours == {*TRIGGERS, *account_emails.TEMPLATES, address_changes.TEMPLATE}


@pytest.mark.parametrize("template", TRIGGERS)
@pytest.mark.parametrize("profile, of_page", [("en", "nl"), ("nl", "en")])
def test_language_of_the_profile_wins_over_that_of_the_page(template, profile, of_page):
    occurrence = make_occurrence(on=timezone.localdate() + timedelta(days=1))
    selam = make_user("Selam", language=profile)
    TRIGGERS[template](make_attendance(occurrence, selam, language=of_page))
    Message.objects.update(language=of_page)
    [letter] = sent(timezone.now() + timedelta(days=1))
    assert languages(letter) == (profile, profile)


def test_language_of_the_profile_is_read_at_send_time():
    selam = make_user("Selam", language="nl")
    notices.joined(make_attendance(make_occurrence(), selam, language="nl"))
    selam.language = "en"
    selam.save()
    [letter] = sent()
    assert languages(letter) == ("en", "en")


@pytest.mark.parametrize("has_account, spoken", [(True, "en"), (False, "nl")])
def test_guest_gets_the_language_of_the_page_unless_the_address_has_an_account(has_account, spoken):
    if has_account:
        make_user("Selam", email="selam@example.org", language="en")
    attending.sign_up_as_guest(
        occurrence=make_occurrence(), first_name="Selam", email="selam@example.org", language="nl"
    )
    [letter] = sent()
    assert languages(letter) == (spoken, spoken)


# Mails from allauth: sign-in codes and credential changes.

WORDS = {"code": "1234-5678", "timestamp": timezone.now()}


def _send(rf, prefix: str, email: str, *, by=None, **words) -> str:
    """Have allauth send this mail from a Dutch page; return its subject."""
    request = rf.get("/")
    request.user, request.session = by or AnonymousUser(), {}
    with allauth_context.request_context(request), override("nl"):
        get_adapter().send_mail(prefix, email, WORDS | words)
    return letters_sent()[-1].subject


def _subject(prefix: str, language: str) -> str:
    with override(language):
        return " ".join(render_to_string(f"{prefix}_subject.txt", WORDS).split())


@pytest.mark.parametrize("prefix", account_emails.TEMPLATES)
def test_account_mails_use_the_language_of_the_account(rf, prefix):
    selam = make_user("Selam", language="en")
    english, dutch = _subject(prefix, "en"), _subject(prefix, "nl")
    assert english != dutch
    assert _send(rf, prefix, selam.email) == english
    assert _send(rf, prefix, "new@example.org", by=selam) == english
    assert _send(rf, prefix, "old@example.org", user=selam) == english
    assert _send(rf, prefix, "nobody@example.org") == dutch


def test_code_requested_on_a_dutch_page_is_mailed_in_the_language_of_the_account(client):
    selam = make_user("Selam", language="en")
    page = client.post("/account/login/code/", {"email": selam.email}, follow=True).content.decode()
    [letter] = letters_sent()
    assert letter.subject.startswith("Your code is ")
    assert '<html lang="en">' in letter.alternatives[0][0]
    assert '<html lang="nl"' in page


def test_undo_link_for_an_address_change_uses_the_language_of_the_profile(rf):
    selam = make_user("Selam", email="new@example.org", language="en")
    request = rf.get("/")
    request.user, request.session = selam, {}
    with allauth_context.request_context(request), override("nl"):
        address_changes.record(user=selam, before="old@example.org", now=timezone.now())
    assert f"{settings.SITE_URL}/en{reverse('undo_address_change', args=['x'])[:-2]}" in letters_sent()[0].body
