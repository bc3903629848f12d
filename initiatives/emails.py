"""The mails about an initiative, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from initiatives import changes, tokens, wording
from initiatives.models import HistoryEntry, Initiative, Invitation, Support
from initiatives.stages import OPEN, Stage
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message


@composer("initiatives.guest_confirm")
def guest_confirm(message: Message) -> EmailMultiAlternatives | None:
    """With the link to confirm; for someone who takes part already, to see that, and to stop."""
    support = _find(message, Support.State.UNCONFIRMED, Support.State.LIVE)
    if support is None or not support.initiative.is_open or not support.initiative.is_public:
        return None
    return _render("initiative_confirm", support)


@composer("initiatives.changed")
def changed(message: Message) -> EmailMultiAlternatives | None:
    support = _find(message, Support.State.LIVE)
    if support is None or not support.initiative.is_public or support.initiative.is_ended:
        return None
    before, after = message.context["before"], changes.snapshot(support.initiative)
    names = [name for name in before if before[name] != after[name]]
    if not names:  # put back in the meantime
        return None
    old = wording.promised({name: before[name] for name in names})
    new = wording.promised({name: after[name] for name in names})
    rows = [
        {"label": label, "before": was, "after": becomes}
        for (label, was), (_same, becomes) in zip(old, new, strict=True)
    ]
    return _render("initiative_changed", support, changes=rows)


@composer("initiatives.step_taken")
def step_taken(message: Message) -> EmailMultiAlternatives | None:
    support = _find(message, Support.State.LIVE)
    entry = HistoryEntry.objects.filter(pk=message.context["entry"]).first()
    if support is None or entry is None or not support.initiative.is_public:
        return None
    stages = {entry.stage_after, support.initiative.stage}
    if len(stages) > 1 and not stages <= OPEN:  # paused, ended or reopened since
        return None
    return _render("initiative_step", support, entry=entry, is_paused=support.initiative.stage == Stage.PAUSED)


@composer("initiative_invitations.asked")
def invitation(message: Message) -> EmailMultiAlternatives | None:
    """Without a name or a word of who invites: anyone can have this sent to any address."""
    rows = Invitation.objects.open(timezone.now()).select_related("initiative__municipality")
    found = rows.filter(pk=message.object_id).first()
    if found is None or not found.initiative.is_public or found.initiative.is_ended:
        return None
    link = settings.SITE_URL + reverse("invitation", args=[tokens.make_for_invitation(found)])
    context = {"town": found.initiative.municipality.name, "link_url": link, "site_url": settings.SITE_URL}
    return rendering.render_mail("initiative_invitation", context, to=found.email)


def _find(message: Message, *states: str) -> Support | None:
    rows = Support.objects.select_related("user", "initiative__municipality", "initiative__wished_place", "need")
    return rows.filter(pk=message.object_id, state__in=states).first()


def _render(name: str, support: Support, **extra: Any) -> EmailMultiAlternatives:
    initiative = support.initiative
    contact = initiative.municipality.contact_email
    context = {
        "support": support,
        "initiative": initiative,
        "first_name": support.first_name,
        "initiative_url": initiative_url(initiative),
        "link_url": settings.SITE_URL + reverse("initiative_link", args=[tokens.make(support)]),
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=support.email, reply_to=[contact] if contact else [])


def initiative_url(initiative: Initiative) -> str:
    return settings.SITE_URL + initiative.get_absolute_url()
