"""The forms with which people say, ask and answer something."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.models import Audience, Question
from initiatives.models.talk import ANSWER_LENGTH, POST_LENGTH, QUESTION_LENGTH
from initiatives.refusals import Refusal
from initiatives.talking.asking import is_possible_date
from meetups.fields import UNKNOWN_CHOICE, as_sentences, date_field


def _written(label: Any, *, most: int, required: Any, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages={
            "required": required,
            "max_length": _("This is too long. You may use %(limit_value)d characters."),
            "null_characters_not_allowed": _("Remove the strange characters and send it again."),
        },
        **options,
    )


class PostForm(forms.Form):
    """Something to say to those who take part, and who else may read it."""

    text = _written(
        _("Say or ask something"), most=POST_LENGTH, required=_("Write in a few words what you would like to say.")
    )
    audience = forms.ChoiceField(
        label=_("This is for"),
        choices=as_sentences(Audience),
        initial=Audience.NETWORK,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    hide_optional = True

    def __init__(self, data: Any = None, *, audiences: Iterable[Audience]) -> None:
        super().__init__(data, auto_id="post_%s")
        if len(list(audiences)) < 2:
            del self.fields["audience"]


class QuestionForm(forms.Form):
    """A question to the municipality."""

    text = _written(
        _("Your question to the municipality"),
        most=QUESTION_LENGTH,
        required=_("Write your question."),
        help_text=_("Everyone can read your question and your first name. Ask one thing at a time."),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="question_%s", initial=initial)


class AnswerForm(forms.Form):
    """What an official answers."""

    text = _written(
        _("Your answer"),
        most=ANSWER_LENGTH,
        rows=6,
        required=_("Write your answer."),
        help_text=_("Everyone can read your answer and your first name. Use plain words."),
    )


class MoveForm(forms.Form):
    """When the answer comes instead, and why."""

    until = date_field(_("When will you answer?"), help_text=_("You can move the date once. The first date stays."))
    reason = _written(
        _("Why does it take longer?"), most=QUESTION_LENGTH, required=_("Write in a few words why it takes longer.")
    )

    def __init__(self, *args: Any, question: Question, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question, self.today = question, today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not is_possible_date(self.question, until, today=self.today):
            raise forms.ValidationError(str(Refusal.WRONG_DATE.label))
        return until
