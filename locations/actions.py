"""Actions that affect the pages of all towns."""

from locations.models import Municipality
from page_cache import versions


def invalidate_all_towns() -> None:
    """Invalidate the public pages of every town."""
    versions.invalidate(*Municipality.objects.values_list("pk", flat=True))
