"""The pages of a place: the question that the link in a mail leads to, and its address, kept by coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from initiatives import plans, tokens, wording
from initiatives.models import Initiator, PlaceContact, PlaceRequest
from initiatives.planning import actions, answers
from initiatives.planning.forms import ContactForm, NoForm, OtherForm, RevokeForm, YesForm, _AnswerForm
from initiatives.refusals import CannotDo, Refusal
from locations.models import Location
from meetups import wording as meetup_wording
from meetups.clock import local_date
from meetups.permissions import coordinates_place

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LINK_STATUS = {Refusal.LINK_EXPIRED: 410, Refusal.LINK_WRONG: 404}
RESULT_ANCHOR = "#answer"


@dataclass(frozen=True)
class Choice:
    """An answer that a place can give: its name in the address, its form and its words."""

    key: str
    form: type[_AnswerForm]
    label: StrPromise
    button: StrPromise


CHOICES = (
    Choice("ja", YesForm, _("Yes, this is possible"), _("Save: yes, this is possible")),
    Choice("anders", OtherForm, _("Another moment is possible"), _("Save: another moment is possible")),
    Choice("nee", NoForm, _("No, this is not possible"), _("Save: no, this is not possible")),
)
REVOKE = Choice("intrekken", RevokeForm, _("It is not possible any more"), _("Save: it is not possible any more"))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place_request(request: HttpRequest, token: str) -> HttpResponse:
    """The question to a place; the link may choose an answer beforehand, and only the button saves it."""
    now = timezone.now()
    try:
        asked = _asked(token)
    except CannotDo as refused:
        status = LINK_STATUS[refused.refusal]
        return render(request, "initiatives/link_refused.html", {"refusal": refused}, status=status)
    choices = [REVOKE] if asked.is_agreed else [*CHOICES]
    key = request.POST.get("answer", "") if request.method == "POST" else request.GET.get("antwoord", "")
    choice = next((choice for choice in choices if choice.key == key), None)
    typed = request.POST if request.method == "POST" else None
    form, refusal = None, None
    if choice is not None:
        form = choice.form(typed, initial=_initial(asked, now), request_to_place=asked, now=now)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _save(asked, key, form.cleaned_data, now)
        except CannotDo as error:
            refusal = error
            asked = _asked(token)
            if refusal.refusal == Refusal.BEGUN_MEANWHILE:  # the next time it is meant
                again = _initial(asked, now) | {"reason": form.cleaned_data["reason"]}
                form = RevokeForm(initial=again, request_to_place=asked, now=now)
        else:
            return redirect(request.path + RESULT_ANCHOR)
    context = {
        "asked": asked,
        "initiative": asked.initiative.without_hidden_texts(),
        "is_public": asked.initiative.is_public,
        "town": asked.initiative.municipality,
        "by": meetup_wording.names(asked.started_by),  # type: ignore[attr-defined]
        "when": wording.schedule_in_words(asked),
        "other": wording.offered_in_words(asked) if asked.is_offered else "",
        "how_many": meetup_wording.people(asked.adults, asked.children),
        "choices": choices,
        "choice": choice,
        "form": form,
        "refusal": refusal,
        "can_answer": not asked.is_void and not asked.initiative.is_ended,
        "also_there": _also_there(asked, now),
    }
    is_refused = request.method == "POST"
    return render(request, "initiatives/place_request.html", context, status=422 if is_refused else 200)


def _asked(token: str) -> PlaceRequest:
    rows = PlaceRequest.objects.select_related("initiative__municipality", "place__municipality")
    people = Initiator.objects.filter(initiative=OuterRef("initiative")).order_by("-part", "since", "pk")
    rows = rows.annotate(started_by=ArraySubquery(people.values("user__first_name")))
    asked = rows.filter(pk=tokens.read_for_place(token)).first()
    if asked is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    return asked


def _initial(asked: PlaceRequest, now: datetime) -> dict[str, Any]:
    """Return what to fill in; a year from the first date is the longest that a place can say yes for."""
    first_on = max(asked.first_on, local_date(now))
    return {
        "until": asked.agreed_until or first_on + plans.LONGEST_CONSENT / 2,
        "other_on": asked.other_on,
        "other_start_time": asked.other_start_time or asked.start_time,
        "other_end_time": asked.other_end_time or asked.end_time,
        "has_begun": asked.initiative.meetup_id is not None,
    }


def _also_there(asked: PlaceRequest, now: datetime) -> bool:
    """Whether something else is at the place in Pedbasis on one of these dates."""
    found = plans.candidates([asked.place], asked, asked.initiative, now=now)
    return any(candidate.taken for candidate in found)


def _save(asked: PlaceRequest, key: str, data: dict[str, Any], now: datetime) -> None:
    match key:
        case "ja":
            answers.agree(request=asked, until=data["until"], now=now)
        case "nee":
            answers.decline(request=asked, reason=data["reason"], now=now)
        case "anders":
            answers.offer(
                request=asked,
                on=data["other_on"],
                start_time=data["other_start_time"],
                end_time=data["other_end_time"],
                until=data["until"],
                reason=data["reason"],
                now=now,
            )
        case "intrekken":
            answers.revoke(request=asked, reason=data["reason"], has_begun=data["has_begun"], now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def place_contact(request: SignedInRequest, slug: str) -> HttpResponse:
    """Keep the address of a place, for coordinators of the town."""
    place = get_object_or_404(Location.objects.select_related("municipality"), slug=slug)
    if not coordinates_place(request.user, place):
        raise Http404
    contact = PlaceContact.objects.filter(location=place).first()
    initial = {"email": contact.email, "name": contact.name} if contact else {}
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_contact(place=place, now=timezone.now(), **form.cleaned_data)
        messages.success(request, gettext("Saved. Questions that still waited are sent to this address now."))
        return redirect(place)
    context = {
        "place": place,
        "town": place.municipality,
        "form": form,
        "waiting": PlaceRequest.objects.unanswered().filter(place=place).count(),
    }
    return render(request, "initiatives/place_contact.html", context, status=422 if request.method == "POST" else 200)
