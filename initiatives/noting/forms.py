"""The forms to note an idea, and to fill in the code of a card."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.names import tidy
from initiatives.noting.codes import LENGTH, LETTERS


class NoteForm(forms.Form):
    """What a parent said, and that she agrees."""

    what = forms.CharField(
        label=_("What is the idea?"),
        max_length=1000,
        help_text=_("In the words of the parent. Leave out names and addresses."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={
            "required": _("Write in a few words what the idea is."),
            "max_length": _("This is too long. You may use %(limit_value)d characters."),
        },
    )
    title = forms.CharField(
        label=_("What do you call it?"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    agrees = forms.BooleanField(
        label=_("The parent agrees that I note this"),
        error_messages={"required": _("Ask the parent first. Without a yes we keep nothing.")},
    )

    def clean_title(self) -> str:
        return tidy(self.cleaned_data["title"])

    def fields_to_save(self) -> dict[str, Any]:
        """Return the values for the fields of the model."""
        return {name: self.cleaned_data[name] for name in ("what", "title")}


class CodeForm(forms.Form):
    """The code on a card."""

    code = forms.CharField(
        label=_("The code on your card"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": _("Fill in the code on your card."),
            "max_length": _("This is not a code of a card. It has ten letters and digits."),
        },
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if sum(letter in LETTERS for letter in code.upper()) != LENGTH:
            raise forms.ValidationError(_("This is not a code of a card. It has ten letters and digits."))
        return code
