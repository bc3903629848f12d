"""Unique slugs for initiatives, based on the title."""

from django.db import connection
from django.db.models import Q
from django.utils.text import slugify

from initiatives.models import Initiative
from locations.models import Municipality

# Paths under /initiatieven/.
RESERVED = {
    "",
    "nieuw",
    "lijkt-op",
    "link",
    "plek",
    "plekken",
    "eerste-keer",
    "kaart",
    "volgen",
    "samen-verder",
    "mee-verder",
    "bestaat-al",
    "groep",
    "stil",
    "overnemen",
}


def lock_slugs() -> None:
    """Take a lock until the transaction ends, so that two new initiatives cannot get the same slug."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('initiatives_initiative.slug'))")


def free_slug(title: str, town: Municipality) -> str:
    """Return the slugified title; if taken, add the town, and then a number."""
    base = slugify(title)[:80].strip("-")
    stem = f"{base}-{town.slug}"[:95].strip("-") if base else f"idee-{town.slug}"[:95]
    taken = Initiative.objects.filter(Q(slug=base) | Q(slug__startswith=stem)).values_list("slug", flat=True)
    in_use = {*taken, *RESERVED}
    if base not in in_use:
        return base
    number, slug = 2, stem
    while slug in in_use:
        slug, number = f"{stem}-{number}", number + 1
    return slug
