"""The forms at the door: short, because people are queueing in front of the host."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.names import FirstNameField
from meetups.door.actions.check_in import merge_notes
from meetups.door.actions.taps import Stamp, Totals
from meetups.fields import PartyForm, number_field
from meetups.models import CHILDREN, MAX_HEAD_COUNT, Attendance, DoorTap, Meetup, Occurrence

MAX_SAFE_INTEGER = 2**53  # larger integers lose precision in JavaScript
MAX_AGE_MS = 10**11  # three years


class TapForm(forms.Form):
    """The metadata of every tap. The phone numbers and times its taps; without JavaScript only the id is sent."""

    tap = forms.UUIDField(required=False, widget=forms.HiddenInput)
    device = forms.UUIDField(required=False, widget=forms.HiddenInput)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=MAX_SAFE_INTEGER, widget=forms.HiddenInput)
    age = forms.IntegerField(required=False, min_value=-MAX_AGE_MS, max_value=MAX_AGE_MS, widget=forms.HiddenInput)

    @property
    def stamp(self) -> Stamp:
        data = self.cleaned_data
        return Stamp(
            id=data["tap"] or uuid.uuid4(),
            device=data["device"],
            sequence=data["sequence"] or 0,
            age=timedelta(milliseconds=data["age"] or 0),
        )


class StateForm(TapForm):
    """A tap on a person, with the new state: on or off."""

    state = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class WalkInForm(TapForm):
    """A tap on plus or minus: one adult or child more or fewer."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in DoorTap.COUNTERS])
    delta = forms.TypedChoiceField(choices=[("1", "1"), ("-1", "-1")], coerce=int)


class LateForm(forms.Form):
    """What to do with the taps that arrived after the date was closed."""

    choice = forms.ChoiceField(choices=[("count", "count"), ("leave", "leave")])


class DoorGuestForm(TapForm, PartyForm):
    """Someone at the door who is not on the list."""

    first_name = FirstNameField(
        error_messages={"required": _("Fill in a first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words", "dir": "auto"}),
    )
    adults = number_field(_("Adults"), least=1, most=Attendance.MAX_ADULTS)
    children_0_3 = number_field(_("Children from 0 to 3 years"), most=Attendance.MAX_CHILDREN, required=False)
    children_4_12 = number_field(_("Children from 4 to 12 years"), most=Attendance.MAX_CHILDREN, required=False)
    children_13_18 = number_field(_("Children from 13 to 18 years"), most=Attendance.MAX_CHILDREN, required=False)
    is_first_time = forms.BooleanField(label=_("First time here"), required=False)

    def __init__(self, meetup: Meetup, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meetup.age_bands:
            for band, name in CHILDREN.items():
                if band not in meetup.age_bands:
                    del self.fields[name]

    @property
    def person(self) -> dict[str, Any]:
        """The fields of the person, without those of the tap."""
        return {name: value for name, value in self.cleaned_data.items() if name not in TapForm.base_fields}

    @property
    def stamp(self) -> Stamp:
        """The stamp, with an id derived from this form *and* this person.

        Sending the form twice adds one person; going back and adding someone else adds two.
        """
        stamp = super().stamp
        return replace(stamp, id=uuid.uuid5(stamp.id, repr(sorted(self.person.items()))))


class CloseForm(forms.Form):
    """How many people came in total, and the totals that the host saw when filling this in."""

    hide_optional = True

    head_adults = number_field(_("Adults in all"), most=MAX_HEAD_COUNT)
    head_children = number_field(_("Children in all"), most=MAX_HEAD_COUNT)
    host_note = forms.CharField(
        label=_("How was it? You may leave this empty."),
        help_text=_("For the other hosts and for the next time. Please do not write names."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_adults = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_children = forms.IntegerField(required=False, widget=forms.HiddenInput)
    replaces = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    @classmethod
    def from_post(cls, data: QueryDict) -> CloseForm:
        """Bind the posted data; `take=list` replaces the typed numbers by those of the list."""
        if data.get("take") == "list":
            data = data.copy()
            data["head_adults"], data["head_children"] = data.get("seen_adults", ""), data.get("seen_children", "")
        return cls(data)

    def clean_replaces(self) -> Any:
        try:
            return parse_datetime(self.cleaned_data["replaces"])
        except ValueError:
            return None

    @property
    def heads(self) -> Totals:
        return Totals(self.cleaned_data["head_adults"], self.cleaned_data["head_children"])

    def for_conflict(self, current: Totals, occurrence: Occurrence) -> CloseForm:
        """Return this form as typed, now based on the `current` numbers that the host is about to see."""
        data = self.cleaned_data
        return CloseForm(
            {
                "head_adults": data["head_adults"],
                "head_children": data["head_children"],
                "host_note": merge_notes(occurrence.host_note, data["host_note"]),
                "seen_adults": current.adults,
                "seen_children": current.children,
                "replaces": occurrence.closed_at.isoformat() if occurrence.closed_at else "",
            }
        )

    @property
    def close_arguments(self) -> dict[str, Any]:
        """The keyword arguments for `check_in.close`."""
        data = self.cleaned_data
        seen = (data["seen_adults"], data["seen_children"])
        return {
            "head_adults": data["head_adults"],
            "head_children": data["head_children"],
            "host_note": data["host_note"],
            "seen": None if None in seen else Totals(*seen),
            "replaces": data["replaces"],
        }
