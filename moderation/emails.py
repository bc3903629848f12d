"""The mails about cases, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from moderation import permissions
from moderation.kinds import kinds
from moderation.models import Case, Decision, DecisionQuerySet, Report
from notifications.channels.email import composer
from notifications.models import Message
from notifications.privacy import KEEP as MAILS_KEPT
from notifications.rendering import render_mail

Outcome = Decision.Outcome


@composer("moderation.case_waits")
def case_waits(message: Message) -> EmailMultiAlternatives | None:
    return _to_watcher("case_waits", message)


@composer("moderation.case_still_waits")
def case_still_waits(message: Message) -> EmailMultiAlternatives | None:
    return _to_watcher("case_still_waits", message)


def _to_watcher(name: str, message: Message) -> EmailMultiAlternatives | None:
    """Return the mail if the case still waits and the recipient may still decide."""
    case = Case.objects.open().select_related("municipality").filter(pk=message.object_id).first()
    if case is None or case.opened_at != datetime.fromisoformat(message.context["opened_at"]):
        return None
    if message.user is None or not permissions.may_be_told(message.user, case):
        return None
    return _mail(name, message, case=case, case_url=settings.SITE_URL + case.get_absolute_url())


@composer("moderation.decided")
def decided(message: Message) -> EmailMultiAlternatives | None:
    """The writer hears of a decision, unless another one followed; of an undo, if the mail about it was sent."""
    rows = Decision.objects.select_related("case__municipality", "case__writer", "undoes")
    decision = rows.filter(pk=message.object_id).first()
    if decision is None or decision.case.decisions.filter(pk__gt=decision.pk).exists():
        return None
    if decision.outcome == Outcome.UNDO and decision.undoes not in _mailed_before(decision):
        return None
    if decision.outcome == Outcome.FINE and decision.cause not in Case.KNOWN_TO_WRITER:
        last = _mailed_before(decision).last()
        if last is None or last.outcome == Outcome.FINE:
            return None  # the writer does not know that it was reported
    kind = kinds[decision.case.kind]
    thing = kind.find(decision.case.object_id)
    if thing is None:
        return None
    return _mail(
        "decided",
        message,
        decision=decision,
        case=decision.case,
        is_fine=decision.outcome == Outcome.FINE,
        is_undone=decision.outcome == Outcome.UNDO,
        is_change=decision.is_of_change,
        is_shown=kind.is_shown(thing),
        can_answer=message.user is not None and permissions.may_answer(message.user, decision),
        url=settings.SITE_URL + reverse("own_case", args=[decision.case.pk]),
        thing_url=settings.SITE_URL + kind.url(thing),
    )


def _mailed_before(decision: Decision) -> DecisionQuerySet:
    """Return the earlier decisions of which this writer got a mail.

    Older ones than the outbox keeps count too: most were mailed.
    """
    earlier = decision.case.decisions.filter(pk__lt=decision.pk, writer=decision.writer_id)
    sent = Message.objects.filter(template="moderation.decided", state=Message.State.SENT)
    return earlier.filter(Q(pk__in=sent.values("object_id")) | Q(decided_at__lt=timezone.now() - MAILS_KEPT))


@composer("moderation.outcome")
def outcome(message: Message) -> EmailMultiAlternatives | None:
    """A reporter hears the outcome; again only if it became another one."""
    report = Report.objects.select_related("decision", "case__municipality").filter(pk=message.object_id).first()
    if report is None or report.decision_id != message.context["decision"]:
        return None
    if report.decision is None:
        return _outcome_mail(message, report, is_gone=True)
    earlier = Message.objects.filter(template=message.template, object_id=report.pk, state=Message.State.SENT)
    told = Decision.objects.filter(pk__in=[row.context["decision"] for row in earlier]).order_by("pk").last()
    if told is not None and told.outcome == report.decision.outcome:
        return None
    return _outcome_mail(message, report, is_hidden=report.decision.outcome == Outcome.HIDE)


def _outcome_mail(message: Message, report: Report, **outcome: bool) -> EmailMultiAlternatives:
    return _mail(
        "outcome",
        message,
        **outcome,
        town=report.case.municipality,
        day=timezone.localdate(report.created_at),
    )


def _mail(name: str, message: Message, **context: Any) -> EmailMultiAlternatives:
    """Return the mail `name` in the active language, as plain text and HTML."""
    context |= {"site_url": settings.SITE_URL, "first_name": message.user.first_name if message.user else ""}
    return render_mail(name, context, to=message.recipient)
