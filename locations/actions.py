"""What concerns the pages of all towns."""

from locations.models import Municipality
from page_cache import versions


def invalidate_all_towns() -> None:
    """Say that the public pages of any town may have changed."""
    versions.invalidate(*Municipality.objects.values_list("pk", flat=True))
