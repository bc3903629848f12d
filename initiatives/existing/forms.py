"""The forms to list a group that exists already, to claim it, and to answer a claim."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressFormField
from accounts.names import tidy
from initiatives.proposing.forms import TOO_LONG, GroupFields, line
from locations.models import Location, Municipality
from meetups.fields import UNKNOWN_CHOICE, as_sentences
from meetups.models import Meetup


class ListForm(GroupFields):
    """What everyone sees of a group that exists already, and the address at which its people are told."""

    TEXTS = ("title", "what", "for_whom", "meets_when", "meets_where")
    field_order = (
        "title",
        "what",
        "for_whom",
        "meets_when",
        "wished_place",
        "meets_where",
        "website",
        "themes",
        "email",
    )

    title = line(
        _("What is the group called?"),
        most=80,
        required=_("Write what the group is called."),
        help_text=_("For example: Running Mums."),
    )
    what = forms.CharField(
        label=_("What do they do together?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages=TOO_LONG | {"required": _("Write in a few words what they do.")},
    )
    for_whom = line(
        _("For whom is it?"),
        most=300,
        required=_("Write for whom it is."),
        help_text=_("For example: fathers with children under 4."),
    )
    wished_place = forms.ModelChoiceField(
        label=_("Where do they meet?"),
        queryset=Location.objects.none(),
        empty_label=_("Somewhere else, or I do not know"),
        required=False,
        error_messages={"invalid_choice": _("Choose a place from the list.")},
    )
    themes = forms.MultipleChoiceField(
        label=_("What is it about?"),
        choices=as_sentences(Meetup.Kind),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    email = AddressFormField(
        label=_("Email address of the group"),
        help_text=_("We tell its people that they are here. They can delete it with one tap. Nobody else sees it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Fill in an address of the group: its people have to know that they are here.")},
    )

    def __init__(self, *args: Any, town: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wished_place"].queryset = (  # type: ignore[attr-defined]
            Location.objects.filter(municipality=town).current().by_name()
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in ("title", "for_whom", "meets_when"):
            data[name] = tidy(data.get(name) or "")
            if not data[name] and name not in self.errors:  # of what cannot be seen only
                self.add_error(name, self.fields[name].error_messages["required"])
        return data

    def group(self) -> dict[str, Any]:
        """Return what everyone sees of the group; only for a valid form."""
        names = ("title", "what", "for_whom", "meets_when", "wished_place", "meets_where", "website", "themes")
        return {name: self.cleaned_data[name] for name in names}


class GuestListForm(ListForm):
    """The same without an account: who lists it confirms their own address by a link."""

    own_email = AddressFormField(
        label=_("Your own email address"),
        help_text=_("You get an email with a link to confirm. After that we forget your address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ClaimForm(forms.Form):
    """An address of the group that a coordinator can check, and who asks."""

    email = AddressFormField(
        label=_("An email address of the group"),
        help_text=_("Such as the one on its website. The coordinator checks it. Only the coordinator sees it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Fill in an email address of the group.")},
    )
    words = forms.CharField(
        label=_("Who are you in this group?"),
        help_text=_("For example: I have led the walk since 2019. Only the coordinator reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages=TOO_LONG | {"required": _("Write in a few words who you are in this group.")},
    )


class AcceptForm(forms.Form):
    """Where the coordinator knows that the group meets."""

    meets_at = forms.ModelChoiceField(
        label=_("Where does the group meet already?"),
        help_text=_("Only what you know. There they can begin without asking the place again."),
        queryset=Location.objects.none(),
        empty_label=_("Somewhere else, or I do not know"),
        required=False,
        error_messages={"invalid_choice": _("Choose a place from the list.")},
    )

    def __init__(self, *args: Any, town: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meets_at"].queryset = (  # type: ignore[attr-defined]
            Location.objects.filter(municipality=town).current().by_name()
        )


class DeclineForm(forms.Form):
    """Why a claim is declined."""

    reason = forms.CharField(
        label=_("Why not?"),
        help_text=_("Only the person who asked reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages=TOO_LONG | {"required": _("Write in a few words why not.")},
    )
