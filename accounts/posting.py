"""Views that only handle POST, for URLs that people may nevertheless open with GET."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


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
