"""The content of the demo towns, read from `towns.toml`, with English versions from `english.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from initiatives.demo_data import GroupContent, IdeaContent
from locations.bilingual import in_english
from locations.theme.logos import Picture
from locations.theme.logos import read as read_logo
from meetups.demo_data import MeetupContent

SOURCE = Path(__file__).parent / "towns.toml"


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
    introduction_en: str
    locations: list[dict[str, Any]]
    meetups: list[MeetupContent]
    steady: bool = True  # False: different parents each time
    accent: str = ""
    logo: str = ""  # a file in this folder

    @property
    def slug(self) -> str:
        return self.name.lower()

    @property
    def fields(self) -> dict[str, Any]:
        """The fields for Municipality."""
        names = ("name", "slug", "cbs_code", "school_region", "latitude", "longitude", "contact_name")
        texts = ("introduction", "introduction_en")
        return {name: getattr(self, name) for name in names + texts}

    @property
    def picture(self) -> Picture | None:
        return read_logo((SOURCE.parent / self.logo).read_bytes()) if self.logo else None


@dataclass(frozen=True)
class PhotoContent:
    """What the demo photos show: of places by slug, of hosts by the key of the user."""

    places: dict[str, str]
    hosts: dict[str, str]

    def file(self, name: str) -> bytes:
        return (SOURCE.parent / "photos" / f"{name}.webp").read_bytes()


def read_photos() -> PhotoContent:
    return PhotoContent(**tomllib.loads((SOURCE.parent / "photos.toml").read_text()))


def read_ideas() -> list[IdeaContent]:
    """Return the ideas of parents, in file order."""
    with (SOURCE.parent / "ideas.toml").open("rb") as file:
        return [IdeaContent(**fields) for fields in tomllib.load(file)["idea"]]


def read_groups() -> list[GroupContent]:
    """Return the groups that existed already, in file order."""
    with (SOURCE.parent / "ideas.toml").open("rb") as file:
        return [GroupContent(**fields) for fields in tomllib.load(file)["group"]]


def read_towns() -> list[TownContent]:
    """Return the ten towns in file order."""
    with SOURCE.open("rb") as file:
        towns = tomllib.load(file)["town"]
    english = tomllib.loads((SOURCE.parent / "english.toml").read_text())
    return [
        TownContent(
            locations=[
                _location(fields, town["name"], english.get(fields["slug"], {})) for fields in town.pop("location")
            ],
            meetups=[
                MeetupContent(**fields | _stripped(fields), english=_stripped(english.get(fields["slug"], {})))
                for fields in town.pop("meetup")
            ],
            introduction_en=english.get(town["name"].lower(), {}).get("introduction", ""),
            **town,
        )
        for town in towns
    ]


def _stripped(fields: dict[str, Any]) -> dict[str, str]:
    return {key: value.strip() for key, value in fields.items() if isinstance(value, str)}


def _location(fields: dict[str, Any], town: str, english: dict[str, str]) -> dict[str, Any]:
    """Return fields for Location: "+pram_space -quiet_room" becomes yes and no, `replaced_by` stays a slug."""
    marks = fields.pop("facilities", "").split()
    texts = {in_english(name): text for name, text in english.items()}
    return {"place": town, **fields, **texts, **{mark[1:]: mark[0] == "+" for mark in marks}}
