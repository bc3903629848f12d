"""The filters of the agenda: read from the address, forgiving, and back into an address."""

from __future__ import annotations

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

from locations.forms import DEFAULT_RADIUS_KM, RADII_KM, Near, NearForm
from locations.geo import Circle
from locations.own_places import own_places
from meetups.languages import LANGUAGES
from meetups.models import AgeBand, Meetup

LAST_PAGE = 50
UNKNOWN_TOWN = _("This town does not use Pedbasis yet. Look near a place instead.")
FILTERS = ("gemeente", "bij", "straal", "lat", "lon", "leeftijd", "taal", "dag", "vanaf", "soort", "q")

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "straal": [(str(radius), lazystr(f"{radius} km")) for radius in RADII_KM],
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


class AgendaForm(NearForm):
    """Field names are those in the address. What is wrong is left out of the search, and said beside the field.

    Whether there is a town of that slug is not looked up here: `meetups.agenda.query.look_up` finds it on the way.
    """

    gemeente = forms.SlugField(
        required=False,
        max_length=80,
        error_messages=dict.fromkeys(["invalid", "max_length", "null_characters_not_allowed"], UNKNOWN_TOWN),
    )
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

    @property
    def circle(self) -> Circle | None:
        """Where the search goes out from, and how far; None for everywhere."""
        near: Near | None = self.cleaned_data.get("near")
        return near.circle if near else None

    def parameters(self) -> dict[str, str]:
        """The filters that count, as they stand in an address."""
        data = self.cleaned_data
        near: Near | None = data.get("near")
        found = {"gemeente": data["gemeente"]} if data.get("gemeente") else {}
        if near:
            centre = near.circle.centre
            where = {"lat": str(centre.latitude), "lon": str(centre.longitude)}
            found |= where if near.is_own_location else {"bij": near.name}
            if self.has_radius:
                found["straal"] = str(int(near.circle.radius_km))
        for name in ("leeftijd", "taal", "dag", "soort", "q"):
            if data.get(name):
                found[name] = data[name]
        if data.get("vanaf"):
            found["vanaf"] = data["vanaf"].isoformat()
        return found


def read_filters(typed: dict[str, str]) -> AgendaForm:
    """The filters, checked: a form to read from, not to change, because many visitors may share it."""
    if typed["lat"] or typed["lon"]:  # where someone stands is kept nowhere
        return _checked(typed)
    return _checked_before(tuple(typed.values()), own_places().version if typed["bij"] else 0)


@lru_cache(maxsize=256)
def _checked_before(values: tuple[str, ...], version: int) -> AgendaForm:
    return _checked(dict(zip(FILTERS, values, strict=True)))


def _checked(typed: dict[str, str]) -> AgendaForm:
    form = AgendaForm(typed)
    form.full_clean()
    return form


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
        return first + options_of(CHOICES[name], chosen or (str(DEFAULT_RADIUS_KM) if name == "straal" else ""))


def options_of(pairs: list[tuple[str, Any]], chosen: str) -> SafeString:
    """Write (value, label) pairs as <option>s."""
    rows = ((value, SafeString(" selected") if value == chosen else "", str(label)) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
