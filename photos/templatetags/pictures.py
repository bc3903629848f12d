"""Photos in templates: {% photo place.photo sizes="100vw" %}."""

from typing import Any

from django import template

from photos.models import Photo

register = template.Library()


@register.inclusion_tag("photos/_photo.html")
def photo(shown: Photo | None, sizes: str, *, first: bool = False, report_url: str = "") -> dict[str, Any]:
    """Show a photo if everyone may see it; nothing otherwise.

    `sizes` is how wide it is on the page, as in HTML. `first`: it is at the top of the page, at most one per page, and
    not loaded lazily. `report_url` adds the link by which anyone reports it.
    """
    if shown is None or not shown.is_visible:
        return {}
    width = shown.dimensions.largest
    return {
        "photo": shown,
        "sizes": sizes,
        "is_first": first,
        "width": width,
        "height": shown.dimensions.height(width),
        "report_url": report_url,
    }
