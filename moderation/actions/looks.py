"""First looks: what someone we do not know yet wrote waits until someone looked; approved texts stay meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from locations.models import Municipality
from locations.visibility import Visibility
from moderation import trust
from moderation.actions.cases import can_be_asked, can_be_looked_at, lock_case, reopen, save_event
from moderation.kinds import Kind
from moderation.models import Case
from moderation.refusals import CannotDo, Refusal

MAX_WAITING = 5  # first texts of one person that may wait at once


def first_visibility(*, by: User | None, town: Municipality, now: datetime) -> Visibility:
    """Return with which visibility something begins that `by` writes in this town; None: someone without an account.

    Where nobody at all can be asked to look, nothing waits: it would wait forever. It can still be reported.
    """
    is_shown = (by is not None and trust.is_known(by, town, now=now)) or not can_be_asked(town, now=now)
    return Visibility.SHOWN if is_shown else Visibility.WAITING


@transaction.atomic
def ask_for_first_look(*, kind: Kind, object_id: int, by: User | None, now: datetime) -> Visibility:
    """Open the case of something that `by` made with `Visibility.WAITING`; return its visibility after that.

    If everyone who could look is in it or named in it, it is shown: it would wait forever. Raises
    CannotDo(TOO_MANY_WAIT) when MAX_WAITING of their texts wait already.
    """
    if by is not None and Case.objects.open().filter(writer=by, cause=Case.Cause.FIRST_TEXT).count() >= MAX_WAITING:
        raise CannotDo(Refusal.TOO_MANY_WAIT)
    thing = kind.lock(object_id)
    case = lock_case(kind, thing, cause=Case.Cause.FIRST_TEXT, now=now)
    if can_be_looked_at(case, thing, now=now):
        reopen(case, thing, cause=Case.Cause.FIRST_TEXT, now=now)
        return Visibility.WAITING
    kind.set_visibility(thing, Visibility.SHOWN, now=now)
    save_event(case, thing)
    return Visibility.SHOWN


@transaction.atomic
def hold_changes(*, kind: Kind, thing: Any, by: User, fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Keep apart the changed texts that must wait, and return the fields to save now. The caller has locked the thing.

    Texts wait when `by` is not known, the approved ones are shown, and someone can look. Someone who is known writes at
    once, also over what waited. What is not shown is changed where it stands, and someone looks again.
    """
    texts = {name: fields[name] for name in kind.texts if name in fields}
    changed = {name: text for name, text in texts.items() if text != getattr(thing, name)}
    is_shown = thing.visibility == Visibility.SHOWN
    if is_shown and first_visibility(by=by, town=kind.town(thing), now=now) == Visibility.WAITING:
        before = waiting_texts(kind, thing.pk)
        proposed = {name: text for name, text in before.items() if name not in texts} | changed
        if proposed == before or _propose(kind, thing, proposed, by, now):
            return {name: value for name, value in fields.items() if name not in changed}
    if changed and (not is_shown or Case.objects.of(kind.key, thing.pk).exists()):
        thing = copy(thing)  # as it will be: the caller saves the texts
        for name, text in changed.items():
            setattr(thing, name, text)
        case = lock_case(kind, thing, cause=Case.Cause.EDIT, now=now)
        case.proposed = {name: text for name, text in case.proposed.items() if name not in changed}
        if is_shown:
            _close_if_nothing_waits(case)
            save_event(case, thing)
        else:
            reopen(case, thing, cause=Case.Cause.EDIT, now=now)
    return fields


@transaction.atomic
def withdraw_changes(*, kind: Kind, thing: Any, names: Iterable[str]) -> None:
    """Let these texts of a thing no longer wait for a look. The caller has locked the thing."""
    case = Case.objects.of(kind.key, thing.pk).exclude(proposed={}).select_for_update().first()
    if case is not None:
        case.proposed = {name: text for name, text in case.proposed.items() if name not in names}
        _close_if_nothing_waits(case)
        save_event(case, thing)


def _propose(kind: Kind, thing: Any, proposed: dict[str, str], by: User, now: datetime) -> bool:
    """Let these texts wait; none, when the writer put the approved ones back. False if nobody can look at them."""
    case = lock_case(kind, thing, cause=Case.Cause.EDIT, now=now, changed_by=by)
    case.proposed = proposed
    if not proposed:
        _close_if_nothing_waits(case)
        save_event(case, thing)
    elif can_be_looked_at(case, thing, now=now):
        reopen(case, thing, cause=Case.Cause.EDIT, now=now)
    else:
        return False
    return True


def _close_if_nothing_waits(case: Case) -> None:
    is_only_about_texts = case.cause == Case.Cause.EDIT and not case.reports.undecided().exists()
    if is_only_about_texts and not case.proposed:
        case.state = Case.State.CLOSED


def waiting_texts(kind: Kind, object_id: int) -> dict[str, str]:
    """Return the texts of a thing that wait for a look, by field."""
    case = Case.objects.of(kind.key, object_id).first()
    return dict(case.proposed) if case is not None else {}
