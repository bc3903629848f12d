"""The form with which someone gives a photo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from photos import headers
from photos.descriptions import says_something
from photos.models import MAX_BYTES, MAX_DESCRIPTION, Photo, fingerprint_of
from photos.shapes import Shape
from photos.uploads import FIELD

NOT_ASKED = "not_asked"
SAY_WHAT = _("Say in a few words what people see, such as: a long table with cups, by the window.")
CHOOSE = _("Choose a photo.")
ANSWER = _("Choose what is true for this photo.")
OTHER_KINDS = {
    "svg": _("This is an SVG, which is a drawing. Choose a photo: JPEG, HEIC, PNG or WebP."),
    "pdf": _("This is a PDF. Choose a photo: JPEG, HEIC, PNG or WebP."),
    "gif": _("This is a GIF. Choose a photo: JPEG, HEIC, PNG or WebP."),
    "video": _("This is a video. Choose a photo: JPEG, HEIC, PNG or WebP."),
    "other": _("This is not a photo that we can read. Choose a JPEG, HEIC, PNG or WebP, or take a new photo."),
    "broken": _("This photo did not arrive whole, or the file is damaged. Please choose it once more."),
}


class PhotoForm(forms.Form):
    """A photo, what it shows, and whether children can be recognised. `draft` is a photo that was sent before.

    The file is checked by its header only; `data` has its bytes when that is right, even if something else is wrong.
    """

    hide_optional = True

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("From your phone or computer, at most 20 MB. Where and when it was taken is not kept."),
        error_messages={
            "empty": _("This file is empty. Choose another one."),
            "max_length": CHOOSE,
            "invalid": CHOOSE,
            "missing": CHOOSE,
        },
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"}),
    )
    description = forms.CharField(
        label=_("What does the photo show?"),
        max_length=MAX_DESCRIPTION,
        help_text=_("For people who cannot see it well. Such as: a long table with cups, by the window."),
        error_messages={
            "required": SAY_WHAT,
            "max_length": _("This is too long. Use at most 200 characters."),
            "null_characters_not_allowed": SAY_WHAT,
        },
    )
    children = forms.ChoiceField(
        label=_("Can people recognise children in it? And did their parents say yes?"),
        choices=[*Photo.Children.choices, (NOT_ASKED, _("Yes, but I have not asked all parents yet"))],
        widget=forms.RadioSelect,
        error_messages={"required": ANSWER, "invalid_choice": ANSWER},
    )

    def __init__(
        self,
        shape: Shape,
        data: Any = None,
        files: Any = None,
        *,
        by: Any,
        draft: Photo | None = None,
        shown: Photo | None = None,
    ) -> None:
        """`shown` is the photo on the page now: who gave it can change its description without sending a new one."""
        self.own = shown if shown is not None and shown.given_by_id == by.pk else None
        known = draft or self.own
        # Not the answer about children: it was about the photo that may be replaced now.
        super().__init__(data, files, initial={"description": known.description} if known else None)
        self.shape, self.draft, self.shown = shape, draft, shown
        self.data_of_photo = b""

    def clean_photo(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data[FIELD]
        if file is None:
            if self.draft is None and self.own is None:
                raise ValidationError(CHOOSE)
            return None
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(gettext("This photo is larger than 20 MB. Please choose a smaller copy of it."))
        data = file.read()
        self._check(data)
        self.data_of_photo = data
        return file

    def _check(self, data: bytes) -> None:
        """Raise ValidationError unless the header is that of a photo of a usable size."""
        try:
            header = headers.read(data)
        except headers.NoPhoto as refusal:
            raise ValidationError(OTHER_KINDS[refusal.kind]) from refusal
        if header.has_too_many_pixels:
            raise ValidationError(Photo.Reason.TOO_LARGE.label)
        if min(header.width, header.height) < self.shape.least:
            raise ValidationError(
                gettext(
                    "This photo is only %(width)s by %(height)s pixels. "
                    "Choose one of at least %(least)s pixels wide and high."
                )
                % {"width": header.width, "height": header.height, "least": self.shape.least}
            )

    def clean_description(self) -> str:
        text: str = self.cleaned_data["description"]
        file = self.files.get(FIELD) if self.files else None
        if not says_something(text, (file and file.name) or ""):
            raise ValidationError(SAY_WHAT)
        if self._is_about_another_photo(text):
            raise ValidationError(gettext("This is what the photo before showed. Say what people see on the new one."))
        return text

    def _is_about_another_photo(self, text: str) -> bool:
        """Whether this was said of the photo that the one in the form, or the one that waits for it, replaces."""
        new = self.draft.fingerprint if self.draft is not None else ""
        if self.data_of_photo:
            new = fingerprint_of(self.data_of_photo)
        old = self.shown
        if not new or old is None or old.is_refused or old.fingerprint == new:
            return False
        return text == old.description

    def clean_children(self) -> str:
        answer: str = self.cleaned_data["children"]
        if answer == NOT_ASKED:
            raise ValidationError(
                gettext(
                    "Thank you for saying so. Please ask their parents first, or choose a photo without recognisable "
                    "children: of hands, a table or the place itself."
                )
            )
        return answer
