"""The list of ideas with its filters, and the feed of the ideas of a town."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from initiatives.finding import feed, misspelt
from initiatives.finding.cards import IdeaCard, cards_of
from initiatives.finding.forms import (
    CHOICES,
    COLLAPSED,
    FILTERS,
    UNKNOWN_TOWN,
    IdeasForm,
    options,
    read_filters,
    read_page,
)
from initiatives.finding.query import MAX_PAGE, Found, Search, look_up
from initiatives.search_words import in_order
from locations.forms import SUGGEST
from locations.models import Municipality, stylesheet_url
from locations.near import DEFAULT_RADIUS_KM, Near
from locations.parameters import PARAMETERS, in_address, query_string, read_parameters
from page_cache.per_language import cached_per_language
from page_cache.versions import cache_for_all_towns, cache_for_towns

EXACT = re.compile(r'"|(^|\s)-')  # who searches like this knows what they want
FEW = 10  # results; with fewer, ideas with words that look like the typed ones are shown too


@login_not_required
@require_safe
def initiatives(request: HttpRequest) -> HttpResponse:
    """List the ideas that match the filters in the query string, newest first; at most three queries."""
    parameters = read_parameters(request)
    page = read_page(parameters["page"] or "1")
    typed = {name: parameters[name] for name in FILTERS}
    form = read_filters(typed)
    search = form.search(page or 1)
    found = look_up(search, request.user)
    is_unknown = bool(form.errors) or (search.town and found.town is None)
    if not (is_unknown or form.has_point):  # too many variants, or where someone is
        policy = cache_for_towns(request, found.town.pk) if found.town else cache_for_all_towns(request)
        number = {"page": page} if page and page > 1 else {}
        policy.parameters = in_address(form.parameters() | form.canonical() | number)
    is_lost = page is None or (page > 1 and not found.rows)
    context = _context(form, typed, found, search)
    context |= {"is_lost": is_lost, "alike": _alike(search, found, request.user)}
    context["count_words"] = _count_words(form, found, context["alike"])
    return render(request, "initiatives/list.html", context, status=404 if is_lost else 200)


@login_not_required
@require_safe
def municipality_ideas_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The ideas of a town, for programs that follow what is new; two queries."""
    town = get_object_or_404(Municipality, slug=slug)
    cache_for_towns(request, town.pk)
    return HttpResponse(feed.atom(town, request.path), content_type="application/atom+xml; charset=utf-8")


def _alike(search: Search, found: Found, user: Any) -> list[IdeaCard]:
    """Return ideas with words that look like the typed ones, if few have the words themselves; two queries or none."""
    if search.page > 1 or not search.words or found.is_any_words or found.count >= FEW:
        return []
    if EXACT.search(search.words):
        return []
    typed = in_order(search.words)
    near = misspelt.alike(typed)
    if not near:
        return []
    instead = tuple((word, *near.get(word, ())) for word in typed[: misspelt.MOST_WORDS])
    others = look_up(replace(search, instead=instead), user)
    known = {row.key for row in found.rows}
    return cards_of(row for row in others.rows if row.key not in known)


def _context(form: IdeasForm, typed: dict[str, str], found: Found, search: Search) -> dict[str, Any]:
    parameters, page = form.parameters(), search.page
    errors = {name: " ".join(map(str, wrong)) for name, wrong in form.errors.items()}
    if "town" in parameters and found.town is None:
        errors["town"] = str(UNKNOWN_TOWN)
        del parameters["town"]
    accent = found.town.accent if found.town else ""
    suggested = [(place.label, query_string(parameters, place=place.label)) for place in form.suggestions]
    near: Near | None = form.cleaned_data.get("near")
    wider = near.wider_km if near else None
    new = reverse("initiative_new")
    return {
        "stylesheet_url": stylesheet_url("town_colours", accent) if accent else "",
        "town": found.town,
        "form": form,
        "form_html": _form_html(typed, len(_chosen(parameters)), errors, suggested),
        "chips_html": _chips_html(tuple(parameters.items()), found.town and found.town.name),
        "parameters": parameters,
        "cards": cards_of(found.rows),
        "is_any_words": found.is_any_words,
        "words": search.words,
        "page": page,
        "previous_url": query_string(parameters, page=page - 1 if page > 2 else None) if page > 1 else "",
        "next_url": query_string(parameters, page=page + 1) if found.has_next and page < MAX_PAGE else "",
        "is_cut_off": found.has_next and page == MAX_PAGE,
        "first_url": reverse("initiatives") + (query_string(parameters) if parameters else ""),
        "wider_url": query_string(parameters, radius=wider) if wider else "",
        "new_url": new + (query_string({"town": found.town.slug}) if found.town else ""),
    }


