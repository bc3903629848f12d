"""The card of one date in a list."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from meetups.agenda import Card

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def card_html(card: Card) -> SafeString:
    """Render a card; one that reads the same, word for word, is written only once."""
    return render_to_string("meetups/_card.html", {"card": card._asdict()})
