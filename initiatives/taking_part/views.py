"""The page of an idea, taking part in it, and the page of the link in a mail."""

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
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.posting import SEND_AGAIN, post_or_redirect_to, takes_guests
from accounts.requests import SignedInRequest
from drawings.serving import serve
from initiatives import merges, tokens
from initiatives.forgetting import CONFIRM_WITHIN
from initiatives.models import Initiative, Need, Support
from initiatives.needs import kind_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions, for_everyone, pictures
from initiatives.taking_part.forms import GuestTakePartForm, TakePartForm, initial_of
from initiatives.taking_part.page import RESULT_ANCHOR, idea_page, load
from page_cache.versions import cache_for_towns

HOW = {"kom": Support.Kind.COME, "help": Support.Kind.HELP, "heb": Support.Kind.HAVE}
LINK_STATUS = {Refusal.LINK_EXPIRED: 410, Refusal.LINK_USED: 410, Refusal.LINK_WRONG: 404}


@login_not_required
@require_safe
def initiative(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an idea."""
    made = None if request.user.is_authenticated else for_everyone.page_of(slug, timezone.now())
    if made is not None:
        cache_for_towns(request, made.town_id)
        context = {"made": made, "title": made.title, "description": made.description}
        return render(request, "initiatives/initiative.html", context)
    found = load(slug, request.user)
    joined = [row["town_id"] for row in found.joined]  # type: ignore[attr-defined]
    continues = [other.municipality_id for other in merges.chain(found)]
    cache_for_towns(request, found.municipality_id, *joined, *continues)
    return idea_page(request, found)


def _take_part_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form as it was filled in: nobody can tell whether it came from our page, so nothing was done."""
    found = load(slug, request.user)
    form = _form(request, found, *_asked(request, found))
    form.add_error(None, SEND_AGAIN)
    return _form_page(request, found, form, status=403)


@login_not_required
@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture beside a link to an idea; who may see the page may see its picture."""
    found = get_object_or_404(Initiative.objects.select_related("municipality", "existing"), slug=slug)
    if not found.is_visible_to(request.user):
        raise Http404
    return serve(request, pictures.card_of(found), is_public=found.is_public)


@login_not_required
@takes_guests(_take_part_again)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_part(request: HttpRequest, slug: str) -> HttpResponse:
    """Say "I come", "I help" or "I have something", with an account or without."""
    found = load(slug, request.user)
    kind, need = _asked(request, found)
    if kind == Support.Kind.COME and not found.merged_into_id and found.meetup is not None and found.meetup.is_shown:
        return redirect(found.meetup)  # it runs: people sign up for a date
    if request.method == "POST" and "sign_in" in request.POST:
        return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': request.get_full_path()})}")
    form = _form(request, found, kind, need)
    if request.method != "POST":
        return _form_page(request, found, form)
    if not form.is_valid():
        return _form_page(request, found, form, status=422)
    if not request.user.is_authenticated:
        return _take_part_as_guest(request, found, form)
    try:
        actions.support(
            initiative=found,
            user=request.user,
            commitment=form.commitment(),
            language=get_language(),
            now=timezone.now(),
        )
    except CannotDo as refusal:
        return _refused(request, found, form, refusal)
    return redirect(found.get_absolute_url() + RESULT_ANCHOR)


def _asked(request: HttpRequest, found: Initiative) -> tuple[str, Need | None]:
    """Return the kind of support in the address, and the need it is for."""
    need = _need(request, found)
    return kind_of(need.text)[0] if need else HOW.get(request.GET.get("hoe", ""), Support.Kind.COME), need


def _need(request: HttpRequest, found: Initiative) -> Need | None:
    """Return the need in the address, if it is still on the list."""
    number = request.GET.get("nodig", "")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return found.needs.wanted().with_missing().filter(pk=int(number)).first()


def _form(request: HttpRequest, found: Initiative, kind: str, need: Need | None) -> TakePartForm:
    form_class = TakePartForm if request.user.is_authenticated else GuestTakePartForm
    if request.method == "POST":
        return form_class(request.POST, initiative=found, kind=kind, need=need)
    mine = found.supports.of(request.user).filter(kind=kind, need=need).exclude(state=Support.State.UNCONFIRMED).first()
    return form_class(initial=initial_of(mine) if mine else {}, initiative=found, kind=kind, need=need)


def _take_part_as_guest(request: HttpRequest, found: Initiative, form: TakePartForm) -> HttpResponse:
    if not limits.may_request_mail(request, None):
        form.add_error(
            None, gettext("Very many people are signing up from this connection. Wait a minute, and try again.")
        )
        return _with_retry_after(_form_page(request, found, form, status=429), 60)
    if not limits.may_mail("support of a guest", form.cleaned_data["email"]):
        refused = _refused(request, found, form, CannotDo(Refusal.TOO_OFTEN), status=429)
        return _with_retry_after(refused, limits.HOUR)
    person = {name: form.cleaned_data[name] for name in ("first_name", "email")}
    try:
        actions.support_as_guest(
            initiative=found, commitment=form.commitment(), language=get_language(), **person, now=timezone.now()
        )
    except CannotDo as refusal:
        return _refused(request, found, form, refusal)
    return render(request, "initiatives/guest_asked.html", {"initiative": found, "email": person["email"]})


def _with_retry_after(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response


def _refused(
    request: HttpRequest, found: Initiative, form: TakePartForm, refusal: CannotDo, status: int = 422
) -> HttpResponse:
    form.add_error(None, str(refusal))
    return _form_page(request, found, form, status=status)


def _form_page(request: HttpRequest, found: Initiative, form: TakePartForm, status: int = 200) -> HttpResponse:
    refusal = found.refusal
    context = {
        "initiative": found,
        "town": found.municipality,
        "form": form,
        "kind": form.kind,
        "need": form.need,
        "refusal": refusal and refusal.label,
        "continues_in": merges.leads_to(found),
        "how": next(how for how, kind in HOW.items() if kind == form.kind),
        "action": request.get_full_path(),
    }
    return render(request, "initiatives/take_part.html", context, status=status)


@post_or_redirect_to("initiative", "slug")
def withdraw(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take a commitment back, with one tap."""
    return _with_own_support(request, slug, pk, actions.withdraw)


@post_or_redirect_to("initiative", "slug")
def undo_withdrawal(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take part again, as before."""
    return _with_own_support(request, slug, pk, actions.undo_withdrawal)


def _with_own_support(request: SignedInRequest, slug: str, pk: int, action: Any) -> HttpResponse:
    mine = Support.objects.of(request.user).filter(initiative__slug=slug, pk=pk).select_related("initiative").first()
    if mine is None:
        found = load(slug, request.user)
        messages.error(request, str(Refusal.NOT_TAKING_PART.label))
        return redirect(found)
    try:
        action(support=mine, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    if not mine.initiative.is_visible_to(request.user):
        messages.success(request, gettext("You do not take part any more. Thank you for letting us know."))
        return redirect("my")
    return redirect(mine.initiative.get_absolute_url() + RESULT_ANCHOR)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link in a mail: confirm a commitment, take it back, or take part again."""
    refusal = None
    try:
        support = _support_of(token)
    except CannotDo as error:
        status = LINK_STATUS[error.refusal]
        return render(request, "initiatives/link_refused.html", {"refusal": error}, status=status)
    if request.method == "POST":
        action = {"confirm": actions.confirm, "again": actions.undo_withdrawal}.get(
            request.POST.get("do", ""), actions.withdraw
        )
        try:
            action(support=support, now=timezone.now())
        except CannotDo as error:
            refusal = error
            support = (
                Support.objects.select_related("initiative", "need", "user").filter(pk=support.pk).first() or support
            )
        else:
            return redirect(request.path + RESULT_ANCHOR)
    found = support.initiative
    not_now = found.refusal
    context = {
        "support": support,
        "initiative": found.without_hidden_texts(),
        "is_public": found.is_public,
        "refusal": refusal,
        "not_now": not_now and not_now.label,
        "continues_in": merges.leads_to(found),
        "token": token,
    }
    return render(request, "initiatives/by_link.html", context, status=422 if refusal else 200)


def _support_of(token: str) -> Support:
    pk, asked_at = tokens.read(token)
    support = (
        Support.objects.select_related("initiative__municipality", "initiative__meetup", "need", "user")
        .filter(pk=pk)
        .first()
    )
    if support is None or _is_outdated(support, asked_at):
        raise CannotDo(Refusal.LINK_EXPIRED)
    return support


def _is_outdated(support: Support, asked_at: int) -> bool:
    """Whether this link confirms nothing any more: another one was sent since, or it is too old."""
    if support.state != Support.State.UNCONFIRMED:
        return False
    is_another = int(support.asked_at.timestamp()) != asked_at
    return is_another or timezone.now() - support.asked_at > CONFIRM_WITHIN
