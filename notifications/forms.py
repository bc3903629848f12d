from django import forms
from django.utils.translation import gettext_lazy as _


class PreferencesForm(forms.Form):
    reminder = forms.BooleanField(
        label=_("Remind me on the day before"),
        help_text=_("One email for each meetup you signed up for."),
        required=False,
    )
