"""The pictures that chats show beside links to a town and to a place."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from drawings.cards import Address, Card
from locations.models import Location, Municipality


def card_of_town(town: Municipality, places: Iterable[Location]) -> Card:
    """Return the picture of a town: its name over a street of these places of its own."""
    words = gettext("Where and when parents and children meet in %(name)s.") % {"name": town.name}
    kinds = tuple(dict.fromkeys(place.kind for place in places))
    return Card(title=town.name, lines=(words,), street=kinds, street_seed=town.slug)


def card_of_place(location: Location) -> Card:
    """Return the picture of a place."""
    return Card(title=location.name, drawing=f"place-{location.kind}", lines=(f"{location.address}, {location.place}",))


def of_town(town: Municipality, places: Iterable[Location]) -> Address:
    """Return where the picture of a town is."""
    return card_of_town(town, places).at(settings.SITE_URL + reverse("municipality_picture", args=[town.slug]))


def of_place(location: Location) -> Address:
    """Return where the picture of a place is."""
    return card_of_place(location).at(settings.SITE_URL + reverse("location_picture", args=[location.slug]))
