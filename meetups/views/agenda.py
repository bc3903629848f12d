"""The agenda: what is on, near you, from now on."""

from functools import cache, lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_safe

from locations.freshness import keep_for_everywhere, keep_for_towns
from locations.geo import Point
from locations.models import Municipality
from meetups import wording
from meetups.agenda import Results, Search, look_up
from meetups.forms.agenda import CHOICES, LAST_PAGE, RADII, AgendaForm, address, options, options_of
from meetups.models import AgeBand

Towns = dict[str, tuple[int, str]]  # slug: key and name
FILTERS = ("gemeente", "bij", "straal", "lat", "lon", "leeftijd", "taal", "dag", "vanaf", "soort", "q")


@login_not_required
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """Upcoming dates, narrowed by the filters in the address. Three queries, one more for who is signed in."""
    towns = {slug: (pk, name) for slug, pk, name in Municipality.objects.values_list("slug", "pk", "name")}
    typed = tuple(request.GET.get(name, "") for name in FILTERS)
    form = read_filters(typed, towns) if any(typed) else no_filters()
    page = read_page(request.GET.get("pagina", "1"))
    search = make_search(form, towns, page or 1)
    if search.municipality_id:
        keep_for_towns(request, search.municipality_id)
    else:
        keep_for_everywhere(request)
    results = look_up(search, request.user) if page else Results()
    is_lost = page is None or (page > 1 and not results.days)
    context = agenda_context(form, towns, results, page or 1) | {"is_lost": is_lost}
    if not request.htmx:  # type: ignore[attr-defined]
        names = tuple((slug, name) for slug, (_pk, name) in towns.items())
        context["form_html"] = form_html(typed, names, get_language() or "nl")
    template = "meetups/_agenda_results.html" if request.htmx else "meetups/agenda.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=404 if is_lost else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def read_page(text: str) -> int | None:
    """The number of the page; None for one that cannot be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= LAST_PAGE else None


def read_filters(typed: tuple[str, ...], towns: Towns) -> AgendaForm:
    """The filters, checked; what is wrong is in their errors, and not in cleaned_data."""
    form = AgendaForm(dict(zip(FILTERS, typed, strict=True)), towns=towns)
    form.full_clean()
    return form


@cache
def no_filters() -> AgendaForm:
    """The same for most visitors, who filter nothing; made once."""
    return read_filters(("",) * len(FILTERS), {})


def make_search(form: AgendaForm, towns: Towns, page: int) -> Search:
    """What to look for, from the filters that are right."""
    data = form.cleaned_data
    return Search(
        now=timezone.now(),
        page=page,
        municipality_id=towns[data["gemeente"]][0] if data.get("gemeente") else None,
        centre=form.centre,
        radius_km=form.radius_km,
        age=data.get("leeftijd", ""),
        language=data.get("taal", ""),
        weekday=int(data["dag"]) if data.get("dag") else None,
        from_on=data.get("vanaf"),
        kind=data.get("soort", ""),
        words=data.get("q", ""),
    )


def agenda_context(form: AgendaForm, towns: Towns, results: Results, page: int) -> dict[str, Any]:
    """Everything the page says, in words already: the templates only put it in its place."""
    parameters = form.parameters()
    return {
        "form": form,
        "errors": {name: " ".join(map(str, found)) for name, found in form.errors.items()},
        "suggestions": [(place.label, address(parameters, bij=place.label)) for place in form.suggestions],
        "results": results,
        "count_words": count_words(form, results),
        "age_links": age_links(parameters),
        "active": active_filters(form, towns, parameters),
        "page": page,
        "previous_url": address(parameters, pagina=str(page - 1)) if page > 1 else "",
        "next_url": address(parameters, pagina=str(page + 1)) if results.has_next and page < LAST_PAGE else "",
        "first_url": address(parameters) if parameters else reverse("agenda"),
        "wider_url": wider(form, parameters),
        "markers": markers(results),
    }


@lru_cache(maxsize=256)
def form_html(values: tuple[str, ...], town_names: tuple[tuple[str, str], ...], language: str) -> SafeString:
    """The form with the filters; kept in memory for what many visitors choose, because it is much of the page."""
    form = read_filters(values, {slug: (0, name) for slug, name in town_names})
    typed = form.data
    parameters = form.parameters()
    context = {
        "form": form,
        "typed": typed,
        "errors": {name: " ".join(map(str, found)) for name, found in form.errors.items()},
        "suggestions": [(place.label, address(parameters, bij=place.label)) for place in form.suggestions],
        "towns": options_of([("", gettext("All")), *town_names], typed["gemeente"]),
        "options": {name: options(name, typed[name]) for name in CHOICES},
    }
    return render_to_string("meetups/_agenda_form.html", context)


def count_words(form: AgendaForm, results: Results) -> str:
    """How much was found and where; also read aloud."""
    number = f"{results.count}+" if results.is_more else str(results.count)
    if results.count == 0:
        found = gettext("Nothing found")
    else:
        found = ngettext("{number} date", "{number} dates", results.count).format(number=number)
    if form.centre is None:
        return found
    parts = {"found": found, "radius": form.radius_km}
    if form.cleaned_data.get("bij"):
        place = form.cleaned_data["bij"].label
        return gettext("{found} within {radius} km of {place}").format(place=place, **parts)
    return gettext("{found} within {radius} km of where you are").format(**parts)


def age_links(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """A link for each age: choose it, or take it away again."""
    current = parameters.get("leeftijd")
    return [
        {
            "label": band.label,
            "url": address(parameters, leeftijd=None if band == current else band.value),
            "is_current": band == current,
        }
        for band in AgeBand
    ]


def active_filters(form: AgendaForm, towns: Towns, parameters: dict[str, str]) -> list[dict[str, str]]:
    """A link to take away each filter that narrows the list, but for the ages, which have links of their own."""
    names = {
        "gemeente": lambda value: towns[value][1],
        "bij": lambda value: value,
        "lat": lambda value: gettext("where you are"),
        "taal": lambda value: dict(CHOICES["taal"])[value],
        "dag": lambda value: dict(CHOICES["dag"])[value],
        "vanaf": lambda value: gettext("from {day}").format(day=wording.day(form.cleaned_data["vanaf"])),
        "soort": lambda value: dict(CHOICES["soort"])[value],
        "q": lambda value: f"“{value}”",
    }
    together = {"lat": {"lon": None, "straal": None}, "bij": {"straal": None}}
    return [
        {"label": str(word(parameters[name])), "url": address(parameters, **{name: None}, **together.get(name, {}))}
        for name, word in names.items()
        if name in parameters and not (name == "lat" and "bij" in parameters)
    ]


def wider(form: AgendaForm, parameters: dict[str, str]) -> str:
    """The same search a step further away; nothing when that is not possible."""
    further = next((radius for radius in RADII if radius > form.radius_km), None)
    return address(parameters, straal=str(further)) if form.centre and further else ""


def markers(results: Results) -> list[dict[str, Any]]:
    """The places of this page, once each, for the map beside the list."""
    found: dict[Point, dict[str, Any]] = {}
    for card in results.cards:
        found.setdefault(
            card.point,
            {"lat": card.point.latitude, "lon": card.point.longitude, "label": card.place, "url": card.url},
        )
    return list(found.values())
