"""The card of one date in a list: everything in words already, and written once for as long as it reads the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override

from locations.geo import Point
from meetups import wording
from meetups.clock import local_date
from meetups.models import Attendance, Meetup, Occurrence
from meetups.models.meetup import HOST_IN_ROLE
from meetups.room import LEFT, chip_of

# What a card needs of occurrence o, meetup m and location l. Values that can be keys in memory, so no arrays.
COLUMNS = f"""
o.id, o.planned_for, o.starts_at, o.ends_at, o.theme, o.status, {LEFT},
m.slug, m.title, array_to_string(m.age_bands, ','), array_to_string(m.languages, ','), m.mode,
l.name, l.place, l.latitude, l.longitude,
array_to_string(ARRAY(
    SELECT u.first_name FROM meetups_host h JOIN accounts_user u ON u.id = h.user_id
    WHERE h.meetup_id = m.id AND {HOST_IN_ROLE} ORDER BY h.id
), ', ')"""  # noqa: S608  (no input in it)
TABLES = """
JOIN meetups_occurrence o ON o.id = shown.id
JOIN meetups_meetup m ON m.id = o.meetup_id
JOIN locations_location l ON l.id = o.location_id"""
BY_KEY = f"SELECT {COLUMNS} FROM unnest(%(keys)s::bigint[]) AS shown (id) {TABLES}"  # noqa: S608  (no input in it)


@dataclass(frozen=True, eq=False)
class Card:
    """One date in a list."""

    key: int
    url: str
    on: date
    starts_at: datetime
    times: str
    title: str
    theme: str
    place: str
    distance: str
    ages: str
    languages: str
    hosts: str
    chip: str
    chip_words: str
    is_cancelled: bool
    you: str
    point: Point

    @cached_property
    def html(self) -> SafeString:
        """The card in a list of one day."""
        return render_to_string("meetups/_occurrence_card.html", {"card": self})


def card_of(row: Sequence[Any], *, km: float | None = None, state: str | None = None) -> Card:
    """The card of a row of COLUMNS, in the active language; `km` from where one looks, `state` of one's own sign-up."""
    distance = "" if km is None else wording.distance(km)
    return _card(tuple(row), distance, state or "", get_language() or "nl")


def cards_of(keys: list[int]) -> list[Card]:
    """The cards of these dates, in this order. One query, or none."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BY_KEY, {"keys": keys})
        rows = {row[0]: row for row in cursor.fetchall()}
    found = [rows[key] for key in keys if key in rows]
    return [card_of(row) for row in found]


@lru_cache(maxsize=4096)
def _card(row: tuple[Any, ...], distance: str, state: str, language: str) -> Card:
    (
        key, planned_for, starts_at, ends_at, theme, status, left_for_newcomers, left, slug, title, age_bands,
        languages, mode, location, place, latitude, longitude, hosts,
    ) = row  # fmt: skip
    with override(language):
        is_cancelled = status == Occurrence.Status.CANCELLED
        if is_cancelled:
            chip, chip_words = "cancelled", gettext("Cancelled")
        else:
            chip, chip_words = chip_of(left_for_newcomers, left, is_walk_in=mode == Meetup.Mode.WALK_IN)
        you = ""
        if state:
            is_going = state == Attendance.State.GOING
            you = gettext("You are coming") if is_going else gettext("You are on the waiting list")
        return Card(
            key=key,
            url=reverse("occurrence", args=[slug, planned_for]),
            on=local_date(starts_at),
            starts_at=starts_at,
            times=wording.times(starts_at, ends_at),
            title=title,
            theme=theme,
            place=wording.place(location, place),
            distance=distance,
            ages=wording.ages(filter(None, age_bands.split(","))),
            languages=wording.languages(filter(None, languages.split(","))) if languages != "nl" else "",
            hosts=hosts,
            chip=chip,
            chip_words=chip_words,
            is_cancelled=is_cancelled,
            you=you,
            point=Point(latitude, longitude),
        )
