"""Where someone looks for a meetup, near a place by name or near where they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from locations import places
from locations.geo import NETHERLANDS, Circle, Point
from locations.places import Place

RADII_KM = (5, 10, 20, 50)
DEFAULT_RADIUS_KM = 10
TOWN_RADIUS_KM = 20  # a town that has no village of its name is many villages wide
LONGEST_NAME = 80


@dataclass(frozen=True)
class Near:
    """Around where to look, and what to call it; `name` is empty for the visitor's own location."""

    name: str
    circle: Circle
    plain_name: str = ""  # the name without what tells it apart from its namesakes
    town: str = ""  # the slug of a town of ours without a village of its name

    @property
    def is_own_location(self) -> bool:
        return not self.name

    @property
    def wider_km(self) -> int | None:
        """The next larger radius; None when there is none."""
        return self.reaching(0)

    def reaching(self, km: float) -> int | None:
        """The next larger radius that reaches so far; None when there is none."""
        return next((radius for radius in RADII_KM if radius > self.circle.radius_km and radius >= km), None)


class NearForm(forms.Form):
    """A place by name or a point, and how far around it; sent by GET, so that every answer has an address.

    `near` says where to look (None: everywhere), and `is_guess` that this is not quite what was typed. When it is not
    certain what is meant, `suggestions` says which places may be; `namesakes` are those of the same name. What is wrong
    is said beside its field; the rest counts.
    """

    hide_optional = True

    bij = forms.CharField(
        label=_("Your town, village or postcode"),
        required=False,
        max_length=LONGEST_NAME,
        error_messages={
            "max_length": _("That name is too long. Type the name of a town or village."),
            "null_characters_not_allowed": _("Type the name of a town or village, or a postcode."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "enterkeyhint": "search"}),
    )
    straal = forms.TypedChoiceField(
        label=_("How far away at most"),
        required=False,
        coerce=int,
        choices=[(radius, f"{radius} km") for radius in RADII_KM],
        error_messages={"invalid_choice": _("Choose 5, 10, 20 or 50 kilometres.")},
    )
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)

    suggestions: tuple[Place, ...] = ()
    namesakes: tuple[Place, ...] = ()
    is_guess = False

    def __init__(self, data: Mapping[str, str]) -> None:
        asked = {name: data.get(name, "") for name in self.base_fields}
        self.is_radius_asked = bool(asked["straal"])
        self.town_radius_km = 0.0 if self.is_radius_asked else TOWN_RADIUS_KM
        asked["straal"] = asked["straal"] or str(DEFAULT_RADIUS_KM)
        super().__init__(asked)

    @property
    def near(self) -> Near | None:
        self.is_valid()
        near: Near | None = self.cleaned_data.get("near")
        return near

    def canonical(self) -> dict[str, str]:
        """Where to look, as it stands in an address that is kept: a place by its name, and how far when asked."""
        near, found = self.near, {}
        if near and not near.is_own_location:
            typed, plain = self.data["bij"], near.plain_name
            names = (near.name, plain, plain.lower())  # one of these few, and no other spelling of it
            found["bij"] = typed if typed in names else near.name
        if self.is_radius_asked and "straal" not in self.errors:  # the form sends it without a place too
            found["straal"] = str(self.cleaned_data["straal"])
        return found

    @cached_property
    def is_asked(self) -> bool:
        """Did the visitor ask for a place at all?"""
        return any(self.data.get(name) for name in ("bij", "lat", "lon"))

    @property
    def has_point(self) -> bool:
        """Does the address hold where the visitor is? Such a page is never kept."""
        return bool(self.data.get("lat") or self.data.get("lon"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        name = data.get("bij", "").strip()
        radius = float(data.get("straal") or DEFAULT_RADIUS_KM)
        hidden_errors = [self.errors.pop(field, None) for field in ("lat", "lon")]
        if "bij" in self.errors:
            return data
        if name:
            data["near"] = self._near_name(name, radius)
        elif self.has_point:
            point = Point(data.get("lat") or 0.0, data.get("lon") or 0.0)
            if any(hidden_errors) or point not in NETHERLANDS:
                self.add_error("bij", _("We could not find where you are. Type the name of a town or village."))
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
        self.add_error("bij", ValidationError(problem, params={"name": name}))  # in words only when it is shown
        return None
