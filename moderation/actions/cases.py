"""What all actions on cases share. Lock order: the thing first, then its case."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from locations.models import Municipality
from moderation import levels, notices, permissions
from moderation.kinds import Kind, kinds
from moderation.levels import Level
from moderation.models import Case
from moderation.models.case import PROMISE

logger = logging.getLogger("moderation.cases")

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
    found = Case.objects.get(pk=case_id)
    kind = kinds[found.kind]
    thing = kind.lock(found.object_id)
    case = Case.objects.select_for_update(of=("self",)).select_related("municipality", "writer").get(pk=case_id)
    return case, kind.reread(thing) if thing is not None else None


def reopen(
    case: Case, thing: Any, *, cause: Case.Cause, now: datetime, level: int = Level.TOWN, is_news: bool = False
) -> None:
    """Let a case that the caller has locked wait for a decision, save it, and tell who looks after the town.

    A case that was waiting already keeps its promise, cause and level; nobody is told again, unless `is_news`.
    """
    update_barred(case, thing)
    is_news = is_news and case.is_open
    if not case.is_open:
        case.state, case.cause, case.opened_at, case.level = Case.State.OPEN, cause, now, level
        case.promised_at = None
        if levels.people_at(Level.TOWN, case.municipality, levels.WATCHING, now=now, without=case.barred):
            case.promised_at = now + PROMISE
    case.revision += 1
    case.save()
    ask(case, now=now)
    if is_news:
        notices.case_has_news(case, _asked(case, now), now=now)


def save_event(case: Case, thing: Any) -> None:
    """Save a case that the caller has locked, after something happened in it."""
    update_barred(case, thing)
    case.revision += 1
    case.save()


def update_barred(case: Case, thing: Any) -> None:
    """Note who may not decide, by what the texts and reports are now."""
    texts = permissions.texts_of(case, thing)
    is_by_nature = kinds[case.kind].is_about_municipality
    case.is_about_municipality = is_by_nature or permissions.may_be_about_municipality(texts)
    case.barred = permissions.barred(case, thing)


def ask(case: Case, *, now: datetime) -> None:
    """Tell everyone who must look at an open case by now, each once; raise its level where that takes too long."""
    found = _first_level(case, now)
    if found is None:
        logger.error("Nobody can look at case %s: give someone the role for its town or above.", case.pk)
    else:
        case.level = max(case.level, _level_by_now(case, found[0], now))
        people = _asked(case, now)
        if now - case.opened_at >= REMIND_AFTER:
            notices.case_still_waits(case, people, now=now)
        notices.case_waits(case, people, now=now)
    case.next_check_at = now + CHECK_EVERY
    case.save(update_fields=["level", "next_check_at"])


def can_be_looked_at(case: Case, thing: Any, *, now: datetime) -> bool:
    """Whether anyone, at any level, can be asked to look at this case; notes who may not."""
    update_barred(case, thing)
    return _first_level(case, now) is not None


def _asked(case: Case, now: datetime) -> list[User]:
    """Return everyone who looks at this case, at all levels that it reached."""
    people: dict[int, User] = {}
    for level in range(case.level + 1):
        found = levels.people_at(level, case.municipality, levels.WATCHING, now=now, without=case.barred)
        people |= {person.pk: person for person in found}
    return list(people.values())


def _first_level(case: Case, now: datetime, least: int = Level.TOWN) -> tuple[Level, list[User]] | None:
    return levels.first_level_with(case.municipality, levels.WATCHING, now=now, without=case.barred, least=least)


def _level_by_now(case: Case, lowest: Level, now: datetime) -> Level:
    """Return how far a case must have gone up by now; `lowest` is the first level where someone can be asked."""
    waited = now - case.opened_at
    if waited >= PROMISE:
        return Level.COUNTRY
    level = lowest
    for is_time in (levels.is_holiday(case.municipality, now), waited >= RAISE_AFTER):
        if is_time and (above := _first_level(case, now, least=level + 1)) is not None:
            level = above[0]
    return level


def can_be_asked(town: Municipality, *, now: datetime) -> bool:
    """Whether anyone, at any level, can be asked to look at what people write in this town."""
    return levels.first_level_with(town, levels.WATCHING, now=now) is not None
