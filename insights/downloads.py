"""The figures as a file: the numbers on the page and their meaning, nothing else."""

import tablib
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights import explanations
from insights.figures import MEASURES, Number, TownFigures

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MEANINGS = {  # column header -> explanation
    gettext_lazy("times"): explanations.TIMES,
    gettext_lazy("times closed"): explanations.TIMES_CLOSED,
    gettext_lazy("visits"): explanations.VISITS,
    gettext_lazy("families"): explanations.FAMILIES,
    gettext_lazy("new families"): explanations.NEWCOMERS,
    gettext_lazy("there for the second time"): explanations.SECOND_VISITS,
    gettext_lazy("there more often, or unknown"): explanations.LATER_OR_UNKNOWN,
    gettext_lazy("families that keep coming"): explanations.REGULARS,
    gettext_lazy("is there a regular group?"): explanations.REGULAR_GROUP,
}


def months_table(figures: TownFigures) -> tablib.Dataset:
    """One row per month, then the months without figures yet, with the date on which those will be published."""
    table = tablib.Dataset(
        title=_("Months"),
        headers=[
            _("month"),
            _("times"),
            _("times closed"),
            _("visits"),
            _("families"),
            _("new families"),
            _("there for the second time"),
            _("there more often, or unknown"),
        ],
    )
    for month in figures.months:
        numbers = [_cell(getattr(month, measure)) for measure in MEASURES]
        table.append([date_format(month.first, "Y-m"), month.held, month.closed, *numbers])
    for coming in figures.coming:
        name = _("{month} (figures from {day} onwards)").format(
            month=date_format(coming.first, "Y-m"), day=date_format(coming.from_on, "Y-m-d")
        )
        table.append([name, coming.held, coming.closed, *[""] * len(MEASURES)])
    return table


def quarters_table(figures: TownFigures) -> tablib.Dataset:
    """One row per quarter."""
    table = tablib.Dataset(
        title=_("Quarters"),
        headers=[_("from month"), _("to month"), _("times"), _("times closed"), _("families that keep coming")],
    )
    for quarter in figures.quarters:
        months = [date_format(month, "Y-m") for month in (quarter.first, quarter.last)]
        table.append([*months, quarter.held, quarter.closed, _cell(quarter.regulars)])
    return table


def places_table(figures: TownFigures) -> tablib.Dataset:
    """One row per place, over the last final quarter."""
    answers = {True: _("yes"), False: _("not yet"), None: _("unknown")}
    table = tablib.Dataset(
        title=_("Places"),
        headers=[
            _("place"),
            _("times"),
            _("times closed"),
            _("families that keep coming"),
            _("is there a regular group?"),
        ],
    )
    for place in figures.places:
        row = [
            escape_formula(place.name),
            place.held,
            place.closed,
            _cell(place.regulars),
            answers[place.has_regular_group],
        ]
        table.append(row)
    return table


def explanation(table: tablib.Dataset) -> tablib.Dataset:
    """Return what the columns of a table mean, and why it has no small numbers."""
    meanings = {str(header): str(meaning) for header, meaning in MEANINGS.items()}
    rows = [(header, meanings[header]) for header in table.headers if header in meanings]
    always = [("", str(explanations.SMALL_NUMBERS)), ("", str(explanations.FIVES))]
    return tablib.Dataset(*rows, *always, title=_("Explanation"), headers=[_("column"), _("what it means")])


def as_file(table: tablib.Dataset, file_format: str) -> bytes:
    """Return the bytes of a CSV, XLSX or ODS file; the latter two have a second sheet with the explanation.

    The CSV has semicolons, CRLF line endings and a UTF-8 byte order mark, as Dutch Excel expects. All numbers are
    integers, so the decimal separator does not matter.
    """
    if file_format == "csv":
        text: str = table.export("csv", delimiter=";")
        return text.encode("utf-8-sig")
    book: bytes = tablib.Databook([table, explanation(table)]).export(file_format)
    return book


def escape_formula(text: str) -> str:
    """Escape text that a spreadsheet would take for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cell(number: Number) -> int | str:
    return str(number) if number.value is None else number.value
