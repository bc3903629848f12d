"""Tags for the partials about places."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext

from locations.gazetteer import landmarks
from locations.geo import Box
from locations.models import Location

register = template.Library()

FACILITY_ICONS = {
    "step_free": "ramp",
    "pram_space": "pram",
    "changing_table": "changing-table",
    "feeding_corner": "bottle",
    "play_corner": "blocks",
    "quiet_room": "speaker-x-mark",
    "free_coffee": "cup",
    "accessible_toilet": "toilet",
}


@register.simple_tag
def facilities(location: Location) -> list[dict[str, Any]]:
    """Return each facility as icon, words and state: first those present, then those absent, then the unknown."""
    rows = [
        {"icon": FACILITY_ICONS[name], "words": words[:1].upper() + words[1:], "has": has}
        for name, words, has in location.facilities()
    ]
    return sorted(rows, key=lambda row: [True, False, None].index(row["has"]))


@register.simple_tag
def map_points(markers: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the markers, and the names of some towns around them, for as long as the map has no tiles."""
    latitudes, longitudes = [m["lat"] for m in markers], [m["lon"] for m in markers]
    margin = max(0.06, (max(latitudes) - min(latitudes)) / 4)
    box = Box(
        min(longitudes) - 2 * margin, min(latitudes) - margin, max(longitudes) + 2 * margin, max(latitudes) + margin
    )
    towns = [
        {"lat": place.point.latitude, "lon": place.point.longitude, "label": place.name} for place in landmarks(box)
    ]
    return {"markers": markers, "towns": towns}


@register.simple_tag
def map_words() -> dict[str, str]:
    """Return the data attributes of a map: the URL of its tiles, if any, and the labels of its buttons."""
    return {
        "tiles": settings.MAP_TILES_URL,
        "attribution": settings.MAP_TILES_ATTRIBUTION,
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
    }
