"""The filters of the agenda: from the query string, leniently, and back into a query string."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import lazystr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from locations.forms import NearForm
from locations.geo import Circle
from locations.near import DEFAULT_RADIUS_KM, RADII_KM, Near
from locations.own_places import own_places
from locations.parameters import PARAMETERS
from meetups.agenda.query import PartOfDay
from meetups.agenda.week import Week
from meetups.fields import UNKNOWN_CHOICE
from meetups.models import AgeBand, Meetup
from meetups.spoken_languages import LANGUAGES
from page_cache.per_language import cached_per_language

MAX_PAGE = 50
UNKNOWN_TOWN = _("This town does not use Pedbasis yet. Search near a town or village instead.")
YES = "ja"
WHERE = ("town", "place", "latitude", "longitude", "radius")
WHAT = ("age", "part", "step_free", "free", "kind", "language", "weekday", "since", "words")
FILTERS = (*WHERE, *WHAT)

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "radius": [(str(radius), lazystr(f"{radius} km")) for radius in RADII_KM],
    "age": [(band.value, format_lazy(_("{ages} years"), ages=band.value)) for band in AgeBand],
    "part": [(part.value, part.label) for part in PartOfDay],
    "step_free": [(YES, _("Step-free place"))],
    "free": [(YES, _("Free of charge"))],
    "language": list(LANGUAGES.items()),
    "weekday": [(str(number + 1), name) for number, name in WEEKDAYS.items()],
    "kind": [(kind.value, kind.label) for kind in Meetup.Kind],
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=CHOICES[name], error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )


class ListField(forms.CharField):
    """Several choices, separated by commas; cleaned to a tuple in the order of CHOICES."""

    def __init__(self, name: str, label: Any) -> None:
        self.values = [value for value, _label in CHOICES[name]]
        super().__init__(
            label=label,
            required=False,
            max_length=100,
            error_messages=dict.fromkeys(
                ["invalid_choice", "max_length", "null_characters_not_allowed"], UNKNOWN_CHOICE
            ),
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        chosen = set(filter(None, super().clean(value).split(",")))
        if not chosen <= set(self.values):
            raise forms.ValidationError(self.error_messages["invalid_choice"])
        return tuple(known for known in self.values if known in chosen)


class AgendaForm(NearForm):
    """The filters of the agenda. Invalid ones are not applied; their fields show an error.

    Whether the town exists is not checked here: the query of `meetups.agenda.query.look_up` finds that out.
    """

    town = forms.SlugField(
        required=False,
        max_length=80,
        error_messages=dict.fromkeys(["invalid", "max_length", "null_characters_not_allowed"], UNKNOWN_TOWN),
    )
    age = ListField("age", _("Age of your child"))
    part = ListField("part", _("What time of day?"))
    step_free = _choice("step_free", _("Step-free place"))
    free = _choice("free", _("Free of charge"))
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

    def parameters(self, week: Week) -> dict[str, str]:
        """Return the filters in effect; the first day only if it is not today."""
        data = self.cleaned_data
        near: Near | None = data.get("near")
        found = {"town": data["town"]} if data.get("town") else {}
        if near:
            found |= near.parameters
            if self.has_radius:
                found["radius"] = str(int(near.circle.radius_km))
        for name in WHAT:
            value = data.get(name)
            if value and name != "since":
                found[name] = ",".join(value) if isinstance(value, tuple) else value
        if not week.is_this_week:
            found["since"] = week.first_on.isoformat()
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


@cached_per_language(maxsize=512)
def blocks(name: str, chosen: str) -> SafeString:
    """Return the choices of a filter as checkboxes, or as radio buttons where only one can be chosen."""
    kind = "radio" if name == "radius" else "checkbox"
    values = set((chosen or str(DEFAULT_RADIUS_KM) if name == "radius" else chosen).split(","))
    rows = (
        (kind, PARAMETERS[name], value, SafeString(" checked") if value in values else "", capfirst(str(label)))
        for value, label in CHOICES[name]
    )
    block = '<label class="choice-block"><input type="{}" name="{}" value="{}"{}><span>{}</span></label>'
    return format_html_join("", block, rows)


def render_options(pairs: list[tuple[str, Any]], chosen: str) -> SafeString:
    """Render (value, label) pairs as <option>s."""
    rows = ((value, SafeString(" selected") if value == chosen else "", str(label)) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
