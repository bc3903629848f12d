"""Making and changing a meetup: what it is, when it is, and the dates that this gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.names import tidy
from locations.models import Location
from meetups import permissions
from meetups.languages import LANGUAGES
from meetups.models import AgeBand, Host, Meetup, Occurrence
from meetups.recurrence import (
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

MOST_PLACES = 1000
DATE_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"]
TIME_FORMATS = ["%H:%M", "%H.%M", "%H:%M:%S"]


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


def _as_sentences(choices: type[models.TextChoices]) -> list[tuple[str, Any]]:
    """Choices that stand on their own line begin with a capital."""
    return [(value, capfirst(label)) for value, label in choices.choices]


def _date(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Choose a date."),
            "invalid": _("This date does not exist. Choose a date like 1-12-2026."),
        },
        **options,
    )


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Choose a time."), "invalid": _("Fill in a time like 9:30.")},
    )


def _places(label: Any, help_text: Any, *, least: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=least,
        max_value=MOST_PLACES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("Fill in a whole number, like 12."),
            "min_value": _("Fill in %(limit_value)s or more."),
            "max_value": _("Fill in a number up to %(limit_value)s."),
        },
    )


class PlaceField(forms.ModelChoiceField):
    """A place, with the town when there is more than one to choose from."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Location.objects.none(),
            label=_("Place"),
            empty_label=_("Choose a place"),
            error_messages={
                "required": _("Choose a place."),
                "invalid_choice": _("Choose a place from the list: one in your own town."),
            },
            **options,
        )
        self.shows_town = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.municipality.name}" if self.shows_town else f"{obj.name}, {obj.address}"


class HostsField(forms.ModelMultipleChoiceField):
    """People who are host in the town: first name and what they do, nothing else."""

    def label_from_instance(self, obj: Any) -> str:
        label = next((role.label for role in obj.host_roles if role.label), "")
        return f"{obj.first_name} ({label})" if label else obj.first_name


