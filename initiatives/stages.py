"""The stages of an initiative, and who may take which step: buttons, tests and docs/initiatives.md come from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Stage(TextChoices):
    """How far an initiative is."""

    IDEA = "idea", _("idea")
    GATHERING = "gathering", _("people take part")
    READY = "ready", _("ready to begin")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")


class EndReason(TextChoices):
    """Why an initiative ended; only DONE counts as done."""

    DONE = "done", _("it is done: it was for once, or long enough")
    MERGED = "merged", _("it continues together with another idea")
    TAKEN_OVER = "taken_over", _("others do this now")
    NOT_POSSIBLE = "not_possible", _("it did not work out")
    LEFT = "left", _("who started it has stopped")  # and nobody goes on with it


# MERGED is not among them: both sides agree to that first, see `initiatives.merging`.
CHOOSABLE_REASONS = (EndReason.DONE, EndReason.TAKEN_OVER, EndReason.NOT_POSSIBLE)


class Part(TextChoices):
    """What someone is to an initiative."""

    PROPOSER = "proposer", _("who proposed it")
    CO_INITIATOR = "co_initiator", _("who started it together")
    SUPPORTER = "supporter", _("who takes part")
    PLACE = "place", _("the place")
    COORDINATOR = "coordinator", _("who coordinates the town")
    CLOCK = "clock", _("nobody: time passed")
    ANYONE = "anyone", _("anyone else")


INITIATORS = frozenset({Part.PROPOSER, Part.CO_INITIATOR})
LIVE = frozenset({Stage.IDEA, Stage.GATHERING, Stage.READY})
OPEN = LIVE | {Stage.RUNNING}


class Step(TextChoices):
    """A step in the history, as it reads there."""

    PUBLISHED = "published", _("The idea is on the site")
    LISTED = "listed", _("This group was put on the site")
    CLAIMED = "claimed", _("People of the group look after this page")
    GATHERED = "gathered", _("Someone else takes part")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Continues")
    ENDED = "ended", _("Ended")
    REOPENED = "reopened", _("Continues after all")
    JOINED = "joined", _("Someone starts it too")
    HANDED_OVER = "handed_over", _("Handed over")
    STEPPED_DOWN = "stepped_down", _("Left it to the others")
    PLANNED = "planned", _("A day or a place was chosen")
    ASKED = "asked", _("The place was asked")
    AGREED = "agreed", _("The place says yes")
    OFFERED = "offered", _("The place offers another moment")
    ACCEPTED = "accepted", _("The moment that the place offered was chosen")
    REFUSED = "refused", _("The moment that the place offered did not suit")
    DECLINED = "declined", _("The place says no")
    REVOKED = "revoked", _("The place takes its yes back")
    VOIDED = "voided", _("The yes of the place no longer counts: the plan changed")
    SETTLED = "settled", _("Day and place are settled")
    BEGAN = "began", _("It has begun")
    MERGED = "merged", _("Continues together with another idea")
    TOOK_IN = "took_in", _("Another idea continues here")
    KEPT = "kept", _("It was quiet for a while, and it continues")
    SEEKS = "seeks", _("The others were asked to take it over")
    TOOK_OVER = "took_over", _("Taken over")
    PAUSED_QUIET = "paused_quiet", _("Paused: nothing had happened for a while")


@dataclass(frozen=True)
class Rule:
    """A line of the table: from which stages a step is possible, to which stage it leads, and who may take it.

    A step has several lines when it leads to different stages.
    """

    step: Step
    sources: frozenset[Stage]
    target: Stage | None  # None: the stage before it was paused or ended; see `stays`
    by: frozenset[Part]
    button: StrPromise | str = ""  # empty: it follows from something else that someone does
    stays: bool = False  # the stage does not change


BEFORE_READY = frozenset({Stage.IDEA, Stage.GATHERING})
READY = frozenset({Stage.READY})
RUNNING = frozenset({Stage.RUNNING})  # without a meetup: a group that existed already, which may become one
PLACE = frozenset({Part.PLACE})
CLOCK = frozenset({Part.CLOCK})
HEIRS = frozenset({Part.CO_INITIATOR, Part.SUPPORTER})  # who can take it over, once that is offered

TABLE = (
    Rule(Step.CLAIMED, RUNNING, None, frozenset({Part.COORDINATOR}), stays=True),
    Rule(Step.GATHERED, frozenset({Stage.IDEA}), Stage.GATHERING, frozenset({Part.SUPPORTER})),
    Rule(Step.PLANNED, OPEN, None, INITIATORS, stays=True),
    Rule(Step.ASKED, OPEN, None, INITIATORS, stays=True),
    Rule(Step.AGREED, BEFORE_READY, Stage.READY, PLACE),
    Rule(Step.AGREED, frozenset({Stage.RUNNING, Stage.PAUSED}), None, PLACE, stays=True),
    Rule(Step.OFFERED, BEFORE_READY | {Stage.RUNNING, Stage.PAUSED}, None, PLACE, stays=True),
    Rule(Step.DECLINED, BEFORE_READY | {Stage.RUNNING, Stage.PAUSED}, None, PLACE, stays=True),
    Rule(Step.ACCEPTED, BEFORE_READY, Stage.READY, INITIATORS),
    Rule(Step.ACCEPTED, RUNNING, None, INITIATORS, stays=True),
    Rule(Step.REFUSED, BEFORE_READY | RUNNING, None, INITIATORS, stays=True),
    Rule(Step.REVOKED, READY, Stage.GATHERING, PLACE),
    Rule(Step.REVOKED, BEFORE_READY | {Stage.RUNNING, Stage.PAUSED}, None, PLACE, stays=True),
    Rule(Step.VOIDED, READY, Stage.GATHERING, INITIATORS),
    Rule(Step.VOIDED, BEFORE_READY | {Stage.RUNNING, Stage.PAUSED}, None, INITIATORS, stays=True),
    Rule(Step.SETTLED, BEFORE_READY, Stage.READY, INITIATORS),
    Rule(Step.BEGAN, READY, Stage.RUNNING, INITIATORS, _("Begin!")),
    Rule(Step.BEGAN, RUNNING, None, INITIATORS, _("Begin!"), stays=True),
    Rule(Step.PAUSED, OPEN, Stage.PAUSED, INITIATORS, _("Pause for a while")),
    Rule(Step.RESUMED, frozenset({Stage.PAUSED}), None, INITIATORS, _("Continue")),
    Rule(Step.ENDED, OPEN | {Stage.PAUSED}, Stage.ENDED, INITIATORS, _("Stop with this idea")),
    Rule(Step.MERGED, OPEN | {Stage.PAUSED}, Stage.ENDED, INITIATORS),
    Rule(Step.TOOK_IN, OPEN, None, INITIATORS, stays=True),
    Rule(Step.REOPENED, frozenset({Stage.ENDED}), None, INITIATORS, _("Continue after all")),
    Rule(Step.KEPT, OPEN, None, INITIATORS, stays=True),
    Rule(Step.SEEKS, OPEN, None, INITIATORS, stays=True),
    Rule(Step.TOOK_OVER, OPEN, None, HEIRS, stays=True),
    Rule(Step.TOOK_OVER, frozenset({Stage.PAUSED, Stage.ENDED}), None, HEIRS),
    Rule(Step.PAUSED_QUIET, OPEN, Stage.PAUSED, CLOCK),
)


def rule_for(step: Step, stage: str, parts: Iterable[str]) -> Rule | None:
    """Return the line that allows this step now to someone with any of these parts; None if none does."""
    mine = set(parts)
    return next((rule for rule in TABLE if rule.step == step and stage in rule.sources and rule.by & mine), None)


def possible(stage: str, parts: Iterable[str]) -> list[Rule]:
    """Return the lines with a button for someone with these parts, in the order of the table."""
    mine = set(parts)
    return [rule for rule in TABLE if rule.button and stage in rule.sources and rule.by & mine]
