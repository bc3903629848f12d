"""The form to end an idea."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from initiatives.stages import CHOOSABLE_REASONS, EndReason
from meetups.fields import UNKNOWN_CHOICE


class EndForm(forms.Form):
    """Why an idea ends, and what others can learn from it."""

    reason = forms.ChoiceField(
        label=_("Why does it end?"),
        choices=[(reason, capfirst(reason.label)) for reason in CHOOSABLE_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it ends."), "invalid_choice": UNKNOWN_CHOICE},
    )
    note = forms.CharField(
        label=_("What happened? Others can learn from it."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"max_length": _("This is too long. You may use %(limit_value)d characters.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_failed = data.get("reason") == EndReason.NOT_POSSIBLE
        if is_failed and "note" not in self.errors and not data.get("note", "").strip():
            self.add_error("note", _("Write in a few words why. Others can learn from it."))
        return data
