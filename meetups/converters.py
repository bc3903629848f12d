"""Dates in URLs: /bijeenkomsten/SLUG/2026-12-01/. Import this module where a path uses `<date:...>`."""

from datetime import date

from django.urls import register_converter


class DateConverter:
    """An ISO date; an impossible one (2026-02-30) does not match, which gives 404."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DateConverter, "date")
