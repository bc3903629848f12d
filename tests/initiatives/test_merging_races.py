"""Continuing together while something else happens at the same moment, with real threads, connections and locks."""

from contextlib import suppress

import pytest
from django.utils import timezone

from initiatives.merging import actions, moving
from initiatives.models import Initiator, Merge, Support
from initiatives.progress import actions as progress
from initiatives.refusals import CannotDo
from initiatives.stages import EndReason
from initiatives.taking_part import actions as taking_part
from initiatives.taking_part.actions import Commitment
from notifications.models import Message
from pages import privacy
from tests.factories import make_initiative, make_support, make_user
from tests.initiatives.test_merging import Two
from tests.meetups.test_attending_races import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = {"reason": EndReason.DONE, "note": ""}


def ignoring_refusals(act, **fields):
    def run():
        with suppress(CannotDo):
            act(now=timezone.now(), **fields)

    return run


def follow(support):
    return ignoring_refusals(moving.follow, support=Support.objects.select_related("initiative").get(pk=support.pk))


def merge_steps(two):
    return two.club.history.filter(step="merged").count(), two.cafe.history.filter(step="took_in").count()


def test_two_who_say_yes_at_once_continue_together_once():
    two, partner, supporter = Two(), make_user(), make_user()
    Initiator.objects.create(initiative=two.cafe, user=partner, part=Initiator.As.CO_INITIATOR)
    make_support(two.club, supporter)
    merge = two.ask(starts_along=True)
    agree = {"merge": merge, "starts_along": True}
    run_concurrently(*[ignoring_refusals(actions.agree, by=by, **agree) for by in (two.bo, partner) * 3])
    assert merge_steps(two) == (1, 1)
    assert two.cafe.initiators.count() == 4
    assert Message.objects.filter(template="initiatives.merged").count() == 1


def test_a_yes_and_a_no_at_once_are_one_answer():
    two = Two()
    merge = two.ask()
    run_concurrently(
        ignoring_refusals(actions.agree, merge=merge, by=two.bo, starts_along=False),
        ignoring_refusals(actions.decline, merge=merge, by=two.bo),
    )
    merge.refresh_from_db()
    two.club.refresh_from_db()
    assert (merge.state == "agreed") == (two.club.stage == "ended") == (merge_steps(two) == (1, 1))


def test_both_sides_asking_at_once_leave_one_question():
    two = Two()
    ask = {"starts_along": False, "is_ending": True}
    run_concurrently(
        ignoring_refusals(actions.ask, initiative=two.club, other=two.cafe, by=two.dewi, **ask),
        ignoring_refusals(actions.ask, initiative=two.cafe, other=two.club, by=two.bo, **ask),
        ignoring_refusals(actions.ask, initiative=two.club, other=two.cafe, by=two.joost, **ask),
    )
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("act", [progress.pause, progress.end])
@pytest.mark.parametrize("which", ["club", "cafe"])
def test_one_that_pauses_or_ends_at_that_moment_never_gets_another_in_it(act, which):
    two = Two()
    merge = two.ask()
    initiative, by = (two.club, two.dewi) if which == "club" else (two.cafe, two.bo)
    extra = ENDS if act == progress.end else {}
    run_concurrently(
        ignoring_refusals(actions.agree, merge=merge, by=two.bo, starts_along=False),
        ignoring_refusals(act, initiative=initiative, by=by, **extra),
    )
    for idea in (two.club, two.cafe):
        idea.refresh_from_db()
    merge.refresh_from_db()
    assert (merge.state == "agreed") == (two.club.merged_into == two.cafe)
    if two.club.merged_into is None and act == progress.end:
        assert merge.state == "lapsed"
    if two.club.merged_into is not None:
        assert two.club.end_reason == "merged"
        assert merge_steps(two) == (1, 1)
    else:
        assert merge_steps(two) == (0, 0)


def test_taking_part_or_stopping_at_that_moment_leaves_nobody_without_a_mail():
    two, person, leaves = Two(), make_user(), make_user()
    merge, support = two.ask(), make_support(two.club, leaves)
    run_concurrently(
        ignoring_refusals(actions.agree, merge=merge, by=two.bo, starts_along=False),
        ignoring_refusals(taking_part.support, initiative=two.club, user=person, commitment=Commitment()),
        ignoring_refusals(taking_part.withdraw, support=support),
    )
    asked = set(Message.objects.unsent().filter(template="initiatives.merged").values_list("user_id", flat=True))
    assert asked == set(two.club.supports.live().values_list("user_id", flat=True))


def test_a_double_tap_and_a_stop_at_once_neither_double_nor_lose_anyone():
    two, person = Two(), make_user("Samira")
    supports = [make_support(two.club, person), make_support(two.club, person, kind="help", words="thee")]
    two.merge()
    run_concurrently(
        *[follow(support) for support in supports * 2],
        ignoring_refusals(moving.stop, support=Support.objects.select_related("initiative").get(pk=supports[0].pk)),
    )
    live = Support.objects.live().filter(user=person)
    assert live.count() in {0, 1, 2}
    assert {row.initiative for row in live} <= {two.cafe}  # none stays behind
    assert len({row.kind for row in live}) == live.count()


def test_two_couples_moving_and_reopening_and_erasing_at_once_do_not_deadlock():
    two = Two()
    people = [make_user() for _ in range(4)]
    supports = [make_support(two.club, person) for person in people]
    two.merge()
    run_concurrently(
        *[follow(support) for support in supports],
        ignoring_refusals(progress.reopen, initiative=two.club, by=two.dewi),
        ignoring_refusals(privacy.erase, user=people[3]),
        ignoring_refusals(privacy.erase, user=two.joost),
        ignoring_refusals(taking_part.withdraw, support=supports[0]),
    )
    assert not Support.objects.filter(pk=supports[3].pk).exists()
    assert Support.objects.live().filter(user__in=people[1:3]).count() == 2


def test_a_triangle_of_questions_answered_at_once_never_ends_all_three():
    owners = [make_user() for _ in range(3)]
    two = Two()
    ideas = [make_initiative(owner, municipality=two.town, title=f"Idee {owner.pk}") for owner in owners]
    asks = [
        actions.ask(
            initiative=ideas[n],
            other=ideas[(n + 1) % 3],
            by=owners[n],
            is_ending=True,
            starts_along=False,
            now=timezone.now(),
        )
        for n in range(3)
    ]
    run_concurrently(
        *[
            ignoring_refusals(actions.agree, merge=merge, by=owners[(n + 1) % 3], starts_along=False)
            for n, merge in enumerate(asks)
        ]
    )
    for idea in ideas:
        idea.refresh_from_db()
    assert sum(idea.is_ended for idea in ideas) in {1, 2}
    for idea in ideas:
        assert idea.is_ended == (idea.merged_into is not None)