def _count_words(form: IdeasForm, found: Found, alike: list[IdeaCard]) -> str:
    """Say how many ideas were found and where."""
    if found.count == 0:
        words = gettext("Nothing found, but these look like it") if alike else gettext("Nothing found")
    elif found.has_more:
        words = gettext("More than {number} ideas").format(number=found.count)
    else:
        words = ngettext("{number} idea", "{number} ideas", found.count).format(number=found.count)
    near: Near | None = form.cleaned_data.get("near")
    if near is None:
        return words
    parts = {"found": words, "radius": int(near.circle.radius_km)}
    if not near.is_own_location:
        return gettext("{found} within {radius} km of {place}").format(place=near.name, **parts)
    return gettext("{found} within {radius} km of where you are").format(**parts)


def _chosen(parameters: dict[str, str]) -> list[str]:
    """Return the names of the collapsed filters in use. The form always sends a radius; the default does not count."""
    default = {"radius": str(DEFAULT_RADIUS_KM)}
    return [name for name in COLLAPSED if name in parameters and parameters[name] != default.get(name)]


def _active(parameters: dict[str, str], town: str | None) -> list[dict[str, str]]:
    """Return a link for each filter in use, which removes it."""
    labels: dict[str, Callable[[str], Any]] = {
        "town": lambda value: town,
        "place": lambda value: value,
        "latitude": lambda value: gettext("where you are"),
        **{name: dict(CHOICES[name]).get for name in COLLAPSED},
        "words": lambda value: gettext("“{word}”").format(word=value),
    }
    also_removed = {"latitude": ("longitude", "radius"), "place": ("radius",)}
    chosen = {"town", "place", "latitude", "words", *_chosen(parameters)}
    return [
        {
            "label": str(label(parameters[name])),
            "url": query_string(parameters, **dict.fromkeys([name, *also_removed.get(name, ())])),
        }
        for name, label in labels.items()
        if name in parameters and name in chosen
    ]


# Parts of the page that are expensive to render and the same for many visitors, so cached in memory.


def _form_html(
    typed: dict[str, str], chosen: int, errors: dict[str, str], suggestions: list[tuple[str, str]]
) -> SafeString:
    if errors or typed["latitude"] or typed["longitude"]:
        is_wrong_inside = any(name in errors for name in (*COLLAPSED, "place"))
        problems = {"errors": errors, "suggestions": suggestions, "is_wrong_inside": is_wrong_inside}
        return _render_form(typed, {"chosen": chosen} | problems)
    return _cached_form(tuple(typed.values()), chosen)


@cached_per_language(maxsize=256)
def _cached_form(values: tuple[str, ...], chosen: int) -> SafeString:
    return _render_form(dict(zip(FILTERS, values, strict=True)), {"chosen": chosen})


def _render_form(typed: dict[str, str], context: dict[str, Any]) -> SafeString:
    choices = {name: options(name, typed[name]) for name in CHOICES}
    form = {
        "fields": IdeasForm.base_fields,
        "names": PARAMETERS,
        "typed": typed,
        "options": choices,
        "suggest": SUGGEST,
    }
    return render_to_string("initiatives/_filters.html", form | context)


@cached_per_language(maxsize=256)
def _chips_html(parameters: tuple[tuple[str, str], ...], town: str | None) -> SafeString:
    """Render the filters in use, each with a link that removes it."""
    return render_to_string("meetups/agenda/_chips.html", {"active": _active(dict(parameters), town)})
