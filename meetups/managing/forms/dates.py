"""The forms to change or cancel one date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.names import tidy
from locations.models import Location
from meetups.fields import PlaceField, date_field, seats_field, time_field
from meetups.models import Occurrence
from meetups.schedule.recurrence import InvalidTimes, span


class OccurrenceForm(forms.Form):
    """Time, location, theme and capacity of one date."""

    on = date_field(_("Date"))
    start_time = time_field(_("From"))
    end_time = time_field(_("Until"))
    location = PlaceField()
    theme = forms.CharField(
        label=_("Theme"), help_text=_("For example: sleeping through the night."), max_length=120, required=False
    )
    capacity = seats_field(
        _("How many adults is there space for on this date?"), _("As always? Then leave it empty."), least=1
    )

    def __init__(self, occurrence: Occurrence, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.occurrence, self.now = occurrence, now
        start, end = timezone.localtime(occurrence.starts_at), timezone.localtime(occurrence.ends_at)
        kwargs.setdefault(
            "initial",
            {
                "on": start.date(),
                "start_time": start.time(),
                "end_time": end.time(),
                "location": occurrence.location_id,
                "theme": occurrence.theme,
                "capacity": occurrence.capacity,
            },
        )
        super().__init__(*args, **kwargs)
        places = Location.objects.filter(municipality=occurrence.location.municipality_id)
        usable = places.current() | places.filter(pk=occurrence.location_id)
        self.fields["location"].queryset = usable.select_related("municipality").by_name()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        on, start, end = data.get("on"), data.get("start_time"), data.get("end_time")
        if on is None or start is None or end is None:
            return data
        try:
            starts_at, ends_at = span(on, start, end)
        except InvalidTimes as problem:
            self.add_error("end_time", problem.code.text)
            return data
        is_moved = (starts_at, ends_at) != (self.occurrence.starts_at, self.occurrence.ends_at)
        if is_moved and ends_at <= self.now:
            self.add_error("on", _("This date is in the past. Choose today or a later date."))
        elif is_moved and on > _latest(timezone.localdate(self.now)):
            self.add_error("on", _("Choose a date within a year from now."))
        return data


def _latest(today: date) -> date:
    return date(today.year + 1, today.month, min(today.day, 28))


class ReasonForm(forms.Form):
    """Why a date is cancelled or a meetup ends."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everyone who signed up reads this. For example: the library is closed."),
        max_length=200,
        error_messages={"required": _("Write in one sentence why. People read it in their email.")},
    )

    def clean_reason(self) -> str:
        reason = tidy(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return reason
