"""Forms to report something, to decide, to answer, and to say that one is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField
from locations.parameters import ParameterForm
from moderation.models.report import Reason

MAX_AWAY = timedelta(days=120)
NULL_BYTES: dict[str, Any] = {"null_characters_not_allowed": _("Remove the strange characters and send it again.")}


def written(label: Any, *, required: Any = "", help_text: Any = "", rows: int = 4) -> forms.CharField:
    """Return a field for a few sentences; `required` is the error for leaving it empty."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required, "max_length": _("Use at most 1000 characters.")} | NULL_BYTES,
    )


class ReportForm(forms.Form):
    """What is wrong with something, in one choice and a few words."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is wrong."),
            "invalid_choice": _("Choose one of these answers."),
        },
    )
    words = written(_("Would you like to tell us more?"), help_text=_("Only the people who look at this read it."))
    email = AddressFormField(
        label=_("Your email address"),
        help_text=_("Then we tell you what we did. The person who wrote this never hears who you are."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput, initial=uuid4, error_messages=NULL_BYTES)

    def __init__(self, *args: Any, reasons: Iterable[Reason], is_signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in reasons]  # type: ignore[attr-defined]
        if is_signed_in:
            del self.fields["email"]

    def clean_token(self) -> UUID:
        """Return the token; without a good one, this is another report than any before."""
        try:
            return UUID(self.cleaned_data["token"])
        except ValueError:
            return uuid4()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") == Reason.OTHER and not data.get("words") and "words" not in self.errors:
            self.add_error("words", _("Tell us in a few words what is wrong."))
        return data


class DecisionForm(forms.Form):
    """Why something is fine or not; the reason is required to hide something."""

    hide_optional = True

    words = written(
        _("Why?"), help_text=_("To hide something, say why. The writer reads this. Write as you would say it."), rows=3
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the revision of the case on the page

    def show(self, revision: int) -> None:
        """Note that the page shows this revision now, so that whoever looked again can decide."""
        if self.is_bound:
            self.data = {**self.data.dict(), "seen": revision}  # type: ignore[attr-defined]
        self.initial["seen"] = revision


class QueueForm(ParameterForm):
    """Of which town to show cases, for someone who looks after several.

    `towns` are the name and slug of each town with cases, and how many; `chosen` is the slug of one, or "" for all.
    """

    hide_optional = True

    town = forms.ChoiceField(label=_("Town"), required=False)

    def __init__(self, typed: Mapping[str, str], *, towns: Sequence[tuple[str, str, int]]) -> None:
        self.chosen = typed["town"] if typed["town"] in {slug for _name, slug, _number in towns} else ""
        super().__init__({"town": self.chosen})
        names = [(slug, f"{name} ({number})") for name, slug, number in towns]
        self.fields["town"].choices = [("", _("All towns")), *names]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """What the writer answers to a decision."""

    words = written(_("What would you like to tell us?"), required=_("Write in a few words what you think."))


class AbsenceForm(forms.Form):
    """Until when someone who looks after a town is away."""

    until_on = forms.DateField(
        label=_("Away up to and including"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day, such as 24-12-2026.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until_on(self) -> date:
        until_on: date = self.cleaned_data["until_on"]
        if until_on < self.today:
            raise ValidationError(_("Choose today or a later day."))
        if until_on > self.today + MAX_AWAY:
            raise ValidationError(_("Choose a day within four months."))
        return until_on
