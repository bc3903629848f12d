"""What a page says about itself to those who wrote it: that it waits, or is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from locations.visibility import Visibility
from moderation.kinds import Kind
from moderation.models import Case


@dataclass(frozen=True)
class Mark:
    """Why others do not see what is on this page."""

    is_hidden: bool = False
    is_change: bool = False  # the page shows the writer new texts that wait
    promised_at: datetime | None = None
    case_url: str = ""  # only for the writer


def mark_for(user: Any, kind: Kind, thing: Any, *, now: datetime, is_own: bool = False) -> Mark | None:
    """Return what to say to `user`, who may see the thing; None if it is as everyone sees it.

    The writer sees texts that wait where they will stand: they are put on `thing`, which is not to be saved. At most
    one query, and none for someone without a role, unless it `is_own`: written by a parent without one.
    """
    if not (user.is_authenticated and (is_own or user.role_kinds)):
        return None
    case = Case.objects.of(kind.key, thing.pk).first()
    is_hidden = thing.visibility == Visibility.HIDDEN
    if case is None:  # a hidden thing outlives its case
        return Mark(is_hidden=True) if is_hidden else None
    promised_at = case.promise(now)
    if thing.visibility != Visibility.SHOWN:
        may_answer = is_hidden and case.writer_id == user.pk
        case_url = reverse("own_case", args=[case.pk]) if may_answer else ""
        return Mark(is_hidden=is_hidden, promised_at=promised_at, case_url=case_url)
    if waiting := _own_waiting_texts(user, kind, thing, case):
        for name, text in waiting.items():
            setattr(thing, name, text)
        return Mark(is_change=True, promised_at=promised_at)
    return None


def own_marks(kind: Kind, things: Iterable[Any], *, now: datetime) -> dict[int, Mark]:
    """Return what to say to the writer about each of these things that others do not see, by primary key.

    One query, and none if everyone sees them all.
    """
    unseen = {thing.pk: thing for thing in things if thing.visibility != Visibility.SHOWN}
    if not unseen:
        return {}
    cases = {case.object_id: case for case in Case.objects.filter(kind=kind.key, object_id__in=unseen)}
    return {pk: _own_mark(thing, cases.get(pk), now) for pk, thing in unseen.items()}


def _own_mark(thing: Any, case: Case | None, now: datetime) -> Mark:
    is_hidden = thing.visibility == Visibility.HIDDEN
    if case is None:
        return Mark(is_hidden=is_hidden)
    case_url = reverse("own_case", args=[case.pk]) if is_hidden else ""
    return Mark(is_hidden=is_hidden, promised_at=case.promise(now), case_url=case_url)


def own_waiting_texts(user: Any, kind: Kind, thing: Any) -> dict[str, str]:
    """Return the texts that wait, by field, for the form of someone who wrote them."""
    case = Case.objects.of(kind.key, thing.pk).exclude(proposed={}).first()
    return _own_waiting_texts(user, kind, thing, case) if case is not None else {}


def _own_waiting_texts(user: Any, kind: Kind, thing: Any, case: Case) -> dict[str, str]:
    return dict(case.proposed) if case.proposed and user.pk in kind.everyone_in(thing) else {}
