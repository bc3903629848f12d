"""The filters of the list of ideas: from the query string, leniently, and back into a query string."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazystr
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from initiatives.finding.query import MAX_PAGE, Search
from initiatives.models import Initiative
from initiatives.stages import Stage
from locations.forms import NearForm
from locations.geo import Circle
from locations.near import DEFAULT_RADIUS_KM, RADII_KM, Near
from meetups.agenda.forms import UNKNOWN_TOWN, render_options
from meetups.fields import UNKNOWN_CHOICE, as_sentences
from meetups.models import Meetup

FILTERS = ("town", "place", "radius", "latitude", "longitude", "kind", "asks", "stage", "words")
COLLAPSED = ("radius", "kind", "asks", "stage")  # behind the button "Filters"
MOST_LETTERS = 80

CHOICES: dict[str, list[tuple[str, Any]]] = {
    "radius": [(str(radius), lazystr(f"{radius} km")) for radius in RADII_KM],
    "kind": list(as_sentences(Meetup.Kind)),
    "asks": list(as_sentences(Initiative.Ask)),
    "stage": [
        ("", _("All that have not ended")),
        *as_sentences(Stage),
    ],
}


def _choice(name: str, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=CHOICES[name], error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )


class IdeasForm(NearForm):
    """The filters of the list of ideas. Invalid ones are not applied; their fields show an error.

    Whether the town exists is not checked here: the query finds that out.
    """

    town = forms.SlugField(
        required=False,
        max_length=80,
        error_messages=dict.fromkeys(["invalid", "max_length", "null_characters_not_allowed"], UNKNOWN_TOWN),
    )
    kind = _choice("kind", _("What is it about?"))
    asks = _choice("asks", _("What is still missing?"))
    stage = _choice("stage", _("How far is it?"))
    words = forms.CharField(
        label=_("Search for a word"),
        required=False,
        max_length=MOST_LETTERS,
        error_messages={
            "max_length": _("Use fewer words."),
            "null_characters_not_allowed": _("Type the words to search for again."),
        },
    )

    @property
    def circle(self) -> Circle | None:
        """The centre and radius of the search; None for everywhere."""
        near: Near | None = self.cleaned_data.get("near")
        return near.circle if near else None

    def parameters(self) -> dict[str, str]:
        """The filters in effect."""
        data = self.cleaned_data
        near: Near | None = data.get("near")
        found = {"town": data["town"]} if data.get("town") else {}
        if near:
            found |= near.parameters
            if self.has_radius:
                found["radius"] = str(int(near.circle.radius_km))
        return found | {name: data[name] for name in ("kind", "asks", "stage", "words") if data.get(name)}

    def search(self, page: int) -> Search:
        """Return the search criteria from the valid filters."""
        data = self.cleaned_data
        names = ("town", "kind", "asks", "stage", "words")
        return Search(page=page, circle=self.circle, **{name: data.get(name, "") for name in names})


def read_filters(typed: dict[str, str]) -> IdeasForm:
    """Return the validated filters."""
    form = IdeasForm(typed)
    form.full_clean()
    return form


def read_page(text: str) -> int | None:
    """Return the page number; None if it is invalid."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PAGE else None


def options(name: str, chosen: str) -> SafeString:
    """Return the <option>s of a filter."""
    pairs = CHOICES[name]
    if name == "radius":
        return render_options(pairs, chosen or str(DEFAULT_RADIUS_KM))
    if name != "stage":
        pairs = [("", _("Any")), *pairs]
    return render_options(pairs, chosen)
