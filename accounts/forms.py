"""Forms for the user's own details."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import FirstNameField

# Each language is named in that language.
LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class SignupForm(forms.Form):
    """Ask only for a first name, besides the email address."""

    first_name = FirstNameField(help_text=_("This is what hosts and other parents call you."))

    def signup(self, request: Any, user: User) -> None:
        user.first_name = self.cleaned_data["first_name"]
        user.language = request.LANGUAGE_CODE
        user.save(update_fields=["first_name", "language"])


class DetailsForm(forms.ModelForm):
    """The details that users may change themselves."""

    first_name = FirstNameField()

    class Meta:
        model = User
        fields = ["first_name", "municipality", "language"]
        labels = {"municipality": _("Your town"), "language": _("Language of the site and of our emails")}
        help_texts = {"municipality": _("We show what's on there first.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].empty_label = _("No town")  # type: ignore[attr-defined]
        self.fields["municipality"].error_messages["invalid_choice"] = _("Choose a town from the list.")
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label,
            choices=LANGUAGES,
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose a language.")),
        )
