"""When someone last did something: whatever a person does for an idea counts, and no clock does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from initiatives import leaving, search_words, tasks
from initiatives.dormancy import clock
from initiatives.initiating import actions as initiating
from initiatives.merging import actions as merging
from initiatives.models import Initiative, Initiator
from initiatives.planning import answers, beginning
from initiatives.proposing import photos
from initiatives.sharing import actions as sharing
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from initiatives.talking import actions as talking
from initiatives.talking import asking, digest
from initiatives.talking.reminding import remind_officials
from tests.factories import make_initiative, make_photo, make_support, make_user
from tests.initiatives.places import make_cavia
from tests.initiatives.talk_scene import make_scene

pytestmark = pytest.mark.django_db

PHOTO = {"description": "Een cavia in het hooi", "children": "none"}


def in_scene(act):
    """Let this happen in an idea with talk: `act(scene, now)`."""

    def happen(now):
        scene = make_scene()
        run = act(scene, now)
        return scene.idea, run

    return happen


def in_cavia(act, ready=False, asked=False):
    """Let this happen with an idea that has a day and a place."""

    def happen(now):
        cavia = make_cavia()
        cavia.choose()
        request = cavia.ask() if asked or ready else None
        if ready and request is not None:
            cavia.agree(request)
        return cavia.idea, act(cavia, request, now)

    return happen


def _photo(scene, now):
    photo = make_photo(scene.proposer, purpose=scene.idea.photo_purpose, attached_at=None)
    return lambda: photos.set_photo(initiative=scene.idea, photo=photo, by=scene.proposer, now=now, **PHOTO)


def _no_photo(scene, now):
    _photo(scene, now - timedelta(hours=1))()
    return lambda: photos.remove_photo(initiative=scene.idea, by=scene.proposer, now=now)


def _joins(scene, now):
    act = {"initiative": scene.idea, "by": scene.proposer, "email": scene.host.email, "language": "nl"}
    invitation = initiating.invite(**act, now=now - timedelta(hours=1))
    return lambda: initiating.accept(invitation=invitation, by=scene.host, now=now)


def _answer(scene, now):
    before = now - timedelta(hours=1)
    question = asking.ask(initiative=scene.idea, by=scene.proposer, text="Mag het?", now=before)
    return lambda: asking.answer(question=question, by=scene.officer, text="Ja.", now=now)


def _again(scene, now):
    support = make_support(scene.idea, make_user(), state="withdrawn", withdrawn_at=now)
    return lambda: taking_part.undo_withdrawal(support=support, now=now)


def _merge(scene, now, **fields):
    other = make_initiative(make_user())
    asks = {"initiative": scene.idea, "other": other, "by": scene.proposer, "is_ending": True, "starts_along": False}
    return lambda: merging.ask(**{**asks, "now": now, **fields})


def _no_merge(scene, now):
    other = make_initiative(make_user())
    before = {"initiative": other, "other": scene.idea, "by": other.initiators.get().user}
    merge = _merge(scene, now - timedelta(hours=1), **before)()
    return lambda: merging.decline(merge=merge, by=scene.proposer, now=now)


ACTS = {
    "asks another idea to continue together": in_scene(_merge),
    "says no to continuing together": in_scene(_no_merge),
    "supports": in_scene(
        lambda scene, now: (
            lambda: taking_part.support(initiative=scene.idea, user=scene.host, commitment=Commitment(), now=now)
        )
    ),
    "takes part again": in_scene(_again),
    "says something": in_scene(
        lambda scene, now: (
            lambda: talking.say(initiative=scene.idea, by=scene.supporter, text="Hooi!", audience="network", now=now)
        )
    ),
    "asks the municipality": in_scene(
        lambda scene, now: lambda: asking.ask(initiative=scene.idea, by=scene.supporter, text="Mag het?", now=now)
    ),
    "answers for the municipality": in_scene(_answer),
    "gives a photo": in_scene(_photo),
    "takes the photo away": in_scene(_no_photo),
    "writes how it was done": in_scene(
        lambda scene, now: (
            lambda: sharing.write_recipe(
                initiative=scene.idea, by=scene.proposer, fields={"checklist": "Hooi"}, now=now
            )
        )
    ),
    "invites someone": in_scene(
        lambda scene, now: (
            lambda: initiating.invite(
                initiative=scene.idea, by=scene.proposer, email="x@example.org", language="nl", now=now
            )
        )
    ),
    "accepts an invitation": in_scene(_joins),
    "hands over": in_scene(
        lambda scene, now: (
            lambda: initiating.hand_over(initiative=scene.idea, by=scene.proposer, to=scene.co_initiator, now=now)
        )
    ),
    "chooses another number": in_cavia(lambda cavia, _request, now: lambda: cavia.choose(capacity=9, now=now)),
    "chooses another time": in_cavia(
        lambda cavia, _request, now: lambda: cavia.choose(skip_school_holidays=True, now=now)
    ),
    "asks the place": in_cavia(lambda cavia, _request, now: lambda: cavia.ask(now=now)),
    "agrees for the place": in_cavia(lambda cavia, request, now: lambda: cavia.agree(request, now=now), asked=True),
    "declines for the place": in_cavia(
        lambda cavia, request, now: lambda: answers.decline(request=request, reason="vol", now=now), asked=True
    ),
    "begins": in_cavia(
        lambda cavia, _request, now: lambda: beginning.begin(initiative=cavia.idea, by=cavia.fatima, now=now),
        ready=True,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_what_someone_does_is_the_last_thing_that_happened(name):
    now = timezone.now() + timedelta(hours=3)
    idea, act = ACTS[name](now)
    Initiative.objects.update(active_at=now - timedelta(days=40))
    act()
    idea.refresh_from_db()
    assert idea.active_at == now


def _asked_place(now):
    cavia = make_cavia()
    cavia.choose()
    cavia.ask()
    return cavia.idea


@pytest.mark.parametrize(
    "runs",
    [
        lambda now: answers.remind_all(now=now),
        lambda now: beginning.invite_all(now=now),
        lambda now: digest.plan(now=now),
        lambda now: remind_officials(now=now),
        lambda now: clock.attend_all(now=now),
        lambda now: search_words.renew(),
        lambda now: tasks.follow_up(),
        lambda now: tasks.attend_to_quiet_ones(),
    ],
)
def test_no_clock_is_the_last_one_who_did_something(runs):
    idea = _asked_place(timezone.now())
    before = timezone.now() - timedelta(days=100)
    Initiative.objects.update(active_at=before)
    runs(timezone.now())
    runs(timezone.now() + timedelta(days=10))
    idea.refresh_from_db()
    assert idea.active_at == before


def test_whoever_leaves_without_ending_it_did_nothing_for_it():
    cavia = make_cavia()
    before = timezone.now() - timedelta(days=100)
    Initiative.objects.update(active_at=before)
    leaving.leave_all(user=cavia.fatima, now=timezone.now())  # an account that was not used is erased by a clock
    cavia.idea.refresh_from_db()
    assert cavia.idea.active_at == before
    assert cavia.idea.initiators.get().part == Initiator.As.PROPOSER
