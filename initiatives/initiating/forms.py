"""The form to invite someone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField


class InviteForm(forms.Form):
    """The address of who is asked to start it together."""

    email = AddressFormField(
        label=_("Email address of who you would like to start this with"),
        help_text=_("We ask this person once. No is no."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
