"""The one next step for those who started an initiative: a pure function from facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from initiatives.stages import LIVE, OPEN, Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ASK_HOST_AFTER_DAYS = 7
LOOK_FOR_NEEDS_DAYS = 14  # then a day comes first: it may well be what brings the rest
CALL_AFTER_DAYS = 7


class Do(StrEnum):
    """What the button of a step does; the page knows the address."""

    FINISH = "finish"
    WAIT = "wait"
    SHARE = "share"
    ASK_HOST = "ask_host"
    FILL_NEED = "fill_need"
    CHOOSE_DAY = "choose_day"
    CHOOSE_PLACE = "choose_place"
    ASK_PLACE = "ask_place"
    WAIT_FOR_PLACE = "wait_for_place"
    CALL_PLACE = "call_place"
    ANSWER_OFFER = "answer_offer"
    BEGIN = "begin"
    INVITE = "invite"
    MOVE = "move"
    TELL = "tell"
    RESUME = "resume"
    SAY_WHETHER = "say_whether"
    WAIT_FOR_HEIR = "wait_for_heir"


@dataclass(frozen=True)
class Facts:
    """What the next step depends on."""

    stage: str
    is_draft: bool = False
    is_waiting: bool = False  # for a first look
    days_on_site: int = 0
    people: int = 0  # who take part, besides those who started it
    missing: tuple[str, ...] = ()  # what is still needed, most wanted first
    has_day: bool = False
    has_day_passed: bool = False
    has_place: bool = False
    is_outdoors: bool = False  # without a building, or where it meets already: nobody has to say yes
    is_group: bool = False  # that ran outside Pedbasis, and is no meetup yet
    answer: str = ""  # of the place: a value of PlaceRequest.State; empty: it was not asked
    days_asked: int = 0
    call: str = ""  # whom to call when the place does not answer
    is_meetup_waiting: bool = False  # for a first look
    was_held: bool = False  # at least one date of the meetup is over
    is_quiet: bool = False  # for so long that we asked whether it continues
    is_sought: bool = False  # they asked who takes it over


@dataclass(frozen=True)
class NextStep:
    """One step: what, why, and the words on its button (empty: nothing to do now)."""

    do: Do
    title: StrPromise
    reason: StrPromise
    button: StrPromise | str = ""
    need: str = ""
    call: str = ""


def next_step(facts: Facts) -> NextStep | None:
    """Return the next step; None when there is none, because it ended."""
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
    if facts.stage in OPEN and facts.is_quiet:
        return NextStep(
            Do.SAY_WHETHER,
            _("Will you continue with this?"),
            _("Nothing has happened for a while. That is fine. What would you like?"),
            _("I continue"),
        )
    if facts.stage in OPEN and facts.is_sought:
        return NextStep(
            Do.WAIT_FOR_HEIR,
            _("We asked who takes it over"),
            _("You get an email as soon as someone does. Until then it is still yours."),
            _("I continue after all"),
        )
    if facts.stage == Stage.RUNNING and facts.is_group:
        return _planned(facts) if facts.has_day else MAKE_MEETUP
    if facts.stage == Stage.RUNNING:
        return _running(facts)
    if facts.stage not in LIVE:
        return None
    if facts.has_day:
        return _planned(facts)
    return _gathering(facts)


def _gathering(facts: Facts) -> NextStep:
    """Before a day is chosen."""
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
    if facts.missing and facts.days_on_site < LOOK_FOR_NEEDS_DAYS:
        return NextStep(
            Do.FILL_NEED,
            _("Find what is still missing"),
            _("Do you know someone who has this? Ask one person yourself: that works best."),
            _("Share it"),
            need=facts.missing[0],
        )
    return NextStep(
        Do.CHOOSE_DAY,
        _("Choose a day"),
        _("People take part. Look which moment suits most of them: a day makes it real."),
        _("Choose a day"),
    )


def _planned(facts: Facts) -> NextStep:
    """Once a day is chosen, until it begins."""
    if facts.has_day_passed:
        return NextStep(
            Do.CHOOSE_DAY,
            _("Choose another day"),
            _("The day you chose has passed. That is fine: choose a new one."),
            _("Choose a day"),
        )
    if not facts.has_place:
        return replace(CHOOSE_PLACE, reason=OUTDOORS_REASON) if facts.is_outdoors else CHOOSE_PLACE
    if not facts.is_outdoors and facts.answer != "agreed":
        return _place(facts)
    return NextStep(
        Do.BEGIN,
        _("Begin!"),
        _("Day and place are settled. If you begin now, everyone who takes part gets an invitation."),
        _("Begin!"),
    )


MAKE_MEETUP = NextStep(
    Do.CHOOSE_DAY,
    _("Make it a meetup"),
    _("In two steps: say when and where your group meets, and tap “Begin!”. Then people sign up here for each date."),
    _("Say when and where"),
)
CHOOSE_PLACE = NextStep(
    Do.CHOOSE_PLACE,
    _("Choose a place"),
    _("A fixed place at a fixed time: that is how people get to know each other."),
    _("Choose a place"),
)
OUTDOORS_REASON = _("Choose where you meet outdoors, so that people can find you on the map.")


def _place(facts: Facts) -> NextStep:
    """A place is chosen, and it has not said yes."""
    if facts.answer == "asked" and facts.days_asked < CALL_AFTER_DAYS:
        return NextStep(
            Do.WAIT_FOR_PLACE,
            _("Wait for the place"),
            _("We asked the place by email. We send a reminder after 3 and after 7 days. You hear it straight away."),
        )
    if facts.answer == "asked":
        return NextStep(
            Do.CALL_PLACE,
            _("Call the place"),
            _("The place does not answer our emails. Drop by, or ask the contact of your town for help."),
            call=facts.call,
        )
    if facts.answer == "offered":
        return NextStep(
            Do.ANSWER_OFFER,
            _("The place offers another moment"),
            _("Look whether it suits you and the others. If you choose it, the place has agreed already."),
            _("Look at the other moment"),
        )
    if facts.answer:  # it said no, took its yes back, or its other moment did not suit
        return replace(
            CHOOSE_PLACE,
            title=_("Choose another place or moment"),
            reason=_("It is not possible at this place at this moment. Another day or place may well work."),
        )
    return NextStep(
        Do.ASK_PLACE,
        _("Ask the place"),
        _("The place gets an email with your plan, and answers with one tap."),
        _("Ask the place"),
    )


def _running(facts: Facts) -> NextStep:
    if facts.is_meetup_waiting:
        return NextStep(
            Do.WAIT,
            _("Someone looks at the text of your meetup first"),
            _("As soon as everyone can see it, all who take part get their invitation."),
        )
    if facts.answer == "revoked":
        return NextStep(
            Do.MOVE,
            _("The place can no longer have you"),
            _("Find another place for your meetup, or cancel its dates. Everyone who signed up gets an email."),
            _("Manage the meetup"),
        )
    if not facts.was_held:
        return NextStep(
            Do.INVITE,
            _("Invite more people"),
            _("Everyone who takes part has an invitation. Who else would like to come? Share the first date."),
            _("Share it"),
        )
    return NextStep(
        Do.TELL,
        _("Tell how it went"),
        _("What went well, and what would you do differently? Parents in other towns can learn from it."),
        _("Tell how it went"),
    )
