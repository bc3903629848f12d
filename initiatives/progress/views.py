"""The buttons with which those who started an idea pause it, go on, or end it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives.models import Initiative
from initiatives.progress import actions
from initiatives.progress.forms import EndForm
from initiatives.refusals import CannotDo
from initiatives.stages import EndReason


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the published idea if this user started it, else raise Http404."""
    return get_object_or_404(Initiative.objects.of(request.user).published().select_related("municipality"), slug=slug)


@post_or_redirect_to("initiative", "slug")
def initiative_pause(request: SignedInRequest, slug: str) -> HttpResponse:
    """Pause an idea."""
    said = gettext("Paused. Everyone who takes part gets an email. You can continue whenever you like.")
    return _take(request, slug, actions.pause, said)


@post_or_redirect_to("initiative", "slug")
def initiative_resume(request: SignedInRequest, slug: str) -> HttpResponse:
    """Go on after a pause."""
    return _take(request, slug, actions.resume, gettext("Your idea continues. Everyone who takes part gets an email."))


@post_or_redirect_to("initiative", "slug")
def initiative_reopen(request: SignedInRequest, slug: str) -> HttpResponse:
    """Go on with an idea that ended."""
    return _take(request, slug, actions.reopen, gettext("Your idea continues. Everyone who takes part gets an email."))


def _take(request: SignedInRequest, slug: str, action: Any, said: str) -> HttpResponse:
    idea = _my_idea(request, slug)
    try:
        action(initiative=idea, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(idea)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_end(request: SignedInRequest, slug: str) -> HttpResponse:
    """End an idea, with the reason."""
    idea = _my_idea(request, slug)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = EndReason(form.cleaned_data["reason"])
        try:
            actions.end(
                initiative=idea, by=request.user, reason=reason, note=form.cleaned_data["note"], now=timezone.now()
            )
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("This idea has ended. Everyone who takes part gets an email."))
            return redirect(idea)
    context = {"initiative": idea, "form": form, "town": idea.municipality}
    return render(request, "initiatives/end.html", context, status=422 if request.method == "POST" else 200)
