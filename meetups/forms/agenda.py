"""The filters of the agenda: read from the address, forgiving, and back into an address."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import lazystr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from locations import places
from locations.geo import Point
from meetups.languages import LANGUAGES
from meetups.models import AgeBand, Meetup

RADII = (5, 10, 20, 50)
DEFAULT_RADIUS = 10
LAST_PAGE = 50

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "straal": [(str(radius), lazystr(f"{radius} km")) for radius in RADII],
    "leeftijd": [(band.value, band.label) for band in AgeBand],
    "taal": list(LANGUAGES.items()),
    "dag": [(str(number + 1), name) for number, name in WEEKDAYS.items()],
    "soort": [(kind.value, kind.label) for kind in Meetup.Kind],
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    wrong = _("We do not know this choice. Choose one from the list.")
    return forms.ChoiceField(
        label=label, required=False, choices=CHOICES[name], error_messages={"invalid_choice": wrong}
    )


class AgendaForm(forms.Form):
    """Field names are those in the address. What is wrong is left out of the search, and said beside the field."""

    gemeente = forms.SlugField(label=_("Town"), required=False, max_length=80)
    bij = forms.CharField(
        label=_("Near which town or village?"),
        required=False,
        max_length=80,
        error_messages={"max_length": _("That is too long for the name of a town or village.")},
    )
    straal = _choice("straal", _("How far away?"))
    lat = forms.FloatField(required=False, min_value=50.5, max_value=53.8)
    lon = forms.FloatField(required=False, min_value=3.0, max_value=7.4)
    leeftijd = _choice("leeftijd", _("Age of your child"))
    taal = _choice("taal", _("Language spoken"))
    dag = _choice("dag", _("Day of the week"))
    vanaf = forms.DateField(
        label=_("From which date?"),
        required=False,
        input_formats=["%Y-%m-%d", "%d-%m-%Y"],
        error_messages={"invalid": _("Fill in a date that exists, like 1-12-2026.")},
    )
    soort = _choice("soort", _("What kind?"))
    q = forms.CharField(
        label=_("Words to look for"),
        required=False,
        max_length=80,
        error_messages={"max_length": _("Use fewer words.")},
    )

    def __init__(self, *args: Any, towns: dict[str, tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.towns = towns
        self.suggestions: list[places.Place] = []

    def clean_gemeente(self) -> str:
        slug: str = self.cleaned_data["gemeente"]
        if slug and slug not in self.towns:
            raise forms.ValidationError(_("This town does not use Pedbasis yet. Choose one from the list."))
        return slug

    def clean_bij(self) -> places.Place | None:
        text: str = self.cleaned_data["bij"]
        if not text:
            return None
        place = places.find(text)
        if place is None:
            self.suggestions = places.suggest(text)
            raise forms.ValidationError(_("We do not know this place. Check how it is written, or choose another one."))
        return place

    @property
    def centre(self) -> Point | None:
        """Where the search goes out from: the place, or the visitor's own location."""
        data = self.cleaned_data
        if data.get("bij"):
            return Point(*data["bij"].point)
        if data.get("lat") is not None and data.get("lon") is not None:
            return Point(data["lat"], data["lon"])
        return None

    @property
    def radius_km(self) -> int:
        return int(self.cleaned_data.get("straal") or DEFAULT_RADIUS)

    def parameters(self) -> dict[str, str]:
        """The filters that count, as they stand in an address."""
        found = {}
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if value in (None, "") or (name == "straal" and self.centre is None):
                continue
            if isinstance(value, places.Place):
                value = value.label
            found[name] = value.isoformat() if isinstance(value, date) else str(value)
        return found


def address(parameters: dict[str, str], **changes: str | None) -> str:
    """The query string with some filters changed, or left out when None; starts with "?"."""
    merged = {name: value for name, value in (parameters | changes).items() if value is not None}
    return "?" + urlencode(merged)


def options(name: str, chosen: str) -> SafeString:
    """The <option>s of a filter; made once for each language and choice, because the agenda must be quick."""
    known = chosen if any(value == chosen for value, _label in CHOICES[name]) else ""
    return _options(name, known, get_language() or "nl")


@lru_cache(maxsize=512)
def _options(name: str, chosen: str, language: str) -> SafeString:
    with override(language):
        first = SafeString("") if name == "straal" else format_html('<option value="">{}</option>', gettext("All"))
        return first + options_of(CHOICES[name], chosen or (str(DEFAULT_RADIUS) if name == "straal" else ""))


def options_of(pairs: list[tuple[str, Any]], chosen: str) -> SafeString:
    """Write (value, label) pairs as <option>s."""
    rows = ((value, SafeString(" selected") if value == chosen else "", str(label)) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
