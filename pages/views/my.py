"""My page, my details, and my data: export and erase."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import devices
from accounts.forms import DetailsForm
from accounts.models import Role, SecurityEvent, User
from accounts.recent_sign_in import require_recent_sign_in
from accounts.requests import SignedInRequest
from initiatives.finding.mine import started_by, supported_by
from meetups.managing.actions import planning
from meetups.models import Attendance, Meetup
from pages import privacy as personal

PAST_SHOWN = 5
EVENTS_SHOWN = 10


@never_cache
@require_safe
def my(request: SignedInRequest) -> HttpResponse:
    """My upcoming dates: going, waiting or cancelled; my past dates, my ideas and those I take part in, my roles."""
    now = timezone.now()
    mine = Attendance.objects.of(request.user).select_related(
        "occurrence__meetup", "occurrence__location__municipality"
    )
    ahead = list(mine.coming(now).live().with_waiting_list())
    past = list(mine.attended(now)[:PAST_SHOWN])
    for row in [*ahead, *past]:
        row.occurrence.without_hidden_texts()
    scheduled = [row for row in ahead if not row.occurrence.is_cancelled]
    context = {
        "cancelled": [row for row in ahead if row.occurrence.is_cancelled],
        "going": [row for row in scheduled if row.is_going],
        "waiting": [row for row in scheduled if row.is_waiting],
        "past": past,
        "ideas": started_by(request.user),
        "supported": supported_by(request.user),
        "roles": Role.objects.held_by(request.user).select_related("municipality").order_by("pk"),
    }
    return render(request, "pages/my.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: SignedInRequest) -> HttpResponse:
    """My name, town and language, my credentials and devices, and links to export or erase my data."""
    user = request.user
    form = DetailsForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        if "first_name" in form.changed_data:
            planning.invalidate_pages_naming(saved)
        with override(saved.language):
            messages.success(request, _("Saved."))
            return redirect("my_data")
    keys = list(Authenticator.objects.filter(user=user).order_by("pk"))
    context = {
        "form": form,
        "passkeys": [key.wrap() for key in keys if key.type == Authenticator.Type.WEBAUTHN],
        "events": SecurityEvent.objects.filter(user=user).order_by("-happened_at", "-pk")[:EVENTS_SHOWN],
        "has_app": any(key.type == Authenticator.Type.TOTP for key in keys),
        "devices": devices.signed_in(user, timezone.now()),
    }
    return render(request, "pages/my_data.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def my_export(request: SignedInRequest) -> HttpResponse:
    """Everything stored about me, as a JSON file."""
    return JsonResponse(
        personal.export(request.user, timezone.now()),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="pedbasis.json"'},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_sign_in
def my_erase(request: SignedInRequest) -> HttpResponse:
    """Erase my account, after a recent sign-in: GET shows the consequences, POST erases."""
    user = request.user
    if request.method == "POST":
        personal.erase(user=user, now=timezone.now())
        get_adapter(request).logout(request)
        messages.success(request, _("Your account is deleted. Thank you for being here. You are always welcome back."))
        return redirect("home")
    context: dict[str, Any] = {
        "dates": Attendance.objects.of(user).coming(timezone.now()).scheduled().live().count(),
        "hosting": Meetup.objects.running().hosted_by(user).order_by("title"),
    }
    return render(request, "pages/my_erase.html", context)
