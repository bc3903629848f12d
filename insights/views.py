"""The figures of a town, for who works for it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from insights import charts, downloads, figures
from insights.permissions import towns_to_look_into
from meetups.clock import local_date

TABLES = {"maanden": downloads.months_table, "plekken": downloads.places_table}


@require_GET
@never_cache
def insights(request: HttpRequest) -> HttpResponse:
    """Go to the figures of the only town, or choose one."""
    towns = list(towns_to_look_into(request.user))
    if not towns:
        raise Http404
    if len(towns) == 1:
        return redirect("town_insights", towns[0].slug)
    return render(request, "insights/towns.html", {"towns": towns})


@require_GET
@never_cache
def town_insights(request: HttpRequest, slug: str) -> HttpResponse:
    town = get_object_or_404(towns_to_look_into(request.user), slug=slug)
    found = figures.of_town(town, now=timezone.now())
    context = {"town": town, "figures": found}
    if not found.is_new:
        context |= {
            "sentence": _sentence(town.name, found),
            "visits": found.total("visits"),
            "newcomers": found.total("newcomers"),
            "second_visits": found.total("second_visits"),
            "last_month": found.months[-1].first,
            "charts": _charts(found),
        }
    return render(request, "insights/town.html", context)


@require_GET
@never_cache
def town_insights_download(request: HttpRequest, slug: str, file_format: str) -> HttpResponse:
    """The table `deel` (months, or places) as a file."""
    town = get_object_or_404(towns_to_look_into(request.user), slug=slug)
    part = request.GET.get("deel", "maanden")
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
    """What a council member can quote."""
    visits = found.total("visits")
    if visits.value is None:
        came = _(
            "In the past 12 months, too few families came to the meeting places in {town} to show numbers."
        ).format(town=town)
    else:
        came = _(
            "In the past 12 months, the meeting places in {town} had {visits} visits of parents and children. "
            "New families: {newcomers}. Families that came back for a second time: {second_visits}."
        ).format(
            town=town,
            visits=visits.about,
            newcomers=found.total("newcomers").about,
            second_visits=found.total("second_visits").about,
        )
    return f"{came} {_sentence_on_places(found)}" if found.places else came


def _sentence_on_places(found: figures.TownFigures) -> str:
    count, steady = len(found.places), found.steady_places
    if steady == 0:
        return _("A regular group has not formed yet.")
    if steady == count:
        return ngettext(
            "At the one place, a regular group comes together.",
            "At all {count} places, a regular group comes together.",
            count,
        ).format(count=count)
    return ngettext(
        "At {steady} of the {count} places, a regular group comes together.",
        "At {steady} of the {count} places, a regular group comes together.",
        steady,
    ).format(steady=steady, count=count)


def _charts(found: figures.TownFigures) -> list[dict[str, Any]]:
    """The charts, each with what its table shows: heads, and rows of a month and its numbers."""
    visits: dict[figures.Measure, str] = {"visits": _("visits")}
    families: dict[figures.Measure, str] = {
        "newcomers": _("new families"),
        "second_visits": _("there for the second time"),
        "later_visits": _("there more often"),
        "unknown": _("unknown"),
    }
    regulars: dict[figures.Measure, str] = {"regulars": _("families that keep coming")}
    return [
        {
            "id": chart_id,
            "title": title,
            "svg": charts.bars(found.months, series, labelled_by=chart_id, is_stacked=len(series) > 1),
            "heads": list(series.values()),
            "rows": [(month, [getattr(month, measure) for measure in series]) for month in found.months],
        }
        for chart_id, title, series in [
            ("chart-visits", _("Visits each month"), visits),
            ("chart-families", _("Families each month"), families),
            ("chart-regulars", _("Families that keep coming"), regulars),
        ]
    ]
