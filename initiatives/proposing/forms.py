"""The form of an idea: three questions and a name, and what may follow later."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.names import tidy
from initiatives import needs
from initiatives.home_addresses import looks_like_home_address
from initiatives.models import Initiative
from initiatives.moments import CHOICES, in_order
from locations.models import Location, Municipality
from meetups.fields import UNKNOWN_CHOICE, as_sentences
from meetups.models import AgeBand, Meetup
from meetups.spoken_languages import LANGUAGES


def _several(label: Any, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
        **options,
    )


def _text(label: Any, *, most: int, rows: int, required: Any = None, **options: Any) -> forms.CharField:
    messages = {"max_length": _("This is too long. You may use %(limit_value)d characters.")}
    if required:
        messages["required"] = required
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages=messages,
        **options,
    )


class IdeaForm(forms.Form):
    """Three questions and a name. Everything else may be left for later."""

    what = _text(
        _("What would you like?"),
        most=1000,
        rows=4,
        required=_("Write in a few words what you would like."),
        help_text=_("For example: our girls all have guinea pigs. Let us get together with them."),
    )
    for_whom = forms.CharField(
        label=_("For whom is it?"),
        max_length=300,
        help_text=_("For example: children from 4 to 12, with a parent or grandparent."),
        error_messages={"required": _("Write for whom it is.")},
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    needed = _text(
        _("What is still needed?"),
        most=600,
        rows=4,
        help_text=_("One thing on each line, with a number if you like. For example: 2 bales of hay."),
    )
    title = forms.CharField(
        label=_("What do you call it?"),
        max_length=80,
        help_text=_("For example: Guinea Pig Café."),
        error_messages={"required": _("Give your idea a name.")},
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    shape = forms.ChoiceField(
        label=_("How often?"),
        choices=as_sentences(Initiative.Shape),
        initial=Initiative.Shape.REGULAR,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    wished_place = forms.ModelChoiceField(
        label=_("Where would you like it?"),
        queryset=Location.objects.none(),
        empty_label=_("I do not know yet"),
        required=False,
        error_messages={"invalid_choice": _("Choose a place from the list.")},
    )
    meeting_point = forms.CharField(
        label=_("Where do you meet, if it is outdoors?"),
        max_length=200,
        required=False,
        help_text=_("A public place, such as a bridge or a playground. Not your own address."),
    )
    moments = _several(_("When could it be?"), CHOICES, help_text=_("If you choose none, any moment may suit."))
    themes = _several(_("What is it about?"), as_sentences(Meetup.Kind))
    age_bands = _several(_("For children of what age?"), AgeBand.choices)
    languages = _several(_("Which languages are spoken?"), list(LANGUAGES.items()))

    LATER: tuple[str, ...] = ("shape", "wished_place", "meeting_point", "moments", "themes", "age_bands", "languages")

    def __init__(self, *args: Any, town: Municipality, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.town = town
        self.fields["wished_place"].queryset = (  # type: ignore[attr-defined]
            Location.objects.filter(municipality=town).current().by_name()
        )
        if is_draft:  # an idea that is kept for later may be anything
            for name in ("for_whom", "title"):
                self.fields[name].required = False

    def clean_title(self) -> str:
        title = tidy(self.cleaned_data["title"])
        if not title and self.fields["title"].required:
            raise forms.ValidationError(self.fields["title"].error_messages["required"])
        return title

    def clean_for_whom(self) -> str:
        return tidy(self.cleaned_data["for_whom"])

    def clean_needed(self) -> str:
        needed: str = self.cleaned_data["needed"]
        if len(needs.read(needed)) > needs.MAX_NEEDS:
            raise forms.ValidationError(
                _("These are many things. Write down the %(number)s that matter most."),
                params={"number": needs.MAX_NEEDS},
            )
        if any(len(text) > needs.LONGEST for text, _quantity in needs.read(needed)):
            raise forms.ValidationError(_("One of the lines is too long. Write one thing on each line."))
        return needed

    def clean_moments(self) -> list[str]:
        return in_order(self.cleaned_data["moments"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("shape") != Initiative.Shape.OUTDOORS:
            data["meeting_point"] = ""
        data["shape"] = data.get("shape") or Initiative.Shape.REGULAR
        return data

    def is_open_later(self) -> bool:
        """Whether anything is filled in, or wrong, in the part that may wait."""
        filled = (self[name].value() for name in self.LATER if name != "shape")
        is_regular = self["shape"].value() in (None, "", Initiative.Shape.REGULAR)
        return any(filled) or not is_regular or any(self[name].errors for name in self.LATER)

    def fields_to_save(self) -> dict[str, Any]:
        """Return the values for the fields of the model."""
        return dict(self.cleaned_data)


NO_HOME_ADDRESS = _(
    "This looks like a street with a number, or a postcode. Write only the name of a public place, such as a community "
    "centre or a park. Is it at someone’s home? Then leave the place out: the group tells it to people who come."
)
TOO_LONG = {"max_length": _("This is too long. You may use %(limit_value)d characters.")}


def line(label: Any, *, most: int, required: Any = None, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(required),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        error_messages=TOO_LONG | ({"required": required} if required else {}),
        **options,
    )


class WebsiteField(forms.URLField):
    """An address on the web, with or without https:// in front of it."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **options: Any) -> None:
        wrong = _("This is not an address of a website. It looks like www.example.com.")
        super().__init__(
            max_length=200,
            assume_scheme="https",
            error_messages=TOO_LONG | {"invalid": wrong},
            required=False,
            **options,
        )

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        if "@" in urlsplit(url).netloc:  # a password, or an email address
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return url


