"""The forms at the door: short, because the host has a queue before them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.names import FirstNameField
from meetups.forms.fields import PartyForm, number_field
from meetups.models import AgeBand, Attendance, Meetup

MOST_AT_ONCE = 500  # more people than this at one meetup is a typing error


class StateForm(forms.Form):
    """A tap: how things are from now on."""

    state = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class WalkInForm(forms.Form):
    """A tap on plus or minus: the number from now on, and the one that was on the screen."""

    adults = forms.IntegerField(min_value=0, max_value=MOST_AT_ONCE, required=False)
    children = forms.IntegerField(min_value=0, max_value=MOST_AT_ONCE, required=False)
    were = forms.IntegerField(min_value=0, max_value=MOST_AT_ONCE, required=False)


class DoorGuestForm(PartyForm):
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
    known = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST_AT_ONCE)

    CHILDREN = {AgeBand.BABY: "children_0_3", AgeBand.CHILD: "children_4_12", AgeBand.TEEN: "children_13_18"}

    def __init__(self, meetup: Meetup, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meetup.age_bands:
            for band, name in self.CHILDREN.items():
                if band not in meetup.age_bands:
                    del self.fields[name]


class CloseForm(forms.Form):
    """How many there were, all told."""

    hide_optional = True

    head_adults = number_field(_("Adults in all"), most=MOST_AT_ONCE)
    head_children = number_field(_("Children in all"), most=MOST_AT_ONCE)
    host_note = forms.CharField(
        label=_("How was it? You may leave this empty."),
        help_text=_("For the other hosts and for the next time. Please do not write names."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
