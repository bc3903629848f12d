"""The figures as a file: the same numbers as on the page, hidden where they are hidden there."""

import tablib
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from insights.figures import MEASURES, Number, TownFigures

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def months_table(figures: TownFigures) -> tablib.Dataset:
    """One row a month; the running month last, rounded down."""
    table = tablib.Dataset(
        title=_("Months"),
        headers=[
            _("month"),
            _("times"),
            _("visits"),
            _("new families"),
            _("families there for the second time"),
            _("families that came back"),
            _("families that keep coming"),
        ],
    )
    for month in [*figures.months, figures.running]:
        name = date_format(month.first, "Y-m")
        name = _("{month} (so far)").format(month=name) if month is figures.running else name
        table.append([name, month.dates, *(_cell(getattr(month, measure)) for measure in MEASURES)])
    return table


def places_table(figures: TownFigures) -> tablib.Dataset:
    """One row a place, over the last three whole months."""
    table = tablib.Dataset(
        title=_("Places"),
        headers=[_("place"), _("times"), _("families that keep coming"), _("is there a steady group?")],
    )
    for place in figures.places:
        answer = _("yes") if place.is_steady else _("not yet")
        table.append([harmless(place.name), place.dates, _cell(place.regulars), answer])
    return table


def as_file(table: tablib.Dataset, file_format: str) -> bytes:
    """Return the bytes of a CSV (with a byte order mark, for Excel), XLSX or ODS file."""
    content: str | bytes = table.export(file_format)
    return content.encode("utf-8-sig") if isinstance(content, str) else content


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cell(number: Number) -> int | str:
    return str(number) if number.value is None or number.is_at_least else number.value
