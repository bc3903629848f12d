"""The HTTP methods that this site allows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

ALLOWED = ("GET", "HEAD", "POST")


class MethodsMiddleware:
    """Refuses every method but GET, HEAD and POST, before CSRF checks and authentication.

    Each view restricts these further with `require_safe`, `require_POST` or `require_http_methods`. A HEAD request does
    not save the session: its response has no body, so nobody sees a challenge or secret that the view stored there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ALLOWED:
            return HttpResponseNotAllowed(ALLOWED)
        response = self.get_response(request)
        if request.method == "HEAD":
            request.session.modified = False
        return response
