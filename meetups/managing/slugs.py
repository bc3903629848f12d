"""Unique slugs for meetups, based on the title."""

from django.db import connection
from django.db.models import Q
from django.utils.text import slugify

from locations.models import Location
from meetups.models import Meetup

RESERVED_SLUGS = {"", "nieuw", "voorbeeld"}  # paths under /beheer/bijeenkomsten/


def lock_slugs() -> None:
    """Take a lock until the transaction ends, so that two new meetups cannot get the same slug."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('meetups_meetup.slug'))")


def free_slug(title: str, location: Location) -> str:
    """Return the slugified title; if taken, add the town, and then a number."""
    base = slugify(title)[:80].strip("-")
    town = location.municipality.slug
    stem = f"{base}-{town}"[:95].strip("-") if base else f"bijeenkomst-{town}"[:95]
    taken = (
        set(Meetup.objects.filter(Q(slug=base) | Q(slug__startswith=stem)).values_list("slug", flat=True))
        | RESERVED_SLUGS
    )
    if base not in taken:
        return base
    number, slug = 2, stem
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug
