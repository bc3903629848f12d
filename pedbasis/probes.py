"""Answers health checks before all other middleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PATHS = ("/healthz", "/readyz")


class ProbeMiddleware:
    """Exempts probes from ALLOWED_HOSTS and the https redirect: they come by IP address and over plain http."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PATHS:
            response: HttpResponse = resolve(request.path_info).func(request)
            response.headers["Content-Length"] = str(len(response.content))
            return response
        return self.get_response(request)
