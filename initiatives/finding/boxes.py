"""Ideas on the pages of something else: read in the query of that page, so that it costs none of its own."""

from __future__ import annotations

from typing import Any, cast

from django.db import connection
from django.db.models import JSONField, OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from initiatives.finding.cards import COLUMNS, LISTED, UNBLOCKED, IdeaCard, cards_of
from initiatives.finding.query import near
from initiatives.models import Initiative
from locations.geo import Circle
from locations.models import Location, LocationQuerySet, Municipality, MunicipalityQuerySet
from meetups import beside
from meetups.beside import Place, Section
from meetups.models import Meetup, MeetupQuerySet, Occurrence

ON_TOWN_PAGE = 6
ON_OTHER_PAGE = 4
ON_FRONT_PAGE = 2
AFTER_JOINING = 2
NEWEST = "ORDER BY i.published_at DESC, i.id DESC"


def with_ideas_of_town(towns: MunicipalityQuerySet, user: Any) -> MunicipalityQuerySet:
    """Annotate `ideas` for `cards_of`: the newest ones of the town that `user` may see."""
    return towns.annotate(ideas=_rows("i.municipality_id = locations_municipality.id", ON_TOWN_PAGE, user))


def with_ideas_of_place(places: LocationQuerySet, user: Any) -> LocationQuerySet:
    """Annotate `ideas` for `cards_of`: those wished at the place, or born there."""
    here = "(i.wished_place_id = locations_location.id OR i.born_at_place_id = locations_location.id)"
    return places.annotate(ideas=_rows(here, ON_OTHER_PAGE, user))


def ideas_of(thing: Municipality | Location | Meetup) -> list[IdeaCard]:
    """Return the cards of the ideas that `with_ideas_of_...` annotated."""
    return cards_of(thing.ideas)  # type: ignore[union-attr]


def _rows(where: str, most: int, user: Any) -> RawSQL:
    """Return an annotation with the ideas that meet this condition, in SQL, on initiative i; as rows for `cards_of`."""
    unblocked, parameters = "true", []
    if user.is_authenticated:
        unblocked, parameters = UNBLOCKED.replace("%(user)s", "%s"), [user.pk]
    text = f"""to_jsonb(ARRAY(
        SELECT jsonb_build_array({COLUMNS})
        FROM initiatives_initiative i JOIN locations_municipality town ON town.id = i.municipality_id
        WHERE {LISTED} AND {where} AND {unblocked} {NEWEST} LIMIT {most}
    ))"""  # noqa: S608  (every value is a parameter)
    return RawSQL(text, parameters, output_field=JSONField())  # noqa: S611


NOWHERE = "SELECT NULL::bigint AS id WHERE false"


def near_or_newest(circle: Circle | None, user: Any, most: int = ON_FRONT_PAGE) -> tuple[list[IdeaCard], bool]:
    """Return ideas within the circle, or else the newest ones anywhere, and whether they are near. One query."""
    parameters: dict[str, Any] = circle.parameters() if circle else {}
    own_lists = "true"
    if user.is_authenticated:
        own_lists, parameters["user"] = UNBLOCKED, user.pk
    found = near(f"{LISTED} AND {own_lists}", most) if circle else NOWHERE
    text = f"""
    WITH near AS MATERIALIZED ({found}), elsewhere AS (
        SELECT i.id, i.published_at FROM initiatives_initiative i
        WHERE NOT EXISTS (SELECT FROM near) AND {LISTED} AND {own_lists} {NEWEST} LIMIT {most}
    )
    SELECT shown.is_near, {COLUMNS}
    FROM (SELECT id, true AS is_near FROM near UNION ALL SELECT id, false FROM elsewhere) AS shown
    JOIN initiatives_initiative i ON i.id = shown.id JOIN locations_municipality town ON town.id = i.municipality_id
    {NEWEST}"""  # noqa: S608  (every value is a parameter)
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        rows = cursor.fetchall()
    return cards_of(row[1:] for row in rows), any(row[0] for row in rows)


def newest_of_town(town: Municipality, user: Any, most: int = AFTER_JOINING) -> list[IdeaCard]:
    """Return the newest ideas of a town that `user` may see. One query."""
    rows = Municipality.objects.filter(pk=town.pk)
    found = rows.annotate(ideas=_rows("i.municipality_id = locations_municipality.id", most, user)).first()
    return ideas_of(found) if found else []


def _with_origin(meetups: MeetupQuerySet, user: Any) -> MeetupQuerySet:
    """Annotate `origin`: the idea out of which a meetup grew, if everyone may see it, as JSON."""
    ideas = Initiative.objects.public().filter(meetup=OuterRef("pk")).order_by()
    origin = Subquery(ideas.values(json=JSONObject(title="title", slug="slug"))[:1])
    return cast(MeetupQuerySet, meetups.annotate(origin=origin))


def _with_grown(meetups: MeetupQuerySet, user: Any) -> MeetupQuerySet:
    """Annotate `ideas` for `cards_of`: those that grew out of the meetup."""
    here = "i.born_at_meetup_id = meetups_meetup.id"
    return cast(MeetupQuerySet, meetups.annotate(ideas=_rows(here, ON_OTHER_PAGE, user)))


def _of_town(occurrence: Occurrence, user: Any) -> list[IdeaCard]:
    return newest_of_town(occurrence.location.municipality, user)


beside.register(
    Section(
        place=Place.HEADING,
        template="initiatives/_origin.html",
        shown=lambda meetup, user: meetup.origin,
        annotate=_with_origin,
    )
)
beside.register(
    Section(
        place=Place.MEETUP,
        template="initiatives/_grown.html",
        shown=lambda meetup, user: ideas_of(meetup),
        annotate=_with_grown,
        is_shown_empty=True,
    )
)
beside.register(Section(place=Place.JOINED, template="initiatives/_after_joining.html", shown=_of_town))
