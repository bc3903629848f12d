"""The demo photos: drawn by our own code, each of something in the demo, and good enough for our own rules."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from demo.data.content import SOURCE, read_photos, read_towns
from photos import headers
from photos.descriptions import says_something
from photos.models import MAX_DESCRIPTION
from photos.shapes import PORTRAIT, WIDE
from tools.demo_photos import faces, places

CONTENT = read_photos()
FILES = {path.stem for path in (SOURCE.parent / "photos").glob("*.webp")}


def test_every_photo_is_drawn_and_described():
    assert set(CONTENT.places) == set(places.PLACES)
    assert set(CONTENT.hosts) == set(faces.FACES)
    assert set(CONTENT.places) | set(CONTENT.hosts) == FILES


def test_every_photo_is_of_something_in_the_demo():
    towns = read_towns()
    assert set(CONTENT.places) <= {place["slug"] for town in towns for place in town.locations}
    hosts = {
        name if "." in name else f"{name.lower()}.gast.{town.slug}"
        for town in towns
        for meetup in town.meetups
        for name in meetup.hosts
    }
    assert set(CONTENT.hosts) <= hosts
    assert len({town.slug for town in towns for place in town.locations if place["slug"] in CONTENT.places}) == 10


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_demo_photo_follows_our_own_rules(name):
    data = CONTENT.file(name)
    shape = WIDE if name in CONTENT.places else PORTRAIT
    header = headers.read(data)
    assert (header.kind, header.width, header.height) == ("WEBP", shape.largest, shape.height(shape.largest))
    text = (CONTENT.places | CONTENT.hosts)[name]
    assert says_something(text)
    assert len(text) <= MAX_DESCRIPTION


@pytest.mark.parametrize("name", ["weusthagpark-hengelo", "marieke.hengelo"])
def test_the_code_draws_what_is_in_the_repository(name):
    """The same seed gives the same drawing; the encoder may differ a little."""
    drawn = (
        places.draw(name, list(places.PLACES).index(name))
        if name in places.PLACES
        else faces.draw(faces.FACES[name], list(faces.FACES).index(name))
    )
    kept = Image.open(BytesIO(CONTENT.file(name))).convert("RGB")
    difference = ImageStat.Stat(ImageChops.difference(drawn, kept))
    assert max(difference.mean) < 4
