"""The languages that can be chosen for a meetup: ISO 639-1 code and name."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LANGUAGES: dict[str, "StrPromise"] = {
    "nl": _("Dutch"),
    "fy": _("Frisian"),
    "en": _("English"),
    "ar": _("Arabic"),
    "tr": _("Turkish"),
    "uk": _("Ukrainian"),
    "pl": _("Polish"),
    "ti": _("Tigrinya"),
    "fa": _("Persian (Farsi, Dari)"),
    "so": _("Somali"),
    "es": _("Spanish"),
    "fr": _("French"),
    "de": _("German"),
    "pt": _("Portuguese"),
    "bg": _("Bulgarian"),
    "ro": _("Romanian"),
    "ru": _("Russian"),
    "ku": _("Kurdish"),
    "zh": _("Chinese"),
    "hi": _("Hindi"),
}


def name_of(code: str) -> str:
    """Return the name of the language in the active language, or the code itself when it is unknown."""
    return str(LANGUAGES.get(code, code))
