"""The forms at the door: short, because the host has a queue before them."""

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
from meetups.door.actions.check_in import both_notes
from meetups.door.actions.taps import Stamp, Totals
from meetups.fields import PartyForm, number_field
from meetups.models import CHILDREN, MAX_HEAD_COUNT, Attendance, DoorTap, Meetup, Occurrence

LARGEST = 2**53  # up to here a number in JavaScript is a whole number
LONGEST = 10**11  # milliseconds: three years


class TapForm(forms.Form):
    """What every tap says of itself. The phone counts and times its taps; without JavaScript there is only the id."""

    tap = forms.UUIDField(required=False, widget=forms.HiddenInput)
    device = forms.UUIDField(required=False, widget=forms.HiddenInput)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=LARGEST, widget=forms.HiddenInput)
    age = forms.IntegerField(required=False, min_value=-LONGEST, max_value=LONGEST, widget=forms.HiddenInput)

    @property
    def stamp(self) -> Stamp:
        said = self.cleaned_data
        return Stamp(
            id=said["tap"] or uuid.uuid4(),
            device=said["device"],
            sequence=said["sequence"] or 0,
            age=timedelta(milliseconds=said["age"] or 0),
        )


class StateForm(TapForm):
    """A tap on a person: how things are from now on."""

    state = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class WalkInForm(TapForm):
    """A tap on plus or minus: one more or one fewer of whom."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in DoorTap.COUNTERS])
    delta = forms.TypedChoiceField(choices=[("1", "1"), ("-1", "-1")], coerce=int)


class LateForm(forms.Form):
    """What to do with the taps that came in after the closing."""

    choice = forms.ChoiceField(choices=[("count", "count"), ("leave", "leave")])


class DoorGuestForm(TapForm, PartyForm):
    """Someone who stands at the door and is not on the list."""

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
    def who(self) -> dict[str, Any]:
        """The person, without what the tap says of itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in TapForm.base_fields}

    @property
    def stamp(self) -> Stamp:
        """The id is of this form *and* this person: sent twice it is one, gone back to for someone else it is two."""
        stamp = super().stamp
        return replace(stamp, id=uuid.uuid5(stamp.id, repr(sorted(self.who.items()))))


class CloseForm(forms.Form):
    """How many there were, all told; and what the host saw when filling that in."""

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
    def sent(cls, data: QueryDict) -> CloseForm:
        """The form as it was sent; a host who chose the numbers of the list leaves their own."""
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

    def beside(self, there: Totals, occurrence: Occurrence) -> CloseForm:
        """The same form with what was typed, for a host who has now seen the other numbers too."""
        said = self.cleaned_data
        return CloseForm(
            {
                "head_adults": said["head_adults"],
                "head_children": said["head_children"],
                "host_note": both_notes(occurrence.host_note, said["host_note"]),
                "seen_adults": there.adults,
                "seen_children": there.children,
                "replaces": occurrence.closed_at.isoformat() if occurrence.closed_at else "",
            }
        )

    @property
    def answers(self) -> dict[str, Any]:
        """What `close` asks for."""
        said = self.cleaned_data
        seen = (said["seen_adults"], said["seen_children"])
        return {
            "head_adults": said["head_adults"],
            "head_children": said["head_children"],
            "host_note": said["host_note"],
            "seen": None if None in seen else Totals(*seen),
            "replaces": said["replaces"],
        }
