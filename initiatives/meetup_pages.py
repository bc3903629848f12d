"""The page of a meetup shows out of which initiative it grew."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from initiatives.models import Initiative
from meetups import origins

_public = Initiative.objects.public().filter(meetup=OuterRef("pk")).order_by()


def _read(found: Any) -> origins.Origin:
    return origins.Origin(title=found["title"], url=reverse("initiative", args=[found["slug"]]))


origins.register(
    origins.Source(expression=Subquery(_public.values(json=JSONObject(title="title", slug="slug"))[:1]), read=_read)
)
