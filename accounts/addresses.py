"""Email addresses: one canonical form for each, and only addresses that can receive mail.

Models store and look up addresses with `AddressField`; forms use `AddressFormField`.
"""

import unicodedata
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.names import is_invisible

LONGEST = 254  # the length of the columns; RFC 5321, 4.5.3.1.3
LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1

EMAIL_ERRORS = {
    "required": _("Fill in your email address."),
    "invalid": _("This email address is not right yet. It looks like name@example.com."),
}


def normalise(email: str) -> str:
    """Return the canonical form of an address: lower case, no invisible characters, the domain in ASCII.

    Domains are encoded with IDNA 2008 (RFC 5891, with the mapping of UTS #46). An invalid domain is left as it is, for
    `check_address` to refuse.
    """
    visible = "".join(c for c in email if not is_invisible(c))
    plain = unicodedata.normalize("NFKC", visible).lower().strip()
    local_part, at, domain = plain.rpartition("@")
    return local_part + at + _to_ascii_domain(domain)


def _to_ascii_domain(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return domain


def check_address(email: str) -> None:
    """Raise ValidationError for an address without a real domain, with non-ASCII characters, or too long for SMTP.

    Addresses that `validate_email` refuses are left to that validator.
    """
    try:
        validate_email(email)
    except ValidationError:
        return
    address = normalise(email)
    local_part, _at, domain = address.rpartition("@")
    is_sendable = address.isascii() and "." in domain and not domain.startswith("[")
    if not is_sendable or len(local_part) > LONGEST_LOCAL_PART or len(address) > LONGEST:
        raise ValidationError(_("This is not an email address we can use. Is there a typing error in it?"))


class AddressFormField(forms.EmailField):
    """A form field that returns the address in its canonical form."""

    default_validators = [validate_email, check_address]

    def __init__(self, **kwargs: Any) -> None:
        kwargs["error_messages"] = EMAIL_ERRORS | (kwargs.get("error_messages") or {})
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        return normalise(super().to_python(value) or "")


class AddressField(models.EmailField):
    """A model field that stores and looks up an address in its canonical form.

    To the database and the migrations it is an ordinary EmailField.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    default_validators = [validate_email, check_address]

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalise(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return normalise(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            value = normalise(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": AddressFormField} | kwargs)
