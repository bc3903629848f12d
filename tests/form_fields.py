"""The names of the fields that pages read from a POST."""

import re
from collections.abc import Iterator

from django.forms.forms import BaseForm
from django.urls import get_resolver

from tests.repository import APPS, modules_of_the_app


def field_names() -> list[str]:
    """Return the fields of all our forms, and what views read from a POST without a form."""
    get_resolver().url_patterns  # noqa: B018  imports every view, and so every form
    forms = [form for form in subclasses(BaseForm) if form.__module__.partition(".")[0] in APPS]
    read_by_views = {
        name
        for path in modules_of_the_app()
        for name in re.findall(r'POST(?:\.get|\.getlist)?[([]"(\w+)"', path.read_text())
    }
    return sorted(read_by_views.union(*(getattr(form, "base_fields", ()) for form in forms)))


def subclasses(parent: type) -> Iterator[type]:
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)
