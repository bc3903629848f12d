"""When a meetup is: simple choices that stand for a recurrence rule, and the dates that the rule gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from meetups.fields import date_field, time_field
from meetups.models import Meetup
from meetups.schedule.recurrence import (
    MAX_COUNT,
    MAX_WEEKS,
    ORDINALS,
    Frequency,
    InvalidRule,
    InvalidTimes,
    Preview,
    Problem,
    Rule,
    check_times,
    first_date,
    preview,
    span,
)


class Rhythm(models.TextChoices):
    """The simple choices that stand for a recurrence rule."""

    ONCE = "once", _("Once")
    WEEKLY = "weekly", _("Every week")
    BIWEEKLY = "biweekly", _("Every other week")
    WEEKS = "weeks", _("Every so many weeks")
    MONTHLY = "monthly", _("Every month")


class Ending(models.TextChoices):
    OPEN = "open", _("It goes on")
    UNTIL = "until", _("Until a date")
    COUNT = "count", _("A number of times")


# Beside which question a problem is told.
FIELD_OF = {
    Problem.WEEKDAYS: "weekdays",
    Problem.NTH: "nth",
    Problem.INTERVAL: "every",
    Problem.COUNT: "count",
    Problem.UNTIL: "until",
    Problem.ENDS_BEFORE_FIRST_DATE: "until",
    Problem.FIRST_ON: "first_on",
    Problem.NO_DATE: "first_on",
    Problem.ONLY_CLOSED_DAYS: "skip_public_holidays",
    Problem.NO_LENGTH: "end_time",
    Problem.ENDS_BEFORE_START: "end_time",
    Problem.PAST_MIDNIGHT: "end_time",
}


class RhythmForm(forms.Form):
    """When a meetup is. After `clean_schedule`, `rule` and `plan` hold the rhythm and the dates it gives."""

    rule: Rule | None = None
    plan: Preview | None = None
    meetup: Meetup | None  # the one that is changed, None for a new one
    now: datetime

    rhythm = forms.ChoiceField(
        label=_("How often?"), choices=Rhythm.choices, initial=Rhythm.WEEKLY, widget=forms.RadioSelect
    )
    every = forms.IntegerField(
        label=_("Every how many weeks?"),
        required=False,
        initial=3,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MAX_WEEKS}),
        error_messages={"invalid": Problem.INTERVAL.text},
    )
    nth = forms.TypedChoiceField(
        label=_("Which one of the month?"), choices=list(ORDINALS.items()), coerce=int, required=False, empty_value=None
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
        label=_("Until when?"), choices=Ending.choices, initial=Ending.OPEN, widget=forms.RadioSelect, required=False
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
        """Make the rule and look which dates it gives; each problem beside the question it is about."""
        start, end = data.get("start_time"), data.get("end_time")
        if start is not None and end is not None:
            try:
                check_times(start, end)
            except InvalidTimes as problem:
                self._tell(problem.code)
        try:
            self.rule = self._read_rule(data)
        except InvalidRule as problem:
            self._tell(problem.code)
        first_on = data.get("first_on")
        if self.rule is None or first_on is None:
            return
        data["rrule"] = str(self.rule)
        today = timezone.localdate(self.now)
        if self.meetup is None or first_on != self.meetup.first_on:
            if first_on < today:
                self.add_error("first_on", _("This date is in the past. Choose today or a later date."))
                return
            if self.rule.frequency is not Frequency.ONCE:
                # "Every other Tuesday" from a Wednesday on starts with the very next Tuesday.
                plain = replace(self.rule, interval=1, until=None, count=None)
                first_on = data["first_on"] = first_date(plain, first_on) or first_on
        if not self.has_new_schedule(data):
            return
        self.plan = preview(
            self.rule,
            first_on,
            today=today,
            region=region,
            holidays=holidays if data["skip_public_holidays"] else (),
            skip_school_holidays=data["skip_school_holidays"],
        )
        if self.plan.problem:
            self._tell(self.plan.problem)
        elif first_on == today and start is not None and end is not None and not self.errors.get("end_time"):
            only_today = [day.on for day in self.plan.days if day.closed is None] == [today]
            if only_today and span(today, start, end)[0] <= self.now:
                self.add_error("start_time", _("This time is in the past. Choose a later time or another date."))

    def has_new_schedule(self, data: dict[str, Any]) -> bool:
        """Is this another rhythm than the meetup had?"""
        if self.meetup is None or self.rule != Rule.parse(self.meetup.rrule):
            return True
        return any(data.get(name) != getattr(self.meetup, name) for name in self.SCHEDULE if name != "rrule")

    def _read_rule(self, data: dict[str, Any]) -> Rule | None:
        """The rule that the simple choices stand for; None when something else about them was wrong already."""
        rhythm = data.get("rhythm")
        if not rhythm or self.errors.keys() & {"every", "nth", "weekdays", "until", "count", "ending"}:
            return None
        if rhythm == Rhythm.ONCE:
            return Rule.once()
        ending = data.get("ending") or Ending.OPEN
        until = data.get("until") if ending == Ending.UNTIL else None
        count = data.get("count") if ending == Ending.COUNT else None
        if ending == Ending.UNTIL and until is None:
            self.add_error("until", _("Choose the last date."))
            return None
        if ending == Ending.COUNT and count is None:
            self._tell(Problem.COUNT)
            return None
        weekdays = data.get("weekdays") or []
        if rhythm == Rhythm.MONTHLY:
            if len(weekdays) != 1:
                raise InvalidRule(Problem.WEEKDAYS)
            return Rule.monthly(data.get("nth") or 0, weekdays[0], 1, until, count)
        every = {Rhythm.WEEKLY: 1, Rhythm.BIWEEKLY: 2}.get(Rhythm(rhythm), data.get("every") or 0)
        return Rule.weekly(weekdays, every, until, count)

    def _tell(self, problem: Problem) -> None:
        self.add_error(FIELD_OF.get(problem, "rhythm"), problem.text)


def answers_of(meetup: Meetup) -> dict[str, Any]:
    """The answers about when a meetup is now."""
    rule = Rule.parse(meetup.rrule)
    answers: dict[str, Any] = {name: getattr(meetup, name) for name in RhythmForm.SCHEDULE}
    answers |= {"weekdays": list(rule.weekdays), "nth": rule.nth, "until": rule.until, "count": rule.count}
    match rule.frequency:
        case Frequency.ONCE:
            answers |= {"rhythm": Rhythm.ONCE, "weekdays": [meetup.first_on.weekday()]}
        case Frequency.MONTHLY:
            answers |= {"rhythm": Rhythm.MONTHLY}
        case Frequency.WEEKLY:
            simple = {1: Rhythm.WEEKLY, 2: Rhythm.BIWEEKLY}
            answers |= {"rhythm": simple.get(rule.interval, Rhythm.WEEKS), "every": rule.interval}
    answers["ending"] = Ending.UNTIL if rule.until else Ending.COUNT if rule.count else Ending.OPEN
    return answers