class GroupFields(forms.Form):
    """When and where a group meets, in words, and its website: what its people change later too."""

    TEXTS: tuple[str, ...] = ("meets_when", "meets_where")

    meets_when = line(
        _("When do they meet?"),
        most=200,
        required=_("Write when they meet, for example: every Saturday at 10."),
        help_text=_("For example: every first Saturday of the month, from 10.00 to 12.00."),
    )
    meets_where = line(
        _("Not on the list? The name of the public place"),
        most=200,
        help_text=_("For example: at the fountain in the park. Never a home address."),
    )
    website = WebsiteField(
        label=_("Website"),
        help_text=_("Where people can read more. You may leave it empty."),
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what looks like the address of a home, beside the field where it is."""
        data = super().clean() or self.cleaned_data
        for name in ("meets_when", "meets_where"):
            data[name] = tidy(data.get(name) or "")
        for name in self.TEXTS:
            if looks_like_home_address(data.get(name) or ""):
                self.add_error(name, NO_HOME_ADDRESS)
        if data.get("wished_place"):
            data["meets_where"] = ""
        return data


class GroupIdeaForm(GroupFields, IdeaForm):
    """A group that existed already, for those of it who look after its page."""

    TEXTS = ("title", "what", "for_whom", "needed", "meeting_point", "meets_when", "meets_where")
    LATER = ("themes", "age_bands", "languages")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wished_place"].label = _("Where do you meet?")
        self.fields["meets_when"].label = _("When do you meet?")


def form_for(initiative: Initiative) -> type[IdeaForm]:
    """Return the form with which those who started it change it."""
    return GroupIdeaForm if initiative.is_group else IdeaForm


def initial_of(initiative: Initiative) -> dict[str, Any]:
    """Return the current values of an initiative."""
    return {name: getattr(initiative, name) for name in form_for(initiative).base_fields if name != "wished_place"} | {
        "wished_place": initiative.wished_place_id
    }


class TownForm(forms.Form):
    """The town of an idea, for someone whose home town we do not know."""

    town = forms.ModelChoiceField(
        label=_("In which town?"),
        queryset=Municipality.objects.none(),
        to_field_name="slug",
        empty_label=_("Choose a town"),
        error_messages={"required": _("Choose a town."), "invalid_choice": _("Choose a town from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["town"].queryset = Municipality.objects.taking_part().by_name()  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        return "gemeente"
