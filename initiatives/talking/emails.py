"""The mails about talk and questions, composed when they are sent from the rows as they are then.

Their names begin with "talking.", as the object of those that begin with "initiatives." is a commitment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from accounts.models import Role, User
from initiatives.models import Answer, Follow, Initiative, Question
from initiatives.talking import digest, tokens
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message


@composer("talking.digest")
def daily(message: Message) -> EmailMultiAlternatives | None:
    rows = Follow.objects.select_related("user", "initiative__municipality")
    follow = rows.filter(pk=message.object_id, is_on=True).first()
    if follow is None or not follow.initiative.is_public or not follow.user.is_active:
        return None
    since, until = (datetime.fromisoformat(message.context[name]) for name in ("since", "until"))
    news = digest.news_for(follow.user, follow.initiative, since, until)
    if not news:
        return None
    stop_url = tokens.stop_url(follow)
    mail = _render("initiative_digest", follow.initiative, follow.user, news=news, stop_url=stop_url)
    mail.extra_headers |= {  # RFC 8058: mail programs show an unsubscribe button
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return mail


@composer("talking.question_asked")
def question_asked(message: Message) -> EmailMultiAlternatives | None:
    return _to_official(message, is_reminder=False)


@composer("talking.question_due")
def question_due(message: Message) -> EmailMultiAlternatives | None:
    return _to_official(message, is_reminder=True)


def _to_official(message: Message, *, is_reminder: bool) -> EmailMultiAlternatives | None:
    """Write to an official about a question that has no answer yet; not any more if they left, or the date moved."""
    rows = Question.objects.shown().unanswered().select_related("initiative__municipality", "asked_by")
    question, user = rows.filter(pk=message.object_id).first(), message.user
    if question is None or user is None or not question.initiative.is_public:
        return None
    town = question.initiative.municipality_id
    roles = Role.objects.held_by(user).filter(kind=Role.Kind.POLICY_OFFICER, municipality=town)
    if not (user.is_active and roles.exists()):
        return None
    if is_reminder and message.context["due_on"] != str(question.due_on):
        return None
    path = reverse("initiative_question_answer", args=[question.initiative.slug, question.pk])
    extra = {"question": question, "is_reminder": is_reminder, "answer_url": settings.SITE_URL + path}
    return _render("question_to_official", question.initiative, user, **extra)


@composer("talking.question_answered")
def question_answered(message: Message) -> EmailMultiAlternatives | None:
    rows = Answer.objects.shown().select_related("question__initiative__municipality", "question__asked_by", "by")
    answer = rows.filter(pk=message.object_id).first()
    if answer is None or answer.question.asked_by is None or not answer.question.is_public:
        return None
    if answer.moved_to is not None and answer.question.is_answered:  # the answer itself is told
        return None
    return _render("question_answered", answer.question.initiative, answer.question.asked_by, answer=answer)


def _render(name: str, initiative: Initiative, user: User, **extra: Any) -> EmailMultiAlternatives:
    contact = initiative.municipality.contact_email
    context = {
        "initiative": initiative,
        "first_name": user.first_name,
        "initiative_url": settings.SITE_URL + initiative.get_absolute_url(),
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=user.email, reply_to=[contact] if contact else [])
