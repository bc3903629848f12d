"""Pages to propose an idea, to keep it for later, and to change it."""

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
from initiatives.finding.similar import similar
from initiatives.models import Initiative
from initiatives.moderated import INITIATIVE
from initiatives.proposing import actions
from initiatives.proposing.forms import IdeaForm, TownForm, form_for, initial_of
from initiatives.refusals import CannotDo
from initiatives.sharing.actions import fields_to_copy
from locations.models import Location, Municipality
from meetups.models import Meetup
from moderation import refusals as moderation
from moderation.marks import mark_for, own_waiting_texts


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_new(request: SignedInRequest) -> HttpResponse:
    """Propose an idea in one form, or keep it for later."""
    born = _born_at(request)
    town = _town(request, born)
    if town is None:
        asked = request.method == "POST" or bool(request.GET.get("gemeente")) or "verder" in request.GET
        context = {"town_form": TownForm(request.GET if asked else None), "source": _source(request)}
        return render(request, "initiatives/choose_town.html", context, status=422 if asked else 200)
    is_draft = "later" in request.POST
    source = _source(request)
    if request.method != "POST":
        initial = fields_to_copy(source) if source else {}
        return _page(request, IdeaForm(initial=initial, town=town), town)
    form = IdeaForm(request.POST, town=town, is_draft=is_draft)
    if not form.is_valid():
        return _page(request, form, town, status=422)
    save = actions.save_draft if is_draft else actions.propose
    try:
        fields = form.fields_to_save() | born
        idea = save(by=request.user, town=town, now=timezone.now(), fields=fields, source=source)
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, town, status=422)
    return _saved(request, idea)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change an idea, or finish a draft and publish it."""
    idea = _my_idea(request, slug)
    town = idea.municipality
    if request.method != "POST":
        waiting = {} if idea.is_draft else own_waiting_texts(request.user, INITIATIVE, idea)
        return _page(request, form_for(idea)(initial=initial_of(idea) | waiting, town=town), town, idea=idea)
    keeps_draft = idea.is_draft and "later" in request.POST
    form = form_for(idea)(request.POST, town=town, is_draft=keeps_draft)
    if not form.is_valid():
        return _page(request, form, town, idea=idea, status=422)
    publishes = idea.is_draft and not keeps_draft
    now, fields = timezone.now(), form.fields_to_save()
    try:
        if publishes:
            idea = actions.publish_draft(draft=idea, by=request.user, now=now, fields=fields)
        else:
            idea = actions.change(initiative=idea, by=request.user, now=now, fields=fields)
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, town, idea=idea, status=422)
    if publishes or idea.is_draft:
        return _saved(request, idea)
    messages.success(request, gettext("Saved. Everyone who takes part hears it if something important changed."))
    return redirect(idea)


@post_or_redirect_to("initiative_edit", "slug")
def initiative_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    """Delete a draft."""
    idea = _my_idea(request, slug)
    try:
        actions.delete_draft(draft=idea, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return redirect(idea)
    messages.success(request, gettext("The idea has been deleted."))
    return redirect("my")


@post_or_redirect_to("initiative_new")
def initiative_similar(request: SignedInRequest) -> HttpResponse:
    """Show what exists already and looks like what is being written; the part of the page beside the field."""
    town = get_object_or_404(Municipality, slug=request.POST.get("gemeente", "").replace("\0", ""))
    return render(request, "initiatives/_similar.html", _similar(request, town, request.POST))


def _similar(
    request: SignedInRequest, town: Municipality, typed: Any, idea: Initiative | None = None
) -> dict[str, Any]:
    text = f"{typed.get('title') or ''} {typed.get('what') or ''}".replace("\0", "")
    found = similar(town=town, text=text, user=request.user)
    return {"town": town, "similar": [thing for thing in found if thing != idea]}


def _my_idea(request: SignedInRequest, slug: str) -> Initiative:
    """Return the idea if this user started it, else raise Http404."""
    mine = Initiative.objects.of(request.user).select_related("municipality", "wished_place", "existing")
    return get_object_or_404(mine, slug=slug)


def _town(request: SignedInRequest, born: dict[str, Any]) -> Municipality | None:
    """Return the town in the address, that of where the idea was born, or the home town; None if nobody knows."""
    asked = request.POST.get("gemeente", request.GET.get("gemeente"))
    if asked is not None:
        return Municipality.objects.filter(slug=asked.replace("\0", "")).first()
    place = born.get("born_at_place")
    return place.municipality if place else request.user.municipality


def _born_at(request: SignedInRequest) -> dict[str, Any]:
    """Return the meetup and the place in the address where the idea was born."""
    slug = request.GET.get("uit", "").replace("\0", "")
    if not slug:
        return {}
    meetup = Meetup.objects.active().select_related("location__municipality").filter(slug=slug).first()
    if meetup is not None:
        return {"born_at_meetup": meetup, "born_at_place": meetup.location}
    place = Location.objects.current().select_related("municipality").filter(slug=slug).first()
    return {"born_at_place": place} if place else {}


def _source(request: SignedInRequest) -> Initiative | None:
    """Return the public idea in the address that this one copies."""
    slug = request.GET.get("naar", "").replace("\0", "")
    return Initiative.objects.public().unblocked(request.user).filter(slug=slug).first() if slug else None


def _saved(request: SignedInRequest, idea: Initiative) -> HttpResponse:
    if idea.is_draft:
        messages.success(request, gettext("Kept for later. You find it on your own page. Only you can see it."))
    elif idea.is_public:
        messages.success(request, gettext("Your idea is on the site. Tell others about it!"))
    else:
        messages.success(request, gettext("Saved. Someone looks at your text first. Then everyone can see it."))
    return redirect(idea)


def _page(
    request: SignedInRequest, form: IdeaForm, town: Municipality, *, idea: Initiative | None = None, status: int = 200
) -> HttpResponse:
    typed = form.data if form.is_bound else form.initial
    context = {
        "form": form,
        "town": town,
        "initiative": idea,
        "action": request.get_full_path(),
        **_similar(request, town, typed, idea),
    }
    if idea and not idea.is_draft:
        context["mark"] = mark_for(request.user, INITIATIVE, idea, now=timezone.now(), is_own=True)
        context["listeners"] = idea.supports.live().exclude(user__in=idea.initiators.values("user")).exists()
    return render(request, "initiatives/edit.html", context, status=status)
