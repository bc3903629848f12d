"""What changes how a town looks."""

from django.db import transaction

from locations.models import Logo, Municipality
from locations.theme.logos import Picture
from page_cache import versions


@transaction.atomic
def set_theme(*, municipality: Municipality, accent: str, logo: Picture | None = None) -> None:
    """Give a town its own colour, or none with ""; and a logo, where None leaves the one there is."""
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    town.accent = accent
    if logo is not None:
        town.logo_version, town.logo_width, town.logo_height = logo.version, logo.width, logo.height
        Logo.objects.update_or_create(municipality=town, defaults={"image": logo.image})
    town.save(update_fields=["accent", "logo_version", "logo_width", "logo_height"])
    versions.invalidate(town.pk)


@transaction.atomic
def remove_logo(*, municipality: Municipality) -> None:
    """Take the logo of a town away."""
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    town.logo_version, town.logo_width, town.logo_height = "", None, None
    town.save(update_fields=["logo_version", "logo_width", "logo_height"])
    Logo.objects.filter(municipality=town).delete()
    versions.invalidate(town.pk)
