"""Signed tokens for links in mails, each about one sign-up and valid for one purpose."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from meetups.models import Attendance
from meetups.refusals import CannotDo, Refusal

MAX_AGE: dict[str, timedelta | None] = {
    "confirm": timedelta(hours=24),
    "withdraw": None,  # valid until the date is over
}


def make(purpose: str, attendance: Attendance) -> str:
    """Return the token for a link about `attendance`; `purpose` is a key of MAX_AGE."""
    return _signer(purpose).sign(f"{attendance.pk}-{attendance.occurrence_id}-{_address_digest(attendance)}")


def read(purpose: str, token: str, max_age: timedelta | None = None) -> int:
    """Return the id of the attendance; raise CannotDo with LINK_EXPIRED or LINK_WRONG."""
    try:
        return int(_signer(purpose).unsign(token, max_age=max_age or MAX_AGE[purpose]).partition("-")[0])
    except signing.SignatureExpired as error:
        raise CannotDo(Refusal.LINK_EXPIRED) from error
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error


def issued_at(token: str) -> int:
    """Return when the token was issued, in Unix seconds; only for a token that `read` accepted."""
    return signing.b62_decode(token.rsplit(".", 2)[1])


def find_same_person(purpose: str, token: str) -> Attendance | None:
    """Return another sign-up of the same person: of a guest who later joined with an account; None if there is none.

    Only for a token that `read` accepted. The token contains a digest of the e-mail address, not the address itself.
    """
    _pk, _dash, rest = _signer(purpose).unsign(token).partition("-")
    occurrence_id, _dash, digest = rest.partition("-")
    if not digest:
        return None
    rows = Attendance.objects.filter(occurrence=int(occurrence_id)).select_related("user").live_first()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return next((row for row in rows if row.email and digest in {_address_digest(row, key) for key in keys}), None)


def _address_digest(attendance: Attendance, key: str | None = None) -> str:
    """Return a keyed digest of the e-mail address for one date: 16 hex characters."""
    value = f"{attendance.occurrence_id}:{attendance.email}"
    return salted_hmac("meetups.attending.tokens.address", value, key, algorithm="sha256").hexdigest()[:16]


def _signer(purpose: str) -> signing.TimestampSigner:
    if purpose not in MAX_AGE:
        raise ValueError(f"No such purpose: {purpose}")
    return signing.TimestampSigner(salt=f"meetups.tokens.{purpose}", sep=".")
