"""What all actions on cases share. Lock order: the thing first, then its case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from moderation import levels, notices, permissions
from moderation.kinds import Kind, kinds
from moderation.levels import Level
from moderation.models import Case
from moderation.models.case import PROMISE

REMIND_AFTER = timedelta(hours=16)  # the people who were asked hear again, before the promised moment
RAISE_AFTER = timedelta(hours=20)  # then the next level hears too
CHECK_EVERY = timedelta(hours=1)  # also finds out when someone went away or lost the role


def lock_case(kind: Kind, thing: Any, *, cause: Case.Cause, now: datetime, changed_by: User | None = None) -> Case:
    """Return the case about a thing that the caller has locked, itself locked; make one if needed.

    Its writer is who wrote the thing, or `changed_by` while texts of that person wait.
    """
    writer = kind.writer(thing)
    Case.objects.get_or_create(
        kind=kind.key,
        object_id=thing.pk,
        defaults={
            "municipality": kind.town(thing),
            "writer": writer,
            "state": Case.State.CLOSED,
            "cause": cause,
            "opened_at": now,
        },
    )
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("municipality", "writer")
        .get(kind=kind.key, object_id=thing.pk)
    )
    case.title, case.municipality = kind.title(thing)[:140], kind.town(thing)
    case.writer = changed_by or (case.writer if case.proposed else writer)
    return case


def lock_both(case_id: int) -> tuple[Case, Any | None]:
    """Return a case and its thing, both locked; the thing is None if it is gone. Raises Case.DoesNotExist."""
    case = Case.objects.get(pk=case_id)
    thing = kinds[case.kind].lock(case.object_id)
    return Case.objects.select_for_update(of=("self",)).select_related("municipality", "writer").get(pk=case_id), thing


def reopen(case: Case, thing: Any, *, cause: Case.Cause, now: datetime) -> None:
    """Let a case that the caller has locked wait for a decision, save it, and tell who looks after the town.

    A case that was waiting already keeps its promise and its cause.
    """
    update_barred(case, thing)
    if not case.is_open:
        case.state, case.cause, case.opened_at, case.level = Case.State.OPEN, cause, now, Level.TOWN
        case.promised_at = None
        if levels.people_at(Level.TOWN, case.municipality, levels.WATCHING, now=now, without=case.barred):
            case.promised_at = now + PROMISE
    case.revision += 1
    case.save()
    ask(case, now=now)


def save_event(case: Case, thing: Any) -> None:
    """Save a case that the caller has locked, after something happened in it."""
    update_barred(case, thing)
    case.revision += 1
    case.save()


def update_barred(case: Case, thing: Any) -> None:
    """Note who may not decide, by what the texts and reports are now."""
    texts = [*kinds[case.kind].read(thing).values(), *case.proposed.values()]
    texts += case.reports.values_list("words", flat=True)
    case.is_about_municipality = permissions.may_be_about_municipality(texts)
    case.barred = permissions.barred(case, thing)


def ask(case: Case, *, now: datetime) -> None:
    """Tell everyone who must look at an open case by now, each once; raise its level where that takes too long."""
    found = levels.first_level_with(case.municipality, levels.WATCHING, now=now, without=case.barred)
    if found is not None:
        level = _level_by_now(case, found[0], now)
        case.level = max(case.level, level)
        for reached in range(found[0], case.level + 1):
            for person in levels.people_at(reached, case.municipality, levels.WATCHING, now=now, without=case.barred):
                notices.case_waits(case, person)
                if now - case.opened_at >= REMIND_AFTER:
                    notices.case_still_waits(case, person, days=(now - case.opened_at).days)
    case.next_check_at = now + CHECK_EVERY
    case.save(update_fields=["level", "next_check_at"])


def _level_by_now(case: Case, lowest: Level, now: datetime) -> Level:
    """Return how far a case must have gone up by now; `lowest` is the first level where someone can be asked."""
    waited = now - case.opened_at
    if waited >= PROMISE:
        return Level.COUNTRY
    level = lowest
    for is_time in (levels.is_holiday(case.municipality, now), waited >= RAISE_AFTER):
        above = levels.first_level_with(
            case.municipality, levels.WATCHING, now=now, without=case.barred, least=level + 1
        )
        if is_time and above is not None:
            level = above[0]
    return level


def can_be_asked(town: Any, *, writer: User, now: datetime) -> bool:
    """Whether anyone, at any level, can be asked to look at what `writer` wrote."""
    return levels.first_level_with(town, levels.WATCHING, now=now, without=[writer.pk]) is not None
