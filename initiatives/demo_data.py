"""Demo data: ideas with believable histories, made by the same actions as on the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from accounts.models import User
from initiatives import history
from initiatives.dormancy import clock
from initiatives.models import Initiative, Need, Support
from initiatives.needs import kind_of
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.quiet_days import ASK_AFTER, day_before
from initiatives.sharing import actions as sharing
from initiatives.stages import EndReason, Stage, Step
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from locations.models import Location, Municipality
from meetups.clock import local_date, localise
from meetups.models import Meetup

QUESTION_AGE = timedelta(days=3)


@dataclass(frozen=True)
class IdeaContent:
    """An idea of the demo: what it says, how long ago it was proposed, and who took part. Times are in days ago."""

    town: str
    by: str
    title: str
    what: str
    for_whom: str
    days: int
    needed: str = ""
    shape: str = Initiative.Shape.REGULAR
    meeting_point: str = ""
    themes: list[str] = field(default_factory=list)
    age_bands: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    place: str = ""
    born_at: str = ""
    come: int = 0  # families
    helps: list[str] = field(default_factory=list)
    haves: list[tuple[str, str]] = field(default_factory=list)
    fills: dict[str, int] = field(default_factory=dict)
    quiet_since: int = 0
    ended: str = ""
    why: str = ""
    ended_days: int = 0
    waits: bool = False
    runs_as: str = ""  # the slug of the meetup that it has become
    runs_days: int = 0
    copied_from: str = ""  # the title of an idea made before
    checklist: str = ""
    costs: str = ""
    lessons: str = ""

    def fields(self, town: Municipality) -> dict[str, object]:
        """Return the fields of the model."""
        names = ("title", "for_whom", "shape", "meeting_point", "themes", "age_bands", "moments")
        meetup = Meetup.objects.filter(slug=self.born_at).select_related("location").first() if self.born_at else None
        return {name: getattr(self, name) for name in names} | {
            "what": " ".join(self.what.split()),
            "needed": self.needed,
            "languages": ["nl"],
            "wished_place": Location.objects.filter(municipality=town, slug=self.place).first(),
            "born_at_meetup": meetup,
            "born_at_place": meetup.location if meetup else None,
        }


def make_idea(
    content: IdeaContent, *, town: Municipality, proposer: User, people: Sequence[User], now: datetime
) -> Initiative:
    """Propose the idea and let `people` take part, spread over the days since; then end it, if it ended.

    Of one that is quiet, who proposed it was asked a few days ago whether it continues.
    """
    asked_at = now - QUESTION_AGE
    proposed_at = now - timedelta(days=content.days, hours=2)
    quiet_at = now - timedelta(days=content.quiet_since or content.ended_days or content.runs_days)
    if content.quiet_since:  # earlier if there were school holidays
        last_on = day_before(local_date(asked_at), ASK_AFTER, town.school_region)
        quiet_at = min(quiet_at, localise(last_on, time(12)))
        proposed_at = min(proposed_at, quiet_at - timedelta(days=8))
    source = Initiative.objects.filter(title=content.copied_from).first() if content.copied_from else None
    idea = proposing.propose(by=proposer, town=town, now=proposed_at, fields=content.fields(town), source=source)
    if not idea.is_public:
        return idea
    commitments = list(_commitments(content, idea))
    step = (quiet_at - proposed_at) / (len(commitments) + 1)
    for number, (person, commitment) in enumerate(zip(people, commitments, strict=False), start=1):
        taking_part.support(initiative=idea, user=person, commitment=commitment, now=proposed_at + number * step)
    if content.quiet_since:
        clock.attend(pk=idea.pk, now=asked_at)
    if content.ended:
        ended_at = now - timedelta(days=content.ended_days)
        progress.end(initiative=idea, by=proposer, reason=EndReason(content.ended), note=content.why, now=ended_at)
    if content.runs_as:
        _begin(content, idea, proposer, now=now)
    idea.refresh_from_db()
    return idea


def _begin(content: IdeaContent, idea: Initiative, proposer: User, *, now: datetime) -> None:
    """Let the idea be the one out of which a meetup of the demo grew, and write down how it was done."""
    meetup = Meetup.objects.filter(slug=content.runs_as).first()
    if meetup is None:
        return
    began_at = now - timedelta(days=content.runs_days)
    idea.refresh_from_db()
    before, idea.stage, idea.meetup, idea.active_at = idea.stage, Stage.RUNNING, meetup, began_at
    idea.invited_at = began_at
    idea.save()
    history.record(idea, Step.BEGAN, before=before, by=proposer, now=began_at)
    texts = {"checklist": content.checklist.strip(), "costs": content.costs, "lessons": content.lessons}
    sharing.write_recipe(initiative=idea, by=proposer, fields=texts, now=began_at)


def _commitments(content: IdeaContent, idea: Initiative) -> Iterator[Commitment]:
    for number in range(content.come):
        moments = [code for index, code in enumerate(content.moments) if (number + index) % 3]
        yield Commitment(moments=moments, children=1 + number % 2, is_named=number % 3 != 0)
    for words in content.helps:
        yield Commitment(kind=Support.Kind.HELP, words=words, is_named=True)
    for thing, words in content.haves:
        yield Commitment(kind=Support.Kind.HAVE, thing=thing, words=words, is_named=True)
    for text, amount in content.fills.items():
        need = Need.objects.get(initiative=idea, text=text)
        kind, thing = kind_of(text)
        yield Commitment(kind=kind, thing=thing, need=need, amount=amount)
