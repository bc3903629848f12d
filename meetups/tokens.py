"""Links in mails that prove whose sign-up they are about: signed, and good for one purpose only."""

from datetime import timedelta

from django.core import signing

from meetups.models import Attendance
from meetups.refusals import CannotDo, Refusal

MAX_AGE: dict[str, timedelta | None] = {
    "confirm": timedelta(hours=24),
    "withdraw": None,  # as long as the date is not over
}


def make(purpose: str, attendance: Attendance) -> str:
    """Return the token for a link about `attendance`; `purpose` is a key of MAX_AGE."""
    return _signer(purpose).sign(str(attendance.pk))


def read(purpose: str, token: str, max_age: timedelta | None = None) -> int:
    """Return the key of the attendance; raise CannotDo with LINK_EXPIRED or LINK_WRONG."""
    try:
        return int(_signer(purpose).unsign(token, max_age=max_age or MAX_AGE[purpose]))
    except signing.SignatureExpired as error:
        raise CannotDo(Refusal.LINK_EXPIRED) from error
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error


def _signer(purpose: str) -> signing.TimestampSigner:
    if purpose not in MAX_AGE:
        raise ValueError(f"No such purpose: {purpose}")
    return signing.TimestampSigner(salt=f"meetups.tokens.{purpose}", sep=".")
