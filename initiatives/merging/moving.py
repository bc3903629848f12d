"""What someone who takes part in an idea that continues in another chooses: to join that one, or to stop.

Until they choose, what they committed to stays with the idea that ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from initiatives import history, merges, needs, notices
from initiatives.models import Initiative, Need, Support, SupportQuerySet
from initiatives.permissions import started
from initiatives.refusals import CannotDo, Refusal
from initiatives.taking_part import actions as taking_part
from page_cache import versions

LONGEST_WORDS = 200


def of_same_person(rows: SupportQuerySet, support: Support) -> list[Support]:
    """Return the commitments among `rows` of who made this one: the same address and first name, account or guest."""
    email, name = support.email.lower(), support.first_name.casefold()
    found = rows.filter(Q(user__email__iexact=email) | Q(guest_email__iexact=email)).select_related("user", "need")
    return [row for row in found if row.first_name.casefold() == name]


@transaction.atomic
def follow(*, support: Support, now: datetime) -> Support:
    """Let everything this person committed to count for the idea in which it continues; nothing doubles. Idempotent.

    Raises CannotDo with LINK_EXPIRED, NOT_MERGED when it continues by itself after all, or the reason why nobody can
    take part in the other one.
    """
    goal = merges.leads_to(support.initiative)
    if goal is None:
        return _already(support)
    try:
        ended, into = history.lock_both(support.initiative_id, goal.pk)
    except Initiative.DoesNotExist as gone:
        raise CannotDo(Refusal.LINK_EXPIRED) from gone
    fresh = Support.objects.select_related("user", "initiative").filter(pk=support.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.LINK_EXPIRED)
    if fresh.initiative_id != ended.pk:
        return fresh
    if merges.leads_to(ended) != into:
        raise CannotDo(Refusal.NOT_MERGED)
    if into.refusal:
        raise CannotDo(into.refusal)
    mine = of_same_person(ended.supports.live(), fresh)
    notices.cancel_for(mine)
    for row in mine:
        _move(row, into, of_same_person(into.supports.all(), row), now)
    needs.recount(ended)
    versions.invalidate_pages(*ended.town_ids())
    return fresh


@transaction.atomic
def stop(*, support: Support, now: datetime) -> None:
    """Take back everything this person committed to in the idea that ended; idempotent."""
    for row in of_same_person(support.initiative.supports.live(), support):
        taking_part.withdraw(support=row, now=now)


def _already(support: Support) -> Support:
    """Return the commitment when it is with the right idea already; raise CannotDo(ENDED) if that one has ended."""
    if support.initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    return support


def _move(row: Support, into: Initiative, there: Iterable[Support], now: datetime) -> None:
    """Move one commitment, or add it to the one of the same kind that this person has there."""
    if row.kind == Support.Kind.COME and row.user is not None and started(row.user, into):
        _take_away(row, now)
        return
    there = list(there)
    need = _same_need(row, into, there)
    if row.need is not None and need is None:
        row.words = _both(row.need.text, row.words)
    same = next((other for other in there if other.kind == row.kind and other.need == need), None)
    if same is None:
        row.initiative, row.need, row.asked_at = into, need, now  # the order there: after those who came before
        taking_part.activate(initiative=into, support=row, now=now)
        return
    if same.is_live:
        same.words = _both(same.words, row.words) if row.kind != Support.Kind.COME else same.words
    else:
        for name in ("amount", "thing", "words", "moments", "adults", "children", "is_named"):
            setattr(same, name, getattr(row, name))
    taking_part.activate(initiative=into, support=same, now=now)
    _take_away(row, now)


def _take_away(row: Support, now: datetime) -> None:
    row.withdraw(now)
    row.save(update_fields=["state", "withdrawn_at"])


def _same_need(row: Support, into: Initiative, there: Iterable[Support]) -> Need | None:
    """Return what is needed there with the same words, if it is still missing or this person fills it already."""
    if row.need is None:
        return None
    found = into.needs.wanted().with_missing().filter(text__iexact=row.need.text).first()
    if found is None:
        return None
    is_filled_by_them = any(other.is_live and other.need == found for other in there)
    return found if found.missing or is_filled_by_them else None  # type: ignore[attr-defined]


def _both(one: str, other: str) -> str:
    """Return both texts as one, without saying the same twice."""
    if not other or other.casefold() in one.casefold():
        return one
    return f"{one}; {other}"[:LONGEST_WORDS] if one else other
