"""Signed tokens for the links in mails about a group that exists already; they hold no name and no word of anyone."""

from __future__ import annotations

from django.core import signing

from initiatives.models import ExistingGroup
from initiatives.refusals import CannotDo, Refusal

_of_people = signing.Signer(salt="initiatives.existing.people", sep=".")
_of_lister = signing.Signer(salt="initiatives.existing.lister", sep=".")


def make_for_people(group: ExistingGroup) -> str:
    """Return the token for the link in a mail to the address of the group."""
    return _of_people.sign(str(group.pk))


def make_for_lister(group: ExistingGroup) -> str:
    """Return the token with which a guest confirms that they want to list a group."""
    return _of_lister.sign(str(group.pk))


def read_of_people(token: str) -> int:
    """Return the id of the group whose people have this link; raise CannotDo(LINK_WRONG)."""
    return _read(_of_people, token)


def read_of_lister(token: str) -> int:
    """Return the id of the group that a guest lists; raise CannotDo(LINK_WRONG)."""
    return _read(_of_lister, token)


def _read(signer: signing.Signer, token: str) -> int:
    try:
        return int(signer.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise CannotDo(Refusal.LINK_WRONG) from error
