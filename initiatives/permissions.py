"""Who may do what with an initiative: named predicates, shared by views, actions and templates."""

from __future__ import annotations

from typing import Any

from initiatives.models import Initiative, Initiator, Support
from initiatives.stages import Part


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
