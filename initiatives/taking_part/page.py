"""The page of one idea: what everyone sees, what who takes part sees, and the next step of who started it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, JSONObject, Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext

from initiatives import merges, plans, quiet, stages, tokens, wording
from initiatives.models import (
    HistoryEntry,
    Initiative,
    InitiativeQuerySet,
    Initiator,
    Need,
    PlaceRequest,
    Plan,
    Recipe,
    Support,
)
from initiatives.moderated import INITIATIVE
from initiatives.moments import in_order, name
from initiatives.permissions import parts_of
from initiatives.progress.next_step import Facts, next_step
from initiatives.stages import INITIATORS, Part, Step
from initiatives.taking_part import pictures
from initiatives.talking import page as talk
from locations.visibility import Visibility
from meetups import wording as meetup_wording
from meetups.models import Meetup
from meetups.spoken_languages import LANGUAGES
from moderation.marks import mark_for
from moderation.models import Block

MOST_RELATIVES = 12
MOST_OWN = 3
RESULT_ANCHOR = "#answer"


@dataclass(frozen=True)
class NeedShown:
    """Something that is needed, as the page shows it."""

    pk: int
    text: str
    quantity: int
    promised: int
    missing: int


@dataclass(frozen=True)
class StepShown:
    """A step in the history, as the page shows it."""

    label: str
    by: str  # the first name of who took it; empty if it was nobody who started the idea
    via: str  # empty: on the site
    at: datetime
    is_merge: bool = False  # it continues in another


def load(slug: str, user: Any) -> Initiative:
    """Return the initiative with this slug and what its page shows, if `user` may see it; else raise Http404."""
    found = get_object_or_404(with_all_shown(Initiative.objects.all(), user), slug=slug)
    if not found.is_visible_to(user):
        raise Http404
    return found


def with_all_shown(initiatives: InitiativeQuerySet, user: Any) -> InitiativeQuerySet:
    """Load, in the same query, everything that the page shows to everyone; without people whom `user` blocked."""
    people = Initiator.objects.filter(initiative=OuterRef("pk")).order_by("-part", "since", "pk")
    people = people.exclude(user__in=blocked_by(user))
    json = JSONObject(id="user_id", name="user__first_name")
    relatives = Initiative.objects.public().unblocked(user).exclude(pk=OuterRef("pk")).order_by("published_at", "pk")
    root = Coalesce(OuterRef("root"), OuterRef("pk"))
    family = relatives.filter(Q(root=root) | Q(pk=root))[:MOST_RELATIVES]
    relative = JSONObject(id="pk", slug="slug", title="title", town="municipality__name", source="copied_from")
    rows = initiatives.select_related(
        "municipality",
        "wished_place",
        "photo",
        "born_at_meetup",
        "born_at_place__municipality",
        "meetup",
        "plan__place",
        "recipe",
        "existing",
        "merged_into",
    )
    return rows.annotate(
        started_by=ArraySubquery(people.values(json=json)),
        family_tree=ArraySubquery(family.values(json=relative)),
        has_agreed_place=Exists(PlaceRequest.objects.agreed().filter(initiative=OuterRef("pk"))),
        needs_json=_needs(),
        history_json=_history(user),
        questions_json=talk.public_questions(),
        joined=merges.joined(user),
    ).defer("words")


def _needs() -> ArraySubquery:
    needs = Need.objects.wanted().with_missing().filter(initiative=OuterRef("pk")).order_by("position", "pk")
    need = {name: name for name in ("pk", "text", "quantity", "promised", "missing")}
    return ArraySubquery(needs.values(json=JSONObject(**need)))


def _history(user: Any) -> ArraySubquery:
    """Return the steps that were taken; without the names of those whom `user` blocked."""
    steps = HistoryEntry.objects.filter(initiative=OuterRef("pk")).order_by("at", "pk")
    name: Any = F("by__first_name")
    if user.is_authenticated:
        is_blocked = Exists(blocked_by(user).filter(blocked=OuterRef("by")))
        name = Case(When(is_blocked, then=Value(None)), default=name, output_field=CharField())
    return ArraySubquery(steps.values(json=JSONObject(step="step", name=name, via="via", at="at")))


def idea_page(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    """Render the page of an idea."""
    context = context_for(initiative, request.user, timezone.now())
    return render(request, "initiatives/initiative.html", context)


def context_for(initiative: Initiative, user: Any, now: datetime) -> dict[str, Any]:
    """Return what the page shows to `user`; for a stranger without a query."""
    parts = parts_of(user, initiative)
    needs = [NeedShown(**need) for need in initiative.needs_json]  # type: ignore[attr-defined]
    mine = list(initiative.supports.of(user).select_related("need").order_by("asked_at", "pk"))
    is_initiator = bool(parts & INITIATORS)
    names: list[str] = [person["name"] for person in initiative.started_by]  # type: ignore[attr-defined]
    refusal = initiative.refusal
    continues_in = merges.leads_to(initiative)
    plan = _plan_of(initiative)
    context = {
        "initiative": initiative,
        "town": initiative.municipality,
        "title": f"{initiative.title or gettext('Your idea')}, {initiative.municipality.name}",
        "description": _description(initiative, continues_in),
        "picture": pictures.of_initiative(initiative),
        "by": meetup_wording.names(names),
        "where": wording.where(initiative),
        "plan": plan,
        "chosen": wording.schedule_in_words(plan) if plan else "",
        "is_place_unsure": _is_place_unsure(initiative, plan),
        "group": initiative.existing if initiative.is_group else None,
        "runs_elsewhere": initiative.runs_elsewhere,
        "moments": [name(code) for code in in_order(initiative.moments)],
        "born_at_meetup": _born_at(initiative, user),
        "ages": meetup_wording.ages(initiative.age_bands) if initiative.age_bands else "",
        "languages": meetup_wording.languages(code for code in initiative.languages if code in LANGUAGES),
        "needs": needs,
        "history": _steps(initiative),
        "is_open": refusal is None,
        "refusal": refusal and refusal.label,
        "is_initiator": is_initiator,
        "takes_part": [support for support in mine if support.is_live],
        "withdrawn": [support for support in mine if support.state == Support.State.WITHDRAWN],
        "mark": mark_for(user, INITIATIVE, initiative, now=now, is_own=is_initiator or initiative.was_listed_by(user)),
        "recipe": _recipe(initiative, is_initiator=is_initiator),
        "family": _family(initiative),
        "continues_in": continues_in,
        "absolute_url": settings.SITE_URL + initiative.get_absolute_url(),
        **talk.context_for(initiative, user, parts, now),
    }
    if parts - {Part.ANYONE}:
        context["quiet"] = quiet.state_of(initiative, now=now)
        context["can_take_over"] = context["quiet"].can_be_taken_over and Part.PROPOSER not in parts
    if is_initiator:
        context |= _for_initiators(initiative, user, parts, needs, context["quiet"], now)
    elif user.is_authenticated and names and initiative.is_public and not initiative.is_ended:
        context["could_continue_with"] = _own_ideas_near(initiative, user)
    if context["continues_in"] and context["takes_part"]:
        token = tokens.make(context["takes_part"][0])
        context["follow_along_url"] = reverse("initiative_follow_along", args=[token])
    if is_initiator or any(support.is_live and support.is_named for support in mine):
        context["named"] = _named(initiative, user)
    return context


def _description(initiative: Initiative, continues_in: Initiative | None) -> str:
    """Return what a chat shows of a link to the page."""
    if continues_in is not None:
        return gettext("This idea continues in “{title}”.").format(title=continues_in.title)
    return Truncator(initiative.what).chars(180)


def _plan_of(initiative: Initiative) -> Plan | None:
    """Return the chosen day and place, loaded with the initiative; None once its meetup says it better."""
    is_running = initiative.meetup is not None and initiative.meetup.is_shown
    return None if is_running else getattr(initiative, "plan", None)


def _is_place_unsure(initiative: Initiative, plan: Plan | None) -> bool:
    """Whether the place of the plan has to say yes, and did not do so yet."""
    if plan is None or initiative.stage not in stages.OPEN or not plans.needs_consent(initiative, plan):
        return False
    return not initiative.has_agreed_place  # type: ignore[attr-defined]


def _recipe(initiative: Initiative, *, is_initiator: bool) -> Recipe | None:
    """Return how it was done, if everyone may see it, or who started it does so."""
    recipe: Recipe | None = getattr(initiative, "recipe", None)
    return recipe if recipe is not None and (is_initiator or recipe.visibility == Visibility.SHOWN) else None


def _family(initiative: Initiative) -> list[dict[str, Any]]:
    """Return the ideas that this one was copied from, and that were copied from it."""
    return [
        {
            "url": reverse("initiative", args=[relative["slug"]]),
            "title": relative["title"],
            "town": relative["town"],
            "is_source": relative["id"] == initiative.copied_from_id,
            "is_copy": relative["source"] == initiative.pk,
        }
        for relative in initiative.family_tree  # type: ignore[attr-defined]
    ]


def _born_at(initiative: Initiative, user: Any) -> Meetup | None:
    """Return the meetup where it began, if everyone may see it and `user` did not block a host of it."""
    meetup = initiative.born_at_meetup
    if meetup is None or not meetup.is_shown:
        return None
    if not user.is_authenticated:
        return meetup
    return meetup if Meetup.objects.unblocked(user).filter(pk=meetup.pk).exists() else None


def _steps(initiative: Initiative) -> list[StepShown]:
    return [
        StepShown(
            label=str(Step(entry["step"]).label),
            by=entry["name"] or "",
            via=str(HistoryEntry.Via.MAIL.label) if entry["via"] == HistoryEntry.Via.MAIL else "",
            at=datetime.fromisoformat(entry["at"]),
            is_merge=entry["step"] == Step.MERGED,
        )
        for entry in initiative.history_json  # type: ignore[attr-defined]
    ]


def blocked_by(user: Any) -> QuerySet[Block, Any]:
    """Return whom `user` blocked, as `blocked` for a subquery; nobody for a stranger."""
    return (Block.objects.by(user) if user.is_authenticated else Block.objects.none()).values("blocked")


def _own_ideas_near(initiative: Initiative, user: Any) -> list[Initiative]:
    """Return the ideas in this town that `user` started and that could continue together with this one."""
    mine = Initiative.objects.of(user).listed().filter(municipality=initiative.municipality_id)
    return list(mine.newest_first()[:MOST_OWN])


def _named(initiative: Initiative, user: Any) -> list[str]:
    """Return the first names of others who take part and chose to be seen, each once."""
    others = initiative.supports.live().filter(is_named=True).exclude(user=user)
    rows = others.exclude(user__in=blocked_by(user)).select_related("user")
    return list(dict.fromkeys(support.first_name for support in rows))


def _for_initiators(
    initiative: Initiative, user: Any, parts: Iterable[Part], needs: list[NeedShown], state: quiet.Quiet, now: datetime
) -> dict[str, Any]:
    people = numbers(initiative)
    plan = _plan_of(initiative)
    asked = plans.request_of(initiative)
    step = next_step(facts_of(initiative, needs, people["people"], plan, asked, state, now))
    live = initiative.supports.live().exclude(words="").exclude(user__in=blocked_by(user))
    meetup = initiative.meetup
    return {
        "numbers": people,
        "party": meetup_wording.people(people["adults"], people["children"]),
        "step": step,
        "suiting": [(name(code), number) for code, number in suiting(initiative)],
        "asked": asked,
        "offered": wording.offered_in_words(asked) if asked and asked.is_offered else "",
        "can_manage": meetup is not None and Meetup.objects.managed_by(user).filter(pk=meetup.pk).exists(),
        "can_plan": not initiative.is_draft
        and meetup is None
        and stages.rule_for(stages.Step.PLANNED, initiative.stage, parts) is not None,
        "offers": [support for support in live.select_related("user", "need") if support.kind != Support.Kind.COME],
        "merge_questions": [
            {"merge": merge, "is_mine": merge.asking == initiative, "token": tokens.make_for_merge(merge, user.pk)}
            for merge in merges.questions_for(initiative, user)
        ],
        "rules": [] if initiative.is_draft else stages.possible(initiative.stage, parts),
    }


def numbers(initiative: Initiative) -> dict[str, int]:
    """Return how many take part: people, adults and children who come, who help, who have something."""
    kind = Support.Kind
    come = Q(kind=kind.COME)
    others = ~Q(user__in=initiative.initiators.values("user"))
    guest = Concat(Lower("guest_email"), Value(" "), Lower("guest_name"), output_field=CharField())
    counted: dict[str, int] = initiative.supports.live().aggregate(
        coming=Count("pk", filter=come),
        helping=Count("pk", filter=Q(kind=kind.HELP)),
        having=Count("pk", filter=Q(kind=kind.HAVE)),
        adults=Sum("adults", filter=come, default=0),
        children=Sum("children", filter=come, default=0),
        accounts=Count("user", distinct=True, filter=others),
        guests=Count(guest, distinct=True, filter=Q(user=None)),
    )
    return counted | {"people": counted["accounts"] + counted["guests"]}


def suiting(initiative: Initiative) -> list[tuple[str, int]]:
    """Return (code of the moment, how many families it suits), most first; who chose none can always come."""
    answers = list(initiative.supports.coming().values_list("moments", flat=True))
    offered = in_order(initiative.moments) or in_order(code for codes in answers for code in codes)
    counted = [(code, sum(not codes or code in codes for codes in answers)) for code in offered]
    return [(code, number) for code, number in sorted(counted, key=lambda row: -row[1]) if number]


def facts_of(
    initiative: Initiative,
    needs: list[NeedShown],
    people: int,
    plan: Plan | None,
    asked: PlaceRequest | None,
    state: quiet.Quiet,
    now: datetime,
) -> Facts:
    """Return the facts on which the next step depends."""
    town, meetup = initiative.municipality, initiative.meetup
    return Facts(
        stage=initiative.stage,
        is_draft=initiative.is_draft,
        is_waiting=initiative.visibility == Visibility.WAITING,
        days_on_site=(now - initiative.published_at).days if initiative.published_at else 0,
        people=people,
        missing=tuple(need.text for need in needs if need.missing),
        has_day=plan is not None,
        has_day_passed=plan is not None and plans.first_span(plan, town, now=now) is None,
        has_place=plan is not None and plan.place is not None,
        is_outdoors=plan is not None and not plans.needs_consent(initiative, plan),
        is_group=initiative.is_group,
        answer=asked.state if asked else "",
        days_asked=(now - asked.asked_at).days if asked else 0,
        call=", ".join(filter(None, [town.contact_name, town.contact_email])),
        is_meetup_waiting=meetup is not None and not meetup.is_shown,
        was_held=meetup is not None and meetup.occurrences.scheduled().filter(ends_at__lte=now).exists(),
        is_quiet=state.is_asked,
        is_sought=state.is_sought,
    )
