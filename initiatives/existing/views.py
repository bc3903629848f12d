"""Pages to list a group that exists already, and for its people: it is right, it is ours, or remove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.models import User
from initiatives import wording
from initiatives.existing import actions, claims, tokens
from initiatives.existing.forms import ClaimForm, GuestListForm, ListForm
from initiatives.forgetting import CONFIRM_WITHIN
from initiatives.models import ExistingGroup, Initiative
from initiatives.proposing.forms import TownForm
from initiatives.refusals import CannotDo, Refusal
from locations.models import Municipality
from moderation import refusals as moderation

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LINK_STATUS = {Refusal.LINK_EXPIRED: 410, Refusal.GROUP_GONE: 410, Refusal.LINK_WRONG: 404}
RESULT_ANCHOR = "#answer"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """List a group that exists already, with an account or without."""
    town = _town(request)
    if town is None:
        asked = request.method == "POST" or bool(request.GET.get("gemeente")) or "verder" in request.GET
        context = {"town_form": TownForm(request.GET if asked else None)}
        return render(request, "initiatives/group_town.html", context, status=422 if asked else 200)
    if request.method == "POST" and "sign_in" in request.POST:
        return redirect(_sign_in(f"{request.path}?{urlencode({'gemeente': town.slug})}"))
    form_class = ListForm if request.user.is_authenticated else GuestListForm
    form = form_class(request.POST if request.method == "POST" else None, town=town)
    if request.method != "POST":
        return _form_page(request, form, town)
    if not form.is_valid():
        return _form_page(request, form, town, status=422)
    if not isinstance(request.user, User):
        return _list_as_guest(request, form, town)
    listed = {"town": town, "email": form.cleaned_data["email"], "fields": form.group(), "now": timezone.now()}
    try:
        idea = actions.list_group(by=request.user, **listed)
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, town, status=422)
    if idea.is_public:
        messages.success(request, gettext("The group is on the site. Its people get an email, once."))
    else:
        said = gettext(
            "Saved. Someone looks at your text first. Then everyone can see it, and its people get an email."
        )
        messages.success(request, said)
    return redirect(idea)


def _town(request: HttpRequest) -> Municipality | None:
    """Return the town in the address, or the home town; None if nobody knows."""
    asked = request.POST.get("gemeente", request.GET.get("gemeente"))
    if asked is not None:
        return Municipality.objects.filter(slug=asked.replace("\0", "")).first()
    return request.user.municipality if isinstance(request.user, User) else None


def _form_page(request: HttpRequest, form: ListForm, town: Municipality, status: int = 200) -> HttpResponse:
    return render(request, "initiatives/group_new.html", {"form": form, "town": town}, status=status)


def _list_as_guest(request: HttpRequest, form: ListForm, town: Municipality) -> HttpResponse:
    own = form.cleaned_data["own_email"]
    if not limits.may_request_mail(request, None):
        wait, said = 60, gettext("Very many people are filling in forms from this connection. Wait a minute.")
    elif not limits.may_mail("group of a guest", own):
        wait, said = limits.HOUR, str(Refusal.TOO_OFTEN.label)
    elif limits.count(f"groups:{limits.keyed_hash(own)}", limits.DAY) > actions.PER_DAY:
        wait, said = limits.DAY, str(Refusal.TOO_MANY_GROUPS.label)
    else:
        return _ask_guest(request, form, town, own)
    form.add_error(None, said)
    response = _form_page(request, form, town, status=429)
    response["Retry-After"] = str(wait)
    return response


def _ask_guest(request: HttpRequest, form: ListForm, town: Municipality, own: str) -> HttpResponse:
    try:
        actions.list_group_as_guest(
            own_email=own,
            language=get_language(),
            town=town,
            email=form.cleaned_data["email"],
            fields=form.group(),
            now=timezone.now(),
        )
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, town, status=422)
    return render(request, "initiatives/group_asked.html", {"email": own, "title": form.cleaned_data["title"]})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def group_listing(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link to a guest who lists a group: its button puts the group on the site."""
    refusal = None
    try:
        group = _group(tokens.read_of_lister(token))
        if not group.is_confirmed and timezone.now() - group.created_at > CONFIRM_WITHIN:
            raise CannotDo(Refusal.LINK_EXPIRED)
    except CannotDo as error:
        return _no_link(request, error)
    if request.method == "POST":
        try:
            actions.confirm_listing(group=group, now=timezone.now())
        except CannotDo as error:
            refusal = error
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = {"group": group, "initiative": group.initiative, "refusal": refusal}
    return render(request, "initiatives/group_listing.html", context, status=422 if refusal else 200)


