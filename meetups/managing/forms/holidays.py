"""The form for the public holidays without meetups in a town."""

from collections.abc import Mapping
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from locations.holidays import Holiday
from locations.models import Municipality
from meetups import wording
from meetups.schedule.closures import next_date


class HolidaysForm(forms.Form):
    """The holidays, each with its next date. `seen` contains the choice whose effects the page has shown."""

    hide_optional = True

    holidays = forms.MultipleChoiceField(
        label=_("There are no meetups on these days"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose holidays from the list.")},
    )
    seen = forms.CharField(required=False)

    def __init__(self, municipality: Municipality, today: date, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial={"holidays": municipality.holidays})
        coming = sorted((next_date(holiday, today), holiday) for holiday in Holiday)
        self.fields["holidays"].choices = [  # type: ignore[attr-defined]
            (holiday.value, f"{holiday.label}: {wording.day_with_year(on)}") for on, holiday in coming
        ]

    @property
    def choice(self) -> str:
        """The chosen holidays in canonical form."""
        return " ".join(holiday for holiday in Holiday.values if holiday in self.cleaned_data["holidays"])

    @property
    def is_seen(self) -> bool:
        """Whether the page has shown the effects of this choice."""
        return self.cleaned_data["seen"] == f"seen {self.choice}"
