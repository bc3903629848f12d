"""The form to create or change a meetup."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.names import tidy
from locations.bilingual import in_english, missing_in_english, names_in_english
from locations.holidays import usual_holidays
from locations.models import Location, SchoolRegion
from meetups import permissions
from meetups.fields import UNKNOWN_CHOICE, HostsField, PlaceField, as_sentences, seats_field
from meetups.managing.forms.rhythm import RhythmForm, answers_of
from meetups.models import AgeBand, Host, Meetup
from meetups.spoken_languages import LANGUAGES


class MeetupForm(RhythmForm):
    """A meetup and its schedule. After validation, `rule` and `plan` are the recurrence rule and its dates."""

    hide_optional = True
    field_order = ["title", "location", "kind", "summary"]  # then the rhythm, then the rest

    title = forms.CharField(
        label=_("What is it called?"),
        max_length=80,
        error_messages={"required": _("Give it a name, like: coffee morning in the library.")},
    )
    location = PlaceField()
    kind = forms.ChoiceField(
        label=_("What kind of meetup is it?"),
        choices=as_sentences(Meetup.Kind),
        error_messages={"required": _("Choose a kind of meetup."), "invalid_choice": UNKNOWN_CHOICE},
    )
    summary = forms.CharField(
        label=_("In one sentence"),
        help_text=_("For example: coffee, tea and other parents. Your child can play."),
        max_length=200,
        error_messages={"required": _("Say in one sentence what people can expect.")},
    )
    mode = forms.ChoiceField(
        label=_("Do people need to sign up?"),
        choices=as_sentences(Meetup.Mode),
        initial=Meetup.Mode.WALK_IN,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether people need to sign up."), "invalid_choice": UNKNOWN_CHOICE},
    )
    capacity = seats_field(
        _("How many adults is there space for?"), _("Leave it empty if there is always space."), least=1
    )
    newcomer_places = seats_field(
        _("How many of those spaces do you keep for people who come for the first time?"), "", least=0
    )
    age_bands = forms.MultipleChoiceField(
        label=_("For children of what age?"),
        help_text=_("If you choose none, it is for all ages."),
        choices=AgeBand.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    languages = forms.MultipleChoiceField(
        label=_("Which languages are spoken?"),
        choices=list(LANGUAGES.items()),
        required=False,
        initial=["nl"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    greeting = forms.CharField(
        label=_("Who welcomes people, and how do you recognise them?"),
        help_text=_("For example: Marieke, with the orange scarf."),
        max_length=300,
        required=False,
    )
    cost = forms.CharField(
        label=_("What does it cost?"), help_text=_("For example: nothing."), max_length=120, required=False
    )
    is_free = forms.TypedChoiceField(
        label=_("Is it free of charge?"),
        help_text=_("Parents can search for what is free."),
        choices=[("yes", _("Yes, free")), ("no", _("No, it costs something")), ("", _("I would rather not say"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    stay = forms.CharField(
        label=_("How long do people stay?"),
        help_text=_("For example: as long as you like."),
        max_length=200,
        required=False,
    )
    description = forms.CharField(
        label=_("More information"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    title_en = forms.CharField(label=_("What is it called, in English?"), max_length=80, required=False)
    summary_en = forms.CharField(label=_("In one sentence, in English"), max_length=200, required=False)
    greeting_en = forms.CharField(
        label=_("Who welcomes people, and how do you recognise them? In English"), max_length=300, required=False
    )
    cost_en = forms.CharField(label=_("What does it cost? In English"), max_length=120, required=False)
    stay_en = forms.CharField(label=_("How long do people stay? In English"), max_length=200, required=False)
    description_en = forms.CharField(
        label=_("More information, in English"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    hosts = HostsField(
        label=_("Who are the hosts?"),
        help_text=_("Only hosts in your town are on this list."),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose hosts from the list.")},
    )
    also_signed_up = forms.BooleanField(
        label=_("Also change the dates that people signed up for"),
        help_text=_(
            "Everyone who signed up for those dates gets a message. If you do not tick this, those "
            "dates stay as they are."
        ),
        required=False,
    )

    ENGLISH = names_in_english(Meetup.BILINGUAL)
    WHAT = ("title", "location", "kind", "summary")
    EXPECT = ("greeting", "cost", "is_free", "stay", "description")
    FIELDS = (
        *("title", "location", "kind", "summary", "description", "greeting", "cost", "is_free", "stay"),
        *("age_bands", "languages", "mode", "capacity", "newcomer_places", *RhythmForm.SCHEDULE),
        *ENGLISH,
    )  # fields of the model

    def __init__(self, *args: Any, user: User, now: datetime, meetup: Meetup | None = None, **kwargs: Any) -> None:
        self.user, self.now, self.meetup = user, now, meetup
        if meetup is not None:
            kwargs["initial"] = initial_of(meetup) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.towns = list(permissions.towns_to_create_in(user).by_name())
        if meetup is not None and meetup.location.municipality not in self.towns:  # a host from another town
            self.towns.append(meetup.location.municipality)
        places = Location.objects.filter(municipality__in=self.towns).select_related("municipality")
        usable = places.current() if meetup is None else places.current() | places.filter(pk=meetup.location_id)
        field = self.fields["location"]
        field.queryset, field.shows_town = usable.by_name(), len(self.towns) > 1  # type: ignore[attr-defined]
        self._set_up_hosts()
        if meetup is None:
            del self.fields["also_signed_up"]

    def _set_up_hosts(self) -> None:
        """Only coordinators choose the hosts, and only from their own town."""
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
        """Whether any field about what people can expect has a value or an error."""
        return any(self[name].value() or self[name].errors for name in self.EXPECT)

    def english_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ENGLISH]

    def has_english(self) -> bool:
        """Whether any field for English has a value or an error."""
        return any(field.value() or field.errors for field in self.english_fields())

    def has_more_languages(self) -> bool:
        """Whether the languages field has an error or a choice other than Dutch."""
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
        self._clean_english(data)
        self._clean_hosts(data)
        location = data.get("location")
        town = location.municipality if location else next(iter(self.towns), None)
        self.clean_schedule(
            data,
            region=town.school_region if town else SchoolRegion.CENTRAL,
            holidays=town.holidays if town else usual_holidays(),
        )
        return data

    def _clean_places(self, data: dict[str, Any]) -> None:
        reserved, capacity = data.get("newcomer_places") or 0, data.get("capacity")
        if reserved and capacity is None and "capacity" not in self.errors:
            self.add_error("capacity", _("Fill in how many spaces there are. Then you can keep some for newcomers."))
        elif capacity is not None and reserved > capacity:
            self.add_error("newcomer_places", _("There cannot be more spaces for newcomers than spaces in all."))
        data["newcomer_places"] = reserved

    def _clean_english(self, data: dict[str, Any]) -> None:
        for name in missing_in_english(data, Meetup.BILINGUAL):
            self.add_error(
                in_english(name),
                _("Fill this in too. Or leave all of the English empty: half in English is hard to read."),
            )

    def _clean_hosts(self, data: dict[str, Any]) -> None:
        location = data.get("location")
        if "hosts" not in self.fields or location is None or "hosts" not in data:
            return
        if location.municipality_id not in self.coordinated:  # coordinator in one town, host in another
            data["hosts"] = [self.user]
        here = Role.objects.filter(kind=Role.Kind.HOST, municipality=location.municipality_id)
        eligible = set(here.values_list("user_id", flat=True))
        if any(host.pk not in eligible for host in data["hosts"]):
            self.add_error("hosts", _("Choose hosts from the town of the place."))

    def model_fields(self) -> dict[str, Any]:
        """Return the values for the fields of the model."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}

    def chosen_hosts(self) -> list[User] | None:
        """Return the chosen hosts, or the user who creates the meetup; None leaves the hosts unchanged."""
        if "hosts" in self.fields:
            return list(self.cleaned_data["hosts"])
        return [self.user] if self.meetup is None else None


def initial_of(meetup: Meetup) -> dict[str, Any]:
    """Return the current values of a meetup."""
    return {
        **{name: getattr(meetup, name) for name in MeetupForm.FIELDS},
        **answers_of(meetup),
        "location": meetup.location_id,
        "newcomer_places": meetup.newcomer_places or None,
        "is_free": {True: "yes", False: "no", None: ""}[meetup.is_free],
        "hosts": list(Host.objects.filter(meetup=meetup).values_list("user_id", flat=True)),
    }
