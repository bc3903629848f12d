"""The agenda: upcoming dates, with filters."""

from datetime import date
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from accounts.requests import HtmxRequest
from locations.geo import Point
from locations.models import stylesheet_url
from locations.near import DEFAULT_RADIUS_KM, Near
from locations.parameters import PARAMETERS, in_address, query_string, read_parameters
from meetups import wording
from meetups.agenda.cards import Results
from meetups.agenda.forms import (
    CHOICES,
    FILTERS,
    MAX_PAGE,
    UNKNOWN_TOWN,
    AgendaForm,
    options,
    read_filters,
)
from meetups.agenda.query import Found, Search, look_up
from page_cache.per_language import cached_per_language
from page_cache.versions import cache_for_all_towns, cache_for_towns

# Filters whose errors are shown on the page.
ERROR_NAMES = [name for name in FILTERS if name not in {"latitude", "longitude"}]
COLLAPSED = ("radius", "age", "language", "weekday", "since", "kind", "words")  # behind the button "Filters"


class Marker(NamedTuple):
    """One place on the map; `url` is the first date there."""

    lat: float
    lon: float
    label: str
    url: str


@login_not_required
@require_safe
def agenda(request: HtmxRequest) -> HttpResponse:
    """List upcoming dates that match the filters in the query string. One query for any filters."""
    parameters = read_parameters(request)
    page = read_page(parameters["page"] or "1")
    typed = {name: parameters[name] for name in FILTERS}
    form = read_filters(typed)
    search = make_search(form, page or 1)
    found = look_up(search, request.user)
    is_unknown = bool(form.errors) or (typed["town"] and found.town is None)
    if not (is_unknown or typed["words"] or form.has_point):  # too many variants, or where someone is
        policy = cache_for_towns(request, found.town.pk) if found.town else cache_for_all_towns(request)
        number = {"page": page} if page and page > 1 else {}
        policy.parameters = in_address(form.parameters() | form.canonical() | number)
    is_lost = page is None or (page > 1 and not found.dates)
    context = agenda_context(form, typed, found, search) | {"is_lost": is_lost}
    template = "meetups/agenda/_results.html" if request.htmx else "meetups/agenda/agenda.html"
    response = render(request, template, context, status=404 if is_lost else 200)
    patch_vary_headers(response, ["HX-Request"])
    if request.htmx and not context["errors"]:
        response["HX-Push-Url"] = context["first_url"]  # without empty parameters: a URL to share
    return response


