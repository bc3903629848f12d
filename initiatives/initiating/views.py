"""The page on which those who started an idea invite others, and the page of the invitation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives import merges, tokens
from initiatives.initiating import actions
from initiatives.initiating.forms import InviteForm
from initiatives.models import Initiative, Invitation
from initiatives.permissions import parts_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Part


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the published idea if this user started it, else raise Http404."""
    return get_object_or_404(Initiative.objects.of(request.user).published().select_related("municipality"), slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiators(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show who started an idea, and invite someone to start it together."""
    idea = _my_idea(request, slug)
    form = InviteForm(request.POST or None)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            actions.invite(
                initiative=idea, by=request.user, email=form.cleaned_data["email"], language=get_language(), now=now
            )
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Asked. If this person has not said no before, they get an email now."))
            return redirect("initiative_initiators", slug)
    context = {
        "initiative": idea,
        "town": idea.municipality,
        "form": form,
        "initiators": idea.initiators.select_related("user"),
        "invitations": idea.invitations.open(now),
        "is_proposer": Part.PROPOSER in parts_of(request.user, idea),
    }
    return render(request, "initiatives/initiators.html", context, status=422 if request.method == "POST" else 200)


@post_or_redirect_to("initiative_initiators", "slug")
def invitation_take_back(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take back an invitation."""
    idea = _my_idea(request, slug)
    invitation = idea.invitations.filter(pk=pk).first()
    if invitation is not None:
        actions.take_back(invitation=invitation, by=request.user, now=timezone.now())
    messages.success(request, gettext("The invitation has been taken back."))
    return redirect("initiative_initiators", slug)


@post_or_redirect_to("initiative_initiators", "slug")
def initiative_hand_over(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Let someone else who started it be the proposer from now on."""
    idea = _my_idea(request, slug)
    heir = get_object_or_404(idea.initiators.select_related("user"), pk=pk)
    try:
        actions.hand_over(initiative=idea, by=request.user, to=heir.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Handed over. You can leave now, or stay."))
    return redirect("initiative_initiators", slug)


@post_or_redirect_to("initiative_initiators", "slug")
def initiative_step_down(request: SignedInRequest, slug: str) -> HttpResponse:
    """Leave it to the others who started it."""
    idea = _my_idea(request, slug)
    try:
        actions.step_down(initiative=idea, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return redirect("initiative_initiators", slug)
    messages.success(request, gettext("You left it to the others. Thank you for what you did."))
    return redirect(idea)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in an invitation: yes with an account, no without one."""
    found = _invitation_of(token)
    if request.method == "POST":
        if "no" in request.POST:
            return _decline(request, found)
        if not isinstance(request.user, User):
            sign_in = reverse("account_request_login_code")
            return redirect(f"{sign_in}?{urlencode({'next': request.path})}")
        return _accept(request, found, request.user)
    return _page(request, found)


def _decline(request: HttpRequest, found: Invitation) -> HttpResponse:
    try:
        actions.decline(invitation=found, now=timezone.now())
    except CannotDo as refusal:
        return _page(request, found, refusal)
    return redirect(request.path)


def _accept(request: HttpRequest, found: Invitation, by: User) -> HttpResponse:
    try:
        idea = actions.accept(invitation=found, by=by, now=timezone.now())
    except CannotDo as refusal:
        return _page(request, found, refusal)
    messages.success(request, gettext("You started this together. Welcome!"))
    return redirect(idea)


def _invitation_of(token: str) -> Invitation:
    try:
        pk = tokens.read_invitation(token)
    except CannotDo as wrong:
        raise Http404 from wrong
    rows = Invitation.objects.select_related("initiative__municipality")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: Invitation, refusal: CannotDo | None = None) -> HttpResponse:
    user, idea = request.user, found.initiative
    is_other = user.is_authenticated and found.state == Invitation.State.OPEN and found.email != user.email
    gone = found.is_late(timezone.now()) and found.state == Invitation.State.OPEN
    why = Refusal.INVITATION_GONE if gone else (Refusal.ENDED if idea.is_ended else None)
    context: dict[str, Any] = {
        "invitation": found,
        "initiative": idea.without_hidden_texts(),
        "is_public": idea.is_public,
        "continues_in": merges.leads_to(idea),
        "refusal": refusal or (why and why.label) or (is_other and Refusal.OTHER_ADDRESS.label),
        "can_accept": not why and not is_other and found.state == Invitation.State.OPEN and idea.is_public,
    }
    return render(request, "initiatives/invitation.html", context, status=422 if refusal else 200)
