"""Links in mails that prove whose sign-up they are about: signed, and good for one purpose only."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from meetups.models import Attendance
from meetups.refusals import CannotDo, Refusal

MAX_AGE: dict[str, timedelta | None] = {
    "confirm": timedelta(hours=24),
    "withdraw": None,  # as long as the date is not over
}


def make(purpose: str, attendance: Attendance) -> str:
    """Return the token for a link about `attendance`; `purpose` is a key of MAX_AGE."""
    return _signer(purpose).sign(f"{attendance.pk}-{attendance.occurrence_id}-{_address_digest(attendance)}")


def read(purpose: str, token: str, max_age: timedelta | None = None) -> int:
    """Return the key of the attendance; raise CannotDo with LINK_EXPIRED or LINK_WRONG."""
    try:
        return int(_signer(purpose).unsign(token, max_age=max_age or MAX_AGE[purpose]).partition("-")[0])
    except signing.SignatureExpired as error:
        raise CannotDo(Refusal.LINK_EXPIRED) from error
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error


def issued_at(token: str) -> int:
    """Return the second (Unix time) at which a token that `read` took was made."""
    return signing.b62_decode(token.rsplit(".", 2)[1])


def find_same_person(purpose: str, token: str) -> Attendance | None:
    """Find the other sign-up of the person in the link: who asked as a guest and then joined with an account has one.

    Only for a token that `read` took. The address itself stands in no link, only its mark.
    """
    _pk, _dash, rest = _signer(purpose).unsign(token).partition("-")
    occurrence_id, _dash, mark = rest.partition("-")
    if not mark:
        return None
    rows = Attendance.objects.filter(occurrence=int(occurrence_id)).select_related("user").live_first()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return next((row for row in rows if row.email and mark in {_address_digest(row, key) for key in keys}), None)


def _address_digest(attendance: Attendance, key: str | None = None) -> str:
    """Sixteen characters that stand for an address at one date, and tell nothing about it."""
    words = f"{attendance.occurrence_id}:{attendance.email}"
    return salted_hmac("meetups.attending.tokens.address", words, key, algorithm="sha256").hexdigest()[:16]


def _signer(purpose: str) -> signing.TimestampSigner:
    if purpose not in MAX_AGE:
        raise ValueError(f"No such purpose: {purpose}")
    return signing.TimestampSigner(salt=f"meetups.tokens.{purpose}", sep=".")
