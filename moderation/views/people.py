"""Blocking people, and saying that one is away."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from moderation import permissions
from moderation.actions import people as actions
from moderation.forms import AbsenceForm
from moderation.kinds import kinds
from moderation.models import Block


@never_cache
@require_safe
def blocks(request: SignedInRequest) -> HttpResponse:
    """The people of whom I see nothing."""
    mine = Block.objects.by(request.user).select_related("blocked").order_by("-on", "-pk")
    return render(request, "moderation/blocks.html", {"blocks": mine})


@post_or_redirect_to("report", "kind", "pk")
def block(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """See nothing more of the person who wrote this, or is shown in it."""
    line = kinds.get(kind)
    thing = line.find(pk) if line is not None else None
    if line is None or thing is None or line.was_never_shown(thing):
        raise Http404
    person = line.blockable(thing)
    if person is None or not line.is_readable_by(thing, request.user):
        raise Http404
    if person == request.user:
        messages.error(request, gettext("This is you."))
        return redirect(line.url(thing))
    actions.block(user=request.user, blocked=_active(person), now=timezone.now())
    messages.success(
        request, gettext("You see nothing more of {name}, who does not hear of it.").format(name=person.first_name)
    )
    return redirect("blocks")


def _active(person: User) -> User:
    return get_object_or_404(User, pk=person.pk, is_active=True)


@post_or_redirect_to("blocks")
def unblock(request: SignedInRequest, pk: int) -> HttpResponse:
    """See someone again."""
    get_object_or_404(Block.objects.by(request.user), pk=pk)
    actions.unblock(user=request.user, block_id=pk, now=timezone.now())
    messages.success(request, gettext("You see this person again."))
    return redirect("blocks")


@post_or_redirect_to("cases")
def absence(request: SignedInRequest) -> HttpResponse:
    """Say until when I am away, or that I am back."""
    if not permissions.is_watching(request.user):
        raise Http404
    now = timezone.now()
    if "back" in request.POST:
        actions.set_absence(user=request.user, until_on=None, now=now)
        messages.success(request, gettext("Welcome back."))
        return redirect("cases")
    form = AbsenceForm(request.POST, today=timezone.localdate(now))
    if not form.is_valid():
        return render(request, "moderation/absence.html", {"form": form}, status=422)
    actions.set_absence(user=request.user, until_on=form.cleaned_data["until_on"], now=now)
    messages.success(request, gettext("Saved. We ask someone else until you are back."))
    return redirect("cases")
