"""The form for the words of welcome of a host."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WelcomeForm(forms.Form):
    """A few sentences to whoever comes for the first time."""

    welcome = forms.CharField(
        label=_("How do you welcome people?"),
        help_text=_("Two or three sentences, as you would say them at the door. Everyone reads them."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": _("Use at most 300 characters."),
            "null_characters_not_allowed": _("Remove the strange characters and send it again."),
        },
    )
