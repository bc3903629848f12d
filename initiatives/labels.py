"""What stands beside a name in talk and answers: what someone does, never a rank."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext

from accounts.models import Role
from initiatives.models import Initiator, Post
from initiatives.stages import Part

# The roles of which people may know; the first of someone is told.
TOLD = (Role.Kind.POLICY_OFFICER, Role.Kind.COORDINATOR, Role.Kind.PROFESSIONAL, Role.Kind.HOST)


def role_of(user: str, town: str) -> ArraySubquery:
    """Return the expression for the role of the user in the town at these paths: a list with at most one."""
    order = Case(*[When(kind=kind, then=Value(place)) for place, kind in enumerate(TOLD)], output_field=IntegerField())
    roles = Role.objects.filter(user=OuterRef(user), municipality=OuterRef(town), kind__in=TOLD).order_by(order)
    return ArraySubquery(roles.values(json=JSONObject(kind="kind", label="label", organisation="organisation"))[:1])


def with_labels(posts: QuerySet[Post]) -> QuerySet[Post]:
    """Annotate `author_part` and `author_role`, of which `label_of` makes words."""
    started = Initiator.objects.filter(initiative=OuterRef("initiative"), user=OuterRef("author"))
    return posts.annotate(
        author_part=Subquery(started.values("part")[:1]), author_role=role_of("author", "initiative__municipality")
    ).annotate(author_name=F("author__first_name"))


def label_of(part: str | None, roles: list[dict[str, Any]]) -> str:
    """Return what someone does: "proposed this, library"; "takes part" for someone without a part or a role."""
    words = [_started(part)] if part else []
    words += [role_in_words(role) for role in roles]
    return ", ".join(words) or gettext("takes part")


def _started(part: str) -> str:
    return gettext("proposed this") if part == Part.PROPOSER else gettext("started this too")


def role_in_words(role: dict[str, Any]) -> str:
    """Return the work and the organisation of someone with a role, or its kind if they gave none."""
    named = ", ".join(filter(None, [role["label"], role["organisation"]]))
    return named or str(Role.Kind(role["kind"]).label)
