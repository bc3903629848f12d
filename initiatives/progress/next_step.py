"""The one next step for those who started an initiative: a pure function from facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from initiatives.stages import LIVE, Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ASK_HOST_AFTER_DAYS = 7


class Do(StrEnum):
    """What the button of a step does; the page knows the address."""

    FINISH = "finish"
    WAIT = "wait"
    SHARE = "share"
    ASK_HOST = "ask_host"
    FILL_NEED = "fill_need"
    RESUME = "resume"


@dataclass(frozen=True)
class Facts:
    """What the next step depends on."""

    stage: str
    is_draft: bool = False
    is_waiting: bool = False  # for a first look
    days_on_site: int = 0
    people: int = 0  # who take part, besides those who started it
    missing: tuple[str, ...] = ()  # what is still needed, most wanted first


@dataclass(frozen=True)
class NextStep:
    """One step: what, why, and the words on its button (empty: nothing to do now)."""

    do: Do
    title: StrPromise
    reason: StrPromise
    button: StrPromise | str = ""
    need: str = ""


def next_step(facts: Facts) -> NextStep | None:
    """Return the next step; None when there is none, because it runs or ended."""
    if facts.is_draft:
        return NextStep(
            Do.FINISH,
            _("Finish your idea"),
            _("Only you can see it. Put it on the site when you are ready."),
            _("Finish it"),
        )
    if facts.is_waiting:
        return NextStep(
            Do.WAIT, _("Someone looks at your idea first"), _("You get an email as soon as everyone can see it.")
        )
    if facts.stage == Stage.PAUSED:
        return NextStep(
            Do.RESUME, _("Your idea is paused"), _("Nobody can join now. Those who take part stay."), _("Continue")
        )
    if facts.stage not in LIVE:
        return None
    if facts.people == 0:
        if facts.days_on_site >= ASK_HOST_AFTER_DAYS:
            return NextStep(
                Do.ASK_HOST,
                _("Tell about it at a meetup"),
                _("Nobody has joined yet. Ask the host of a coffee morning if you may tell about your idea."),
                _("Find a meetup"),
            )
        return NextStep(
            Do.SHARE,
            _("Tell others"),
            _("An idea grows when others hear of it. Send it to two people you know, or to your chat group."),
            _("Share it"),
        )
    if facts.missing:
        return NextStep(
            Do.FILL_NEED,
            _("Find what is still missing"),
            _("Do you know someone who has this? Ask one person yourself: that works best."),
            _("Share it"),
            need=facts.missing[0],
        )
    return NextStep(
        Do.SHARE,
        _("Tell others"),
        _("Everything is there. Let more people hear of it."),
        _("Share it"),
    )
