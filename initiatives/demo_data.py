"""Demo data: ideas with believable histories, made by the same actions as on the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from accounts.models import Role, User
from initiatives import history, moments
from initiatives.dormancy import clock
from initiatives.existing import actions as existing
from initiatives.existing import claims
from initiatives.merging import actions as merging
from initiatives.merging import moving
from initiatives.models import Audience, ExistingGroup, Initiative, Need, Support
from initiatives.needs import kind_of
from initiatives.permissions import is_of_municipality
from initiatives.planning import actions as planning
from initiatives.planning.forms import HOURS
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.quiet_days import ASK_AFTER, day_before
from initiatives.sharing import actions as sharing
from initiatives.stages import EndReason, Stage, Step
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from initiatives.talking import actions as talking
from initiatives.talking import asking
from locations.holidays import usual_holidays
from locations.models import Location, Municipality
from meetups.clock import local_date, localise
from meetups.models import Meetup
from meetups.schedule.closures import closed_days
from moderation.demo_data import know

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
    joins: str = ""  # the title of an idea in the same town, made before, that is asked to continue together
    joins_days: int = 0  # 0: not answered yet
    checklist: str = ""
    costs: str = ""
    lessons: str = ""
    asks_place: bool = False  # for the first of `moments`, at `place`; the answer has not come yet
    expected: str = ""  # of the place
    talk: list[str] = field(default_factory=list)  # who takes part say these in turn, and who proposed it
    questions: list[dict[str, str]] = field(default_factory=list)  # ask, and perhaps answer

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


@dataclass(frozen=True)
class GroupContent:
    """A group that existed already: what someone who knows it listed, and how long ago."""

    town: str
    by: str
    title: str
    what: str
    for_whom: str
    when: str
    email: str
    days: int
    where: str = ""
    place: str = ""
    website: str = ""
    themes: list[str] = field(default_factory=list)
    is_kept: bool = False  # its people said that it is right
    claimed_by: str = ""  # who asked to look after it

    def fields(self, town: Municipality) -> dict[str, object]:
        """Return the fields of the model."""
        return {name: getattr(self, name) for name in ("title", "for_whom", "website", "themes")} | {
            "what": " ".join(self.what.split()),
            "meets_when": self.when,
            "meets_where": self.where,
            "wished_place": Location.objects.filter(municipality=town, slug=self.place).first(),
        }


def make_group(
    content: GroupContent, *, town: Municipality, lister: User, claimant: User | None, now: datetime
) -> Initiative:
    """List the group; let its people keep it, and `claimant` ask to look after it."""
    listed_at = now - timedelta(days=content.days, hours=2)
    idea = existing.list_group(by=lister, town=town, email=content.email, fields=content.fields(town), now=listed_at)
    group = ExistingGroup.objects.get(initiative=idea)
    if content.is_kept:
        existing.keep(group=group, now=listed_at + timedelta(days=1))
    if claimant is not None:
        words = "Ik trek de groep sinds het begin, samen met twee andere ouders."
        asked_at = now - timedelta(days=1)
        claims.claim(group=group, by=claimant, email=content.email, words=words, has_link=True, now=asked_at)
    return idea


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
    if content.asks_place:
        _ask_place(content, idea, proposer, now=now)
    _talk(content, idea, proposer, now=now)
    if content.quiet_since:
        clock.attend(pk=idea.pk, now=asked_at)
    if content.ended:
        ended_at = now - timedelta(days=content.ended_days)
        progress.end(initiative=idea, by=proposer, reason=EndReason(content.ended), note=content.why, now=ended_at)
    if content.joins:
        _join(content, idea, proposer, now=now)
    if content.runs_as:
        _begin(content, idea, proposer, now=now)
    idea.refresh_from_db()
    return idea


def _ask_place(content: IdeaContent, idea: Initiative, proposer: User, *, now: datetime) -> None:
    """Choose the first of the moments that suit, in three weeks, and ask the place yesterday."""
    place = idea.wished_place
    if place is None:
        return
    planning.set_contact(place=place, email=f"balie@{place.slug}.example", name="Balie", now=now)
    weekday, part = content.moments[0].split("-")
    start, end = HOURS[moments.Part(part)]
    today = local_date(now)
    first_on = today + timedelta(days=21 + (int(weekday) - today.isoweekday()) % 7)
    public = usual_holidays()
    while closed_days(idea.municipality.school_region, first_on, first_on, public=public, school=False):
        first_on += timedelta(days=7)
    planning.choose(
        initiative=idea,
        by=proposer,
        place=place,
        capacity=None,
        now=now - timedelta(days=2),
        rrule="",
        first_on=first_on,
        start_time=start,
        end_time=end,
        skip_public_holidays=False,
        skip_school_holidays=False,
    )
    planning.ask_place(
        initiative=idea, by=proposer, adults=12, children=10, expected=content.expected, now=now - timedelta(days=1)
    )


def _talk(content: IdeaContent, idea: Initiative, proposer: User, *, now: datetime) -> None:
    """Let people who take part talk, and ask the municipality something, the first longest ago."""
    taking = idea.supports.live().exclude(user=None).order_by("created_at", "pk")
    everyone = [support.user for support in taking.select_related("user") if support.user]
    people = [user for user in everyone if not is_of_municipality(user, idea)]
    if not people:
        return
    know(people, now=now)
    for number, text in enumerate(content.talk):
        by = proposer if number % 2 else people[number // 2 % len(people)]
        at = now - timedelta(days=content.days / 2 - number, hours=3)
        talking.say(initiative=idea, by=by, text=text, audience=Audience.NETWORK, now=at)
    officer = Role.objects.filter(municipality=idea.municipality, kind=Role.Kind.POLICY_OFFICER).first()
    for number, words in enumerate(content.questions if officer else ()):
        asked_at = now - timedelta(days=9 - 5 * number)
        question = asking.ask(initiative=idea, by=people[number % len(people)], text=words["ask"], now=asked_at)
        if "answer" in words and officer is not None:
            answered_at = asked_at + timedelta(days=3)
            asking.answer(question=question, by=officer.user, text=words["answer"], now=answered_at)
            asking.say_answered(question=question, by=people[number % len(people)], now=answered_at)


def _join(content: IdeaContent, idea: Initiative, proposer: User, *, now: datetime) -> None:
    """Ask whether it continues in another idea; after a yes, one of those who take part has not chosen yet."""
    into = Initiative.objects.filter(title=content.joins, municipality=idea.municipality).first()
    if into is None:
        return
    asked_at = now - timedelta(days=content.joins_days, hours=1)
    merge = merging.ask(initiative=idea, other=into, by=proposer, is_ending=True, starts_along=True, now=asked_at)
    if not content.joins_days:
        return
    by = into.initiators.select_related("user").earliest("pk").user
    merging.agree(merge=merge, by=by, starts_along=True, now=now - timedelta(days=content.joins_days))
    for support in idea.supports.live().select_related("initiative__merged_into").order_by("pk")[1:]:
        moving.follow(support=support, now=now - timedelta(days=content.joins_days - 1))


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
