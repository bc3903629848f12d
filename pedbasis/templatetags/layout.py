"""Tags for the layout: static parts, rendered once per language, icons and drawings."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from drawings.sprite import drawings
from page_cache.per_language import cached_per_language

register = template.Library()


@register.simple_tag
def layout_part(name: str) -> SafeString:
    """Render templates/layout/NAME.html, which may depend on nothing but the language."""
    return _render_part(name) if settings.DEBUG else _cached_part(name)


def _render_part(name: str) -> SafeString:
    return render_to_string(f"layout/{name}.html", {"demo": settings.DEMO})


_cached_part = cached_per_language(maxsize=None)(_render_part)


@register.simple_tag
@cache
def icon(name: str, *, flips: bool = False) -> SafeString:
    """Render an icon of static/img/icons.svg; one that `flips` is mirrored in right-to-left languages.

    It is hidden from screen readers, so it always needs a text next to it.
    """
    classes = "icon icon-flip" if flips else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("img/icons.svg"), name
    )


@register.simple_tag
@cache
def drawing(name: str, *, cloth: bool = False) -> SafeString:
    """Render a drawing of static/img/drawings.svg, on the cloth of its kind if `cloth`. Unknown names raise KeyError.

    It is hidden from screen readers: what it shows is said in words next to it.
    """
    found = drawings()[name]
    picture = format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        found.width,
        found.height,
        static("img/drawings.svg"),
        name,
    )
    return format_html('<span class="cloth cloth-{}">{}</span>', name, picture) if cloth else picture
