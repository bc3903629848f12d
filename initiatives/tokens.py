"""Signed tokens for links in mails: about one commitment, or one invitation. The page shows what can be done now."""

from __future__ import annotations

from django.core import signing

from initiatives.models import Invitation, Support
from initiatives.refusals import CannotDo, Refusal

_signer = signing.Signer(salt="initiatives.support", sep=".")
_invitations = signing.Signer(salt="initiatives.invitation", sep=".")


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
    try:
        return int(_invitations.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error
