"""Forms about people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(forms.Form):
    """What we ask besides the e-mail address: a first name, nothing more."""

    first_name = forms.CharField(
        label=_("First name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )

    def signup(self, request: Any, user: User) -> None:
        user.first_name = self.cleaned_data["first_name"]
        user.language = request.LANGUAGE_CODE
        user.save(update_fields=["first_name", "language"])
