"""First names: any script and emoji, but no characters that could disrupt the page.

Models store names with `NameField`; forms use `FirstNameField`.
"""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 40
JOINERS = "\u200c\u200d"  # Persian and emoji need them, between two letters
# Characters that are invisible, though Unicode does not classify them as format characters.
BLANK_LETTERS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
# Mail programs turn these into links, and anyone can have a mail with a name sent to any address. All two-letter
# domains count, and the most used longer ones; a list of all 1,400 would soon be out of date.
TOP_LEVEL_DOMAINS = (
    "academy agency app art asia bank bar best biz blog business cafe care cash cat center chat church city cloud club"
    " coach com community company computer consulting cool dance data day deals design dev digital direct download edu"
    " email energy events example expert express family farm finance fit fun fund fyi gallery games gift global gold"
    " gov group guide guru health help house host info ink int international jobs kids kim land legal life link live"
    " love ltd market media menu mil mobi moda mom money museum name net network news ninja one online org page"
    " party photo photos pics place plus press pro pub red rest review rip rocks run sale school services sex shop"
    " show site social solutions space store studio support systems team tech tel tips today tools top tours town toys"
    " training travel tube vip wang watch web wiki win work works world wtf xxx xyz yoga zip zone amsterdam frl"
)
LINK = re.compile(
    rf"://|@|www\.|\w[.。．｡](?:[^\W\d_]{{2}}|xn--\w+|{'|'.join(TOP_LEVEL_DOMAINS.split())})(?![\w])",
    re.IGNORECASE,
)


def is_invisible(character: str) -> bool:
    """Whether this character is invisible or changes the text direction; spaces and control characters do not count."""
    return unicodedata.category(character) == "Cf" or character in BLANK_LETTERS


def tidy(text: str) -> str:
    """Return `text` without control, invisible and unassigned characters, and with single spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFC", text) if c in JOINERS or not _is_unsafe(c))
    return " ".join(word for part in plain.split() if (word := part.strip(JOINERS)))


def _is_unsafe(character: str) -> bool:
    if character.isspace():
        return False
    return is_invisible(character) or unicodedata.category(character) in {"Cc", "Co", "Cs"}


def is_usable(text: str) -> bool:
    """Whether this name has at least one letter or emoji."""
    return any(unicodedata.category(c)[0] == "L" or unicodedata.category(c) in {"So", "Cn"} for c in tidy(text))


class FirstNameField(forms.CharField):
    """A first name, tidied before validation, so that a name of only invisible characters counts as empty."""

    default_validators = [
        RegexValidator(
            LINK, _("Fill in only a first name, without a web address or email address."), inverse_match=True
        )
    ]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("First name"))
        kwargs.setdefault("max_length", LONGEST)
        kwargs.setdefault("error_messages", {"required": _("Fill in your first name.")})
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "given-name", "dir": "auto"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if not text or "\x00" in text:  # a null byte is left in, for its own error message
            return text
        return tidy(text) if is_usable(text) else ""


class NameField(models.CharField):
    """A model field that stores a tidied first name. To the database and the migrations it is an ordinary CharField."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return tidy(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            value = tidy(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": FirstNameField, "widget": FirstNameField().widget} | kwargs)