@dataclass(frozen=True)
class Choice:
    """What the people of a group can say by their link."""

    key: str
    label: StrPromise


KEEP = Choice("klopt", _("This is right, keep it"))
TAKE_OVER = Choice("overnemen", _("This is my group"))
REMOVE = Choice("weg", _("Delete it"))
CHOICES = (KEEP, TAKE_OVER, REMOVE)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def group_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link to the people of a group; the link may choose beforehand, and only the button saves it."""
    try:
        group = _group(tokens.read_of_people(token))
    except CannotDo as error:
        return _no_link(request, error)
    key = request.POST.get("answer", "") if request.method == "POST" else request.GET.get("antwoord", "")
    choice = next((choice for choice in CHOICES if choice.key == key), None)
    if request.method == "POST" and choice == TAKE_OVER and not isinstance(request.user, User):
        return redirect(_sign_in(f"{request.path}?{urlencode({'antwoord': TAKE_OVER.key})}"))
    form = ClaimForm(request.POST if request.method == "POST" and choice == TAKE_OVER else None)
    refusal = None
    if request.method == "POST" and choice is not None and (choice != TAKE_OVER or form.is_valid()):
        try:
            _save(request, group, choice, form)
        except CannotDo as error:
            refusal = error
            group.refresh_from_db()
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = {
        "group": group,
        "initiative": group.initiative.without_hidden_texts(),
        "town": group.initiative.municipality,
        "where": wording.where(group.initiative),
        "is_public": group.initiative.is_public,
        "choices": CHOICES,
        "choice": choice,
        "form": form,
        "claim": group.claims.of(request.user).first(),
        "refusal": refusal,
    }
    is_refused = request.method == "POST"
    return render(request, "initiatives/group_link.html", context, status=422 if is_refused else 200)


def _save(request: HttpRequest, group: ExistingGroup, choice: Choice, form: ClaimForm) -> None:
    now = timezone.now()
    if choice == KEEP:
        actions.keep(group=group, now=now)
    elif choice == REMOVE:
        actions.remove(group=group, now=now)
    elif isinstance(request.user, User):
        claims.claim(group=group, by=request.user, has_link=True, now=now, **form.cleaned_data)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def group_ours(request: HttpRequest, slug: str) -> HttpResponse:
    """ "Is this your group?": send the link to the known address again, whoever asks; the answer is always the same."""
    idea = get_object_or_404(Initiative.objects.public().running_elsewhere(), slug=slug)
    if request.method == "POST":
        if not limits.may_request_mail(request, None):
            context = {"initiative": idea, "town": idea.municipality, "is_too_often": True}
            response = render(request, "initiatives/group_ours.html", context, status=429)
            response["Retry-After"] = "60"
            return response
        actions.send_link(group=idea.existing, now=timezone.now())
    context = {"initiative": idea, "town": idea.municipality, "is_sent": request.method == "POST"}
    return render(request, "initiatives/group_ours.html", context)


def _group(pk: int) -> ExistingGroup:
    rows = ExistingGroup.objects.select_related("initiative__municipality", "initiative__wished_place")
    group = rows.filter(pk=pk).first()
    if group is None:
        raise CannotDo(Refusal.GROUP_GONE)
    return group


def _no_link(request: HttpRequest, refusal: CannotDo) -> HttpResponse:
    status = LINK_STATUS[refusal.refusal]
    return render(request, "initiatives/link_refused.html", {"refusal": refusal}, status=status)


def _sign_in(path: str) -> str:
    return f"{reverse('account_request_login_code')}?{urlencode({'next': path})}"
