"""The parameters of addresses: Dutch where people see them, English in the code, as for paths and URL names.

People share and bookmark addresses, so a Dutch name never changes.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest

from page_cache.parameters import LISTS

PARAMETERS = {
    "town": "gemeente",
    "place": "bij",
    "radius": "straal",
    "latitude": "lat",
    "longitude": "lon",
    "age": "leeftijd",
    "part": "dagdeel",
    "step_free": "drempelvrij",
    "free": "gratis",
    "language": "taal",
    "weekday": "dag",
    "since": "vanaf",
    "kind": "soort",
    "asks": "nodig",
    "stage": "fase",
    "words": "q",
    "page": "pagina",
    "reason": "reden",
    "table": "deel",
}


class ParameterForm(forms.Form):
    """A form sent by GET: each field has the name of a parameter in the code, and its Dutch name in the address.

    `typed` are the values by field, as they were typed or else a default; "" for a missing one.
    """

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = {name: typed.get(name, "") for name in self.base_fields}
        super().__init__(in_address(self.typed))

    def add_prefix(self, field_name: str) -> str:
        """Return the name that the field has in HTML. Django passes ids too, which stay as they are."""
        return PARAMETERS.get(field_name, field_name)


def read_parameters(request: HttpRequest) -> dict[str, str]:
    """Return every parameter as it was typed; "" for a missing one. The values of a list are separated by commas."""
    return {
        name: ",".join(filter(None, request.GET.getlist(dutch))) if dutch in LISTS else request.GET.get(dutch, "")
        for name, dutch in PARAMETERS.items()
    }


def in_address(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return `parameters` by their names in the address."""
    return {PARAMETERS[name]: str(value) for name, value in parameters.items()}


def query_string(parameters: Mapping[str, Any], **changes: Any) -> str:
    """Return the query string, starting with "?", with some parameters changed, or removed when None."""
    merged = {name: value for name, value in {**parameters, **changes}.items() if value is not None}
    return "?" + urlencode(in_address(merged), safe=",")
