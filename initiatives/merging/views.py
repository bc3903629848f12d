"""Asking to continue together, the answer by the link in a mail, and what who takes part chooses then."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives import merges, tokens
from initiatives.forgetting import GUEST_KEPT
from initiatives.merging import actions, candidates, moving
from initiatives.merging.forms import AskForm, YesForm
from initiatives.models import HistoryEntry, Initiative, Merge, Support
from initiatives.permissions import started
from initiatives.refusals import CannotDo, Refusal

YES, NO = "ja", "nee"
LONGEST_SEARCH = 200
RESULT_ANCHOR = "#answer"


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the published idea if this user started it, else raise Http404."""
    return get_object_or_404(Initiative.objects.of(request.user).published().select_related("municipality"), slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_merge(request: SignedInRequest, slug: str) -> HttpResponse:
    """Choose another idea, and ask those who started it to continue together."""
    idea = _my_idea(request, slug)
    chosen = request.GET.get("met", "")
    other = candidates.find(idea, chosen, request.user) if chosen else None
    form = AskForm(request.POST or None, mine=idea, other=other) if other else None
    if request.method == "POST" and other is not None and form is not None and form.is_valid():
        try:
            merge = actions.ask(
                initiative=idea,
                other=other,
                by=request.user,
                is_ending=form.is_ending,
                starts_along=form.cleaned_data["starts_along"],
                now=timezone.now(),
            )
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(merge))
            return redirect(idea)
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH].strip()
    context: dict[str, Any] = {
        "initiative": idea,
        "town": idea.municipality,
        "refusal": None if idea.is_public and not idea.is_ended else _why_not(idea),
        "other": other,
        "is_unknown": bool(chosen) and other is None,
        "form": form,
        "action": request.get_full_path(),
        "words": words,
    }
    if other is None:
        context["found"] = candidates.search(idea, words, request.user) if words else None
        context["alike"] = [] if words else candidates.look_alike(idea, request.user)
    status = 422 if request.method == "POST" else 200
    return render(request, "initiatives/merge.html", context, status=status)


def _why_not(idea: Initiative) -> str:
    return str((Refusal.ENDED if idea.is_ended else Refusal.NOT_PUBLIC).label)


def _said(merge: Merge) -> str:
    if merge.state == Merge.State.AGREED:
        return gettext("Your ideas continue together. Everyone who takes part gets an email.")
    return gettext("Asked. They get an email, and you hear what they say.")


@post_or_redirect_to("initiative", "slug")
def initiative_merge_take_back(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take back the question to continue together."""
    idea = _my_idea(request, slug)
    merge = Merge.objects.about(idea).filter(pk=pk).first()
    if merge is not None:
        try:
            actions.take_back(merge=merge, by=request.user, now=timezone.now())
        except CannotDo as refusal:
            messages.error(request, str(refusal))
            return redirect(idea)
    messages.success(request, gettext("The question has been taken back."))
    return redirect(idea)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_merge_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Say whether two ideas continue together; the link may choose the answer, and only the button saves it."""
    try:
        merge, by = _question(token)
    except CannotDo as refused:
        status = 404 if refused.refusal == Refusal.LINK_WRONG else 410
        return render(request, "initiatives/link_refused.html", {"refusal": refused}, status=status)
    source = request.POST if request.method == "POST" else request.GET
    choice = source.get("answer" if request.method == "POST" else "antwoord", "")
    refusal = None
    if request.method == "POST" and choice in {YES, NO}:
        try:
            _save(merge, by, choice, request)
        except CannotDo as error:
            refusal = error
            merge, by = _question(token)
        else:
            return redirect(request.path + RESULT_ANCHOR)
    is_shown = merge.ending.is_public and merge.into.is_public
    context = {
        "merge": merge,
        "initiative": merge.asked,
        "town": merge.asked.municipality,
        "is_shown": is_shown,
        "can_answer": merge.state == Merge.State.ASKED and is_shown and started(by, merge.asked),
        "choice": choice if choice in {YES, NO} else "",
        "form": YesForm() if merge.starts_along else None,
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "initiatives/merge_answer.html", context, status=status)


def _question(token: str) -> tuple[Merge, User]:
    """Return the question, and who answers with this link; raise CannotDo with LINK_WRONG or MERGE_GONE."""
    pk, user_id = tokens.read_for_merge(token)
    rows = Merge.objects.select_related("ending__municipality", "into__municipality")
    merge, user = rows.filter(pk=pk).first(), User.objects.filter(pk=user_id, is_active=True).first()
    if merge is None or user is None:
        raise CannotDo(Refusal.MERGE_GONE)
    return merge, user


def _save(merge: Merge, by: User, choice: str, request: HttpRequest) -> None:
    if choice == NO:
        actions.decline(merge=merge, by=by, now=timezone.now())
        return
    via = HistoryEntry.Via.PAGE if request.user == by else HistoryEntry.Via.MAIL
    starts_along = "starts_along" in request.POST
    actions.agree(merge=merge, by=by, starts_along=starts_along, now=timezone.now(), via=via)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_follow_along(request: HttpRequest, token: str) -> HttpResponse:
    """Choose whether to join the idea in which another continues; by the link of a commitment."""
    try:
        support = _support(token)
    except CannotDo as refused:
        status = 404 if refused.refusal == Refusal.LINK_WRONG else 410
        return render(request, "initiatives/link_refused.html", {"refusal": refused}, status=status)
    into = merges.leads_to(support.initiative)
    if into is None or support.state == Support.State.UNCONFIRMED:
        return redirect("initiative_link", token)  # it moved, or has nothing to choose: what it is now
    refusal = None
    if request.method == "POST":
        act = moving.stop if request.POST.get("answer") == NO else moving.follow
        try:
            act(support=support, now=timezone.now())
        except CannotDo as error:
            refusal = error
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = _choice_of(support, into) | {"choice": NO if into.refusal else _chosen(request), "refusal": refusal}
    return render(request, "initiatives/follow_along.html", context, status=422 if refusal else 200)


def _support(token: str) -> Support:
    pk, _asked_at = tokens.read(token)
    rows = Support.objects.select_related("initiative__municipality", "initiative__merged_into__municipality", "user")
    support = rows.filter(pk=pk).first()
    if support is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    return support


def _chosen(request: HttpRequest) -> str:
    return NO if request.GET.get("antwoord") == NO else YES


def _choice_of(support: Support, into: Initiative) -> dict[str, Any]:
    not_now = into.refusal
    return {
        "support": support,
        "initiative": support.initiative.without_hidden_texts(),
        "is_public": support.initiative.is_public,
        "into": into,
        "town": into.municipality,
        "mine": moving.of_same_person(support.initiative.supports.live(), support),
        "there": moving.of_same_person(into.supports.live(), support),
        "not_now": not_now and not_now.label,
        "days": GUEST_KEPT.days,
    }