def read_page(text: str) -> int | None:
    """Return the page number; None if it is invalid."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PAGE else None


def make_search(form: AgendaForm, page: int) -> Search:
    """Return the search criteria from the valid filters."""
    data = form.cleaned_data
    return Search(
        now=timezone.now(),
        page=page,
        town=data.get("town", ""),
        circle=form.circle,
        age=data.get("age", ""),
        language=data.get("language", ""),
        weekday=int(data["weekday"]) if data.get("weekday") else None,
        from_on=data.get("since"),
        kind=data.get("kind", ""),
        words=data.get("words", ""),
    )


def agenda_context(form: AgendaForm, typed: dict[str, str], found: Found, search: Search) -> dict[str, Any]:
    """Return the template context, with every text ready to show."""
    parameters, errors, page = form.parameters(), errors_of(form), search.page
    results = Results.of(found, search.now)
    if "town" in parameters and found.town is None:
        errors["town"] = str(UNKNOWN_TOWN)
        del parameters["town"]
    accent = found.town.accent if found.town else ""
    suggested = suggestions(form, parameters)
    chosen = len(chosen_of(parameters))
    return {
        "stylesheet_url": stylesheet_url("town_colours", accent) if accent else "",
        "errors": errors,
        "error_names": ERROR_NAMES,
        "suggestions": suggested,
        "chosen": chosen,
        "form_html": form_html(typed, chosen, errors, suggested),
        "chips_html": chips_html(tuple(parameters.items()), found.town and found.town.name),
        "results": results,
        "count_words": count_words(form, found),
        "show_words": show_words(found),
        "page": page,
        "previous_url": query_string(parameters, page=page - 1 if page > 2 else None) if page > 1 else "",
        "next_url": query_string(parameters, page=page + 1) if found.has_next and page < MAX_PAGE else "",
        "first_url": reverse("agenda") + (query_string(parameters) if parameters else ""),
        "wider_url": wider(form, parameters, found.nearest_km),
        "form": form,
        "parameters": parameters,
        "map_html": map_html(markers(results)),
    }


def errors_of(form: AgendaForm) -> dict[str, str]:
    return {name: " ".join(map(str, found)) for name, found in form.errors.items()}


def suggestions(form: AgendaForm, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """Return places that may be meant, each with the URL of the same search there."""
    return [(place.label, query_string(parameters, place=place.label)) for place in form.suggestions]


# Parts of the page that are expensive to render and the same for many visitors, so cached in memory.


def form_html(
    typed: dict[str, str], chosen: int, errors: dict[str, str], suggestions: list[tuple[str, str]]
) -> SafeString:
    """Render the form with the filters; `chosen` is how many of the collapsed ones are in use."""
    if errors or typed["latitude"] or typed["longitude"]:
        is_wrong_inside = any(name in errors for name in COLLAPSED)
        problems = {"errors": errors, "suggestions": suggestions, "is_wrong_inside": is_wrong_inside}
        return _render_form(typed, {"chosen": chosen} | problems)
    return _form_html(tuple(typed.values()), chosen)


@cached_per_language(maxsize=256)
def _form_html(values: tuple[str, ...], chosen: int) -> SafeString:
    return _render_form(dict(zip(FILTERS, values, strict=True)), {"chosen": chosen})


def _render_form(typed: dict[str, str], context: dict[str, Any]) -> SafeString:
    choices = {name: options(name, typed[name]) for name in CHOICES}
    form = {"fields": AgendaForm.base_fields, "names": PARAMETERS, "typed": typed, "options": choices}
    return render_to_string("meetups/agenda/_form.html", form | context)


@cached_per_language(maxsize=256)
def chips_html(parameters: tuple[tuple[str, str], ...], town: str | None) -> SafeString:
    """Render the filters in use, each with a link that removes it."""
    return render_to_string("meetups/agenda/_chips.html", {"active": active_filters(dict(parameters), town)})


@cached_per_language(maxsize=256)
def map_html(markers: tuple[Marker, ...]) -> SafeString:
    """Render the map beside the list."""
    return render_to_string("locations/_map.html", {"markers": [marker._asdict() for marker in markers]})


def count_words(form: AgendaForm, found: Found) -> str:
    """Say how many dates were found and where; also announced to screen readers."""
    if found.count == 0:
        words = gettext("Nothing found")
    elif found.has_more:
        words = gettext("More than {number} meetups").format(number=found.count)
    else:
        words = ngettext("{number} meetup", "{number} meetups", found.count).format(number=found.count)
    near: Near | None = form.cleaned_data.get("near")
    if near is None:
        return words
    parts = {"found": words, "radius": int(near.circle.radius_km)}
    if not near.is_own_location:
        return gettext("{found} within {radius} km of {place}").format(place=near.name, **parts)
    return gettext("{found} within {radius} km of where you are").format(**parts)


def show_words(found: Found) -> str:
    """Return the text of the button below the filters."""
    if found.has_more:
        return gettext("Show more than {number} meetups").format(number=found.count)
    return ngettext("Show {number} meetup", "Show {number} meetups", found.count).format(number=found.count)


def chosen_of(parameters: dict[str, str]) -> list[str]:
    """Return the names of the collapsed filters in use. The form always sends a radius; the default does not count."""
    default = {"radius": str(DEFAULT_RADIUS_KM)}
    return [name for name in COLLAPSED if name in parameters and parameters[name] != default.get(name)]


def active_filters(parameters: dict[str, str], town: str | None) -> list[dict[str, str]]:
    """Return a link for each filter in use, which removes it."""
    labels = {
        "town": lambda value: town,
        "place": lambda value: value,
        "latitude": lambda value: gettext("where you are"),
        "radius": lambda value: dict(CHOICES["radius"])[value],
        "age": lambda value: gettext("{ages} years").format(ages=value),
        "language": lambda value: dict(CHOICES["language"])[value],
        "weekday": lambda value: dict(CHOICES["weekday"])[value],
        "since": lambda value: gettext("from {day}").format(day=wording.day(date.fromisoformat(value))),
        "kind": lambda value: dict(CHOICES["kind"])[value],
        "words": lambda value: gettext("“{word}”").format(word=value),
    }
    also_removed = {"latitude": ("longitude", "radius"), "place": ("radius",)}
    chosen = {"town", "place", "latitude", *chosen_of(parameters)}
    return [
        {
            "label": str(label(parameters[name])),
            "url": query_string(parameters, **dict.fromkeys([name, *also_removed.get(name, ())])),
        }
        for name, label in labels.items()
        if name in parameters and name in chosen and not (name == "latitude" and "place" in parameters)
    ]


def wider(form: AgendaForm, parameters: dict[str, str], km: float) -> str:
    """Return the same search with a radius that reaches the nearest date; "" if no radius does."""
    near: Near | None = form.cleaned_data.get("near")
    wider_km = near.reaching(km) if near else None
    return query_string(parameters, radius=wider_km) if wider_km else ""


def markers(results: Results) -> tuple[Marker, ...]:
    """Return the places on this page, each once."""
    found: dict[Point, Marker] = {}
    for card in results.cards:
        if card.point not in found:
            found[card.point] = Marker(*card.point, card.place, card.url)
    return tuple(found.values())
