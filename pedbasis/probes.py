"""For who asks how we are: an answer before anything else is looked at."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PATHS = ("/healthz", "/readyz")


class ProbeMiddleware:
    """A health checker comes by address and over plain http: the name of the site and https are not asked of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PATHS:
            response: HttpResponse = resolve(request.path_info).func(request)
            response.headers["Content-Length"] = str(len(response.content))
            return response
        return self.get_response(request)
