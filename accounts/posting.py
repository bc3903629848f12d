"""Views that handle POST: by GET they lead to the page with the button; from guests they need no CSRF token."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]
SEND_AGAIN = _("For your safety we have not sent this yet. Is everything right? Then press the button once more.")
SAFE_FETCH_SITES = {"same-origin", "none"}  # "none": the visitor did it, for example by loading a page again


def post_or_redirect_to(page: str, *names: str) -> Callable[[View], View]:
    """Call the view on POST only; redirect a GET to `page`, which has the button, with a message.

    A GET happens after a sign-in that interrupted the POST, or after switching language on a refused form: nothing was
    saved then. `names` are the URL arguments that `page` takes too.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **kwargs)
            messages.warning(request, gettext("What you just did was not saved. Please do it once more here."))
            return redirect(page, **{name: kwargs[name] for name in names})

        return wrapped

    return decorate


def takes_guests(show_again: View) -> Callable[[View], View]:
    """Let guests post to this view without a CSRF token, if their browser says that the form was on this site.

    So the page with the form is the same for every guest, and can be cached (docs/decisions/0020). `show_again` is
    called like the view when that is not known, or when the token of someone with a session is missing: it answers 403
    with the form as it was filled in, and a token.
    """

    def decorate(view: View) -> View:
        view.show_again = show_again  # type: ignore[attr-defined]
        return view

    return decorate


def has_session(request: HttpRequest) -> bool:
    """Whether the browser sent the cookie of a session, even of one that is over."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def needs_token(request: HttpRequest) -> bool:
    """Whether a form for guests on this page gets a CSRF token: all do but those on pages that are cached."""
    return request.method == "POST" or has_session(request)


def is_from_this_site(request: HttpRequest) -> bool | None:
    """Whether the browser says that this site made the request; None if it says nothing.

    Another site can not change these headers. All that are there have to agree.
    """
    origin, referer = request.META.get("HTTP_ORIGIN"), request.META.get("HTTP_REFERER")
    signs = []
    if fetch_site := request.META.get("HTTP_SEC_FETCH_SITE"):
        signs.append(fetch_site in SAFE_FETCH_SITES)
    if origin is not None:
        signs.append(_is_own(request, origin))
    elif referer and not signs:
        signs.append(_is_own(request, referer))
    return all(signs) if signs else None


def _is_own(request: HttpRequest, url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS
