"""The files of photos: always through here, so that a hidden photo is gone at once, everywhere."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from photos import storing
from photos.models import Photo
from photos.shapes import SHAPES

REVALIDATE = "public, no-cache"  # every browser and proxy asks us each time, which costs one query and no bytes


@login_not_required
@require_safe
def photo(request: HttpRequest, code: str, width: int) -> HttpResponse:
    """One width of a photo that everyone may see; for any other 404, whoever asks."""
    shape = Photo.objects.visible().filter(token=code).values_list("shape", flat=True).first()
    if shape is None or width not in SHAPES[shape].widths:
        return _refused(404)
    etag = f'"{code[:12]}-{width}"'  # a photo never changes: another one has another token
    response = HttpResponse(content_type="image/webp", headers={"Cache-Control": REVALIDATE, "ETag": etag})
    known = get_conditional_response(request, etag=etag, response=response)
    if known is not None and known is not response:
        return known
    try:
        response.content = storing.read_for_visitor(code, width)
    except storing.NoFile:  # hidden since we looked
        return _refused(404)
    except storing.StoreAway:
        return _refused(503, {"Retry-After": "30"})
    return response


def _refused(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return a short answer: it is no page, and no browser shows it."""
    return HttpResponse(
        status=status, content_type="text/plain", headers={"Cache-Control": "no-store"} | (headers or {})
    )
