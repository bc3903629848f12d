"""First names as people write them: any script, emoji too, but nothing that plays tricks with the page.

Whoever stores a name does so through `NameField`; whoever asks for one uses `FirstNameField`.
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
# Letters and signs that nobody can see, though Unicode does not count them as format characters.
BLANKS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
# What mail programs make a link of: names stand in mails that anyone may have sent to any address. After a dot counts
# each ending of two letters, and the others that are used most; a list of all 1,400 would be old tomorrow.
ENDINGS = (
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
    rf"://|@|www\.|\w[.。．｡](?:[^\W\d_]{{2}}|xn--\w+|{'|'.join(ENDINGS.split())})(?![\w])",
    re.IGNORECASE,
)


def is_invisible(character: str) -> bool:
    """Whether nobody can see this character, or it turns the text around it; spaces and controls are not meant."""
    return unicodedata.category(character) == "Cf" or character in BLANKS


def tidy(text: str) -> str:
    """Return `text` without control characters, tricks and half characters, and with single spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFC", text) if c in JOINERS or not _is_trick(c))
    return " ".join(word for part in plain.split() if (word := part.strip(JOINERS)))


def _is_trick(character: str) -> bool:
    if character.isspace():
        return False
    return is_invisible(character) or unicodedata.category(character) in {"Cc", "Co", "Cs"}


def greets(text: str) -> bool:
    """Whether there is someone to greet by this name: a letter, or a picture."""
    return any(unicodedata.category(c)[0] == "L" or unicodedata.category(c) in {"So", "Cn"} for c in tidy(text))


class FirstNameField(forms.CharField):
    """A first name, tidied before it is checked, so that a name of nothing but tricks counts as empty."""

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
        if not text or "\x00" in text:  # a null byte stays, so that its own sentence is shown
            return text
        return tidy(text) if greets(text) else ""


class NameField(models.CharField):
    """Keeps a first name tidy, whoever writes it. To the database and its migrations it is an ordinary CharField."""

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
