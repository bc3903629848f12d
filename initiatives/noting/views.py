"""Pages for a host who notes an idea of a parent, and for the parent with the card."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.models import User
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives.models import Card
from initiatives.noting import actions
from initiatives.noting.codes import code_of, hash_of
from initiatives.noting.forms import CodeForm, NoteForm
from initiatives.refusals import CannotDo
from meetups.models import Meetup
from meetups.qr_codes import qr_code

CODES_PER_TEN_MINUTES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_note(request: SignedInRequest, slug: str) -> HttpResponse:
    """Note an idea of a parent at a meetup, for its hosts."""
    meetup = get_object_or_404(
        Meetup.objects.hosted_by(request.user).running().select_related("location__municipality"), slug=slug
    )
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        card = actions.note(by=request.user, meetup=meetup, fields=form.fields_to_save(), now=timezone.now())
        return redirect("initiative_card", card.pk)
    context = {"meetup": meetup, "form": form}
    return render(request, "initiatives/note.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@never_cache
def initiative_card(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the card to write down or print, to the host who noted the idea, until the parent has it."""
    card = _own_card(request, pk)
    code = code_of(card.initiative_id)
    url = settings.SITE_URL + reverse("initiative_by_card") + "?" + urlencode({"code": code})
    short = settings.SITE_URL.split("//")[-1] + reverse("initiative_by_card")
    context = {"card": card, "code": code, "qr": qr_code(url), "short_url": short}
    return render(request, "initiatives/card.html", context)


@post_or_redirect_to("initiative_card", "pk")
def initiative_card_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Delete a note that the parent does not want after all."""
    card = _own_card(request, pk)
    try:
        actions.discard(card=card, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The idea has been deleted."))
    return redirect("hosting")


def _own_card(request: SignedInRequest, pk: int) -> Card:
    mine = Card.objects.filter(noted_by=request.user, initiative__initiators=None)
    return get_object_or_404(mine.select_related("initiative__born_at_meetup"), pk=pk)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_by_card(request: HttpRequest) -> HttpResponse:
    """Let a parent find her idea by the code on the card, and make it her own with an account."""
    if request.method != "POST":
        return _code_page(request, CodeForm(initial={"code": request.GET.get("code", "")[:40]}))
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, status=422)
    if limits.count_from_connection(request, "card codes", 600) > CODES_PER_TEN_MINUTES:
        form.add_error(None, gettext("Many codes were tried from this connection. Wait ten minutes, and try again."))
        return _code_page(request, form, status=429)
    code = form.cleaned_data["code"]
    if not isinstance(request.user, User):
        back = reverse("initiative_by_card") + "?" + urlencode({"code": code})
        return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': back})}")
    card = Card.objects.filter(code_hash=hash_of(code)).first()
    if card is None:
        form.add_error("code", gettext("We do not know this code. Check it, or ask the host who gave you the card."))
        return _code_page(request, form, status=422)
    try:
        idea = actions.claim(card=card, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        form.add_error("code", str(refusal))
        return _code_page(request, form, status=422)
    return redirect("initiative_edit" if idea.is_draft else "initiative", idea.slug)


def _code_page(request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    return render(request, "initiatives/by_card.html", {"form": form}, status=status)
