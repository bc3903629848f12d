"""Form fields shared by the forms about meetups and their dates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from locations.models import Location
from meetups.models import CHILDREN

MAX_SEATS = 1000
UNKNOWN_CHOICE = _("We do not know this choice. Choose one from the list.")
DATE_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"]
TIME_FORMATS = ["%H:%M", "%H.%M", "%H:%M:%S"]


def as_sentences(choices: type[models.TextChoices]) -> list[tuple[str, Any]]:
    """Return the choices with capitalised labels."""
    return [(value, capfirst(label)) for value, label in choices.choices]


def date_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Choose a date."),
            "invalid": _("This date does not exist. Choose a date like 1-12-2026."),
        },
        **options,
    )


def time_field(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Choose a time."), "invalid": _("Fill in a time like 9:30.")},
    )


def number_field(label: Any, *, least: int = 0, most: int, too_many: Any = None, **options: Any) -> forms.IntegerField:
    """Return a field for a number of people; the page adds plus and minus buttons."""
    options.setdefault("widget", forms.NumberInput(attrs={"data-stepper": "", "inputmode": "numeric"}))
    options.setdefault("initial", least)
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        error_messages={
            "required": _("Fill in a whole number, like 1.")
            if least
            else _("Fill in a number. Nobody? Then fill in 0."),
            "invalid": _("Fill in a whole number, like 1."),
            "min_value": _("Fill in %(limit_value)s or more."),
            "max_value": too_many or _("Fill in a number up to %(limit_value)s."),
        },
        **options,
    )


def seats_field(label: Any, help_text: Any, *, least: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    options: dict[str, Any] = {"help_text": help_text, "required": False, "initial": None, "widget": widget}
    return number_field(label, least=least, most=MAX_SEATS, **options)


class PlaceField(forms.ModelChoiceField):
    """A location, labelled with its town when `shows_town` is set, else with its address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Location.objects.none(),
            label=_("Place"),
            empty_label=_("Choose a place"),
            error_messages={
                "required": _("Choose a place."),
                "invalid_choice": _("Choose a place from the list: one in your own town."),
            },
            **options,
        )
        self.shows_town = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.municipality.name}" if self.shows_town else f"{obj.name}, {obj.address}"


class HostsField(forms.ModelMultipleChoiceField):
    """People with the host role in the town, labelled with first name and role label only."""

    def label_from_instance(self, obj: Any) -> str:
        label = next((role.label for role in obj.host_roles if role.label), "")
        return f"{obj.first_name} ({label})" if label else obj.first_name


class PartyForm(forms.Form):
    """The numbers of a party. Subclasses may leave some out; an empty number of children means none."""

    hide_optional = True
    NUMBERS = ("adults", *CHILDREN.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        return cleaned | {name: 0 for name in self.NUMBERS if name in cleaned and cleaned[name] is None}

    def number_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.NUMBERS if name in self.fields]
