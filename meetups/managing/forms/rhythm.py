"""The schedule part of the meetup form: simple choices that define a recurrence rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from meetups.fields import UNKNOWN_CHOICE, date_field, time_field
from meetups.models import Meetup
from meetups.schedule.answers import Answers, CurrentSchedule, Ending, Rhythm, answers_from, schedule_from
from meetups.schedule.recurrence import (
    MAX_COUNT,
    MAX_WEEKS,
    ORDINALS,
    Preview,
    Problem,
    Rule,
)

EMPTY: tuple[Any, ...] = (None, "", [])
RULE_FIELDS = ("every", "nth", "weekdays", "until", "count", "ending")
# The field that shows each problem.
PROBLEM_FIELDS = {
    Problem.WEEKDAYS: "weekdays",
    Problem.NTH: "nth",
    Problem.INTERVAL: "every",
    Problem.COUNT: "count",
    Problem.UNTIL: "until",
    Problem.NO_LAST_DATE: "until",
    Problem.ENDS_BEFORE_FIRST_DATE: "until",
    Problem.FIRST_ON: "first_on",
    Problem.FIRST_ON_PAST: "first_on",
    Problem.NO_DATE: "first_on",
    Problem.ONLY_CLOSED_DAYS: "skip_public_holidays",
    Problem.START_PAST: "start_time",
    Problem.NO_LENGTH: "end_time",
    Problem.ENDS_BEFORE_START: "end_time",
    Problem.PAST_MIDNIGHT: "end_time",
}


class RhythmForm(forms.Form):
    """A schedule. After `clean_schedule`, `rule` and `plan` are the recurrence rule and its dates."""

    rule: Rule | None = None
    plan: Preview | None = None
    meetup: Meetup | None  # None for a new one
    now: datetime

    rhythm = forms.ChoiceField(
        label=_("How often?"),
        choices=Rhythm.choices,
        initial=Rhythm.WEEKLY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often."), "invalid_choice": UNKNOWN_CHOICE},
    )
    every = forms.IntegerField(
        label=_("How many weeks apart?"),
        required=False,
        initial=3,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MAX_WEEKS}),
        error_messages={"invalid": Problem.INTERVAL.text},
    )
    nth = forms.TypedChoiceField(
        label=_("Which one of the month?"),
        choices=list(ORDINALS.items()),
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which day?"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": Problem.WEEKDAYS.text},
    )
    first_on = date_field(_("First date"))
    start_time = time_field(_("From"))
    end_time = time_field(_("Until"))
    ending = forms.ChoiceField(
        label=_("Until when?"),
        choices=Ending.choices,
        initial=Ending.OPEN,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    until = date_field(_("Last date"), required=False)
    count = forms.IntegerField(
        label=_("How many times?"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MAX_COUNT}),
        error_messages={"invalid": Problem.COUNT.text},
    )
    skip_public_holidays = forms.BooleanField(label=_("Not on public holidays"), required=False, initial=True)
    skip_school_holidays = forms.BooleanField(label=_("Not in the school holidays"), required=False)

    SCHEDULE = ("rrule", "first_on", "start_time", "end_time", "skip_public_holidays", "skip_school_holidays")

    def clean_schedule(self, data: dict[str, Any], *, region: str, holidays: Collection[str]) -> None:
        """Build the rule and preview its dates; add each problem as an error to the field it is about."""
        names = [field.name for field in fields(Answers)]
        schedule = schedule_from(
            Answers(**{name: data[name] for name in names if data.get(name) not in EMPTY}),
            existing=current_schedule(self.meetup) if self.meetup else None,
            now=self.now,
            region=region,
            holidays=holidays,
            is_rule_readable=not self.errors.keys() & set(RULE_FIELDS),
        )
        self.rule, self.plan = schedule.rule, schedule.plan
        if schedule.rule is not None and schedule.first_on is not None:
            data["rrule"], data["first_on"] = str(schedule.rule), schedule.first_on
        for problem in schedule.problems:
            self.add_error(PROBLEM_FIELDS.get(problem, "rhythm"), problem.text)


def current_schedule(meetup: Meetup) -> CurrentSchedule:
    """Return the saved schedule of a meetup."""
    return CurrentSchedule(
        Rule.parse(meetup.rrule),
        meetup.first_on,
        meetup.start_time,
        meetup.end_time,
        meetup.skip_public_holidays,
        meetup.skip_school_holidays,
    )


def answers_of(meetup: Meetup) -> dict[str, Any]:
    """Return the form values of the saved schedule."""
    answers = {name: getattr(meetup, name) for name in RhythmForm.SCHEDULE}
    return {**answers, **answers_from(Rule.parse(meetup.rrule), meetup.first_on)}