class MeetupForm(forms.Form):
    """What a meetup is and when. After validation `rule` and `plan` hold the rhythm and the dates it gives."""

    hide_optional = True

    rule: Rule | None = None
    plan: Preview | None = None

    title = forms.CharField(
        label=_("What is it called?"),
        max_length=80,
        error_messages={"required": _("Give it a name, like: coffee morning in the library.")},
    )
    location = PlaceField()
    kind = forms.ChoiceField(label=_("What kind of meetup is it?"), choices=_as_sentences(Meetup.Kind))
    summary = forms.CharField(
        label=_("In one sentence"),
        help_text=_("For example: coffee, tea and other parents. Your child can play."),
        max_length=200,
        error_messages={"required": _("Tell in one sentence what people can expect.")},
    )
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
    first_on = _date(_("First date"))
    start_time = _time(_("From"))
    end_time = _time(_("Until"))
    ending = forms.ChoiceField(
        label=_("Until when?"), choices=Ending.choices, initial=Ending.OPEN, widget=forms.RadioSelect, required=False
    )
    until = _date(_("Last date"), required=False)
    count = forms.IntegerField(
        label=_("How many times?"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1, "max": MAX_COUNT}),
        error_messages={"invalid": Problem.COUNT.text},
    )
    skip_public_holidays = forms.BooleanField(label=_("Not on public holidays"), required=False, initial=True)
    skip_school_holidays = forms.BooleanField(label=_("Not in the school holidays"), required=False)
    mode = forms.ChoiceField(
        label=_("How do people come?"),
        choices=_as_sentences(Meetup.Mode),
        initial=Meetup.Mode.WALK_IN,
        widget=forms.RadioSelect,
    )
    capacity = _places(_("How many adults fit?"), _("Leave it empty when there is always room."), least=1)
    newcomer_places = _places(
        _("How many of those places do you keep for people who come for the first time?"), "", least=0
    )
    age_bands = forms.MultipleChoiceField(
        label=_("For children of which age?"),
        help_text=_("Nothing chosen means: all ages."),
        choices=AgeBand.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=_("Which languages are spoken?"),
        choices=list(LANGUAGES.items()),
        required=False,
        initial=["nl"],
        widget=forms.CheckboxSelectMultiple,
    )
    greeting = forms.CharField(
        label=_("Who welcomes people, and how do they recognise them?"),
        help_text=_("For example: Marieke, with the orange scarf."),
        max_length=300,
        required=False,
    )
    cost = forms.CharField(
        label=_("What does it cost?"), help_text=_("For example: nothing."), max_length=120, required=False
    )
    stay = forms.CharField(
        label=_("How long do people stay?"),
        help_text=_("For example: as long as you like."),
        max_length=200,
        required=False,
    )
    description = forms.CharField(
        label=_("More about it"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    hosts = HostsField(
        label=_("Who are the hosts?"),
        help_text=_("Only people who are host in your town are on this list."),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose hosts from the list.")},
    )
    also_signed_up = forms.BooleanField(
        label=_("Also change the dates that people signed up for"),
        help_text=_("Everyone on those dates gets a message. Leave it empty and those dates stay as they are."),
        required=False,
    )

    WHAT = ("title", "location", "kind", "summary")
    EXPECT = ("greeting", "cost", "stay", "description")
    SCHEDULE = ("rrule", "first_on", "start_time", "end_time", "skip_public_holidays", "skip_school_holidays")
    FIELDS = (
        *("title", "location", "kind", "summary", "description", "greeting", "cost", "stay", "age_bands"),
        *("languages", "mode", "capacity", "newcomer_places", *SCHEDULE),
    )  # of the model

    def __init__(self, *args: Any, user: User, now: datetime, meetup: Meetup | None = None, **kwargs: Any) -> None:
        self.user, self.now, self.meetup = user, now, meetup
        if meetup is not None:
            kwargs["initial"] = initial_of(meetup) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.towns = list(permissions.towns_to_create_in(user).by_name())
        if meetup is not None and meetup.location.municipality not in self.towns:  # a host who hosts elsewhere too
            self.towns.append(meetup.location.municipality)
        places = Location.objects.filter(municipality__in=self.towns).select_related("municipality")
        usable = places.current() if meetup is None else places.current() | places.filter(pk=meetup.location_id)
        field = self.fields["location"]
        field.queryset, field.shows_town = usable.by_name(), len(self.towns) > 1  # type: ignore[attr-defined]
        self._set_up_hosts()
        if meetup is None:
            del self.fields["also_signed_up"]

    def _set_up_hosts(self) -> None:
        """Only a coordinator chooses the hosts, among those of the own town."""
        roles = Role.objects.of(self.user, Role.Kind.COORDINATOR)
        towns = self.coordinated = list(roles.values_list("municipality_id", flat=True))
        if self.meetup is not None:
            towns = [pk for pk in towns if pk == self.meetup.location.municipality_id]
        if not towns:
            del self.fields["hosts"]
            return
        field = self.fields["hosts"]
        field.queryset = permissions.possible_hosts(towns)  # type: ignore[attr-defined]
        if self.meetup is None:
            field.initial = [self.user.pk]

    def has_expectations(self) -> bool:
        """Is there something to see in the questions about what people can expect?"""
        return any(self[name].value() or self[name].errors for name in self.EXPECT)

    def has_more_languages(self) -> bool:
        """Is there something to see in the question about languages: another one than Dutch, or an error?"""
        return bool(self["languages"].errors or set(self["languages"].value() or []) - {"nl"})

    def language_names(self) -> str:
        """The chosen languages in words; Dutch when none is chosen."""
        chosen = self["languages"].value() or ["nl"]
        return ", ".join(str(LANGUAGES[code]) for code in chosen if code in LANGUAGES)

    def clean_title(self) -> str:
        title = tidy(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError(self.fields["title"].error_messages["required"])
        return title

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._clean_places(data)
        self._clean_hosts(data)
        self._clean_schedule(data)
        return data

    def _clean_places(self, data: dict[str, Any]) -> None:
        kept, capacity = data.get("newcomer_places") or 0, data.get("capacity")
        if kept and capacity is None and "capacity" not in self.errors:
            self.add_error("capacity", _("Fill in how many places there are, then you can keep some for newcomers."))
        elif capacity is not None and kept > capacity:
            self.add_error("newcomer_places", _("There cannot be more places for newcomers than places."))
        data["newcomer_places"] = kept

    def _clean_hosts(self, data: dict[str, Any]) -> None:
        location = data.get("location")
        if "hosts" not in self.fields or location is None or "hosts" not in data:
            return
        if location.municipality_id not in self.coordinated:  # coordinator in one town, host in another
            data["hosts"] = [self.user]
        here = Role.objects.filter(kind=Role.Kind.HOST, municipality=location.municipality_id)
        able = set(here.values_list("user_id", flat=True))
        if any(host.pk not in able for host in data["hosts"]):
            self.add_error("hosts", _("Choose hosts from the town of the place."))

    def _clean_schedule(self, data: dict[str, Any]) -> None:
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
        location = data.get("location")
        region = (location.municipality if location else self.towns[0]).school_region if self.towns else "Midden"
        self.plan = preview(
            self.rule,
            first_on,
            today=today,
            region=region,
            skip_public_holidays=data["skip_public_holidays"],
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

    def model_fields(self) -> dict[str, Any]:
        """What goes into the row of the meetup."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}

    def chosen_hosts(self) -> list[User] | None:
        """Whom the coordinator chose; the host who makes a meetup; None: leave them as they are."""
        if "hosts" in self.fields:
            return list(self.cleaned_data["hosts"])
        return [self.user] if self.meetup is None else None


def initial_of(meetup: Meetup) -> dict[str, Any]:
    """The answers that a meetup has now."""
    rule = Rule.parse(meetup.rrule)
    answers = {name: getattr(meetup, name) for name in MeetupForm.FIELDS}
    answers |= {
        "location": meetup.location_id,
        "weekdays": list(rule.weekdays),
        "nth": rule.nth,
        "until": rule.until,
        "count": rule.count,
        "newcomer_places": meetup.newcomer_places or None,
        "hosts": list(Host.objects.filter(meetup=meetup).values_list("user_id", flat=True)),
    }
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


class OccurrenceForm(forms.Form):
    """One date: when, where, a theme, how many places."""

    on = _date(_("Date"))
    start_time = _time(_("From"))
    end_time = _time(_("Until"))
    location = PlaceField()
    theme = forms.CharField(
        label=_("Theme"), help_text=_("For example: sleeping through the night."), max_length=120, required=False
    )
    capacity = _places(_("How many adults fit on this date?"), _("Leave it empty: as always."), least=1)

    def __init__(self, occurrence: Occurrence, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.occurrence, self.now = occurrence, now
        start, end = timezone.localtime(occurrence.starts_at), timezone.localtime(occurrence.ends_at)
        kwargs.setdefault(
            "initial",
            {
                "on": start.date(),
                "start_time": start.time(),
                "end_time": end.time(),
                "location": occurrence.location_id,
                "theme": occurrence.theme,
                "capacity": occurrence.capacity,
            },
        )
        super().__init__(*args, **kwargs)
        places = Location.objects.filter(municipality=occurrence.location.municipality_id)
        usable = places.current() | places.filter(pk=occurrence.location_id)
        self.fields["location"].queryset = usable.select_related("municipality").by_name()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        on, start, end = data.get("on"), data.get("start_time"), data.get("end_time")
        if on is None or start is None or end is None:
            return data
        try:
            starts_at, ends_at = span(on, start, end)
        except InvalidTimes as problem:
            self.add_error("end_time", problem.code.text)
            return data
        is_moved = (starts_at, ends_at) != (self.occurrence.starts_at, self.occurrence.ends_at)
        if is_moved and ends_at <= self.now:
            self.add_error("on", _("This date is in the past. Choose today or a later date."))
        elif is_moved and on > _latest(timezone.localdate(self.now)):
            self.add_error("on", _("Choose a date within a year from now."))
        return data


def _latest(today: date) -> date:
    return date(today.year + 1, today.month, min(today.day, 28))


class ReasonForm(forms.Form):
    """Why a date, or a whole meetup, does not go on."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everyone who signed up reads this. For example: the library is closed."),
        max_length=200,
        error_messages={"required": _("Write in one sentence why. People read it in their e-mail.")},
    )

    def clean_reason(self) -> str:
        reason = tidy(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return reason
