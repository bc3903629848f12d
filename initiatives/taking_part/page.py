"""The page of one idea: what everyone sees, what who takes part sees, and the next step of who started it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from initiatives import stages, wording
from initiatives.models import HistoryEntry, Initiative, InitiativeQuerySet, Initiator, Need, Support
from initiatives.moderated import INITIATIVE
from initiatives.moments import in_order, name
from initiatives.permissions import parts_of, refusal_of
from initiatives.progress.next_step import Facts, next_step
from initiatives.stages import INITIATORS, Part
from initiatives.talking import page as talk
from locations.visibility import Visibility
from meetups import wording as meetup_wording
from meetups.spoken_languages import LANGUAGES
from moderation.marks import mark_for

RESULT_ANCHOR = "#answer"


def load(slug: str, user: Any) -> Initiative:
    """Return the initiative with this slug and what its page shows, if `user` may see it; else raise Http404."""
    found = get_object_or_404(_with_people(Initiative.objects.all()), slug=slug)
    if not found.is_visible_to(user):
        raise Http404
    return found


def _with_people(initiatives: InitiativeQuerySet) -> InitiativeQuerySet:
    """Annotate `started_by`: first names of who started it, the proposer first; and the public questions."""
    people = Initiator.objects.filter(initiative=OuterRef("pk")).order_by("-part", "since", "pk")
    json = JSONObject(id="user_id", name="user__first_name")
    rows = initiatives.select_related(
        "municipality", "wished_place", "photo", "born_at_meetup", "born_at_place__municipality"
    )
    return rows.annotate(started_by=ArraySubquery(people.values(json=json)), questions_json=talk.public_questions())


def idea_page(request: HttpRequest, initiative: Initiative, status: int = 200) -> HttpResponse:
    """Render the page of an idea."""
    return render(
        request, "initiatives/initiative.html", context_for(initiative, request.user, timezone.now()), status=status
    )


def context_for(initiative: Initiative, user: Any, now: datetime) -> dict[str, Any]:
    """Return what the page shows to `user`; for a stranger two queries."""
    parts = parts_of(user, initiative)
    needs = list(initiative.needs.wanted().with_missing())
    mine = list(initiative.supports.of(user).select_related("need").order_by("asked_at", "pk"))
    is_initiator = bool(parts & INITIATORS)
    names: list[str] = [person["name"] for person in initiative.started_by]  # type: ignore[attr-defined]
    refusal = refusal_of(initiative)
    context = {
        "initiative": initiative,
        "town": initiative.municipality,
        "by": meetup_wording.names(names),
        "where": wording.where(initiative),
        "moments": [name(code) for code in in_order(initiative.moments)],
        "ages": meetup_wording.ages(initiative.age_bands) if initiative.age_bands else "",
        "languages": meetup_wording.languages(code for code in initiative.languages if code in LANGUAGES),
        "needs": needs,
        "history": _history(initiative),
        "is_open": refusal is None,
        "refusal": refusal and refusal.label,
        "is_initiator": is_initiator,
        "takes_part": [support for support in mine if support.is_live],
        "withdrawn": [support for support in mine if support.state == Support.State.WITHDRAWN],
        "mark": mark_for(user, INITIATIVE, initiative, now=now),
        "absolute_url": settings.SITE_URL + initiative.get_absolute_url(),
        **talk.context_for(initiative, user, parts, now),
    }
    if is_initiator:
        context |= _for_initiators(initiative, parts, needs, now)
    if is_initiator or any(support.is_live and support.is_named for support in mine):
        context["named"] = _named(initiative, user)
    return context


def _history(initiative: Initiative) -> list[HistoryEntry]:
    return list(initiative.history.select_related("by").order_by("at", "pk"))


def _named(initiative: Initiative, user: Any) -> list[str]:
    """Return the first names of others who take part and chose to be seen, each once."""
    rows = initiative.supports.live().filter(is_named=True).exclude(user=user).select_related("user")
    return list(dict.fromkeys(support.first_name for support in rows))


def _for_initiators(initiative: Initiative, parts: Iterable[Part], needs: list[Need], now: datetime) -> dict[str, Any]:
    people = numbers(initiative)
    step = next_step(facts_of(initiative, needs, people["people"], now))
    live = initiative.supports.live().exclude(words="").select_related("user", "need")
    return {
        "numbers": people,
        "step": step,
        "suiting": suiting(initiative),
        "offers": [support for support in live if support.kind != Support.Kind.COME],
        "rules": [] if initiative.is_draft else stages.possible(initiative.stage, parts),
    }


def numbers(initiative: Initiative) -> dict[str, int]:
    """Return how many take part: people, adults and children who come, who help, who have something."""
    kind = Support.Kind
    live = initiative.supports.live()
    counted: dict[str, int] = live.aggregate(
        coming=Count("pk", filter=Q(kind=kind.COME)),
        helping=Count("pk", filter=Q(kind=kind.HELP)),
        having=Count("pk", filter=Q(kind=kind.HAVE)),
    )
    come = live.filter(kind=kind.COME)
    initiators = initiative.initiators.values("user")
    others = live.exclude(user__in=initiators)
    people = others.exclude(user=None).values("user").distinct().count()
    people += others.filter(user=None).values("guest_email", "guest_name").distinct().count()
    children = sum(come.values_list("children", flat=True))
    return counted | {"adults": come.adults(), "children": children, "people": people}


def suiting(initiative: Initiative) -> list[tuple[str, int]]:
    """Return (moment, how many families it suits), most first; someone who chose none can always come."""
    answers = list(initiative.supports.coming().values_list("moments", flat=True))
    offered = in_order(initiative.moments) or in_order(code for codes in answers for code in codes)
    counted = [(code, sum(not codes or code in codes for codes in answers)) for code in offered]
    return [(name(code), number) for code, number in sorted(counted, key=lambda row: -row[1]) if number]


def facts_of(initiative: Initiative, needs: list[Need], people: int, now: datetime) -> Facts:
    """Return the facts on which the next step depends."""
    return Facts(
        stage=initiative.stage,
        is_draft=initiative.is_draft,
        is_waiting=initiative.visibility == Visibility.WAITING,
        days_on_site=(now - initiative.published_at).days if initiative.published_at else 0,
        people=people,
        missing=tuple(need.text for need in needs if need.missing),  # type: ignore[attr-defined]
    )
