"""Query strings in templates, by the names that parameters have in the code."""

from typing import Any

from django import template

from locations.parameters import query_string

register = template.Library()


@register.simple_tag
def query(parameters: dict[str, Any] | None = None, **changes: Any) -> str:
    """Return the query string, starting with "?", of `parameters` with some changed, or removed when None."""
    return query_string(parameters or {}, **changes)
