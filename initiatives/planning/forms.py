"""The forms to choose a day and a place, to ask the place, to answer for it, and to join by an invitation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField
from accounts.names import tidy
from initiatives import plans
from initiatives.models import Initiative, PlaceRequest, Plan, Scheduled
from initiatives.moments import CODES
from initiatives.moments import Part as PartOfDay
from meetups.attending.actions.signing_up import Party
from meetups.clock import local_date
from meetups.fields import PartyForm, PlaceField, date_field, number_field, seats_field, time_field
from meetups.managing.forms.rhythm import RhythmForm
from meetups.models import CHILDREN, Attendance
from meetups.schedule.answers import Rhythm, answers_from
from meetups.schedule.recurrence import InvalidTimes, check_times

MOST_PEOPLE = 500
HOURS = {
    PartOfDay.MORNING: (time(9, 30), time(11, 30)),
    PartOfDay.AFTERNOON: (time(14), time(16)),
    PartOfDay.EVENING: (time(19, 30), time(21, 30)),
}


class PlanForm(RhythmForm):
    """A day and perhaps a place; what happens once has a single date."""

    hide_optional = True
    field_order = ["rhythm"]

    capacity = seats_field(
        _("How many adults is there space for?"), _("Leave it empty if there is always space."), least=1
    )
    place = PlaceField(required=False)

    ONLY_WHEN_REPEATING = (
        *("rhythm", "every", "nth", "weekdays", "ending", "until", "count"),
        *("skip_public_holidays", "skip_school_holidays"),
    )

    def __init__(self, *args: Any, initiative: Initiative, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiative, self.now, self.meetup = initiative, now, None
        self.is_once = initiative.shape == Initiative.Shape.ONCE
        field: Any = self.fields["place"]
        field.queryset = plans.places_for(initiative)
        field.empty_label = _("I do not know yet")
        if self.is_once:
            for name in self.ONLY_WHEN_REPEATING:
                del self.fields[name]
            self.fields["first_on"].label = _("On which day?")
        else:
            rhythm: Any = self.fields["rhythm"]
            rhythm.choices = [choice for choice in Rhythm.choices if choice[0] != Rhythm.ONCE]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.is_once:
            data |= {"rhythm": Rhythm.ONCE, "skip_public_holidays": False, "skip_school_holidays": False}
        town = self.initiative.municipality
        self.clean_schedule(data, region=town.school_region, holidays=town.holidays)
        return data

    def scheduled(self) -> Scheduled | None:
        """Return when it would be, from a form whose dates are right; None otherwise."""
        data = self.cleaned_data if self.is_bound else {}
        is_wrong = self.errors.keys() & {*RhythmForm.SCHEDULE, *self.ONLY_WHEN_REPEATING}
        if is_wrong or any(data.get(name) is None for name in Scheduled.SCHEDULE):
            return None
        return Plan(**{name: data[name] for name in Scheduled.SCHEDULE})

    def fields_to_save(self) -> dict[str, Any]:
        """Return the plan; only for a valid form."""
        return {name: self.cleaned_data[name] for name in (*Scheduled.SCHEDULE, "place", "capacity")}


def initial_of(initiative: Initiative, plan: Plan | None, moment: str, today: date) -> dict[str, Any]:
    """Return what to fill in: what was chosen, else the moment that someone picked and the place they wished."""
    if plan is not None:
        chosen = {name: getattr(plan, name) for name in (*Scheduled.SCHEDULE, "capacity")}
        return chosen | dict(answers_from(plan.rule, plan.first_on)) | {"place": plan.place_id}
    meets_at = initiative.existing.meets_at_id if initiative.is_group else None
    wished: dict[str, Any] = {"place": meets_at or initiative.wished_place_id}
    if moment not in CODES:
        return wished
    day, part = moment.split("-")
    weekday = int(day) - 1
    # In two weeks, so that people hear it in time.
    first_on = today + timedelta(days=14 + (weekday - today.weekday()) % 7)
    start, end = HOURS[PartOfDay(part)]
    return wished | {"weekdays": [weekday], "first_on": first_on, "start_time": start, "end_time": end}


class AskForm(forms.Form):
    """What the place should know: how many people, and what is asked of it."""

    adults = number_field(_("How many adults do you expect?"), least=1, most=MOST_PEOPLE)
    children = number_field(_("How many children?"), most=MOST_PEOPLE)
    expected = forms.CharField(
        label=_("What do you ask of the place?"),
        help_text=_(
            "For example: a room with a table, water, and someone who opens the door. Only the place reads it."
        ),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"max_length": _("This is too long. You may use %(limit_value)d characters.")},
    )


def _reason(label: Any, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=_("Only the people who started this read it."),
        max_length=300,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={
            "required": _("Write in a few words why. Then they can look for something else."),
            "max_length": _("This is too long. You may use %(limit_value)d characters."),
        },
    )


class _AnswerForm(forms.Form):
    hide_optional = True

    def __init__(self, *args: Any, request_to_place: PlaceRequest, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.now = request_to_place, now

    def clean_reason(self) -> str:
        reason = tidy(self.cleaned_data["reason"])
        if not reason and self.fields["reason"].required:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return reason

    def _check_until(self, until: date | None, first_on: date | None) -> None:
        today = local_date(self.now)
        if until is None or first_on is None:
            return
        if until < max(first_on, today):
            self.add_error("until", _("Choose a day after the first date."))
        elif until > max(first_on, today) + plans.LONGEST_CONSENT:
            self.add_error("until", _("Choose a day within a year. Later you can say yes again."))


class YesForm(_AnswerForm):
    """The place agrees until a date; for something that happens once, that is its date."""

    until = date_field(_("Until when is this possible?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asked.rrule == "":
            del self.fields["until"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "until" not in self.fields:
            data["until"] = self.asked.first_on
        first = plans.first_span(self.asked, self.asked.initiative.municipality, now=self.now)
        if first is None:
            self.add_error(None, _("This day has passed. Offer another moment, or say no."))
        elif "until" in self.fields:
            self._check_until(data.get("until"), local_date(first[0]))
        return data


class NoForm(_AnswerForm):
    """The place declines, with a reason."""

    reason = _reason(_("Why is it not possible?"), required=True)


class OtherForm(_AnswerForm):
    """The place offers another moment."""

    other_on = date_field(_("On which first day?"))
    other_start_time = time_field(_("From"))
    other_end_time = time_field(_("Until"))
    until = date_field(_("Until when is this possible?"))
    reason = _reason(_("Would you like to say something about it? You may leave this empty."), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asked.rrule == "":
            del self.fields["until"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        on, start, end = (data.get(name) for name in ("other_on", "other_start_time", "other_end_time"))
        if on is not None and not local_date(self.now) < on <= local_date(self.now) + plans.LONGEST_CONSENT:
            self.add_error("other_on", _("Choose a day from tomorrow on, within a year."))
        if start is not None and end is not None:
            try:
                check_times(start, end)
            except InvalidTimes as problem:
                self.add_error("other_end_time", str(problem))
        if "until" in self.fields:
            self._check_until(data.get("until"), on)
        else:
            data["until"] = on
        return data


class RevokeForm(_AnswerForm):
    """The place takes its yes back."""

    reason = _reason(_("What happened?"), required=True)
    has_begun = forms.BooleanField(required=False, widget=forms.HiddenInput)


class ContactForm(forms.Form):
    """Whom to ask about a place."""

    hide_optional = True

    email = AddressFormField(
        label=_("Email address of the place"),
        help_text=_("Only coordinators of your town see it. Questions of parents are sent to it."),
    )
    name = forms.CharField(
        label=_("What is the name of the person who reads the emails there?"),
        max_length=80,
        required=False,
        error_messages={"max_length": _("This is too long. You may use %(limit_value)d characters.")},
    )

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


def _children(label: Any) -> forms.IntegerField:
    return number_field(label, most=Attendance.MAX_CHILDREN, required=False)


class InvitedForm(PartyForm):
    """Joining by an invitation: the numbers, filled in."""

    adults = number_field(_("Adults, including you"), least=1, most=Attendance.MAX_ADULTS)
    children_0_3 = _children(_("Children from 0 to 3 years"))
    children_4_12 = _children(_("Children from 4 to 12 years"))
    children_13_18 = _children(_("Children from 13 to 18 years"))
    date = forms.DateField(required=False, widget=forms.HiddenInput)  # the one that was on the page

    def party(self) -> Party:
        """Return the party; only for a valid form."""
        return Party(**{name: self.cleaned_data[name] for name in ("adults", *CHILDREN.values())})
