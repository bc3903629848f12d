"""The technical administration: an admin site with only the models of our own apps."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.recent_sign_in import has_recent_sign_in, redirect_to_reauthenticate

FORM_VIEW_SUFFIXES = ("_add", "_change", "_delete")  # how the URL names of pages with a form end


class TechnicalAdmin(AdminSite):
    site_header = site_title = "Pedbasis"
    index_title = _("Technical administration")
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Register the models of our own apps and ignore all others, whatever the order of INSTALLED_APPS.

        E-mail addresses, authenticators and sessions belong to their users; groups are not used.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in settings.OWN_APPS]
        super().register(ours, admin_class, **options)

    @method_decorator([never_cache, login_not_required])
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect to the sign-in page of the site: the administration has none of its own."""
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's page: Django's would sign out no device, log nothing and notify nobody."""
        return redirect("account_change_password")

    password_change_done = password_change

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Require a recent sign-in for every page that changes something, both for its form and for its POST."""

        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _needs_recent_sign_in(request) and not has_recent_sign_in(request):
                return redirect_to_reauthenticate(request)
            return view(request, *args, **kwargs)

        return super().admin_view(wrapped, cacheable)


def _needs_recent_sign_in(request: HttpRequest) -> bool:
    name = str(request.resolver_match and request.resolver_match.url_name)
    return name != "logout" and (request.method == "POST" or name.endswith(FORM_VIEW_SUFFIXES))
