"""Signed tokens for links in mails, each about one row; the page shows what can be done with it now."""

from __future__ import annotations

from django.core import signing

from initiatives.models import Invitation, Merge, PlaceRequest, Support
from initiatives.refusals import CannotDo, Refusal

_signer = signing.Signer(salt="initiatives.support", sep=".")
_invitations = signing.Signer(salt="initiatives.invitation", sep=".")
_place_requests = signing.Signer(salt="initiatives.place_request", sep=".")
_merges = signing.Signer(salt="initiatives.merge", sep=".")
_first_dates = signing.Signer(salt="initiatives.first_date", sep=".")


def make(support: Support) -> str:
    """Return the token for a link in a mail to who made this commitment."""
    return _signer.sign(f"{support.pk}-{int(support.asked_at.timestamp())}")


def read(token: str) -> tuple[int, int]:
    """Return the id of the commitment, and when it was asked for in Unix seconds; raise CannotDo(LINK_WRONG)."""
    try:
        pk, _dash, asked_at = _signer.unsign(token).partition("-")
        return int(pk), int(asked_at)
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error


def make_for_invitation(invitation: Invitation) -> str:
    """Return the token for the link in an invitation."""
    return _invitations.sign(str(invitation.pk))


def read_invitation(token: str) -> int:
    """Return the id of the invitation; raise CannotDo(LINK_WRONG)."""
    return _read_pk(_invitations, token)


def make_for_place(request: PlaceRequest) -> str:
    """Return the token for the links in mails to a place about this request."""
    return _place_requests.sign(str(request.pk))


def read_for_place(token: str) -> int:
    """Return the id of the request to a place; raise CannotDo(LINK_WRONG)."""
    return _read_pk(_place_requests, token)


def make_for_merge(merge: Merge, user_id: int) -> str:
    """Return the token for the link with which this user, who started one of both ideas, answers."""
    return _merges.sign(f"{merge.pk}-{user_id}")


def read_for_merge(token: str) -> tuple[int, int]:
    """Return the ids of the question and of who answers; raise CannotDo(LINK_WRONG)."""
    try:
        pk, _dash, user_id = _merges.unsign(token).partition("-")
        return int(pk), int(user_id)
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error


def make_for_first_date(support: Support) -> str:
    """Return the token for the link in the invitation of everyone with the address of this commitment."""
    return _first_dates.sign(str(support.pk))


def read_for_first_date(token: str) -> int:
    """Return the id of the commitment of who was invited; raise CannotDo(LINK_WRONG)."""
    return _read_pk(_first_dates, token)


def _read_pk(signer: signing.Signer, token: str) -> int:
    try:
        return int(signer.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error
