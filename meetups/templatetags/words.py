"""How words are set on a page."""

import re

from django import template

register = template.Library()
NO_BREAK = "\u00a0"
TIMES = re.compile(r"\d{1,2}[.:]\d{2} - \d{1,2}[.:]\d{2}( uur\b)?")


@register.filter
def unbroken(sentence: str) -> str:
    """Keep the times in a sentence on one line: "Elke dinsdag, 9.30 - 11.30 uur"."""
    return TIMES.sub(lambda found: found[0].replace(" ", NO_BREAK), sentence)
