"""The mails about day, place and beginning, composed when they are sent from the rows as they are then.

A composer returns None when its mail is outdated or no longer needed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from initiatives import tokens, wording
from initiatives.emails import initiative_url
from initiatives.models import Initiative, PlaceRequest, Support
from initiatives.stages import Stage
from meetups import wording as meetup_wording
from meetups.models import Occurrence
from notifications import rendering
from notifications.channels.email import composer
from notifications.models import Message

State = PlaceRequest.State


@composer("initiative_places.asked")
def place_asked(message: Message) -> EmailMultiAlternatives | None:
    request = _request(message)
    if request is None or request.state != State.ASKED or not request.initiative.is_public:
        return None
    role = message.context["to"]
    if role != "place" and hasattr(request.place, "contact"):  # asked by now
        return None
    previous = request.initiative.place_requests.filter(place=request.place, pk__lt=request.pk).last()
    is_again = bool(message.context.get("is_again")) and previous is not None
    return _to_place(
        "initiative_place_asked",
        message,
        request,
        role=role,
        is_again=is_again,
        is_reminder=bool(message.context.get("is_reminder")),
        was=wording.schedule_in_words(previous) if is_again and previous else "",
        contact_url=settings.SITE_URL + reverse("place_contact", args=[request.place.slug]),
    )


@composer("initiative_places.told")
def place_told(message: Message) -> EmailMultiAlternatives | None:
    request, what = _request(message), message.context["what"]
    if request is None:
        return None
    still_true = {
        "off": request.is_void,
        "accepted": request.is_agreed,
        "refused": request.state == State.REFUSED,
        "began": request.is_agreed,
    }
    return _to_place("initiative_place_told", message, request, what=what) if still_true[what] else None


def _to_place(name: str, message: Message, request: PlaceRequest, **extra: Any) -> EmailMultiAlternatives:
    context = _about(request) | extra
    context["link_url"] = settings.SITE_URL + reverse("place_request", args=[tokens.make_for_place(request)])
    contact = request.initiative.municipality.contact_email
    return rendering.render_mail(name, context, to=message.recipient, reply_to=[contact] if contact else [])


@composer("initiative_places.answered")
def place_answered(message: Message) -> EmailMultiAlternatives | None:
    request, state = _request(message), message.context["state"]
    if request is None or not _is_initiator(message, request):
        return None
    if state != request.state and not (state == "taken" and request.state == State.ASKED):
        return None
    context = _about(request) | {
        "first_name": message.user.first_name if message.user else "",
        "state": state,
        "request": request,
        "other": wording.offered_in_words(request) if request.is_offered else "",
        "is_running": request.initiative.stage == Stage.RUNNING,
    }
    return rendering.render_mail("initiative_place_answered", context, to=message.recipient)


@composer("initiative_places.silent")
def place_silent(message: Message) -> EmailMultiAlternatives | None:
    request = _request(message)
    if request is None or request.state != State.ASKED or not _is_initiator(message, request):
        return None
    context = _about(request) | {"first_name": message.user.first_name if message.user else ""}
    return rendering.render_mail("initiative_place_silent", context, to=message.recipient)


@composer("initiatives.place_gone")
def place_gone(message: Message) -> EmailMultiAlternatives | None:
    support = _support(message)
    request = PlaceRequest.objects.filter(pk=message.context["request"], state=State.REVOKED).first()
    if support is None or request is None or not support.initiative.is_public:
        return None
    return _to_supporter("initiative_place_gone", support, place=request.place.name)


@composer("initiatives.begins")
def begins(message: Message) -> EmailMultiAlternatives | None:
    from_any = Support.objects.select_related("user", "initiative__municipality", "initiative__meetup")
    support = from_any.filter(pk=message.object_id).first()
    if support is None or support.initiative.meetup is None or not support.initiative.meetup.is_shown:
        return None
    live = support.initiative.supports.live().select_related("user")
    people = [row for row in live if row.email.lower() == support.email.lower()]
    first = _first_date(support.initiative)
    if not people or first is None:
        return None
    coming = [row for row in people if row.kind == Support.Kind.COME]
    names = meetup_wording.names(dict.fromkeys(row.first_name for row in coming or people))
    return _to_supporter(
        "initiative_begins",
        support,
        first_name=names,
        is_coming=bool(coming),
        day=meetup_wording.day_with_year(first.local_date),
        times=meetup_wording.times(first.starts_at, first.ends_at),
        location=first.location,
        meetup_url=settings.SITE_URL + support.initiative.meetup.get_absolute_url(),
        join_url=settings.SITE_URL
        + reverse("initiative_first_date", args=[tokens.make_for_first_date(coming[0] if coming else support)]),
    )


def _first_date(initiative: Initiative) -> Occurrence | None:
    dates = Occurrence.objects.joinable(timezone.now()).filter(meetup=initiative.meetup_id)
    return dates.select_related("location").first()


def _to_supporter(name: str, support: Support, **extra: Any) -> EmailMultiAlternatives:
    contact = support.initiative.municipality.contact_email
    context = {
        "initiative": support.initiative.without_hidden_texts(),
        "first_name": support.first_name,
        "initiative_url": initiative_url(support.initiative),
        "link_url": settings.SITE_URL + reverse("initiative_link", args=[tokens.make(support)]),
        "site_url": settings.SITE_URL,
    } | extra
    return rendering.render_mail(name, context, to=support.email, reply_to=[contact] if contact else [])


def _request(message: Message) -> PlaceRequest | None:
    rows = PlaceRequest.objects.select_related("initiative__municipality", "place__municipality", "place__contact")
    return rows.filter(pk=message.object_id).first()


def _support(message: Message) -> Support | None:
    rows = Support.objects.select_related("user", "initiative__municipality")
    return rows.filter(pk=message.object_id, state=Support.State.LIVE).first()


def _is_initiator(message: Message, request: PlaceRequest) -> bool:
    return request.initiative.initiators.filter(user=message.user_id).exists()


def _about(request: PlaceRequest) -> dict[str, Any]:
    """Return what every mail about a place says: which idea, of whom, where and when."""
    people = request.initiative.initiators.select_related("user")
    return {
        "request": request,
        "initiative": request.initiative.without_hidden_texts(),
        "by": meetup_wording.names(person.user.first_name for person in people) or gettext("Parents"),
        "place": request.place.name,
        "town": request.initiative.municipality,
        "when": wording.schedule_in_words(request),
        "how_many": meetup_wording.people(request.adults, request.children),
        "initiative_url": initiative_url(request.initiative),
        "plan_url": settings.SITE_URL + reverse("initiative_plan", args=[request.initiative.slug]),
        "site_url": settings.SITE_URL,
    }
