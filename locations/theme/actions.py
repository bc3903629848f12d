"""Actions that change the colour and logo of a town."""

from django.db import transaction

from locations.models import Logo, Municipality
from locations.theme.logos import Picture
from page_cache import versions


@transaction.atomic
def set_theme(*, municipality: Municipality, accent: str, logo: Picture | None = None) -> None:
    """Set the colour of a town ("" removes it) and its logo (None leaves it unchanged)."""
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    town.accent = accent
    if logo is not None:
        town.logo_version, town.logo_width, town.logo_height = logo.version, logo.width, logo.height
        Logo.objects.update_or_create(municipality=town, defaults={"image": logo.image})
    town.save(update_fields=["accent", "logo_version", "logo_width", "logo_height"])
    versions.invalidate(town.pk)


@transaction.atomic
def remove_logo(*, municipality: Municipality) -> None:
    """Remove the logo of a town."""
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    town.logo_version, town.logo_width, town.logo_height = "", None, None
    town.save(update_fields=["logo_version", "logo_width", "logo_height"])
    Logo.objects.filter(municipality=town).delete()
    versions.invalidate(town.pk)
