"""Which methods this site knows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

KNOWN = ("GET", "HEAD", "POST")


class MethodsMiddleware:
    """Refuses every method but GET, HEAD and POST, before anything asks for a token or who someone is.

    Which of the three it takes, a view says itself: `require_safe`, `require_POST` or all (HEAD comes with GET). Who
    only asks for the headers reads no challenge and no secret, so HEAD leaves the session as it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in KNOWN:
            return HttpResponseNotAllowed(KNOWN)
        response = self.get_response(request)
        if request.method == "HEAD":
            request.session.modified = False
        return response
