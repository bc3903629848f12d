"""How words are set on a page."""

import re
from datetime import datetime

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
TIMES = re.compile(r"\d{1,2}[.:]\d{2} (?:tot|to) \d{1,2}[.:]\d{2}(?: uur\b)?")


@register.filter
def unbroken(sentence: str) -> SafeString:
    """Keep the times in a sentence on one line: "Elke dinsdag, 9.30 tot 11.30 uur"."""
    return mark_safe(TIMES.sub(r'<span class="nowrap">\g<0></span>', escape(sentence)))  # noqa: S308 - escaped


@register.filter(expects_localtime=True)
def instant(at: datetime) -> str:
    """An instant as the `datetime` of <time> takes it, in whole minutes: "2026-12-01T09:30+01:00"."""
    return at.isoformat(timespec="minutes")
