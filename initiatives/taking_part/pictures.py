"""The picture that chats show beside a link to an idea."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from drawings.cards import Address, Card
from initiatives.models import Initiative


def card_of(initiative: Initiative) -> Card:
    """Return the picture of an idea or a group, loaded with its town; without a query."""
    words = gettext("A group of parents in {town}") if initiative.is_group else gettext("An idea of parents in {town}")
    return Card(
        title=initiative.title or gettext("Your idea"),
        drawing=initiative.kind,
        lines=(words.format(town=initiative.municipality.name),),
        notice=gettext("This idea has ended") if initiative.is_ended else "",
    )


def of_initiative(initiative: Initiative) -> Address:
    """Return where the picture of an idea is."""
    return card_of(initiative).at(settings.SITE_URL + reverse("initiative_picture", args=[initiative.slug]))
