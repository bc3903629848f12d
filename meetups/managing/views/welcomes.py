"""The words of welcome of a host."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from meetups.managing.actions import planning
from meetups.managing.forms.welcomes import WelcomeForm
from meetups.models import Host
from meetups.moderated import WELCOME
from moderation.marks import own_waiting_texts


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def welcome(request: SignedInRequest, slug: str) -> HttpResponse:
    """Write the words with which I welcome people at this meetup."""
    mine = Host.objects.serving(request.user).select_related("meetup__location__municipality", "user")
    host = get_object_or_404(mine, meetup__slug=slug)
    waiting = own_waiting_texts(request.user, WELCOME, host)
    form = WelcomeForm(request.POST if request.method == "POST" else None, initial={"welcome": host.welcome} | waiting)
    if form.is_valid():
        planning.set_welcome(host=host, by=request.user, words=form.cleaned_data["welcome"], now=timezone.now())
        messages.success(request, _saved(request, host))
        return redirect("meetup_edit", slug)
    context = {"form": form, "meetup": host.meetup, "is_waiting": bool(waiting)}
    return render(request, "meetups/managing/welcome.html", context, status=422 if form.errors else 200)


def _saved(request: SignedInRequest, host: Host) -> str:
    if own_waiting_texts(request.user, WELCOME, host):
        return gettext("Saved. Someone looks at your text first. Then everyone can see it.")
    return gettext("Saved.")
