"""The forms to ask whether two ideas continue together, and to answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.models import Initiative
from meetups.fields import UNKNOWN_CHOICE

STARTS_ALONG = _("The people who started one of these ideas run it together from then on")


class AskForm(forms.Form):
    """Which of two ideas ends, and whether who started it starts the other too."""

    ends = forms.ChoiceField(
        label=_("How would you like it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which of the two continues."), "invalid_choice": UNKNOWN_CHOICE},
    )
    starts_along = forms.BooleanField(label=STARTS_ALONG, required=False, initial=True)

    def __init__(self, *args: Any, mine: Initiative, other: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends"].choices = [  # type: ignore[attr-defined]
            ("mine", _continues_in(mine, other)),
            ("other", _continues_in(other, mine)),
        ]

    @property
    def is_ending(self) -> bool:
        """Whether the idea of who asks ends; only for a valid form."""
        return bool(self.cleaned_data["ends"] == "mine")


class YesForm(forms.Form):
    """Whether who started the idea that ends starts the other too; only if the asking side wants that."""

    starts_along = forms.BooleanField(label=STARTS_ALONG, required=False, initial=True)


def _continues_in(ending: Initiative, into: Initiative) -> str:
    texts = {"ending": ending.title, "into": into.title}
    return gettext("“{ending}” ends, and continues in “{into}”").format(**texts)
