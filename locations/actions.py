"""What concerns the pages of all towns."""

from locations.models import Municipality
from page_cache import versions


def touch_all_towns() -> None:
    """Say that the public pages of any town may have changed."""
    versions.touch(*Municipality.objects.values_list("pk", flat=True))
