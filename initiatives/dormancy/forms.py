"""The answers of those who started a quiet idea."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from initiatives import notices
from initiatives.models import Initiative, Initiator
from initiatives.progress.forms import EndForm
from meetups.fields import UNKNOWN_CHOICE

EVERYONE = "iedereen"


class AnswerForm(forms.Form):
    """An answer that needs nothing more."""

    def __init__(self, *args: Any, initiative: Initiative, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class StopForm(EndForm):
    """Why it ends."""

    def __init__(self, *args: Any, initiative: Initiative, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class HandOverForm(AnswerForm):
    """To whom: someone who started it too, or whoever of those who take part is first to say yes."""

    to = forms.ChoiceField(
        label=_("To whom?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who takes it over."), "invalid_choice": UNKNOWN_CHOICE},
    )

    def __init__(self, *args: Any, initiative: Initiative, by: User, **kwargs: Any) -> None:
        super().__init__(*args, initiative=initiative, by=by, **kwargs)
        people = list(initiative.initiators.select_related("user"))
        can_choose = any(row.user_id == by.pk and row.part == Initiator.As.PROPOSER for row in people)
        can_choose |= self.is_bound  # a second tap comes from someone who has just handed it over
        self.heirs = {str(row.pk): row.user for row in people if row.user_id != by.pk} if can_choose else {}
        choices = [(key, user.first_name) for key, user in self.heirs.items()]
        if self.is_bound or notices.one_each(initiative):
            choices.append((EVERYONE, gettext("Ask everyone who takes part; the first who says yes takes it over")))
        field = self.fields["to"]
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            field.initial = choices[0][0]

    @property
    def is_possible(self) -> bool:
        """Whether there is anyone to hand it over to."""
        return bool(self.fields["to"].choices)  # type: ignore[attr-defined]

    def heir(self) -> User | None:
        """Return who was chosen; None for everyone who takes part."""
        return self.heirs.get(self.cleaned_data["to"])
