"""The search form for meetups near a named place or near the visitor's own location."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from locations import places
from locations.geo import NETHERLANDS, Circle, Point
from locations.near import DEFAULT_RADIUS_KM, RADII_KM, TOWN_RADIUS_KM, Near
from locations.parameters import ParameterForm
from locations.places import Place

MAX_NAME_LENGTH = 80
# What static/js/suggest.js needs to make a combobox of a field for a place.
SUGGEST = {
    "data-suggest": reverse_lazy("place_suggestions"),
    "data-label": _("Places"),
    "data-one": _("1 place. Choose with the arrow keys."),
    "data-many": _("{number} places. Choose with the arrow keys."),
    "data-none": _("No places with this name."),
}


class NearForm(ParameterForm):
    """A place by name or a point, and a radius; sent by GET, so every result page has an address.

    `near` is the area to search (None: everywhere); `is_guess` means that it does not match the typed text exactly.
    `suggestions` are the candidates for an ambiguous or unknown name, `namesakes` the other places of the same name.
    An invalid field gets an error; the valid ones are still used.
    """

    hide_optional = True

    place = forms.CharField(
        label=_("Your town, village or postcode"),
        required=False,
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "max_length": _("That name is too long. Type the name of a town or village."),
            "null_characters_not_allowed": _("Type the name of a town or village, or a postcode."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "enterkeyhint": "search"} | SUGGEST),
    )
    radius = forms.TypedChoiceField(
        label=_("How far away at most"),
        required=False,
        coerce=int,
        choices=[(radius, f"{radius} km") for radius in RADII_KM],
        error_messages={"invalid_choice": _("Choose 5, 10, 20 or 50 kilometres.")},
    )
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)

    suggestions: tuple[Place, ...] = ()
    namesakes: tuple[Place, ...] = ()
    is_guess = False

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.has_radius = bool(typed.get("radius"))
        self.town_radius_km = 0.0 if self.has_radius else TOWN_RADIUS_KM
        super().__init__(typed if self.has_radius else {**typed, "radius": str(DEFAULT_RADIUS_KM)})

    @property
    def near(self) -> Near | None:
        self.is_valid()
        near: Near | None = self.cleaned_data.get("near")
        return near

    def canonical(self) -> dict[str, str]:
        """Return the parameters under which a page is cached: the place by name, and the radius if given."""
        near, parameters = self.near, {}
        if near and not near.is_own_location:
            typed, plain = self.typed["place"], near.plain_name
            names = (near.name, plain, plain.lower())  # the spellings that are cached
            parameters["place"] = typed if typed in names else near.name
        if self.has_radius and "radius" not in self.errors:  # the form sends it without a place too
            parameters["radius"] = str(self.cleaned_data["radius"])
        return parameters

    @cached_property
    def has_query(self) -> bool:
        """Did the visitor enter a place or send a point?"""
        return any(self.typed[name] for name in ("place", "latitude", "longitude"))

    @property
    def has_point(self) -> bool:
        """Does the query string contain the visitor's location? Such a page is never cached."""
        return bool(self.typed["latitude"] or self.typed["longitude"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        name = data.get("place", "").strip()
        radius = float(data.get("radius") or DEFAULT_RADIUS_KM)
        hidden_errors = [self.errors.pop(field, None) for field in ("latitude", "longitude")]
        if "place" in self.errors:
            return data
        if name:
            data["near"] = self._near_name(name, radius)
        elif self.has_point:
            point = Point(data.get("latitude") or 0.0, data.get("longitude") or 0.0)
            if any(hidden_errors) or point not in NETHERLANDS:
                self.add_error("place", _("We could not find where you are. Type the name of a town or village."))
            else:
                data["near"] = Near("", Circle(point.rounded(), radius))
        return data

    def _near_name(self, name: str, radius: float) -> Near | None:
        place, others, self.is_guess = places.look_up(name)
        if place:
            self.namesakes = others
            radius = max(radius, self.town_radius_km) if place.is_wide else radius
            return Near(place.label, Circle(place.point, radius), place.name, place.town if place.is_wide else "")
        self.suggestions = others
        if not others:
            problem = _("We do not know “%(name)s”. Check the spelling, or type your postcode.")
        elif self.is_guess:
            problem = _("We do not know “%(name)s”. Do you mean one of these?")
        else:
            problem = _("There is more than one place called “%(name)s”. Which one do you mean?")
        self.add_error("place", ValidationError(problem, params={"name": name}))  # translated only when displayed
        return None
