"""Tags for the layout: static parts, rendered once per language, icons and drawings."""

from collections.abc import Iterable
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from drawings.sprite import drawings
from drawings.street import GROUND, HEIGHT, SUN, WIDTH
from drawings.street import street as street_of
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
    """Render a drawing of drawings/sprite.py, on the cloth of its kind if `cloth`. Unknown names raise KeyError.

    It is hidden from screen readers: what it shows is said in words next to it.
    """
    found = drawings()[name]
    picture = format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        found.width,
        found.height,
        static(found.sprite),
        name,
    )
    return format_html('<span class="cloth cloth-{}">{}</span>', name, picture) if cloth else picture


@register.simple_tag
def street(kinds: Iterable[str], seed: str = "") -> SafeString:
    """Draw the street of a town from the kinds of its places; `seed` chooses the houses between them."""
    return _street(tuple(kinds), str(seed))


@lru_cache(maxsize=512)
def _street(kinds: tuple[str, ...], seed: str) -> SafeString:
    pieces = format_html_join(
        "",
        '<use href="{}#{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (static(drawings()[piece.name].sprite), piece.name, piece.x, piece.y, piece.width, piece.height)
            for piece in street_of(kinds, seed)
        ),
    )
    return format_html(
        '<svg class="street" viewBox="0 0 {} {}" preserveAspectRatio="xMidYMax slice" aria-hidden="true">'
        '<circle class="street-sun" cx="{}" cy="{}" r="{}"/>{}'
        '<rect class="street-ground" y="{}" width="{}" height="{}"/></svg>',
        WIDTH,
        HEIGHT,
        *SUN,
        pieces,
        GROUND,
        WIDTH,
        HEIGHT - GROUND,
    )
