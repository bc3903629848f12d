"""The forms about a worry about a child: first in which town, then what the worry is."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from locations.models import Municipality
from locations.parameters import PARAMETERS
from moderation.models.concern import MAX_WORDS

NO_TOWN = _("Choose a town from the list.")
NULL_CHARACTER = _("There is a character in it that we cannot store. Type it again.")
NOT_STORED = {"autocomplete": "off"}  # nothing may stay in the browser


class TownForm(forms.Form):
    """For which town; sent by GET, to see who reads it and when."""

    hide_optional = True

    town = forms.ChoiceField(label=_("Town"), error_messages={"required": NO_TOWN, "invalid_choice": NO_TOWN})

    def __init__(self, data: Mapping[str, Any] | None = None, *, towns: Sequence[Municipality], **options: Any) -> None:
        super().__init__(data, **options)
        self.towns = {town.slug: town for town in towns}
        names = [(slug, town.name) for slug, town in self.towns.items()]
        self.fields["town"].choices = [("", _("Choose a town")), *names]  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        """Return the name that the field has in HTML: for the town that of the parameter in addresses."""
        return PARAMETERS.get(field_name, field_name) if field_name == "town" else field_name

    @property
    def chosen(self) -> Municipality | None:
        """The town that was chosen; None without a choice, or with one that does not exist."""
        return self.towns.get(str(self["town"].value()))


class ConcernForm(TownForm):
    """What the worry is, in their own words, and how to reach them. The town is not asked again if it is known."""

    hide_optional = False

    words = forms.CharField(
        label=_("What worries you?"),
        help_text=_("What did you see or hear, where, and when? Write it as you would tell it."),
        max_length=MAX_WORDS,
        error_messages={
            "required": _("Write down what worries you."),
            "max_length": _("This is too long. Keep the most important things; at most 4,000 characters fit."),
            "null_characters_not_allowed": NULL_CHARACTER,
        },
        widget=forms.Textarea(attrs={"rows": 7, **NOT_STORED}),
    )
    reply_to = forms.CharField(
        label=_("How can we reach you?"),
        help_text=_("A phone number or email address. Without it we do not know who you are, and cannot ask anything."),
        max_length=200,
        required=False,
        error_messages={
            "max_length": _("This is too long. A phone number or email address is enough."),
            "null_characters_not_allowed": NULL_CHARACTER,
        },
        widget=forms.TextInput(attrs=NOT_STORED),
    )
    # Makes a second tap on the button the same concern.
    form_id = forms.CharField(
        required=False,
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages={"null_characters_not_allowed": NULL_CHARACTER},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, towns: Sequence[Municipality], **options: Any) -> None:
        super().__init__(data, towns=towns, **options)
        if self.chosen:
            self.fields["town"].widget = forms.HiddenInput()
