"""Forms about people."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import tidy

# Each language in its own words, so that everyone finds theirs.
LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


EMAIL_ERRORS = {
    "required": _("Fill in your e-mail address."),
    "invalid": _("This e-mail address is not right yet. It looks like name@example.com."),
}

# What mail programs make a link of. The name stands in mails that anyone may have sent to any address.
LINK = re.compile(r"://|@|www\.|\w{2,}\.\w{2,}")


class FirstNameField(forms.CharField):
    """A first name, tidied before it is checked, so that a name of nothing but tricks counts as empty."""

    default_validators = [
        RegexValidator(
            LINK, _("Fill in only a first name, without a web address or e-mail address."), inverse_match=True
        )
    ]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("First name"))
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("error_messages", {"required": _("Fill in your first name.")})
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "given-name", "dir": "auto"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        # A null byte stays, so that its own sentence is shown.
        return text if not text or "\x00" in text else tidy(text)


class SignupForm(forms.Form):
    """What we ask besides the e-mail address: a first name, nothing more."""

    first_name = FirstNameField(help_text=_("This is what hosts and other parents call you."))

    def signup(self, request: Any, user: User) -> None:
        user.first_name = self.cleaned_data["first_name"]
        user.language = request.LANGUAGE_CODE
        user.save(update_fields=["first_name", "language"])


class DetailsForm(forms.ModelForm):
    """What someone may change about themselves."""

    first_name = FirstNameField()

    class Meta:
        model = User
        fields = ["first_name", "municipality", "language"]
        labels = {"municipality": _("Your town"), "language": _("Language of the site and of e-mails")}
        help_texts = {"municipality": _("We show what happens there first.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].empty_label = _("No town")  # type: ignore[attr-defined]
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label, choices=LANGUAGES, widget=forms.RadioSelect
        )
