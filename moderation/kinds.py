"""The registry of what people write or give: one line per kind of thing, made by the app that owns it.

A line says what it is, who wrote it, how it is shown to those who decide, and how it is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import QuerySet

from accounts.models import User
from locations.models import Municipality
from locations.visibility import Visibility
from moderation.models import Reason

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class SetVisibility(Protocol):
    def __call__(self, thing: Any, visibility: Visibility, /, *, now: datetime) -> None: ...


class Write(Protocol):
    def __call__(self, thing: Any, texts: dict[str, str], /, *, now: datetime) -> None: ...


TEXT_REASONS = (Reason.UNKIND, Reason.MYSELF, Reason.WRONG, Reason.ADVERTISING, Reason.UNSAFE, Reason.OTHER)
PHOTO_REASONS = (Reason.MY_CHILD, Reason.MYSELF, Reason.UNKIND, Reason.OTHER)


def no_writing(thing: Any, texts: dict[str, str], /, *, now: datetime) -> None:
    """Refuse to write: changes to this kind of thing never wait."""
    raise NotImplementedError


@dataclass(frozen=True)
class Kind:
    """What moderation knows of one kind of thing. The things themselves have `visibility`."""

    key: str  # in addresses and in Case.kind
    name: StrPromise  # "meetup"
    things: Callable[[], QuerySet[Any]]  # with what the functions below read
    town: Callable[[Any], Municipality]
    writer: Callable[[Any], User | None]
    title: Callable[[Any], str]
    url: Callable[[Any], str]  # of the page on which it stands
    texts: tuple[str, ...]  # the fields with what people wrote
    set_visibility: SetVisibility
    person: Callable[[Any], User | None] = lambda thing: None  # whom one can block here: named as the one who speaks
    people: Callable[[Any], Iterable[int]] = lambda thing: ()  # who else is shown in it, so may not decide about it
    write: Write = no_writing
    reasons: tuple[Reason, ...] = TEXT_REASONS
    hides_on_report: bool = False  # hidden as soon as one person reports it, until someone looked
    is_of_writer: bool = False  # deleted with the account of its writer
    is_about_municipality: bool = False  # always: whoever works there never decides about it
    # Whether this user, or stranger, may read it where it stands; who may not cannot report it either.
    is_readable_by: Callable[[Any, Any], bool] = lambda thing, user: True
    # Its picture as WebP, also while it is hidden; the function returns None while that cannot be had.
    picture: Callable[[Any], bytes | None] | None = None
    locks: bool = True  # False: `set_visibility` locks, because other rows must be locked before the thing
    # The visibility of the page on which it stands: a thing is never seen before or without its page.
    page_visibility: Callable[[Any], str] = lambda thing: Visibility.SHOWN

    def find(self, pk: int) -> Any | None:
        """Return the thing; None if it is gone."""
        return self.things().filter(pk=pk).first()

    def lock(self, pk: int) -> Any | None:
        """Return the thing, locked until the end of the transaction; None if it is gone."""
        things = self.things()
        if self.locks:
            things = things.select_for_update(of=("self",), no_key=True)
        return things.filter(pk=pk).first()

    def reread(self, thing: Any) -> Any | None:
        """Return a thing from `lock` as it is once its case is locked too; None if it is gone."""
        return thing if self.locks else self.find(thing.pk)

    def blockable(self, thing: Any) -> User | None:
        """Return whom one can block here; None where people do not see whose it is."""
        return self.person(thing) if self.page_visibility(thing) == Visibility.SHOWN else None

    def is_shown(self, thing: Any) -> bool:
        """Whether everyone sees it."""
        return bool(thing.visibility == self.page_visibility(thing) == Visibility.SHOWN)

    def was_never_shown(self, thing: Any) -> bool:
        """Whether it, or the page on which it stands, waits for its first look."""
        return Visibility.WAITING in {thing.visibility, self.page_visibility(thing)}

    def everyone_in(self, thing: Any) -> set[int]:
        """Return the primary keys of who wrote it and who is shown in it."""
        writer = self.writer(thing)
        return {*self.people(thing), *([writer.pk] if writer else [])}

    def read(self, thing: Any) -> dict[str, str]:
        """Return what it says now, by field; empty texts left out."""
        return {name: text for name in self.texts if (text := getattr(thing, name))}

    def label(self, field: str) -> str:
        """Return the name of a text, as in the form in which it is written."""
        return str(self.things().model._meta.get_field(field).verbose_name)


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a line to the registry."""
    kinds[kind.key] = kind
    return kind
