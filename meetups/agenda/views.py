"""The agenda: a week of dates, with filters."""

from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
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
from locations.forms import SUGGEST
from locations.geo import Point
from locations.models import stylesheet_url
from locations.near import DEFAULT_RADIUS_KM, Near
from locations.parameters import PARAMETERS, in_address, query_string, read_parameters
from meetups import wording
from meetups.agenda.cards import Results, Row
from meetups.agenda.forms import (
    CHOICES,
    FILTERS,
    MAX_PAGE,
    UNKNOWN_TOWN,
    WHAT,
    WHERE,
    AgendaForm,
    blocks,
    options,
    read_filters,
)
from meetups.agenda.query import Found, Search, look_up
from meetups.agenda.strip import anchor, strip_html
from meetups.agenda.week import Week
from page_cache.per_language import cached_per_language
from page_cache.versions import cache_for_all_towns, cache_for_towns

# Filters whose errors are shown on the page.
ERROR_NAMES = [name for name in FILTERS if name not in {"latitude", "longitude"}]
MORE = ("kind", "language", "weekday", "since", "words")  # behind the button "More choices"
BLOCKS = ("radius", "age", "part", "step_free", "free")


class Marker(NamedTuple):
    """One place on the map; `url` is the first date there."""

    lat: float
    lon: float
    label: str
    url: str


@login_not_required
@require_safe
def agenda(request: HtmxRequest) -> HttpResponse:
    """List a week of dates that match the filters in the query string. One query for any filters."""
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
        policy.parameters = in_address(form.parameters(search.week) | form.canonical() | number)
    is_lost = page is None or (page > 1 and not found.dates)
    # The form beside the list sends a place, even an empty one, if it has the field for it.
    has_field = PARAMETERS["place"] in request.GET if request.htmx else None
    context = agenda_context(form, typed, found, search, has_field=has_field, is_lost=is_lost)
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
        ages=data.get("age", ()),
        parts=data.get("part", ()),
        language=data.get("language", ""),
        weekday=int(data["weekday"]) if data.get("weekday") else None,
        from_on=data.get("since"),
        kind=data.get("kind", ""),
        words=data.get("words", ""),
        step_free=bool(data.get("step_free")),
        free=bool(data.get("free")),
    )


class Shown(NamedTuple):
    """What the page shows except the form with the choices. Every value is hashable, for use as a cache key."""

    heading: str
    days_words: str
    search_html: str
    strip_html: str
    chosen: int
    week_before_url: str
    week_after_url: str
    count_words: str
    chips_html: str
    searched_html: str
    week_html: str
    has_days: bool
    later: tuple[Row, ...]
    nearest: tuple[Row, ...]
    previous_url: str
    page: int
    next_url: str
    first_url: str
    wider_url: str
    map_html: str
    has_errors: bool
    is_lost: bool


def agenda_context(
    form: AgendaForm,
    typed: dict[str, str],
    found: Found,
    search: Search,
    *,
    has_field: bool | None = None,
    is_lost: bool = False,
) -> dict[str, Any]:
    """Return the template context, with every text ready to show.

    `has_field`: whether the form beside the list has the field for a place; None to decide it here. If it does not, the
    field is above the list: as long as there is no place, and where a place has an error.
    """
    week, page = search.week, search.page
    parameters, errors = form.parameters(week), errors_of(form)
    results = Results.of(found, week, page=page)
    if "town" in parameters and found.town is None:
        errors["town"] = str(UNKNOWN_TOWN)
        del parameters["town"]
    accent = found.town.accent if found.town else ""
    suggested = suggestions(form, parameters)
    if has_field is None:
        has_field = any(name in parameters for name in WHERE) and not {"town", "place"} & set(errors)
    place = place_words(form, found)
    shown = Shown(
        heading=heading(week, place),
        days_words=wording.days(week.first_on, week.last_on),
        search_html="" if has_field else search_html(form, typed, errors, suggested),
        strip_html=strip_html(
            week, found.counts, day_urls(None if is_lost else results, week, parameters), is_counted=found.is_counted
        ),
        chosen=len(chosen_of(parameters)),
        week_before_url=week_url(parameters, week.before, week),
        week_after_url=week_url(parameters, week.after, week),
        count_words=count_words(form, results, week, found, page),
        chips_html=chips_html(tuple(parameters.items())),
        searched_html=searched_html(form, parameters),
        week_html=results.week.html,
        has_days=bool(results.week.days),
        later=tuple(results.later),
        nearest=tuple(results.nearest),
        previous_url=query_string(parameters, page=page - 1 if page > 2 else None) if page > 1 else "",
        page=page,
        next_url=query_string(parameters, page=page + 1) if found.has_next and page < MAX_PAGE else "",
        first_url=reverse("agenda") + (query_string(parameters) if parameters else ""),
        wider_url=wider(form, parameters, found.nearest_km),
        map_html=map_html(markers(results)),
        has_errors=bool(errors),
        is_lost=is_lost,
    )
    return {
        "header_town": found.town
        and {"name": found.town.name, "get_absolute_url": reverse("municipality", args=[search.town])},
        "stylesheet_url": stylesheet_url("town_colours", accent) if accent else "",
        "errors": errors,
        "error_names": [name for name in ERROR_NAMES if has_field or name not in WHERE],
        "suggestions": suggested,
        "form_html": form_html(typed, has_field, errors, suggested),
        "list_html": list_html(shown),
        "results": results,
        "show_words": show_words(results),
        "form": form,
        "parameters": parameters,
        **shown._asdict(),
    }


