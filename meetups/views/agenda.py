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

from locations.forms import Near
from locations.freshness import keep_for_everywhere, keep_for_towns
from locations.geo import Point
from locations.models import Municipality
from meetups import wording
from meetups.agenda import Results, Search, look_up
from meetups.forms.agenda import CHOICES, LAST_PAGE, AgendaForm, address, options
from meetups.models import AgeBand

FILTERS = ("gemeente", "bij", "straal", "lat", "lon", "leeftijd", "taal", "dag", "vanaf", "soort", "q")
ERROR_NAMES = [name for name in FILTERS if name not in {"lat", "lon"}]  # they have a place for an error on the page


@login_not_required
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """Upcoming dates, narrowed by the filters in the address. Three queries, one more for who is signed in."""
    typed = {name: request.GET.get(name, "") for name in FILTERS}
    form = read_filters(typed)
    town: Municipality | None = form.cleaned_data.get("gemeente")
    if town:
        keep_for_towns(request, town.pk)
    elif not form.has_point:
        keep_for_everywhere(request)
    page = read_page(request.GET.get("pagina", "1"))
    results = look_up(make_search(form, page), request.user) if page else Results()
    is_lost = page is None or (page > 1 and not results.days)
    context = agenda_context(form, results, page or 1) | {"is_lost": is_lost}
    if not request.htmx:  # type: ignore[attr-defined]
        context["form_html"] = form_html(form, typed)
    template = "meetups/_agenda_results.html" if request.htmx else "meetups/agenda.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=404 if is_lost else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def read_filters(typed: dict[str, str]) -> AgendaForm:
    """The filters, checked; what is wrong is in their errors, and not in cleaned_data."""
    if not any(typed.values()):
        return no_filters()
    form = AgendaForm(typed)
    form.full_clean()
    return form


@cache
def no_filters() -> AgendaForm:
    """The same for the many visitors who filter nothing; made once."""
    form = AgendaForm(dict.fromkeys(FILTERS, ""))
    form.full_clean()
    return form


def read_page(text: str) -> int | None:
    """The number of the page; None for one that cannot be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= LAST_PAGE else None


def make_search(form: AgendaForm, page: int) -> Search:
    """What to look for, from the filters that are right."""
    data = form.cleaned_data
    return Search(
        now=timezone.now(),
        page=page,
        municipality_id=data["gemeente"].pk if data.get("gemeente") else None,
        circle=form.circle,
        age=data.get("leeftijd", ""),
        language=data.get("taal", ""),
        weekday=int(data["dag"]) if data.get("dag") else None,
        from_on=data.get("vanaf"),
        kind=data.get("soort", ""),
        words=data.get("q", ""),
    )


def agenda_context(form: AgendaForm, results: Results, page: int) -> dict[str, Any]:
    """Everything the page says, in words already: the templates only put it in its place."""
    parameters = form.parameters()
    return {
        "form": form,
        "errors": errors_of(form),
        "error_names": ERROR_NAMES,
        "suggestions": suggestions(form, parameters),
        "results": results,
        "count_words": count_words(form, results),
        "age_links": age_links(parameters),
        "active": active_filters(form, parameters),
        "page": page,
        "previous_url": address(parameters, pagina=str(page - 1)) if page > 1 else "",
        "next_url": address(parameters, pagina=str(page + 1)) if results.has_next and page < LAST_PAGE else "",
        "first_url": address(parameters) if parameters else reverse("agenda"),
        "wider_url": wider(form, parameters),
        "markers": markers(results),
    }


def errors_of(form: AgendaForm) -> dict[str, str]:
    return {name: " ".join(map(str, found)) for name, found in form.errors.items()}


def suggestions(form: AgendaForm, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """Places that may be meant, each with the address of the same search there."""
    return [(place.label, address(parameters, bij=place.label)) for place in form.suggestions]


def form_html(form: AgendaForm, typed: dict[str, str]) -> SafeString:
    """The form with the filters; kept in memory for what many visitors choose, because it is much of the page."""
    if not form.errors:
        return _form_html(tuple(typed.values()), get_language() or "nl")
    context = {"errors": errors_of(form), "suggestions": suggestions(form, form.parameters())}
    return _render_form(typed, context)


@lru_cache(maxsize=256)
def _form_html(values: tuple[str, ...], language: str) -> SafeString:
    return _render_form(dict(zip(FILTERS, values, strict=True)), {})


def _render_form(typed: dict[str, str], context: dict[str, Any]) -> SafeString:
    choices = {name: options(name, typed[name]) for name in CHOICES}
    fields = AgendaForm.base_fields
    return render_to_string(
        "meetups/_agenda_form.html", {"fields": fields, "typed": typed, "options": choices} | context
    )


def count_words(form: AgendaForm, results: Results) -> str:
    """How much was found and where; also read aloud."""
    number = f"{results.count}+" if results.is_more else str(results.count)
    if results.count == 0:
        found = gettext("Nothing found")
    else:
        found = ngettext("{number} date", "{number} dates", results.count).format(number=number)
    near: Near | None = form.cleaned_data.get("near")
    if near is None:
        return found
    parts = {"found": found, "radius": int(near.circle.radius_km)}
    if not near.is_own_location:
        return gettext("{found} within {radius} km of {place}").format(place=near.name, **parts)
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


def active_filters(form: AgendaForm, parameters: dict[str, str]) -> list[dict[str, str]]:
    """A link to take away each filter that narrows the list, but for the ages, which have links of their own."""
    names = {
        "gemeente": lambda value: form.cleaned_data["gemeente"].name,
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
    near: Near | None = form.cleaned_data.get("near")
    return address(parameters, straal=str(near.wider_km)) if near and near.wider_km else ""


def markers(results: Results) -> list[dict[str, Any]]:
    """The places of this page, once each, for the map beside the list."""
    found: dict[Point, dict[str, Any]] = {}
    for card in results.cards:
        found.setdefault(
            card.point,
            {"lat": card.point.latitude, "lon": card.point.longitude, "label": card.place, "url": card.url},
        )
    return list(found.values())
