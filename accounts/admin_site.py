"""The technical administration: what our own apps register, and nothing that a package brings along by itself."""

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

from accounts.recent_sign_in import signed_in_recently, to_sign_in_again

FORMS = ("_add", "_change", "_delete")  # how the names of pages end on which one fills something in


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
        """Register the models of our own apps; leave out all others, in whatever order the apps stand.

        Addresses, keys and sessions of people belong to those people, and groups are of no use here.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in settings.OWN_APPS]
        super().register(ours, admin_class, **options)

    @method_decorator([never_cache, login_not_required])
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One door for everyone: the administration has no sign-in page of its own."""
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """One page for everyone here too: Django's own would sign out no device, write nothing down and tell nobody."""
        return redirect("account_change_password")

    password_change_done = password_change

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As always; and whatever changes something asks for a recent sign-in, before the form and before the deed."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _changes_something(request) and not signed_in_recently(request):
                return to_sign_in_again(request)
            return view(request, *args, **kwargs)

        return super().admin_view(answer, cacheable)


def _changes_something(request: HttpRequest) -> bool:
    name = str(request.resolver_match and request.resolver_match.url_name)
    return name != "logout" and (request.method == "POST" or name.endswith(FORMS))
