"""The form for the colour and logo of a town."""

import base64
from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from locations.models import NO_COLOUR, Municipality, check_accent, stylesheet_url
from locations.theme import colours, logos


class ThemeForm(forms.Form):
    """The colour and logo of a town. An uploaded logo travels in a hidden field until the form is saved."""

    hide_optional = True

    accent = forms.CharField(
        label=_("Colour"),
        required=False,
        max_length=40,
        error_messages={"max_length": NO_COLOUR, "null_characters_not_allowed": NO_COLOUR},
        help_text=_(
            "As in your house style: # and six characters, such as #1b4f9c. Leave it empty for the green of Pedbasis."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-colour": colours.DEFAULT_ACCENT}
        ),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("A PNG of at most 50 kB, at least 40 and at most 1000 pixels wide and high."),
        error_messages={"empty": _("This file is empty. Choose another one.")},
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )
    kept_logo = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        municipality: Municipality,
        data: Mapping[str, str] | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
    ) -> None:
        """`nearest` in the data replaces a refused colour with the usable one that was offered."""
        if data and data.get("nearest"):
            data = {**{name: data.get(name, "") for name in self.base_fields}, "accent": data["nearest"]}
        super().__init__(data, files, initial={"accent": municipality.accent})
        self.municipality = municipality

    def clean_accent(self) -> str:
        typed: str = self.cleaned_data["accent"]
        if not typed:
            return ""
        accent = colours.parse(typed) or typed
        check_accent(accent)
        return accent

    def clean_logo(self) -> logos.Picture | None:
        file: UploadedFile | None = self.cleaned_data["logo"]
        if file is None:
            return None
        try:
            return logos.read(file.read(logos.MAX_KILOBYTES * 1024 + 1))
        except logos.NotALogo as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean_kept_logo(self) -> logos.Picture | None:
        try:
            return logos.read(base64.b64decode(self.cleaned_data["kept_logo"], validate=True))
        except ValueError:  # empty, or not sent by this page
            return None

    @cached_property
    def picture(self) -> logos.Picture | None:
        """The logo uploaded with this request or an earlier one."""
        if not self.is_bound:
            return None
        self.is_valid()
        picture: logos.Picture | None = self.cleaned_data.get("logo") or self.cleaned_data.get("kept_logo")
        return picture

    @property
    def picture_as_text(self) -> str:
        return base64.b64encode(self.picture.image).decode() if self.picture else ""

    @property
    def nearest(self) -> str:
        """The usable colour to offer when the typed one has too little contrast; else empty."""
        accent = colours.parse(self.data.get("accent", "")) if self.is_bound and "accent" in self.errors else None
        return colours.nearest_usable(accent) if accent else ""

    @property
    def shown_accent(self) -> str:
        """The colour to preview: the typed one, the offered one, or the current one."""
        if self.nearest:
            return self.nearest
        if self.is_bound and "accent" not in self.errors:
            return self.cleaned_data["accent"] or colours.DEFAULT_ACCENT
        return self.municipality.accent or colours.DEFAULT_ACCENT

    @property
    def sample_url(self) -> str:
        return stylesheet_url("colour_sample", self.shown_accent)
