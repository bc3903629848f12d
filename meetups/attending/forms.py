"""The sign-up forms."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField
from accounts.names import FirstNameField
from meetups.attending.actions.signing_up import Party
from meetups.fields import PartyForm, number_field
from meetups.models import Attendance

TOO_MANY = _("Fill in a number up to %(limit_value)s. Are there more of you? Then say so in your note.")


def _children(label: Any) -> forms.IntegerField:
    return number_field(label, most=Attendance.MAX_CHILDREN, required=False, too_many=TOO_MANY)


class JoinForm(PartyForm):
    """Sign-up for users: the numbers and a note to the host."""

    adults = number_field(_("Adults, including you"), least=1, most=Attendance.MAX_ADULTS, too_many=TOO_MANY)
    children_0_3 = _children(_("Children from 0 to 3 years"))
    children_4_12 = _children(_("Children from 4 to 12 years"))
    children_13_18 = _children(_("Children from 13 to 18 years"))
    is_first_time = forms.BooleanField(
        label=_("This is our first time here"),
        required=False,
        help_text=_("Then the host will come and say hello."),
    )
    note = forms.CharField(
        label=_("Would you like to tell us something? You may leave this empty."),
        help_text=_("Only the host reads this."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def party(self) -> Party:
        """Return the party; only for a valid form."""
        return Party(**{field.name: self.cleaned_data[field.name] for field in fields(Party)})


class GuestJoinForm(JoinForm):
    """Sign-up for guests: also a first name and an e-mail address, which is confirmed by a link."""

    first_name = FirstNameField(label=_("Your first name"), error_messages={"required": _("Fill in your first name.")})
    email = AddressFormField(
        label=_("Your email address"),
        help_text=_("You get an email with a link to confirm. No account needed."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ["first_name", "email", *JoinForm.NUMBERS, "is_first_time", "note"]
