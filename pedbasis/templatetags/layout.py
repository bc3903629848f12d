"""What stands on every page in the same words: rendered once per language, because every page pays for it."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

register = template.Library()


@register.simple_tag
def layout_part(name: str) -> SafeString:
    """Render templates/layout/NAME.html, which may depend on nothing but the language."""
    language = get_language() or settings.LANGUAGE_CODE
    return _kept.__wrapped__(name, language) if settings.DEBUG else _kept(name, language)


@cache
def _kept(name: str, language: str) -> SafeString:
    with override(language):
        return render_to_string(f"layout/{name}.html", {"demo": settings.DEMO})
