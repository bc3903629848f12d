"""Buttons that do something: their addresses are no pages, and yet people come by there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


def posted_from(page: str, *names: str) -> Callable[[View], View]:
    """Only a POST does something at this address; whoever comes there by a link goes to `page`, where the button is.

    That happens to who had to sign in first, and to who takes the other language of a form that was refused: then
    nothing was saved. `names` are the parts of the address that `page` has too.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def wrapped(request: HttpRequest, **parts: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **parts)
            messages.warning(request, gettext("What you just did was not saved. Please do it once more here."))
            return redirect(page, **{name: parts[name] for name in names})

        return wrapped

    return decorate
