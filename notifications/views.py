"""Unsubscribing and notification preferences."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from notifications import unsubscribing
from notifications.forms import PreferencesForm
from notifications.models import Preference, Topic


@login_not_required
@never_cache
@csrf_exempt  # RFC 8058: mail programs post here directly; the token authorises it
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails about one topic, from the link in such a mail, or start them again."""
    message = unsubscribing.message_of(token)
    if message is None or not message.is_optional:
        return render(request, "notifications/unsubscribe_gone.html", status=404)
    if request.method == "POST":
        is_wanted = request.POST.get("wanted") == "1"
        Preference.objects.set_wanted(message.recipient, message.topic, is_wanted, message.channel)
        if "List-Unsubscribe" in request.POST:
            return HttpResponse(status=204)
        return redirect("unsubscribe", token=token)
    is_wanted = Preference.objects.wants(message.recipient, message.topic, message.channel)
    return render(request, "notifications/unsubscribe.html", {"is_wanted": is_wanted})


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    """Choose which mails to receive."""
    email = request.user.email
    form = PreferencesForm(request.POST or None, initial={"reminder": Preference.objects.wants(email, Topic.REMINDER)})
    if request.method == "POST" and form.is_valid():
        Preference.objects.set_wanted(email, Topic.REMINDER, form.cleaned_data["reminder"])
        messages.success(request, _("Saved."))
        return redirect("preferences")
    return render(request, "notifications/preferences.html", {"form": form})
