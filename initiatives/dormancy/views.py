"""The page on which those who started a quiet idea answer, and the one on which others take it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.requests import SignedInRequest
from initiatives import quiet
from initiatives.dormancy import actions, tokens
from initiatives.dormancy.forms import AnswerForm, HandOverForm, StopForm
from initiatives.models import HistoryEntry, Initiative, Initiator, Support
from initiatives.permissions import parts_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import EndReason, Part, Stage
from initiatives.taking_part.page import load

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Via = HistoryEntry.Via
LINK_STATUS = {Refusal.PART_GONE: 410, Refusal.LINK_WRONG: 404}
RESULT_ANCHOR = "#answer"


@dataclass(frozen=True)
class Choice:
    """An answer: its name in the address, its form and its words."""

    key: str
    form: type[AnswerForm | StopForm]
    label: StrPromise
    button: StrPromise


KEEP = Choice("verder", AnswerForm, _("I continue"), _("Save: I continue"))
CHOICES = (
    KEEP,
    Choice("pauze", AnswerForm, _("Pause for a while"), _("Save: pause for a while")),
    Choice("overdragen", HandOverForm, _("Hand it over"), _("Save: hand it over")),
    Choice("stoppen", StopForm, _("Stop with it"), _("Save: stop with it")),
)
AFTER_ALL = Choice("verder", AnswerForm, _("I continue after all"), _("Save: I continue"))
BACK = Choice("verder", AnswerForm, _("Continue"), _("Continue"))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_quiet_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the links in a mail to someone who started an idea; it works without signing in."""
    try:
        starter = tokens.starter_of(token)
    except CannotDo as refused:
        return _link_refused(request, refused)
    return _answer_page(request, starter.initiative, starter.user, Via.MAIL)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_quiet(request: SignedInRequest, slug: str) -> HttpResponse:
    """The same page, for someone who is signed in."""
    mine = Initiative.objects.of(request.user).published().select_related("municipality")
    return _answer_page(request, get_object_or_404(mine, slug=slug), request.user, Via.PAGE)


def _answer_page(request: HttpRequest, idea: Initiative, by: User, via: str) -> HttpResponse:
    """Show the question; the link may choose an answer beforehand, and only the button saves it."""
    now = timezone.now()
    is_post = request.method == "POST"
    key = request.POST.get("answer", "") if is_post else request.GET.get("antwoord", "")
    state = quiet.state_of(idea, now=now)
    choices = _choices(idea, state)
    choice = next((choice for choice in (CHOICES if is_post else choices) if choice.key == key), None)
    if choice is None and choices == [BACK] and not is_post:
        choice = BACK
    form = choice.form(request.POST if is_post else None, initiative=idea, by=by) if choice else None
    refusal = None
    if is_post and choice is not None and form is not None and form.is_valid():
        try:
            _save(choice, form, idea, by, now, via)
        except CannotDo as error:
            refusal = error
            idea.refresh_from_db()
            state = quiet.state_of(idea, now=now)
            choices, form = _choices(idea, state), None
        else:
            return redirect(request.path + RESULT_ANCHOR)
    elif is_post and choice is not None and key not in {possible.key for possible in choices}:
        refusal = CannotDo(Refusal.NO_LONGER_QUIET)
    context = _about(idea, by, state) | {
        "first_name": by.first_name,
        "is_chosen": bool(key),
        "choices": choices,
        "choice": choice,
        "form": form,
        "refusal": refusal,
        "is_possible": not isinstance(form, HandOverForm) or form.is_possible,
    }
    return render(request, "initiatives/quiet.html", context, status=422 if is_post else 200)


def _choices(idea: Initiative, state: quiet.Quiet) -> list[Choice]:
    """Return the answers that are possible now."""
    if idea.is_ended:
        return []
    if idea.stage == Stage.PAUSED:
        return [BACK]
    if state.is_asked:
        return [*CHOICES]
    return [AFTER_ALL] if state.is_sought else []


def _about(idea: Initiative, by: User | None, state: quiet.Quiet) -> dict[str, Any]:
    proposer = idea.initiators.filter(part=Initiator.As.PROPOSER).select_related("user").first()
    is_mine = proposer is not None and proposer.user == by
    return {
        "initiative": idea.without_hidden_texts(),
        "is_public": idea.is_public,
        "town": idea.municipality,
        "state": state,
        "proposer": proposer.user.first_name if proposer is not None and not is_mine else "",
        "is_mine": is_mine,
        "is_running": idea.stage == Stage.RUNNING,
    }


def _save(choice: Choice, form: AnswerForm | StopForm, idea: Initiative, by: User, now: datetime, via: str) -> None:
    answer: dict[str, Any] = {"initiative": idea, "by": by, "now": now, "via": via}
    match form:
        case StopForm():
            reason, note = EndReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
            actions.end(reason=reason, note=note, **answer)
        case HandOverForm():
            heir = form.heir()
            actions.seek(**answer) if heir is None else actions.hand_over(to=heir, **answer)
        case _ if choice.key == KEEP.key:
            actions.keep(**answer)
        case _:
            actions.pause(**answer)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_takeover_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in the mail that asks someone who takes part to take an idea over.

    It works without signing in for someone with an account; who has none yet makes one with that address.
    """
    try:
        support = tokens.heir_of(token)
    except CannotDo as refused:
        return _link_refused(request, refused)
    return _takeover_page(request, support.initiative, _acting(support, request.user), Via.MAIL, support)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_take_over(request: SignedInRequest, slug: str) -> HttpResponse:
    """The same page, for someone who is signed in."""
    return _takeover_page(request, load(slug, request.user), request.user, Via.PAGE)


def _acting(support: Support, user: Any) -> User | None:
    """Return who takes it over with this link; None for someone who has to sign in with their address first."""
    if support.user is not None:
        return support.user
    is_theirs = user.is_authenticated and user.email.lower() == support.guest_email.lower()
    return user if is_theirs else None


def _takeover_page(
    request: HttpRequest, idea: Initiative, by: User | None, via: str, support: Support | None = None
) -> HttpResponse:
    now = timezone.now()
    if by is not None and support is None and not parts_of(by, idea) - {Part.ANYONE}:
        raise Http404
    refusal = None
    if request.method == "POST":
        if by is None:
            return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}")
        try:
            actions.take_over(initiative=idea, by=by, now=now, via=via)
        except CannotDo as error:
            refusal = error
            idea.refresh_from_db()
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = _about(idea, by, quiet.state_of(idea, now=now)) | {
        "first_name": by.first_name if by is not None else support.first_name if support is not None else "",
        "needs_account": by is None,
        "is_other": by is None and request.user.is_authenticated,
        "support": support,
        "refusal": refusal,
    }
    return render(request, "initiatives/takeover.html", context, status=422 if refusal else 200)


def _link_refused(request: HttpRequest, refused: CannotDo) -> HttpResponse:
    status = LINK_STATUS[refused.refusal]
    return render(request, "initiatives/link_refused.html", {"refusal": refused}, status=status)
