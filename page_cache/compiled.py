"""Querysets that are compiled to SQL once, and run with other values each time.

Django takes longer to write a statement than PostgreSQL takes to run it. So what many requests need is written by the
ORM once in each process: rules stay in the vocabulary of the querysets, and nothing is decided a second time in SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import update_wrapper
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)

# What stands for a value while the statement is compiled. No one is ever asked for these.
TEXT = "\ue000{name}\ue000"
INTEGER = -9_000_000_000_000_000_000
DAY = date(1, 1, 1)
INSTANT = datetime(1000, 1, 1, tzinfo=UTC)
LATEST = datetime(1100, 1, 1, tzinfo=UTC)  # what is computed from INSTANT, such as the day before, is earlier


class Compiled(Generic[M]):
    """A function that returns a queryset, called with its values by name; returns the list of its objects.

    Values are texts, integers, dates, or one instant, which the queryset may also shift. They may only be compared with
    columns: a queryset that looks different for other values can not be compiled.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        update_wrapper(self, build)
        self.build = build
        self._statement: _Statement | None = None

    def __call__(self, **values: Any) -> list[M]:
        if self._statement is None:
            self._statement = _Statement(self.build, values)
        return self._statement.run(values)

    def first(self, **values: Any) -> M | None:
        """Return the first object; None if there is none."""
        found = self(**values)
        return found[0] if found else None


class _Statement:
    """The SQL, the places of the values in its parameters, and how its rows become objects."""

    def __init__(self, build: Callable[..., QuerySet[Any]], values: dict[str, Any]) -> None:
        self.stand_ins = {name: _stand_in(name, number, value) for number, (name, value) in enumerate(values.items())}
        queryset = build(**self.stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, parameters = compiler.as_sql()
        self.parameters = list(parameters)
        names = {value: name for name, value in self.stand_ins.items()}
        self.places: list[tuple[int, str]] = []  # of values as they are
        self.shifted: list[tuple[int, str, Any]] = []  # of instants, with how much later they are
        for place, parameter in enumerate(self.parameters):
            if isinstance(parameter, datetime) and parameter < LATEST:
                name = next(name for name, value in self.stand_ins.items() if isinstance(value, datetime))
                self.shifted.append((place, name, parameter - INSTANT))
            elif isinstance(parameter, str | int | date) and parameter in names:
                self.places.append((place, names[parameter]))
        found = {name for _place, name in self.places} | {name for _place, name, _later in self.shifted}
        if missing := self.stand_ins.keys() - found:
            raise ValueError(f"The queryset of {build.__name__} does not compare these values: {sorted(missing)}")
        select: Any = compiler.select
        info: Any = compiler.klass_info
        self.model = info["model"]
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self.own = slice(first, last)
        self.names = [column[0].target.attname for column in select[self.own]]
        self.related = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # of 6.1
        self.annotations = list(compiler.annotation_col_map.items())
        self.converters = compiler.get_converters([column[0] for column in select])
        self.compiler = compiler

    def run(self, values: dict[str, Any]) -> list[Any]:
        parameters = self.parameters.copy()
        for place, name in self.places:
            parameters[place] = values[name]
        for place, name, later in self.shifted:
            parameters[place] = values[name] + later
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows: Any = cursor.fetchall()
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        return [self._object(row) for row in rows]

    def _object(self, row: Any) -> Any:
        made = self.model.from_db(connection.alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, made)
        for name, place in self.annotations:
            setattr(made, name, row[place])
        return made


def _stand_in(name: str, number: int, value: Any) -> Any:
    if isinstance(value, datetime):
        return INSTANT
    if isinstance(value, date):
        return DAY.replace(day=1 + number)
    if isinstance(value, int):
        return INTEGER - number
    return TEXT.format(name=name)
