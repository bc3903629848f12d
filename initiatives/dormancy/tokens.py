"""Signed tokens for the links in mails about a quiet initiative, to answer without signing in."""

from __future__ import annotations

from django.core import signing

from initiatives.models import Initiator, Support
from initiatives.refusals import CannotDo, Refusal

_starters = signing.Signer(salt="initiatives.quiet", sep=".")
_heirs = signing.Signer(salt="initiatives.takeover", sep=".")


def make_for_starter(initiative_id: int, user_id: int) -> str:
    """Return the token for the links in a mail to someone who started this initiative."""
    return _starters.sign(f"{initiative_id}-{user_id}")


def starter_of(token: str) -> Initiator:
    """Return who the mail was sent to; raise CannotDo with LINK_WRONG, or PART_GONE when they left it."""
    try:
        initiative_id, _dash, user_id = _starters.unsign(token).partition("-")
        rows = Initiator.objects.filter(initiative=int(initiative_id), user=int(user_id), user__is_active=True)
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error
    found = rows.select_related("initiative__municipality", "initiative__dormancy", "user").first()
    if found is None:
        raise CannotDo(Refusal.PART_GONE)
    return found


def make_for_heir(support: Support) -> str:
    """Return the token for the link in the mail that asks someone who takes part to take it over."""
    return _heirs.sign(str(support.pk))


def heir_of(token: str) -> Support:
    """Return the commitment of who the mail was sent to; raise CannotDo with LINK_WRONG, or PART_GONE."""
    try:
        pk = int(_heirs.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error
    rows = Support.objects.live().select_related("initiative__municipality", "initiative__dormancy", "user")
    found = rows.filter(pk=pk).first()
    if found is None or (found.user is not None and not found.user.is_active):
        raise CannotDo(Refusal.PART_GONE)
    return found
