"""The mails about groups that exist already, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from initiatives.existing import tokens
from initiatives.forgetting import CONFIRM_WITHIN
from initiatives.models import Claim, ExistingGroup
from initiatives.permissions import may_be_asked_to_check
from notifications.channels.email import composer
from notifications.models import Message
from notifications.rendering import render_mail


@composer("existing_groups.confirm")
def confirm(message: Message) -> EmailMultiAlternatives | None:
    group = _group(message)
    if group is None or group.is_confirmed or timezone.now() - group.created_at > CONFIRM_WITHIN:
        return None
    link = settings.SITE_URL + reverse("group_listing", args=[tokens.make_for_lister(group)])
    return _mail("existing_group_confirm", message, group, link_url=link)


@composer("existing_groups.told")
def told(message: Message) -> EmailMultiAlternatives | None:
    """Without a name or a word of who listed it: anyone can have this sent to any address."""
    group = _group(message)
    if group is None or group.is_claimed or not group.initiative.is_public or message.email != group.email:
        return None
    link = settings.SITE_URL + reverse("group_link", args=[tokens.make_for_people(group)])
    return _mail("existing_group_told", message, group, link_url=link)


@composer("existing_groups.taken_over")
def taken_over(message: Message) -> EmailMultiAlternatives | None:
    """Without a name: whoever has the address of the group may be someone else by now."""
    group = _group(message)
    if group is None or not group.is_claimed or not group.initiative.is_public:
        return None
    return _mail("existing_group_taken_over", message, group)


@composer("group_claims.made")
def claim_made(message: Message) -> EmailMultiAlternatives | None:
    claim = _claim(message)
    if claim is None or not claim.is_open or message.user is None or not may_be_asked_to_check(message.user, claim):
        return None
    link = settings.SITE_URL + reverse("group_claim_answer", args=[claim.pk])
    return _mail("group_claim_made", message, claim.group, link_url=link)


@composer("group_claims.answered")
def claim_answered(message: Message) -> EmailMultiAlternatives | None:
    claim = _claim(message)
    if claim is None or claim.is_open:
        return None
    return _mail("group_claim_answered", message, claim.group, claim=claim)


def _mail(name: str, message: Message, group: ExistingGroup, **context: Any) -> EmailMultiAlternatives:
    initiative = group.initiative
    contact = initiative.municipality.contact_email
    context |= {
        "first_name": message.user.first_name if message.user else "",
        "town": initiative.municipality.name,
        "initiative": initiative.without_hidden_texts(),
        "initiative_url": settings.SITE_URL + initiative.get_absolute_url(),
        "site_url": settings.SITE_URL,
    }
    return render_mail(name, context, to=message.recipient, reply_to=[contact] if contact else [])


def _group(message: Message) -> ExistingGroup | None:
    rows = ExistingGroup.objects.select_related("initiative__municipality")
    return rows.filter(pk=message.object_id).first()


def _claim(message: Message) -> Claim | None:
    return Claim.objects.select_related("group__initiative__municipality").filter(pk=message.object_id).first()
