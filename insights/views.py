"""The figures of a town, for people who work for it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from insights import charts, downloads, explanations, figures
from insights.figures import quarter_name
from insights.permissions import towns_visible_to
from locations.parameters import read_parameters
from meetups.clock import local_date

TABLES = {
    "maanden": downloads.months_table,
    "kwartalen": downloads.quarters_table,
    "plekken": downloads.places_table,
}


@require_safe
@never_cache
def insights(request: SignedInRequest) -> HttpResponse:
    """List the towns whose figures this user may see, or redirect to the only one."""
    towns = list(towns_visible_to(request.user))
    if not towns:
        raise Http404
    if len(towns) == 1:
        return redirect("town_insights", towns[0].slug)
    return render(request, "insights/towns.html", {"towns": towns})


@require_safe
@never_cache
def town_insights(request: SignedInRequest, slug: str) -> HttpResponse:
    town = get_object_or_404(towns_visible_to(request.user), slug=slug)
    found = figures.of_town(town, now=timezone.now())
    context = {"town": town, "figures": found, "explained": explanations.ON_THE_PAGE}
    if not found.is_new:
        context |= {
            "sentence": _sentence(town.name, found),
            "visits": found.total("visits"),
            "newcomers": found.total("newcomers"),
            "second_visits": found.total("second_visits"),
            "last_month": found.months[-1].first,
            "quarter": found.quarters[-1],
            "next_quarter": found.next_quarter,
            "charts": _charts(found),
        }
    return render(request, "insights/town.html", context)


@require_safe
@never_cache
def town_insights_download(request: SignedInRequest, slug: str, file_format: str) -> HttpResponse:
    """Download the table that the parameter `deel` names: months, quarters or places."""
    town = get_object_or_404(towns_visible_to(request.user), slug=slug)
    part = read_parameters(request)["table"] or "maanden"
    if file_format not in downloads.CONTENT_TYPES or part not in TABLES:
        raise Http404
    now = timezone.now()
    table = TABLES[part](figures.of_town(town, now=now))
    name = slugify(f"pedbasis {town.slug} {part} {local_date(now):%Y-%m-%d}")
    return HttpResponse(
        downloads.as_file(table, file_format),
        content_type=downloads.CONTENT_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )


def _sentence(town: str, found: figures.TownFigures) -> str:
    """Return a summary that a council member can quote."""
    visits = found.total("visits")
    if visits.value is None:
        came = _(
            "{period}, the hosts in {town} welcomed too few families to show numbers. Families count "
            "when they are on the list of a meetup."
        ).format(period=_period(found), town=town)
    else:
        came = _(
            "{period}, the meeting places in {town} had {visits} visits of parents and children. "
            "New families: {newcomers}. Families that came back for a second time: {second_visits}."
        ).format(
            period=_period(found),
            town=town,
            visits=visits.about,
            newcomers=found.total("newcomers").about,
            second_visits=found.total("second_visits").about,
        )
    return f"{came} {sentence_on_places(found)}".strip() if found.places else came


def _period(found: figures.TownFigures) -> str:
    first, last = (date_format(month, "F Y") for month in (found.first_month, found.months[-1].first))
    if first == last:
        return _("In {month}").format(month=first)
    return _("From {first} to {last}").format(first=first, last=last)


def sentence_on_places(found: figures.TownFigures) -> str:
    """Say at how many places a regular group comes together; return "" if that is unknown."""
    answers = [place.has_regular_group for place in found.places]
    count, steady, is_certain = len(answers), answers.count(True), None not in answers
    if steady == count:
        return ngettext(
            "At the one place, a regular group comes together.",
            "At all {count} places, a regular group comes together.",
            count,
        ).format(count=count)
    if steady == 0:
        return _("A regular group has not formed yet.") if is_certain else ""
    words = (
        _("A regular group comes together at {steady} of the {count} places.")
        if is_certain
        else _("A regular group comes together at {steady} or more of the {count} places.")
    )
    return words.format(steady=steady, count=count)


def _charts(found: figures.TownFigures) -> list[dict[str, Any]]:
    """Return the charts, each with the headers and rows of its table and the part to download."""
    visits = {"visits": _("visits")}
    families = {
        "newcomers": _("new families"),
        "second_visits": _("there for the second time"),
        "later_or_unknown": _("there more often, or unknown"),
    }
    regulars = {"regulars": _("families that keep coming")}
    months = [(date_format(month.first, "M"), date_format(month.first, "F Y"), month) for month in found.months]
    quarters = [
        (f"{date_format(quarter.first, 'M')} - {date_format(quarter.last, 'M')}", quarter_name(quarter), quarter)
        for quarter in found.quarters
    ]
    return [
        _chart("chart-visits", _("Visits each month"), visits, months) | {"period": _("Month"), "part": "maanden"},
        _chart("chart-families", _("Families each month"), families, months)
        | {"period": _("Month"), "part": "maanden"},
        _chart("chart-regulars", _("Families that keep coming, each quarter"), regulars, quarters)
        | {"period": _("Quarter"), "part": "kwartalen"},
    ]


def _chart(chart_id: str, title: str, series: dict[str, str], rows: list[tuple[str, str, Any]]) -> dict[str, Any]:
    """Return a chart. `series` maps measures to labels; `rows` are (short name, long name, Month or Quarter)."""
    names = [short for short, _long, _row in rows]
    values = {label: [getattr(row, measure).value for _short, _long, row in rows] for measure, label in series.items()}
    return {
        "id": chart_id,
        "title": title,
        "svg": charts.bars(names, values, labelled_by=chart_id),
        "heads": list(series.values()),
        "rows": [(long, row, [getattr(row, measure) for measure in series]) for _short, long, row in rows],
    }
