from django import forms
from django.utils.translation import gettext_lazy as _


class PreferencesForm(forms.Form):
    reminder = forms.BooleanField(
        label=_("Remind me on the day before"),
        help_text=_("One mail for each date you signed up for."),
        required=False,
    )
