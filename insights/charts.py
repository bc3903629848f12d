"""Charts as plain SVG: drawn by pygal, coloured by our style sheet. A table beside each has the same numbers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pygal
from django.utils.safestring import SafeString, mark_safe


def bars(names: Sequence[str], series: Mapping[str, Sequence[int | None]], *, labelled_by: str) -> SafeString:
    """Draw a bar for each name; a value that is None has no bar.

    `series` maps labels to values; several series are stacked. `labelled_by` is the id of the caption.
    """
    rows = tuple((label, tuple(values)) for label, values in series.items())
    return _draw(tuple(names), rows, labelled_by, len(rows) > 1)


@lru_cache(maxsize=64)  # drawing is the slowest part of the page, and figures rarely change
def _draw(
    names: tuple[str, ...],
    rows: tuple[tuple[str, tuple[int | None, ...]], ...],
    labelled_by: str,
    is_stacked: bool,
) -> SafeString:
    chart = (pygal.StackedBar if is_stacked else pygal.Bar)(
        css=[],
        js=[],
        no_prefix=True,
        explicit_size=False,
        show_legend=False,  # the page has its own, which wraps
        width=800,
        height=360,
        margin=8,
        spacing=12,
        disable_xml_declaration=True,
        include_x_axis=True,
        integer_scale=True,
        min_scale=2,
        max_scale=6,
        value_formatter=lambda value: f"{value:.0f}",
        x_labels=names,
    )
    for label, values in rows:
        chart.add(label, values)
    chart.add_xml_filter(lambda root: _sanitise(root, labelled_by))
    return mark_safe(chart.render(is_unicode=True))  # noqa: S308  (numbers, and our own labels, which pygal escapes)


def _sanitise(root: Any, labelled_by: str) -> Any:
    """Remove what our Content-Security-Policy forbids and what screen readers should not announce."""
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        parent.attrib.pop("id", None)  # the same in every chart
        for child in list(parent):
            if _is_extra(child):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-labelledby", labelled_by)
    return root


def _is_extra(element: Any) -> bool:
    if not isinstance(element.tag, str):  # a comment
        return True
    name = element.tag.rpartition("}")[2]
    classes = set(element.get("class", "").split())
    return name in {"defs", "desc", "title", "script", "style"} or bool(classes & {"tooltip", "tooltip-overlay"})
