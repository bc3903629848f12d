"""The filters of the agenda: from the query string, leniently, and back into a query string."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import lazystr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from locations.forms import NearForm
from locations.geo import Circle
from locations.near import DEFAULT_RADIUS_KM, RADII_KM, Near
from locations.own_places import own_places
from meetups.fields import UNKNOWN_CHOICE
from meetups.models import AgeBand, Meetup
from meetups.spoken_languages import LANGUAGES
from page_cache.per_language import cached_per_language

MAX_PAGE = 50
UNKNOWN_TOWN = _("This town does not use Pedbasis yet. Search near a town or village instead.")
FILTERS = ("town", "place", "radius", "latitude", "longitude", "age", "language", "weekday", "since", "kind", "words")

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "radius": [(str(radius), lazystr(f"{radius} km")) for radius in RADII_KM],
    "age": [(band.value, band.label) for band in AgeBand],
    "language": list(LANGUAGES.items()),
    "weekday": [(str(number + 1), name) for number, name in WEEKDAYS.items()],
    "kind": [(kind.value, kind.label) for kind in Meetup.Kind],
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=CHOICES[name], error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )


class AgendaForm(NearForm):
    """The filters of the agenda. Invalid ones are not applied; their fields show an error.

    Whether the town exists is not checked here: the query of `meetups.agenda.query.look_up` finds that out.
    """

    town = forms.SlugField(
        required=False,
        max_length=80,
        error_messages=dict.fromkeys(["invalid", "max_length", "null_characters_not_allowed"], UNKNOWN_TOWN),
    )
    age = _choice("age", _("Age of your child"))
    language = _choice("language", _("Which language do you want to speak?"))
    weekday = _choice("weekday", _("Day of the week"))
    since = forms.DateField(
        label=_("From which date?"),
        required=False,
        input_formats=["%Y-%m-%d", "%d-%m-%Y"],
        error_messages={"invalid": _("Fill in a date that exists, like 1-12-2026.")},
    )
    kind = _choice("kind", _("What do you want to do?"))
    words = forms.CharField(
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
        """The filters in effect."""
        data = self.cleaned_data
        near: Near | None = data.get("near")
        found = {"town": data["town"]} if data.get("town") else {}
        if near:
            found |= near.parameters
            if self.has_radius:
                found["radius"] = str(int(near.circle.radius_km))
        for name in ("age", "language", "weekday", "kind", "words"):
            if data.get(name):
                found[name] = data[name]
        if data.get("since"):
            found["since"] = data["since"].isoformat()
        return found


def read_filters(typed: dict[str, str]) -> AgendaForm:
    """Return the validated filters. Do not change the form: it is cached and shared between requests."""
    if typed["latitude"] or typed["longitude"]:  # never cache where someone is
        return _checked(typed)
    return _checked_cached(tuple(typed.values()), own_places().version if typed["place"] else 0)


@lru_cache(maxsize=256)
def _checked_cached(values: tuple[str, ...], version: int) -> AgendaForm:
    return _checked(dict(zip(FILTERS, values, strict=True)))


def _checked(typed: dict[str, str]) -> AgendaForm:
    form = AgendaForm(typed)
    form.full_clean()
    return form


def options(name: str, chosen: str) -> SafeString:
    """Return the <option>s of a filter, cached for each language and choice."""
    valid = chosen if any(value == chosen for value, _label in CHOICES[name]) else ""
    return _options(name, valid)


@cached_per_language(maxsize=512)
def _options(name: str, chosen: str) -> SafeString:
    first = SafeString("") if name == "radius" else format_html('<option value="">{}</option>', gettext("Any"))
    return first + render_options(CHOICES[name], chosen or (str(DEFAULT_RADIUS_KM) if name == "radius" else ""))


def render_options(pairs: list[tuple[str, Any]], chosen: str) -> SafeString:
    """Render (value, label) pairs as <option>s."""
    rows = ((value, SafeString(" selected") if value == chosen else "", str(label)) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
