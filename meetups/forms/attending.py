"""The form with which someone says that they come."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.names import tidy
from meetups.actions.attending import Party
from meetups.models import Attendance


def _number(label: Any, *, least: int, most: int) -> forms.IntegerField:
    too_many = _("Fill in a number up to %(limit_value)s. Are you with more? Then write that in your note.")
    widget = forms.NumberInput(attrs={"data-stepper": "", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        initial=least,
        required=least > 0,
        widget=widget,
        error_messages={
            "invalid": _("Fill in a whole number, like 1."),
            "min_value": _("Fill in %(limit_value)s or more."),
            "max_value": too_many,
        },
    )


class JoinForm(forms.Form):
    """Who comes along. An empty number of children means none."""

    hide_optional = True

    adults = _number(_("Adults, you included"), least=1, most=Attendance.MAX_ADULTS)
    children_0_3 = _number(_("Children from 0 to 3 years"), least=0, most=Attendance.MAX_CHILDREN)
    children_4_12 = _number(_("Children from 4 to 12 years"), least=0, most=Attendance.MAX_CHILDREN)
    children_13_18 = _number(_("Children from 13 to 18 years"), least=0, most=Attendance.MAX_CHILDREN)
    is_first_time = forms.BooleanField(
        label=_("This is our first time here"),
        required=False,
        help_text=_("Then the host looks out for you."),
    )
    note = forms.CharField(
        label=_("Something the host should know? You may leave this empty."),
        help_text=_("Only the host reads this."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    NUMBERS = ("adults", "children_0_3", "children_4_12", "children_13_18")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.NUMBERS:
            if cleaned.get(name, 0) is None:
                cleaned[name] = 0
        return cleaned

    def party(self) -> Party:
        """Who comes along, of a form that is right."""
        return Party(**{field.name: self.cleaned_data[field.name] for field in fields(Party)})

    def number_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.NUMBERS]


class GuestJoinForm(JoinForm):
    """The same for someone without an account: a first name and an address that we check with a link."""

    first_name = forms.CharField(
        label=_("Your first name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We send you a link to confirm. No account needed."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = [*JoinForm.NUMBERS, "is_first_time", "note", "first_name", "email"]

    def clean_first_name(self) -> str:
        name = tidy(self.cleaned_data["first_name"])
        if not name:
            raise forms.ValidationError(_("Fill in your first name."))
        return name

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()
