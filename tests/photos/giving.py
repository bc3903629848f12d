"""Giving a photo by the page for it, as a person does, and letting the worker make it."""

from io import BytesIO
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from locations.models import Location
from meetups.models import Host
from photos import settling
from photos.models import Photo
from tests.photos.pictures import make_photo_file

TYPED = {"description": "Een lange tafel met kopjes bij het raam", "children": "none"}


def a_file(data: bytes, name: str = "IMG_1.jpg", content_type: str = "image/jpeg") -> BytesIO:
    file = BytesIO(data)
    file.name, file.content_type = name, content_type
    return file


def page_of(target: Host | Location) -> str:
    if isinstance(target, Host):
        return reverse("host_portrait", args=[target.meetup.slug, target.pk])
    return reverse("location_photo", args=[target.slug])


def send(client: Client, target: Host | Location, data: bytes | None = None, **typed: Any) -> Any:
    """Send the form; without `data` a JPEG."""
    file = a_file(make_photo_file() if data is None else data)
    return client.post(page_of(target), TYPED | {"photo": file} | typed)


def settle() -> None:
    """Do what the worker does, until nothing is left."""
    while settling.settle_next(now=timezone.now()):
        pass


def given(target: Host | Location) -> Photo | None:
    """Return the photo of this host or place, as it is now."""
    target.refresh_from_db()
    return target.portrait if isinstance(target, Host) else target.photo
