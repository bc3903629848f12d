"""Where someone looks for a meetup, near a place by name or near where they are; and how a town looks."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from locations import colours, logos, places
from locations.geo import NETHERLANDS, Circle, Point
from locations.models import NO_COLOUR, Municipality, check_accent, stylesheet_url
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


class ThemeForm(forms.Form):
    """The colour and the logo of a town. A logo that was sent once comes along in the form until it is saved."""

    hide_optional = True

    accent = forms.CharField(
        label=_("Colour"),
        required=False,
        max_length=40,
        error_messages={"max_length": NO_COLOUR, "null_characters_not_allowed": NO_COLOUR},
        help_text=_("As in your house style: # and six characters, such as #1b4f9c. Empty: the green of Pedbasis."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-colour": colours.OWN}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("A PNG of at most 50 kB, at least 40 and at most 1000 pixels wide and high."),
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )
    kept_logo = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        municipality: Municipality,
        data: Mapping[str, str] | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
    ) -> None:
        """`nearest` in the data is the colour that someone took instead of the one that was refused."""
        if data and data.get("nearest"):
            data = {**{name: data.get(name, "") for name in self.base_fields}, "accent": data["nearest"]}
        super().__init__(data, files, initial={"accent": municipality.accent})
        self.municipality = municipality

    def clean_accent(self) -> str:
        typed: str = self.cleaned_data["accent"]
        if not typed:
            return ""
        accent = colours.read(typed) or typed
        check_accent(accent)
        return accent

    def clean_logo(self) -> logos.Picture | None:
        file: UploadedFile | None = self.cleaned_data["logo"]
        if file is None:
            return None
        try:
            return logos.read(file.read(logos.MOST_KILOBYTES * 1024 + 1))
        except logos.NotALogo as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean_kept_logo(self) -> logos.Picture | None:
        try:
            return logos.read(base64.b64decode(self.cleaned_data["kept_logo"], validate=True))
        except ValueError:  # nothing was kept, or not by this page
            return None

    @cached_property
    def picture(self) -> logos.Picture | None:
        """The logo that was chosen now or before."""
        if not self.is_bound:
            return None
        self.is_valid()
        picture: logos.Picture | None = self.cleaned_data.get("logo") or self.cleaned_data.get("kept_logo")
        return picture

    @property
    def picture_as_text(self) -> str:
        return base64.b64encode(self.picture.image).decode() if self.picture else ""

    @property
    def nearest(self) -> str:
        """The colour to take instead, when the one that was typed is hard to read."""
        accent = colours.read(self.data.get("accent", "")) if self.is_bound and "accent" in self.errors else None
        return colours.nearest_usable(accent) if accent else ""

    @property
    def shown_accent(self) -> str:
        """The colour to show: the one that was typed, the one to take instead, or the one of now."""
        if self.nearest:
            return self.nearest
        if self.is_bound and "accent" not in self.errors:
            return self.cleaned_data["accent"] or colours.OWN
        return self.municipality.accent or colours.OWN

    @property
    def sample_url(self) -> str:
        return stylesheet_url("colour_sample", self.shown_accent)
