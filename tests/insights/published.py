"""What an observer can read about the figures at a given moment: the page and every download, as text."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from unittest.mock import patch

import html5lib
import tablib
from django.urls import reverse

from accounts.models import User
from locations.models import Municipality
from tests.visitors import visitor

COLUMNS = ("visits", "families", "newcomers", "second_visits", "later_or_unknown")
PARTS = ("maanden", "kwartalen", "plekken")
FORMATS = ("csv", "xlsx", "ods")
HTML = "{http://www.w3.org/1999/xhtml}"


@dataclass
class Reading:
    """Everything on the page and in the downloads, as text; `months` by "2026-10", `quarters` by their last month."""

    months: dict[str, dict[str, str]] = field(default_factory=dict)
    coming: dict[str, dict[str, str]] = field(default_factory=dict)
    quarters: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    tiles: list[str] = field(default_factory=list)


def read(town: Municipality, officer: User, now: datetime) -> Reading:
    """Read everything published at `now`; fail if the page and the downloads differ."""
    with patch("django.utils.timezone.now", lambda: now):
        client = visitor(officer)
        page = client.get(reverse("town_insights", args=[town.slug]))
        tables = {(part, kind): _table(client, town, part, kind) for part in PARTS for kind in FORMATS}
    for part in PARTS:
        assert tables[part, "csv"] == tables[part, "xlsx"] == tables[part, "ods"], part
    found = Reading()
    for name, held, closed, *numbers in tables["maanden", "csv"]:
        row = {"held": held, "closed": closed} | dict(zip(COLUMNS, numbers, strict=True))
        (found.coming if " " in name else found.months)[name[:7]] = row
    for _first, name, held, closed, regulars in tables["kwartalen", "csv"]:
        found.quarters[name] = {"held": held, "closed": closed, "regulars": regulars}
    for name, held, closed, regulars, has_group in tables["plekken", "csv"]:
        found.places[name] = {"held": held, "closed": closed, "regulars": regulars, "has_group": has_group}
    _read_page(page.content.decode(), found)
    return found


def _table(client: Any, town: Municipality, part: str, kind: str) -> list[list[str]]:
    content = client.get(reverse("town_insights_download", args=[town.slug, kind]) + f"?deel={part}").content
    table = first_sheet(content, kind)
    return [[_cell_text(cell) for cell in row] for row in table]


def first_sheet(content: bytes, kind: str) -> tablib.Dataset:
    """Return the figures in a download; the second sheet of a workbook has the explanation."""
    if kind == "csv":
        return tablib.Dataset().load(content.decode("utf-8-sig"), format="csv", delimiter=";")
    return tablib.Databook().load(io.BytesIO(content), format=kind).sheets()[0]


def _cell_text(cell: Any) -> str:
    """Return a cell as text: workbooks have numbers, CSV has text."""
    return "" if cell is None else f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def _read_page(content: str, found: Reading) -> None:
    """Read the tiles into `found`, and compare the tables on the page with those of the downloads."""
    root = html5lib.parse(content, treebuilder="etree")
    found.tiles = [_text(tile) for tile in root.iter(f"{HTML}span") if "tile-value" in tile.get("class", "")]
    tables = [
        [[_text(cell) for cell in row if cell.tag in (f"{HTML}td", f"{HTML}th")] for row in table.iter(f"{HTML}tr")]
        for table in root.iter(f"{HTML}table")
    ]
    if not tables:
        return  # no final month yet
    *place_tables, visits, families, regulars = (table[1:] for table in tables)
    for rows, periods, columns in (
        (visits, found.months, COLUMNS[:1]),
        (families, found.months, COLUMNS[2:]),
        (regulars, found.quarters, ["regulars"]),
    ):
        assert [row[1:] for row in rows] == [
            [row["held"], row["closed"], *(row[name] for name in columns)] for row in periods.values()
        ]
    if place_tables:
        assert {row[0]: row[2:] for row in place_tables[0]} == {
            name: [row["regulars"], row["held"], row["closed"]] for name, row in found.places.items()
        }


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def month_of(name: str) -> date:
    return date.fromisoformat(f"{name}-01")
