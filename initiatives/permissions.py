"""Who may do what with an initiative: named predicates, shared by views, actions and templates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import Role, User
from initiatives.models import Audience, Claim, ClaimQuerySet, Initiative, Initiator, Support
from initiatives.stages import INITIATORS, Part
from meetups.permissions import coordinated_towns
from moderation.permissions import officials


def parts_of(user: Any, initiative: Initiative) -> frozenset[Part]:
    """Return what `user` is to this initiative; two queries at most, none for a stranger."""
    if not user.is_authenticated:
        return frozenset({Part.ANYONE})
    own = Initiator.objects.filter(initiative=initiative, user_id=user.pk).values_list("part", flat=True).first()
    if own is not None:
        return frozenset({Part(own)})
    takes_part = Support.objects.filter(initiative=initiative).of(user).live().exists()
    return frozenset({Part.SUPPORTER if takes_part else Part.ANYONE})


def started(user: Any, initiative: Initiative) -> bool:
    """Whether `user` started this initiative, alone or with others."""
    return user.is_authenticated and Initiator.objects.filter(initiative=initiative, user_id=user.pk).exists()


def audiences_of(user: Any, initiative: Initiative, parts: Collection[Part]) -> frozenset[Audience]:
    """Return for which audiences `user`, who has these parts, reads the talk; none: they see nothing of it.

    Who started it reads everything; so do those who take part, and professionals and coordinators of the town. Whoever
    works for the municipality reads only what its author let the municipality read, also if they take part themselves.
    """
    if not user.is_authenticated or not initiative.is_public:
        return frozenset()
    if INITIATORS.intersection(parts):
        return frozenset(Audience)
    if Part.SUPPORTER not in parts and not _works_in(user, initiative.municipality_id):
        return frozenset()
    if is_of_municipality(user, initiative):
        return frozenset({Audience.MUNICIPALITY})
    return frozenset(Audience)


def audiences_to_choose(user: Any, initiative: Initiative) -> list[Audience]:
    """Return for whom someone who takes part in the talk can write: who reads only a part, writes for all."""
    return [Audience.MUNICIPALITY] if is_of_municipality(user, initiative) else list(Audience)


def _works_in(user: Any, town_id: int) -> bool:
    kinds = (Role.Kind.PROFESSIONAL, Role.Kind.COORDINATOR, Role.Kind.POLICY_OFFICER)
    return bool(user.role_kinds) and Role.objects.of(user, *kinds).filter(municipality=town_id).exists()


def is_of_municipality(user: Any, initiative: Initiative) -> bool:
    """Whether `user` works for the municipality of this initiative, with or without a second factor."""
    return bool(user.role_kinds) and officials(initiative.municipality).filter(pk=user.pk).exists()


def may_ask(user: Any, initiative: Initiative, parts: Collection[Part]) -> bool:
    """Whether `user`, who has these parts, may ask the municipality something: not if they work there."""
    takes_part = Part.SUPPORTER in parts or INITIATORS.intersection(parts)
    return bool(user.is_authenticated and takes_part) and not is_of_municipality(user, initiative)


def may_answer(user: Any, initiative: Initiative) -> bool:
    """Whether `user` may answer questions to the municipality: as a policy officer of the town, in force."""
    if not user.is_authenticated or Role.Kind.POLICY_OFFICER not in user.role_kinds:
        return False
    roles = Role.objects.of(user, Role.Kind.POLICY_OFFICER)
    return roles.filter(municipality=initiative.municipality_id).exists()


def claims_to_check(user: Any) -> ClaimQuerySet:
    """Return the claims of groups that `user` may answer: in towns they coordinate, and never their own."""
    claims = Claim.objects.filter(group__initiative__municipality__in=coordinated_towns(user))
    return claims.exclude(by_id=user.pk)


def may_check(user: Any, claim: Claim) -> bool:
    """Whether `user` may answer this claim of a group."""
    return user.is_authenticated and claims_to_check(user).filter(pk=claim.pk).exists()


def may_be_asked_to_check(user: User, claim: Claim) -> bool:
    """Whether a mail to `user` may tell of this claim; there is no session, so no second factor is asked."""
    town = claim.group.initiative.municipality_id
    roles = Role.objects.held_by(user).filter(kind=Role.Kind.COORDINATOR, municipality=town)
    return user.is_active and user.pk != claim.by_id and roles.exists()
