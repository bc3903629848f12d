"""Demo data of towns and places."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from locations.models import Location, Municipality
from locations.photo import set_photo
from locations.theme.actions import set_theme
from locations.theme.logos import Picture
from photos import actions as photos
from photos.models import Photo
from photos.shapes import WIDE


def make_town(
    fields: Mapping[str, Any],
    places: Sequence[Mapping[str, Any]],
    *,
    accent: str,
    logo: Picture | None,
    is_agreed: bool,
    today: date,
) -> Municipality:
    """Create a town and its places, whose `replaced_by` is a slug; `is_agreed`: the first place has an agreement."""
    municipality = Municipality.objects.create(**fields, contact_email=f"oudernetwerk@{fields['slug']}.example")
    set_theme(municipality=municipality, accent=accent, logo=logo)
    replaced: list[tuple[str, str]] = []
    for number, content in enumerate(places):
        place = dict(content)
        if "replaced_by" in place:
            replaced.append((place["slug"], place.pop("replaced_by")))
        Location.objects.create(
            municipality=municipality,
            facilities_checked_on=today - timedelta(days=20 + 31 * number),
            fixed_until=today + timedelta(days=400) if is_agreed and number == 0 else None,
            **place,
        )
    for old, new in replaced:
        Location.objects.filter(slug=old).update(replaced_by=Location.objects.get(slug=new))
    return municipality


def give_photo(place: Location, given_by: Any, data: bytes, description: str, now: datetime) -> None:
    """Give a photo of a place; the worker of the demo makes it, as any other."""
    photo = photos.receive(given_by=given_by, purpose=place.photo_purpose, shape=WIDE, data=data, now=now)
    answers = {"description": description, "children": Photo.Children.NONE}
    set_photo(location=place, photo=photo, by=given_by, now=now, **answers)
