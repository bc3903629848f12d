"""Which towns' pages show the photo of an initiative."""

from collections.abc import Iterable

from initiatives.models import Initiative
from photos import shown
from photos.models import Photo


@shown.register
def of_initiative(photo: Photo) -> Iterable[int]:
    return Initiative.objects.filter(photo=photo).values_list("municipality_id", flat=True)
