"""Who may see the figures of a town: its policy officers and its coordinators. Nobody sees a name, not even staff."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Role
from locations.models import Municipality

MAY_SEE = (Role.Kind.POLICY_OFFICER, Role.Kind.COORDINATOR)


def towns_visible_to(user: Any) -> QuerySet[Municipality]:
    """Return the towns whose figures `user` may see. Start every view here, so that no check can be forgotten."""
    return Municipality.objects.filter(pk__in=Role.objects.of(user, *MAY_SEE).values("municipality")).order_by("name")
