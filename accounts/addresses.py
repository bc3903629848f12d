"""Which e-mail addresses a mail can be sent to. Django's own check lets some through that no mail server takes."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

LONGEST = 254  # as long as the columns; RFC 5321, 4.5.3.1.3
LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1


def check_address(email: str) -> None:
    """Raise ValidationError for an address at a machine instead of a domain, or one too long for a mail.

    What Django's own check refuses already is left to that one.
    """
    try:
        validate_email(email)
    except ValidationError:
        return
    local_part, _at, domain = email.lower().rpartition("@")  # in small letters, as it is kept: some grow by that
    try:
        domain.encode("idna")
        is_sendable = "." in domain and not domain.startswith("[")
    except UnicodeError:  # a part of more than 63 letters as it goes over the wire
        is_sendable = False
    if not is_sendable or len(local_part) > LONGEST_LOCAL_PART or len(email.lower()) > LONGEST:
        raise ValidationError(_("This is not an e-mail address we can use. Is there a typing error in it?"))
