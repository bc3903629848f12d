"""The mails about continuing together, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from initiatives import merges, tokens
from initiatives.emails import initiative_url
from initiatives.forgetting import GUEST_KEPT
from initiatives.models import Initiator, Merge, Support
from moderation.models import Block
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message


@composer("initiative_merges.asked")
def asked(message: Message) -> EmailMultiAlternatives | None:
    """With the titles of both ideas, and not a word that the one who asks wrote for this."""
    merge = _merge(message)
    if merge is None or merge.state != Merge.State.ASKED or not _started(message, merge.asked_id):
        return None
    if merge.ending.is_ended or merge.into.is_ended or _has_blocked(message, merge):
        return None
    token = tokens.make_for_merge(merge, message.user_id or 0)
    link = settings.SITE_URL + reverse("initiative_merge_answer", args=[token])
    return _to_initiator("initiative_merge_asked", message, merge, link_url=link)


@composer("initiative_merges.answered")
def answered(message: Message) -> EmailMultiAlternatives | None:
    merge = _merge(message)
    if merge is None or merge.state != message.context["state"]:
        return None
    is_agreed = merge.state == Merge.State.AGREED
    if is_agreed and merge.ending.merged_into_id != merge.into_id:  # it continues by itself after all
        return None
    if not _started(message, *([merge.ending_id, merge.into_id] if is_agreed else [merge.asking_id])):
        return None
    url = initiative_url(merge.into if is_agreed else merge.asked)
    return _to_initiator("initiative_merge_answered", message, merge, see_url=url)


@composer("initiatives.merged")
def merged(message: Message) -> EmailMultiAlternatives | None:
    """Ask who takes part whether they join the idea in which this one continues."""
    rows = Support.objects.live().filter(initiative=message.context["initiative"])
    support = rows.select_related("user", "initiative__municipality").filter(pk=message.object_id).first()
    into = merges.leads_to(support.initiative) if support is not None else None
    if support is None or into is None or into.is_ended:
        return None
    link = settings.SITE_URL + reverse("initiative_follow_along", args=[tokens.make(support)])
    contact = into.municipality.contact_email
    context = {
        "initiative": support.initiative.without_hidden_texts(),
        "into": into,
        "first_name": support.first_name,
        "days": GUEST_KEPT.days if support.user is None else 0,
        "link_url": link,
        "into_url": initiative_url(into),
        "site_url": settings.SITE_URL,
    }
    return rendering.render_mail("initiative_merged", context, to=support.email, reply_to=[contact] if contact else [])


def _merge(message: Message) -> Merge | None:
    rows = Merge.objects.select_related("ending__municipality", "into__municipality")
    merge = rows.filter(pk=message.object_id).first()
    return merge if merge is not None and merge.ending.is_public and merge.into.is_public else None


def _started(message: Message, *initiatives: int) -> bool:
    rows = Initiator.objects.filter(initiative__in=initiatives, user=message.user_id, user__is_active=True)
    return rows.exists()


def _has_blocked(message: Message, merge: Merge) -> bool:
    return Block.objects.filter(user=message.user_id, blocked=merge.asked_by_id).exists()


def _to_initiator(name: str, message: Message, merge: Merge, **extra: Any) -> EmailMultiAlternatives:
    context = {
        "merge": merge,
        "town": merge.asking.municipality.name,
        "first_name": message.user.first_name if message.user else "",
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=message.recipient)
