"""The mails about a quiet initiative, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated: someone did something since, it paused, ended or is hidden.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from initiatives import notices, quiet, tokens
from initiatives.dormancy.tokens import make_for_heir, make_for_starter
from initiatives.emails import initiative_url
from initiatives.models import Initiative, Initiator, Support
from initiatives.stages import Stage, Step
from meetups import wording as meetup_wording
from meetups.clock import local_date
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message


@composer("dormancy.asked")
def asked(message: Message) -> EmailMultiAlternatives | None:
    initiative = _initiative(message)
    if initiative is None:
        return None
    now = timezone.now()
    state, since = quiet.state_of(initiative, now=now), quiet.since(initiative, now=now)
    if not state.is_asked or state.is_offered or since is None or state.offers_on is None:
        return None
    return _to_starter(
        "initiative_quiet",
        message,
        initiative,
        last_on=meetup_wording.day_with_year(local_date(since)),
        offers_on=meetup_wording.day_with_year(state.offers_on),
        takes_part=bool(notices.one_each(initiative)),
    )


@composer("dormancy.offered")
def offered(message: Message) -> EmailMultiAlternatives | None:
    initiative = _initiative(message)
    state = quiet.state_of(initiative, now=timezone.now()) if initiative else None
    if initiative is None or state is None or not state.is_asked or state.pauses_on is None:
        return None
    return _to_starter(
        "initiative_quiet_still",
        message,
        initiative,
        pauses_on=meetup_wording.day_with_year(state.pauses_on),
        takes_part=bool(notices.one_each(initiative)),
    )


@composer("dormancy.paused")
def paused(message: Message) -> EmailMultiAlternatives | None:
    initiative = _initiative(message)
    if initiative is None or initiative.stage != Stage.PAUSED:
        return None
    last = initiative.history.order_by("-at", "-pk").first()
    if last is None or last.step != Step.PAUSED_QUIET:
        return None
    return _to_starter("initiative_paused_quiet", message, initiative)


@composer("dormancy.taken_over")
def taken_over(message: Message) -> EmailMultiAlternatives | None:
    initiative = _initiative(message)
    proposer = _proposer(initiative) if initiative else None
    if initiative is None or proposer is None or proposer.pk != message.context["by"]:
        return None
    return _to_starter("initiative_taken_over", message, initiative, heir=proposer.first_name)


@composer("dormancy.handed_over")
def handed_over(message: Message) -> EmailMultiAlternatives | None:
    initiative = _initiative(message)
    proposer = _proposer(initiative) if initiative else None
    if initiative is None or proposer is None or proposer.pk != message.user_id or initiative.is_ended:
        return None
    giver = User.objects.filter(pk=message.context["by"]).first()
    return _to_starter("initiative_handed_over", message, initiative, giver=giver.first_name if giver else "")


@composer("initiatives.takeover")
def takeover(message: Message) -> EmailMultiAlternatives | None:
    rows = Support.objects.live().select_related("user", "initiative__municipality")
    support = rows.filter(pk=message.object_id).first()
    if support is None:
        return None
    initiative = support.initiative
    state = quiet.state_of(initiative, now=timezone.now())
    is_initiator = support.user is not None and initiative.initiators.filter(user=support.user).exists()
    if not state.can_be_taken_over or is_initiator:
        return None
    contact = initiative.municipality.contact_email
    context = {
        "initiative": initiative,
        "first_name": support.first_name,
        "by": meetup_wording.names(row.user.first_name for row in initiative.initiators.select_related("user")),
        "is_sought": state.is_sought,
        "is_guest": support.user is None,
        "pauses_on": meetup_wording.day_with_year(state.pauses_on) if state.pauses_on else "",
        "takeover_url": settings.SITE_URL + reverse("initiative_takeover_link", args=[make_for_heir(support)]),
        "initiative_url": initiative_url(initiative),
        "link_url": settings.SITE_URL + reverse("initiative_link", args=[tokens.make(support)]),
        "site_url": settings.SITE_URL,
    }
    return rendering.render_mail(
        "initiative_takeover", context, to=support.email, reply_to=[contact] if contact else []
    )


def _initiative(message: Message) -> Initiative | None:
    """Return what the mail is about, if everyone may see it and the reader (still) started it."""
    rows = Initiator.objects.select_related("initiative__municipality")
    found = rows.filter(initiative=message.object_id, user=message.user_id).first()
    return found.initiative if found is not None and found.initiative.is_public else None


def _proposer(initiative: Initiative) -> User | None:
    found = initiative.initiators.filter(part=Initiator.As.PROPOSER).select_related("user").first()
    return found.user if found else None


def _to_starter(name: str, message: Message, initiative: Initiative, **extra: Any) -> EmailMultiAlternatives:
    contact = initiative.municipality.contact_email
    token = make_for_starter(initiative.pk, message.user_id or 0)
    context = {
        "initiative": initiative,
        "first_name": message.user.first_name if message.user else "",
        "is_running": initiative.stage == Stage.RUNNING,
        "answer_url": settings.SITE_URL + reverse("initiative_quiet_link", args=[token]),
        "initiative_url": initiative_url(initiative),
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=message.recipient, reply_to=[contact] if contact else [])
