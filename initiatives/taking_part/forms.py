"""The forms with which people take part: I come, I help, I have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField
from accounts.names import FirstNameField, tidy
from initiatives.models import MOST, Initiative, Need, Support
from initiatives.moments import CODES, in_order, name
from initiatives.needs import kind_of
from initiatives.taking_part.actions import Commitment
from meetups.fields import UNKNOWN_CHOICE, as_sentences, number_field


class TakePartForm(forms.Form):
    """What someone commits to; fields that do not fit the kind of commitment are left out."""

    hide_optional = True

    adults = number_field(_("Adults, including you"), least=1, most=Support.MAX_ADULTS)
    children = number_field(_("Children"), most=Support.MAX_CHILDREN, required=False)
    moments = forms.MultipleChoiceField(
        label=_("When does it suit you?"),
        help_text=_("If you choose none, any moment suits you."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    thing = forms.ChoiceField(
        label=_("What do you have?"),
        choices=as_sentences(Support.Thing),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you have."), "invalid_choice": UNKNOWN_CHOICE},
    )
    amount = number_field(_("How many?"), least=1, most=MOST)
    words = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        error_messages={"required": _("Write in a few words with what.")},
    )
    is_named = forms.BooleanField(
        label=_("Others who take part may see my first name"),
        help_text=_("Only those who show their own name see yours."),
        required=False,
    )

    def __init__(self, *args: Any, initiative: Initiative, kind: str, need: Need | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.need = kind, need
        is_coming, is_having = kind == Support.Kind.COME, kind == Support.Kind.HAVE
        offered = in_order(initiative.moments or CODES)
        self.fields["moments"].choices = [(code, name(code)) for code in offered]  # type: ignore[attr-defined]
        self.fields["words"].label = self._label_of_words()
        self.fields["words"].required = need is None
        leave_out = {
            "adults": not is_coming,
            "children": not is_coming,
            "moments": not is_coming,
            "thing": not is_having or need is not None,
            "amount": need is None or need.quantity == 1,
            "words": is_coming,
        }
        for field, is_left_out in leave_out.items():
            if is_left_out:
                del self.fields[field]
        if "amount" in self.fields and need is not None:
            self.fields["amount"].initial = getattr(need, "missing", 0) or 1

    def _label_of_words(self) -> Any:
        if self.need is not None:
            return _("Would you like to say something about it? You may leave this empty.")
        return _("With what can you help?") if self.kind == Support.Kind.HELP else _("Tell us a bit more about it")

    def clean_words(self) -> str:
        words = tidy(self.cleaned_data["words"])
        if not words and self.fields["words"].required:
            raise forms.ValidationError(self.fields["words"].error_messages["required"])
        return words

    def number_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("adults", "children", "amount") if name in self.fields]

    def commitment(self) -> Commitment:
        """Return the commitment; only for a valid form."""
        data = self.cleaned_data
        thing = kind_of(self.need.text)[1] if self.need else data.get("thing", "")
        return Commitment(
            kind=self.kind,
            need=self.need,
            amount=data.get("amount") or 1,
            thing=thing,
            words=data.get("words", ""),
            moments=in_order(data.get("moments", [])),
            adults=data.get("adults") or 1,
            children=data.get("children") or 0,
            is_named=data["is_named"],
        )


class GuestTakePartForm(TakePartForm):
    """The same without an account: also a first name and an e-mail address, which is confirmed by a link."""

    first_name = FirstNameField(label=_("Your first name"), error_messages={"required": _("Fill in your first name.")})
    email = AddressFormField(
        label=_("Your email address"),
        help_text=_("You get an email with a link to confirm. No account needed."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def initial_of(support: Support) -> dict[str, Any]:
    """Return the values of a commitment that exists."""
    return {name: getattr(support, name) for name in TakePartForm.base_fields}
