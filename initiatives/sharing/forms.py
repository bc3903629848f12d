"""The form of a recipe."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TOO_LONG = {"max_length": _("This is too long. You may use %(limit_value)d characters.")}


def _text(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    return forms.CharField(
        label=label, help_text=help_text, max_length=1500, required=False, widget=widget, error_messages=TOO_LONG
    )


class RecipeForm(forms.Form):
    """How it was done, for those who want to begin the same."""

    checklist = _text(_("What do you need to do?"), _("One thing on each line, in order."))
    costs = forms.CharField(
        label=_("What does it cost?"),
        max_length=200,
        required=False,
        help_text=_("For example: 20 euros for hay."),
        error_messages=TOO_LONG,
    )
    lessons = _text(_("What went wrong, and what helped?"), _("This is what others learn from most."))