def errors_of(form: AgendaForm) -> dict[str, str]:
    return {name: " ".join(map(str, found)) for name, found in form.errors.items()}


def suggestions(form: AgendaForm, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """Return places that may be meant, each with the URL of the same search there."""
    return [(place.label, query_string(parameters, place=place.label)) for place in form.suggestions]


def week_url(parameters: dict[str, str], first_on: date | None, week: Week) -> str:
    """Return the same search in the week from this day; "" without a day."""
    if first_on is None:
        return ""
    since = None if first_on == week.today else first_on.isoformat()
    return reverse("agenda") + query_string(parameters, since=since)


def day_urls(results: Results | None, week: Week, parameters: dict[str, str]) -> tuple[str, ...]:
    """Return a link to each day of the week: in the list on this page, or else to the week from that day."""
    shown = {day.on for day in results.week.days} if results else set()
    return tuple(anchor(on) if on in shown else week_url(parameters, on, week) + "#results" for on in week.days)


# Parts of the page that are expensive to render and the same for many visitors, so cached in memory.


def form_html(
    typed: dict[str, str], has_field: bool, errors: dict[str, str], suggestions: list[tuple[str, str]]
) -> SafeString:
    """Render the form with the filters; with `has_field` it has the field for a place too."""
    if errors or typed["latitude"] or typed["longitude"]:
        return _render_form(typed, {"has_field": has_field, "errors": errors, "suggestions": suggestions})
    return _form_html(tuple(typed.values()), has_field)


@cached_per_language(maxsize=256)
def _form_html(values: tuple[str, ...], has_field: bool) -> SafeString:
    return _render_form(dict(zip(FILTERS, values, strict=True)), {"has_field": has_field})


def _render_form(typed: dict[str, str], context: dict[str, Any]) -> SafeString:
    is_more_open = any(typed[name] for name in MORE) or any(name in MORE for name in context.get("errors", ()))
    form = {
        "fields": AgendaForm.base_fields,
        "names": PARAMETERS,
        "typed": typed,
        "options": {name: options(name, typed[name]) for name in CHOICES if name not in BLOCKS},
        "blocks": {name: blocks(name, typed[name][:100]) for name in BLOCKS},
        "is_more_open": is_more_open,
        "suggest": SUGGEST,
    }
    return render_to_string("meetups/agenda/_form.html", form | context)


def search_html(
    form: AgendaForm, typed: dict[str, str], errors: dict[str, str], suggestions: list[tuple[str, str]]
) -> SafeString:
    """Render the search for a place, above the list as long as none was found; it keeps the other filters."""
    if errors:
        return _render_search(form, typed, suggestions)
    return _search_html(tuple(typed.values()))


@cached_per_language(maxsize=256)
def _search_html(values: tuple[str, ...]) -> SafeString:
    typed = dict(zip(FILTERS, values, strict=True))
    return _render_search(read_filters(typed), typed, [])


def _render_search(form: AgendaForm, typed: dict[str, str], suggestions: list[tuple[str, str]]) -> SafeString:
    kept = [(PARAMETERS[name], typed[name]) for name in WHAT if typed[name] and name not in form.errors]
    context = {"form": form, "action": reverse("agenda"), "kept": kept, "suggestions": suggestions}
    return SafeString(render_to_string("locations/_search_near_form.html", context))


@cached_per_language(maxsize=64)
def list_html(shown: Shown) -> SafeString:
    """Render all but the form with the choices."""
    context = shown._asdict() | {"site_url": settings.SITE_URL}
    return SafeString(render_to_string("meetups/agenda/_list.html", context))


def searched_html(form: AgendaForm, parameters: dict[str, str]) -> str:
    """Say where we searched when that was a guess, and link to other places of the same name."""
    if not form.is_guess and not form.namesakes:
        return ""
    return render_to_string("locations/_searched_near.html", {"form": form, "parameters": parameters})


@cached_per_language(maxsize=256)
def chips_html(parameters: tuple[tuple[str, str], ...]) -> SafeString:
    """Render the filters in use, each with a link that removes it."""
    return SafeString(render_to_string("meetups/agenda/_chips.html", {"active": active_filters(dict(parameters))}))


@cached_per_language(maxsize=256)
def map_html(markers: tuple[Marker, ...]) -> SafeString:
    """Render the map beside the list."""
    return SafeString(render_to_string("locations/_map.html", {"markers": [marker._asdict() for marker in markers]}))


def place_words(form: AgendaForm, found: Found) -> str:
    """Say where the list is about: "in Hengelo"."""
    near: Near | None = form.cleaned_data.get("near")
    if near and near.is_own_location:
        return gettext("near you")
    if near:
        return gettext("around {place}").format(place=near.plain_name or near.name)
    return gettext("in {place}").format(place=found.town.name if found.town else gettext("the Netherlands"))


def heading(week: Week, place: str) -> str:
    """Return the heading: "This week in Hengelo"."""
    if week.is_this_week:
        return gettext("This week {in_place}").format(in_place=place)
    return gettext("From {day} {in_place}").format(day=wording.day(week.first_on), in_place=place)


def count_words(form: AgendaForm, results: Results, week: Week, found: Found, page: int) -> str:
    """Say how many meetups the list shows, and where; also announced to screen readers."""
    words = _count(results, week, is_part=found.has_next or page > 1)
    near: Near | None = form.cleaned_data.get("near")
    if near:
        parts = {"found": words, "radius": int(near.circle.radius_km)}
        if near.is_own_location:
            words = gettext("{found} within {radius} km of where you are").format(**parts)
        else:
            words = gettext("{found} within {radius} km of {place}").format(place=near.name, **parts)
    cancelled = results.week.cancelled
    if not cancelled:
        return words
    return ngettext(
        "{found}; {number} of them is cancelled", "{found}; {number} of them are cancelled", cancelled
    ).format(found=words, number=cancelled)


def _count(results: Results, week: Week, *, is_part: bool) -> str:
    number, when = results.week.count, gettext("this week") if week.is_this_week else gettext("in these seven days")
    if not number:
        return gettext("Nothing found {this_week}").format(this_week=when)
    if is_part:
        return ngettext("{number} meetup on this page", "{number} meetups on this page", number).format(number=number)
    if results.week.is_folded and number > 1:  # what takes place more than once counts once, as in the list
        return gettext("{number} different meetups {this_week}").format(number=number, this_week=when)
    return ngettext("{number} meetup {this_week}", "{number} meetups {this_week}", number).format(
        number=number, this_week=when
    )


def show_words(results: Results) -> str:
    """Return the text of the button below the filters."""
    number = results.week.count
    return ngettext("Show {number} meetup", "Show {number} meetups", number).format(number=number)


def chosen_of(parameters: dict[str, str]) -> list[str]:
    """Return the names of the filters in use. The form always sends a radius; the default does not count."""
    default = {"radius": str(DEFAULT_RADIUS_KM)}
    names = ("radius", *(name for name in WHAT if name != "since"))
    return [name for name in names if name in parameters and parameters[name] != default.get(name)]


def active_filters(parameters: dict[str, str]) -> list[dict[str, str]]:
    """Return a link for each filter in use, which removes it; of several ages or parts of the day each has its own."""
    labels = {
        "radius": lambda value: dict(CHOICES["radius"])[value],
        "age": lambda value: dict(CHOICES["age"])[value],
        "part": lambda value: dict(CHOICES["part"])[value],
        "step_free": lambda value: dict(CHOICES["step_free"])[value],
        "free": lambda value: dict(CHOICES["free"])[value],
        "kind": lambda value: dict(CHOICES["kind"])[value],
        "language": lambda value: dict(CHOICES["language"])[value],
        "weekday": lambda value: dict(CHOICES["weekday"])[value],
        "words": lambda value: gettext("“{word}”").format(word=value),
    }
    active = []
    for name in chosen_of(parameters):
        values = parameters[name].split(",") if name in ("age", "part") else [parameters[name]]
        for value in values:
            rest = ",".join(other for other in values if other != value) or None
            active.append({"label": str(labels[name](value)), "url": query_string(parameters, **{name: rest})})
    return active


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
