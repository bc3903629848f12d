"""Personal data in this app: export, erasure and retention rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from moderation import disclosure, trust
from moderation.kinds import kinds
from moderation.models import Absence, Answer, Block, Case, Decision, Report, Trust
from moderation.worries import privacy as worries

REPORTS_KEPT = timedelta(days=90)
DECISIONS_KEPT = timedelta(days=365)


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return what `user` reported and answered, what was decided about their texts, and whom they blocked.

    Not what they wrote about a worry about a child: nothing leads from it to `user`.
    """
    return {
        "reports_you_made": [
            {"reason": row.reason, "what_you_wrote": row.words, "at": instant(row.created_at)}
            for row in Report.objects.filter(user=user).order_by("pk")
        ],
        "looked_at": [
            {
                "what": case.title,
                "waits": waits,
                "decisions": [
                    {"outcome": row.outcome, "reason": row.words, "at": instant(row.decided_at)} for row in decisions
                ],
                "your_answers": [
                    {"words": row.words, "at": instant(row.created_at)} for row in case.answers.filter(writer=user)
                ],
            }
            for case, waits, decisions in disclosure.export(user)
        ],
        "decisions_you_made": [
            {"outcome": row.outcome, "reason": row.words, "at": instant(row.decided_at)}
            for row in Decision.objects.filter(decided_by=user).order_by("pk")
        ],
        "known_because": [
            {"fact": row.fact, "on": row.on.isoformat()}
            for row in Trust.objects.in_force().filter(user=user).order_by("fact")
        ],
        "people_you_blocked": [
            {"name": row.blocked.first_name, "on": row.on.isoformat()}
            for row in Block.objects.by(user).select_related("blocked").order_by("pk")
        ],
        "away": [
            {"from": row.from_on.isoformat(), "until": row.until_on.isoformat()}
            for row in Absence.objects.filter(user=user)
        ],
    }


def erase(*, user: User, now: datetime) -> None:
    """Erase what `user` reported, answered and proposed; who decided becomes "someone" with the user row.

    Cases about what is deleted with the account go too; those about texts that stay, such as of a meetup, stay.
    """
    mine = Report.objects.filter(Q(user=user) | Q(email=user.email))
    mine.update(user=None, email="", words="", sender="")
    own = Case.objects.filter(writer=user)
    own.filter(kind__in=[kind.key for kind in kinds.values() if kind.is_of_writer]).delete()
    Answer.objects.filter(writer=user).delete()
    proposing = own.exclude(proposed={})
    nothing_left = proposing.filter(cause=Case.Cause.EDIT).exclude(pk__in=Report.objects.undecided().values("case"))
    nothing_left.update(state=Case.State.CLOSED, proposed={}, revision=F("revision") + 1)
    proposing.update(proposed={}, revision=F("revision") + 1)


def old_reports(now: datetime) -> QuerySet[Report]:
    """Reports that were decided about long ago, or that nobody decided about for much longer."""
    decided = Q(decision__decided_at__lt=now - REPORTS_KEPT)
    return Report.objects.filter(decided | Q(decision=None, created_at__lt=now - DECISIONS_KEPT))


def forget_reports(*, now: datetime) -> None:
    old_reports(now).delete()


def old_answers(now: datetime) -> QuerySet[Answer]:
    return Answer.objects.filter(created_at__lt=now - DECISIONS_KEPT)


def forget_answers(*, now: datetime) -> None:
    old_answers(now).delete()


def old_cases(now: datetime) -> QuerySet[Case]:
    """Closed cases about which nothing was decided for long."""
    closed = Case.objects.filter(state=Case.State.CLOSED).annotate(last_at=Max("decisions__decided_at"))
    since = now - DECISIONS_KEPT
    return closed.filter(Q(last_at__lt=since) | Q(last_at=None, opened_at__lt=since))


def forget_cases(*, now: datetime) -> None:
    Case.objects.filter(pk__in=list(old_cases(now).values_list("pk", flat=True))).delete()


def old_absences(now: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(until_on__lt=timezone.localdate(now))


def forget_absences(*, now: datetime) -> None:
    old_absences(now).delete()


RULES = [
    Rule(
        name="reports_of_things",
        what=_("What you reported: the reason, your words and your email address, and a code of your connection"),
        why=_("To look at it, to tell you what we did, and to notice who reports everything"),
        seen_by=_("who looks after that town, without your name; the person who wrote it never hears who you are"),
        until=_("90 days after someone looked"),
        keep=REPORTS_KEPT,
        forget=forget_reports,
        overdue=old_reports,
    ),
    Rule(
        name="decisions",
        what=_("What was decided about something you wrote, why, and what it said then"),
        why=_("So that the same is not decided twice, and a mistake can be undone"),
        seen_by=_("you, and who looks after that town"),
        until=_("one year after the last decision"),
        keep=DECISIONS_KEPT,
        forget=forget_cases,
        overdue=old_cases,
    ),
    Rule(
        name="answers",
        what=_("What you answered when we did not show something you wrote"),
        why=_("To look again"),
        seen_by=_("who looks after that town"),
        until=_("one year"),
        keep=DECISIONS_KEPT,
        forget=forget_answers,
        overdue=old_answers,
    ),
    Rule(
        name="trust",
        what=_("The day on which you were last welcomed at a meetup, and on which a text of yours was found fine"),
        why=_("So that what you write does not have to wait until someone has looked"),
        seen_by=_("nobody"),
        until=_("two years after that day"),
        forget=trust.forget_old_facts,
        overdue=trust.old_facts,
    ),
    Rule(
        name="blocks",
        what=_("Of whom you want to see nothing"),
        why=_("So that you do not see this person"),
        seen_by=_("you"),
        until=_("until you undo it or delete your account"),
    ),
    Rule(
        name="absences",
        what=_("Until when you are away, if you look after a town"),
        why=_("To ask someone else"),
        seen_by=_("you"),
        until=_("until you are back"),
        forget=forget_absences,
        overdue=old_absences,
    ),
    *worries.RULES,
]
