"""The filters of the agenda: from the query string, leniently, and back into a query string."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import lazystr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from locations.forms import DEFAULT_RADIUS_KM, RADII_KM, Near, NearForm
from locations.geo import Circle
from locations.own_places import own_places
from meetups.fields import UNKNOWN_CHOICE
from meetups.languages import LANGUAGES
from meetups.models import AgeBand, Meetup
from page_cache.per_language import cached_per_language

MAX_PAGE = 50
UNKNOWN_TOWN = _("This town does not use Pedbasis yet. Search near a town or village instead.")
FILTERS = ("gemeente", "bij", "straal", "lat", "lon", "leeftijd", "taal", "dag", "vanaf", "soort", "q")

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "straal": [(str(radius), lazystr(f"{radius} km")) for radius in RADII_KM],
    "leeftijd": [(band.value, band.label) for band in AgeBand],
    "taal": list(LANGUAGES.items()),
    "dag": [(str(number + 1), name) for number, name in WEEKDAYS.items()],
    "soort": [(kind.value, kind.label) for kind in Meetup.Kind],
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=CHOICES[name], error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )


class AgendaForm(NearForm):
    """Fields are named as in the query string. Invalid filters are not applied; their fields show an error.

    Whether the town exists is not checked here: the query of `meetups.agenda.query.look_up` finds that out.
    """

    gemeente = forms.SlugField(
        required=False,
        max_length=80,
        error_messages=dict.fromkeys(["invalid", "max_length", "null_characters_not_allowed"], UNKNOWN_TOWN),
    )
    leeftijd = _choice("leeftijd", _("Age of your child"))
    taal = _choice("taal", _("Which language do you want to speak?"))
    dag = _choice("dag", _("Day of the week"))
    vanaf = forms.DateField(
        label=_("From which date?"),
        required=False,
        input_formats=["%Y-%m-%d", "%d-%m-%Y"],
        error_messages={"invalid": _("Fill in a date that exists, like 1-12-2026.")},
    )
    soort = _choice("soort", _("What do you want to do?"))
    q = forms.CharField(
        label=_("Search for a word"),
        required=False,
        max_length=80,
        error_messages={"max_length": _("Use fewer words.")},
    )

    @property
    def circle(self) -> Circle | None:
        """The centre and radius of the search; None for everywhere."""
        near: Near | None = self.cleaned_data.get("near")
        return near.circle if near else None

    def parameters(self) -> dict[str, str]:
        """The filters in effect, as query parameters."""
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
    """Return the validated filters. Do not change the form: it is cached and shared between requests."""
    if typed["lat"] or typed["lon"]:  # never cache where someone is
        return _checked(typed)
    return _checked_cached(tuple(typed.values()), own_places().version if typed["bij"] else 0)


@lru_cache(maxsize=256)
def _checked_cached(values: tuple[str, ...], version: int) -> AgendaForm:
    return _checked(dict(zip(FILTERS, values, strict=True)))


def _checked(typed: dict[str, str]) -> AgendaForm:
    form = AgendaForm(typed)
    form.full_clean()
    return form


def query_string(parameters: dict[str, str], **changes: str | None) -> str:
    """Return the query string, starting with "?", with some filters changed, or removed when None."""
    merged = {name: value for name, value in (parameters | changes).items() if value is not None}
    return "?" + urlencode(merged)


def options(name: str, chosen: str) -> SafeString:
    """Return the <option>s of a filter, cached for each language and choice."""
    valid = chosen if any(value == chosen for value, _label in CHOICES[name]) else ""
    return _options(name, valid)


@cached_per_language(maxsize=512)
def _options(name: str, chosen: str) -> SafeString:
    first = SafeString("") if name == "straal" else format_html('<option value="">{}</option>', gettext("Any"))
    return first + render_options(CHOICES[name], chosen or (str(DEFAULT_RADIUS_KM) if name == "straal" else ""))


def render_options(pairs: list[tuple[str, Any]], chosen: str) -> SafeString:
    """Render (value, label) pairs as <option>s."""
    rows = ((value, SafeString(" selected") if value == chosen else "", str(label)) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
