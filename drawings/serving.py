"""Answering with the picture beside a link."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from drawings.cards import Card
from drawings.painting import paint

REVALIDATE = "public, no-cache"  # asked for each time, so that what is hidden is gone at once; costs no painting
FOR_ONE = "private, no-store"


def serve(request: HttpRequest, card: Card, *, is_public: bool) -> HttpResponse:
    """Return the picture, or that it has not changed; `is_public` is whether everyone may see what it shows."""
    etag = f'"{card.version}"'
    headers = {"Cache-Control": REVALIDATE if is_public else FOR_ONE, "ETag": etag}
    response = HttpResponse(content_type="image/png", headers=headers)
    known = get_conditional_response(request, etag=etag, response=response)
    if known is not None and known is not response:
        return known
    response.content = paint(card)
    return response
