"""What the towns of the demo are, read from `towns.toml`."""

import tomllib
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from locations.logos import Picture
from locations.logos import read as read_logo

SOURCE = Path(__file__).parent / "towns.toml"


@dataclass(frozen=True)
class MeetupContent:
    """A meetup in words, and how it goes there."""

    slug: str
    location: str
    title: str
    kind: str
    summary: str
    description: str
    greeting: str
    cost: str
    stay: str
    age_bands: list[str]
    languages: list[str]
    mode: str
    rrule: str
    start: time
    end: time
    hosts: list[str]  # keys of the cast, or first names
    welcome: str
    regulars: int  # families that keep coming
    newcomers: int  # new families a month
    walk_ins: int  # adults a time who give no name
    capacity: int | None = None
    newcomer_places: int = 0
    past_rrule: str = ""  # the rhythm of earlier, when it was another
    skip_public_holidays: bool = True
    skip_school_holidays: bool = False
    other_locations: list[str] = field(default_factory=list)  # where it wandered to
    themes: list[str] = field(default_factory=list)
    started_weeks_ago: int = 10_000
    often_cancelled: bool = False


@dataclass(frozen=True)
class TownContent:
    """A town, its places (as fields of Location) and its meetups."""

    name: str
    cbs_code: str
    school_region: str
    latitude: float
    longitude: float
    introduction: str
    contact_name: str
    locations: list[dict[str, Any]]
    meetups: list[MeetupContent]
    steady: bool = True  # False: other parents each time
    accent: str = ""
    logo: str = ""  # a file in this folder

    @property
    def slug(self) -> str:
        return self.name.lower()

    @property
    def picture(self) -> Picture | None:
        return read_logo((SOURCE.parent / self.logo).read_bytes()) if self.logo else None


def read_towns() -> list[TownContent]:
    """Return the ten towns in the order of the file."""
    with SOURCE.open("rb") as file:
        towns = tomllib.load(file)["town"]
    return [
        TownContent(
            locations=[_location(fields, town["name"]) for fields in town.pop("location")],
            meetups=[MeetupContent(**fields | _stripped(fields)) for fields in town.pop("meetup")],
            **town,
        )
        for town in towns
    ]


def _stripped(fields: dict[str, Any]) -> dict[str, str]:
    return {key: value.strip() for key, value in fields.items() if isinstance(value, str)}


def _location(fields: dict[str, Any], town: str) -> dict[str, Any]:
    """Return fields for Location: "+pram_space -quiet_room" becomes yes and no, `replaced_by` stays a slug."""
    marks = fields.pop("facilities", "").split()
    return {"place": town, **fields, **{mark[1:]: mark[0] == "+" for mark in marks}}
