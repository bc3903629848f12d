"""Signed tokens for links in mails, each about one commitment; the page shows what can be done with it now."""

from __future__ import annotations

from django.core import signing

from initiatives.models import Support
from initiatives.refusals import CannotDo, Refusal

_signer = signing.Signer(salt="initiatives.support", sep=".")


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
