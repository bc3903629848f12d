"""Pages to claim a group, and for coordinators, who check the claims of their town."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from initiatives import wording
from initiatives.existing import claims
from initiatives.existing.forms import AcceptForm, ClaimForm, DeclineForm
from initiatives.models import Claim, Initiative
from initiatives.permissions import claims_to_check
from initiatives.refusals import CannotDo
from meetups.permissions import coordinated_towns


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def group_claim(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask to look after the page of a group; a coordinator checks it."""
    idea = get_object_or_404(Initiative.objects.public().running_elsewhere(), slug=slug)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            claims.claim(group=idea.existing, by=request.user, has_link=False, now=timezone.now(), **form.cleaned_data)
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("group_claim", slug)
    context = {
        "initiative": idea,
        "town": idea.municipality,
        "form": form,
        "claim": idea.existing.claims.of(request.user).first(),
    }
    return render(request, "initiatives/group_claim.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@never_cache
def group_claims(request: SignedInRequest) -> HttpResponse:
    """What waits for the coordinators of a town: people who ask to look after the page of a group."""
    if not coordinated_towns(request.user).exists():
        raise Http404
    waiting = claims_to_check(request.user).open().select_related("by", "group__initiative__municipality")
    return render(request, "initiatives/group_claims.html", {"claims": waiting[:100]})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def group_claim_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept or decline a claim."""
    rows = claims_to_check(request.user).select_related(
        "by", "group__initiative__municipality", "group__initiative__wished_place"
    )
    claim: Claim = get_object_or_404(rows, pk=pk)
    idea = claim.group.initiative
    is_no = "decline" in request.POST
    no = DeclineForm(request.POST if is_no else None)
    yes = AcceptForm(
        request.POST if "accept" in request.POST else None,
        initial={"meets_at": idea.wished_place_id},
        town=idea.municipality,
    )
    form: Any = no if is_no else yes
    if request.method == "POST" and form.is_valid():
        answer = claims.decline if is_no else claims.accept
        try:
            answer(claim=claim, by=request.user, now=timezone.now(), **form.cleaned_data)
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
            claim = get_object_or_404(rows, pk=pk)
        else:
            messages.success(request, gettext("Saved. The person who asked gets an email."))
            return redirect("group_claims")
    context = {
        "claim": claim,
        "initiative": idea,
        "town": idea.municipality,
        "where": wording.where(idea),
        "has_account_address": claim.by.email == claim.group.email,
        "is_same_address": claim.is_open and claim.email == claim.group.email,
        "yes": yes,
        "no": no,
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "initiatives/group_claim_answer.html", context, status=status)
