"""What people write about meetups and places: one line per kind of thing in the registry of moderation."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from locations.models import Location, Municipality
from locations.visibility import Visibility
from meetups.models import Host, Meetup, Occurrence
from meetups.schedule.actions import stamps
from moderation import pictures
from moderation.kinds import PHOTO_REASONS, Kind, register
from page_cache import versions
from photos.models import Photo


def _set_visibility_of_meetup(meetup: Meetup, visibility: Visibility, *, now: datetime) -> None:
    meetup.visibility = visibility
    with stamps.changing(meetup, ["title"], now=now):  # calendars of people who signed up lose or regain its texts
        meetup.save(update_fields=["visibility"])
    versions.invalidate(*meetup.town_ids())


def _write_meetup(meetup: Meetup, texts: dict[str, str], *, now: datetime) -> None:
    for name, text in texts.items():
        setattr(meetup, name, text)
    with stamps.changing(meetup, texts, now=now):
        meetup.save(update_fields=[*texts])
    versions.invalidate(*meetup.town_ids())


MEETUP = register(
    Kind(
        key="meetup",
        name=_("meetup"),
        things=lambda: Meetup.objects.select_related("location__municipality", "created_by"),
        town=lambda meetup: meetup.location.municipality,
        writer=lambda meetup: meetup.created_by,
        title=lambda meetup: meetup.title,
        url=Meetup.get_absolute_url,
        texts=Meetup.TEXTS,
        people=lambda meetup: meetup.hosts.values_list("user_id", flat=True),
        set_visibility=_set_visibility_of_meetup,
        write=_write_meetup,
    )
)


def _set_visibility_of_date(occurrence: Occurrence, visibility: Visibility, *, now: datetime) -> None:
    occurrence.visibility = visibility
    stamps.save_change(occurrence, "visibility", now=now)


def _write_date(occurrence: Occurrence, texts: dict[str, str], *, now: datetime) -> None:
    if not occurrence.is_cancelled:  # restored since: there is nothing to give a reason for
        texts = {name: text for name, text in texts.items() if name != "cancel_reason"}
    for name, text in texts.items():
        setattr(occurrence, name, text)
    stamps.save_change(occurrence, *texts, now=now)


DATE = register(
    Kind(
        key="date",
        name=_("text about one date"),
        things=lambda: Occurrence.objects.select_related(
            "meetup__location__municipality", "meetup__created_by", "location"
        ),
        town=lambda occurrence: occurrence.meetup.location.municipality,
        writer=lambda occurrence: occurrence.meetup.created_by,
        title=lambda occurrence: f"{occurrence.meetup.title}, {occurrence.local_date:%-d-%-m-%Y}",
        url=Occurrence.get_absolute_url,
        page_visibility=lambda occurrence: occurrence.meetup.visibility,
        texts=Occurrence.TEXTS,
        people=lambda occurrence: occurrence.meetup.hosts.values_list("user_id", flat=True),
        set_visibility=_set_visibility_of_date,
        write=_write_date,
        hides_on_report=True,
    )
)


def _set_visibility_of_welcome(host: Host, visibility: Visibility, *, now: datetime) -> None:
    host.visibility = visibility
    host.save(update_fields=["visibility"])
    versions.invalidate_pages(*host.meetup.town_ids())


def _write_welcome(host: Host, texts: dict[str, str], *, now: datetime) -> None:
    host.welcome = texts["welcome"]
    host.save(update_fields=["welcome"])
    versions.invalidate_pages(*host.meetup.town_ids())


WELCOME = register(
    Kind(
        key="welcome",
        name=_("words of welcome"),
        things=lambda: Host.objects.select_related("meetup__location__municipality", "user"),
        town=lambda host: host.meetup.location.municipality,
        writer=lambda host: host.user,
        person=lambda host: host.user,
        title=lambda host: f"{host.user.first_name}, {host.meetup.title}",
        url=lambda host: host.meetup.get_absolute_url(),
        texts=("welcome",),
        set_visibility=_set_visibility_of_welcome,
        write=_write_welcome,
        page_visibility=lambda host: host.meetup.visibility,
        is_of_writer=True,
        hides_on_report=True,
    )
)


def _set_visibility_of_place(location: Location, visibility: Visibility, *, now: datetime) -> None:
    with stamps.changing(location, Location.TEXTS, now=now):  # it locks the dates before the place
        Location.objects.filter(pk=location.pk).update(visibility=visibility)
    location.visibility = visibility
    visited = Meetup.objects.filter(occurrences__location=location).values_list("location__municipality", flat=True)
    versions.invalidate(location.municipality_id, *visited.distinct())


PLACE = register(
    Kind(
        key="place",
        name=_("place"),
        things=lambda: Location.objects.select_related("municipality"),
        town=lambda location: location.municipality,
        writer=lambda location: None,
        title=lambda location: location.name,
        url=Location.get_absolute_url,
        texts=Location.TEXTS,
        set_visibility=_set_visibility_of_place,
        locks=False,
    )
)


def _shown_by(photo: Photo) -> Host | Location:
    """Return the host or the place that the photo shows."""
    return photo.host if hasattr(photo, "host") else photo.location


def _town_of_photo(photo: Photo) -> Municipality:
    shown_by = _shown_by(photo)
    return (shown_by.meetup.location if isinstance(shown_by, Host) else shown_by).municipality


def _url_of_photo(photo: Photo) -> str:
    shown_by = _shown_by(photo)
    return (shown_by.meetup if isinstance(shown_by, Host) else shown_by).get_absolute_url()


PHOTO = register(
    Kind(
        key="photo",
        name=_("photo"),
        things=lambda: Photo.objects.select_related(
            "given_by", "host__user", "host__meetup__location__municipality", "location__municipality"
        ).filter(Q(host__isnull=False) | Q(location__isnull=False)),
        town=_town_of_photo,
        writer=lambda photo: photo.given_by,
        person=lambda photo: photo.host.user if hasattr(photo, "host") else None,
        people=lambda photo: [photo.host.user_id] if hasattr(photo, "host") else [],
        title=lambda photo: photo.description,
        url=_url_of_photo,
        texts=("description",),
        reasons=PHOTO_REASONS,
        set_visibility=pictures.set_visibility,
        hides_on_report=True,
        is_of_writer=True,
        picture=pictures.read,
        page_visibility=lambda photo: photo.host.meetup.visibility if hasattr(photo, "host") else Visibility.SHOWN,
        locks=False,  # its actions lock what it was given for before the photo
    )
)
