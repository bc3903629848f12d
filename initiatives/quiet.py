"""Whether an initiative is quiet, whether those who started it were asked, and whether others may take it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from initiatives.models import Dormancy, Initiative
from initiatives.stages import OPEN, EndReason, Stage, Step
from meetups.models import Occurrence

# After one of these, nobody is sought any more who takes it over.
FOUND = (Step.TOOK_OVER, Step.HANDED_OVER)
NOT_SOUGHT = (*FOUND, Step.KEPT, Step.RESUMED, Step.ENDED, Step.REOPENED)


@dataclass(frozen=True)
class Quiet:
    """How it stands with an initiative, in the eyes of those who are asked something about it."""

    is_asked: bool = False  # those who started it, whether it continues
    is_offered: bool = False  # the clock asked others whether they take it over
    is_sought: bool = False  # those who started it ask that
    has_found: bool = False  # the last time, someone did
    offers_on: date | None = None
    pauses_on: date | None = None

    @property
    def can_be_taken_over(self) -> bool:
        return self.is_offered or self.is_sought


def since(initiative: Initiative, *, now: datetime) -> datetime | None:
    """Return since when nothing happened; None while the meetup that it has become has dates to come.

    Also None for a group that runs elsewhere: what happens there, nobody tells us.
    """
    if initiative.stage != Stage.RUNNING:
        return initiative.active_at
    if initiative.meetup_id is None:
        return None if initiative.is_group else initiative.active_at
    dates = Occurrence.objects.scheduled().filter(meetup=initiative.meetup_id)
    last: datetime | None = dates.aggregate(last=Max("ends_at"))["last"]
    if last is not None and last > now:
        return None
    return max(initiative.active_at, last) if last else initiative.active_at


def state_of(initiative: Initiative, *, now: datetime) -> Quiet:
    """Return how it stands now; three queries at most, and one if its `dormancy` is loaded and it does not run."""
    if not initiative.is_public:
        return Quiet()
    is_left = initiative.end_reason == EndReason.LEFT
    if initiative.is_ended and not is_left:
        return Quiet()
    last = initiative.history.filter(step__in=(Step.SEEKS, *NOT_SOUGHT)).order_by("-at", "-pk").first()
    step = last.step if last else ""
    row: Dormancy | None = getattr(initiative, "dormancy", None)
    start = None if row is None or is_left else since(initiative, now=now)
    is_asked = row is not None and start is not None and row.is_asked(start)
    is_offered = row is not None and start is not None and row.is_offered(start)
    return Quiet(
        is_asked=is_asked and initiative.stage in OPEN,
        is_offered=is_offered,
        is_sought=step == Step.SEEKS,
        has_found=step in FOUND,
        offers_on=row.offers_on if row and is_asked else None,
        pauses_on=row.pauses_on if row and is_offered else None,
    )
