"""The ideas on my page: those I started, and those I take part in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from initiatives.finding.cards import stage_in_words
from initiatives.models import Initiative, Support
from locations.visibility import Visibility

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST = 30


@dataclass(frozen=True)
class MyIdea:
    """An idea on my page; `url` is empty if the page is closed to me, `mark` says why not everyone sees it."""

    title: str
    town: str
    url: str
    state: StrPromise | str
    mark: StrPromise | str = ""


def started_by(user: User) -> list[MyIdea]:
    """Return the ideas that `user` started, alone or with others, drafts first; one query."""
    mine = Initiative.objects.of(user).select_related("municipality").order_by("-active_at", "-pk")[:MOST]
    return [_my_idea(idea) for idea in sorted(mine, key=lambda idea: not idea.is_draft)]


def supported_by(user: User) -> list[MyIdea]:
    """Return the ideas of others in which `user` takes part; one query."""
    supports = Support.objects.of(user).live().values("initiative")
    others = Initiative.objects.filter(pk__in=supports).exclude(pk__in=Initiative.objects.of(user).values("pk"))
    found = []
    for idea in others.select_related("municipality").order_by("-active_at", "-pk")[:MOST]:
        is_public = idea.is_public
        town, idea = idea.municipality.name, idea.without_hidden_texts()
        url = idea.get_absolute_url() if is_public else ""
        found.append(
            MyIdea(idea.title, town, url, stage_in_words(idea.stage), "" if is_public else _("Hidden for now"))
        )
    return found


def _my_idea(idea: Initiative) -> MyIdea:
    mark: StrPromise | str = ""
    if idea.is_draft:
        mark = _("Draft: only you see it")
    elif idea.visibility == Visibility.WAITING:
        mark = _("Someone looks at it first")
    elif idea.visibility == Visibility.HIDDEN:
        mark = _("Hidden for now")
    title = idea.title or idea.what[:80]
    return MyIdea(
        title,
        idea.municipality.name,
        idea.get_absolute_url(),
        "" if idea.is_draft else stage_in_words(idea.stage),
        mark,
    )
