"""Demo photos: given like any other, so that the worker of the demo makes them."""

from datetime import datetime
from typing import Any

from photos import actions
from photos.models import Photo
from photos.shapes import SHAPES


def give(given_by: Any, *, purpose: str, shape: str, data: bytes, description: str, now: datetime) -> Photo:
    """Give a photo without recognisable children, and make it part of the page it is for."""
    photo = actions.receive(given_by=given_by, purpose=purpose, shape=SHAPES[shape], data=data, now=now)
    return actions.attach(
        photo=photo, by=given_by, purpose=purpose, description=description, children=Photo.Children.NONE, now=now
    )
