"""Several people at once, with real threads, connections and locks."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from initiatives.dormancy import actions as dormancy
from initiatives.dormancy import clock
from initiatives.existing import actions as existing_actions
from initiatives.existing import claims as existing_claims
from initiatives.models import Initiative, Support
from initiatives.progress import actions as progress
from initiatives.proposing import actions as proposing
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import EndReason, Stage
from initiatives.taking_part import actions
from initiatives.taking_part.actions import Commitment
from moderation.demo_data import know
from notifications.models import Message
from pages import privacy
from tests.factories import make_initiative, make_municipality, make_role, make_support, make_user
from tests.initiatives.groups import GROUP, make_group
from tests.initiatives.quiet_scene import ASKED_ON, OFFERED_ON, PAUSED_ON, at, make_quiet
from tests.meetups.test_attending_races import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_tap_proposes_once():
    town, person = make_municipality(), make_user()
    know([person], now=timezone.now())
    fields = {"title": "Vliegeren", "what": "Samen", "for_whom": "iedereen", "needed": ""}
    run_concurrently(*[lambda: proposing.propose(by=person, town=town, now=timezone.now(), fields=fields)] * 5)
    assert Initiative.objects.get().history.count() == 1


def test_five_ideas_with_one_title_get_five_addresses():
    town, people = make_municipality(), [make_user() for _ in range(5)]
    know(people, now=timezone.now())
    fields = {"title": "Vliegeren", "what": "Samen", "for_whom": "iedereen", "needed": ""}
    run_concurrently(
        *[lambda p=p: proposing.propose(by=p, town=town, now=timezone.now(), fields=fields) for p in people]
    )
    assert len(set(Initiative.objects.values_list("slug", flat=True))) == 5


def test_many_who_take_part_at_once_move_the_idea_once():
    idea, people = make_initiative(), [make_user() for _ in range(8)]
    jobs = [
        lambda p=p: actions.support(initiative=idea, user=p, commitment=Commitment(), now=timezone.now())
        for p in [*people, *people]
    ]
    run_concurrently(*jobs)
    assert idea.supports.live().count() == 8
    assert list(idea.history.values_list("step", flat=True)) == ["published", "gathered"]


def test_a_guest_who_fills_in_the_form_twice_at_once_gets_one_link():
    idea = make_initiative()
    run_concurrently(
        *[
            lambda: actions.support_as_guest(
                initiative=idea,
                first_name="Samira",
                email="samira@example.org",
                commitment=Commitment(),
                now=timezone.now(),
            )
        ]
        * 4
    )
    assert Support.objects.count() == Message.objects.count() == 1


def test_taking_part_while_it_ends_leaves_nobody_in_an_ended_idea_without_a_mail():
    proposer, person = make_user(), make_user()
    idea = make_initiative(proposer)

    def end():
        progress.end(initiative=idea, by=proposer, reason=EndReason.DONE, note="", now=timezone.now())

    def take_part():
        with suppress(CannotDo):
            actions.support(initiative=idea, user=person, commitment=Commitment(), now=timezone.now())

    run_concurrently(end, take_part)
    idea.refresh_from_db()
    assert idea.stage == Stage.ENDED
    hears = Message.objects.filter(template="initiatives.step_taken", user=person).exists()
    assert hears == idea.supports.live().exists()


def make_claims(number):
    """Claims of people for one group, and two coordinators of its town."""
    town = make_municipality()
    coordinators = [make_role(Role.Kind.COORDINATOR, town, make_user()) for _ in range(2)]
    group = make_group(town)
    fields = {"email": "bestuur@rennen.example", "words": "Ik loop voorop.", "has_link": False}
    claims = [existing_claims.claim(group=group, by=make_user(), now=timezone.now(), **fields) for _ in range(number)]
    return group, claims, coordinators


def outcome_of(act):
    def run():
        try:
            return act()
        except CannotDo as refusal:
            return refusal.refusal

    return run


def test_two_coordinators_who_answer_at_once_give_one_answer():
    _group, [claim], coordinators = make_claims(1)
    now = timezone.now()
    yes = outcome_of(lambda: existing_claims.accept(claim=claim, by=coordinators[0], meets_at=None, now=now))
    no = outcome_of(lambda: existing_claims.decline(claim=claim, by=coordinators[1], reason="Nee.", now=now))
    outcomes = run_concurrently(yes, no)
    claim.refresh_from_db()
    assert outcomes.count(Refusal.CLAIM_ANSWERED) == 1
    assert claim.group.initiative.initiators.exists() is (claim.state == "accepted")
    assert Message.objects.filter(template="group_claims.answered").count() == 1


def test_of_two_claims_that_are_accepted_at_once_one_wins():
    group, claims, coordinators = make_claims(2)
    jobs = [
        outcome_of(lambda c=c, by=by: existing_claims.accept(claim=c, by=by, meets_at=None, now=timezone.now()))
        for c, by in zip(claims, coordinators, strict=True)
    ]
    assert run_concurrently(*jobs).count(Refusal.CLAIM_ANSWERED) == 1
    assert sorted(group.claims.values_list("state", flat=True)) == ["accepted", "overtaken"]
    assert group.initiative.initiators.count() == 1


def test_a_group_that_is_removed_while_a_claim_is_accepted_is_gone_or_claimed():
    group, [claim], [coordinator, _other] = make_claims(1)
    now = timezone.now()
    accept = outcome_of(lambda: existing_claims.accept(claim=claim, by=coordinator, meets_at=None, now=now))
    remove = outcome_of(lambda: existing_actions.remove(group=group, now=now))
    accepted, removed = run_concurrently(accept, remove)
    is_left = Initiative.objects.filter(pk=group.initiative_id).exists()
    assert (accepted == Refusal.GROUP_GONE, removed == Refusal.GROUP_CLAIMED) == (not is_left, is_left)


def test_a_double_tap_lists_a_group_once():
    town, person = make_municipality(), make_user()
    know([person], now=timezone.now())
    listed = {"town": town, "email": "info@rennen.example", "fields": GROUP}
    run_concurrently(*[lambda: existing_actions.list_group(by=person, now=timezone.now(), **listed)] * 4)
    guest = {"own_email": "noor@guest.example", "language": "nl", **listed, "email": "x@rennen.example"}
    run_concurrently(*[lambda: existing_actions.list_group_as_guest(now=timezone.now(), **guest)] * 4)
    assert Initiative.objects.count() == 2
    assert Message.objects.filter(template="existing_groups.confirm").count() == 1


def test_telling_at_once_is_one_mail():
    group = make_group(make_municipality())
    Message.objects.all().delete()
    type(group).objects.update(told_at=None)
    run_concurrently(*[lambda: existing_actions.tell_all(now=timezone.now())] * 4)
    assert Message.objects.filter(template="existing_groups.told").count() == 1


def test_withdrawing_changing_pausing_and_erasing_at_once_do_not_deadlock():
    proposer, people = make_user(), [make_user() for _ in range(4)]
    idea = make_initiative(proposer, needed="4 balen hooi")
    other = make_initiative(people[0])
    supports = [make_support(idea, person) for person in people]
    make_support(other, people[1])

    def ignoring_refusals(act):
        def run():
            with suppress(CannotDo, Initiative.DoesNotExist):
                act()

        return run

    now = timezone.now()
    run_concurrently(
        *[ignoring_refusals(lambda s=s: actions.withdraw(support=s, now=now)) for s in supports[2:]],
        ignoring_refusals(
            lambda: proposing.change(initiative=idea, by=proposer, now=now, fields={"for_whom": "iedereen"})
        ),
        ignoring_refusals(lambda: progress.pause(initiative=idea, by=proposer, now=now)),
        ignoring_refusals(lambda: privacy.erase(user=people[0], now=now)),
        ignoring_refusals(lambda: privacy.erase(user=people[1], now=now)),
    )
    idea.refresh_from_db()
    assert set(idea.supports.values_list("state", flat=True)) == {"withdrawn"}


def test_two_who_take_it_over_at_once_make_one_proposer_and_the_other_hears_that_someone_was_first():
    scene = make_quiet()
    people = [scene.sam, *(make_user() for _ in range(4))]
    for person in people[1:]:
        make_support(scene.idea, person)
    scene.pass_until(OFFERED_ON)

    def take_over(person):
        try:
            dormancy.take_over(initiative=scene.idea, by=person, now=timezone.now())
        except CannotDo as refused:
            return refused.refusal
        return person

    results = run_concurrently(*[lambda p=p: take_over(p) for p in people])
    assert sorted(results, key=str).count(Refusal.SOMEONE_TOOK_OVER) == 4
    [winner] = [result for result in results if result in people]
    assert scene.idea.initiators.get(part="proposer").user == winner
    assert scene.steps() == ["took_over"]


def test_the_clock_twice_at_once_says_everything_once():
    scene = make_quiet()
    for on in (ASKED_ON, OFFERED_ON):
        scene.pass_until(on - timedelta(days=1))
        run_concurrently(*[lambda on=on: clock.attend_all(now=at(on))] * 4)
    assert Message.objects.filter(template="dormancy.asked").count() == 2
    assert Message.objects.filter(template="dormancy.offered").count() == 2
    assert Message.objects.filter(template="initiatives.takeover").count() == 2


def test_an_answer_while_the_clock_pauses_is_never_lost():
    scene = make_quiet()
    scene.pass_until(PAUSED_ON - timedelta(days=1))
    run_concurrently(
        lambda: clock.attend_all(now=at(PAUSED_ON)),
        lambda: dormancy.keep(initiative=scene.idea, by=scene.fatima, now=timezone.now()),
    )
    assert scene.fresh().stage == Stage.GATHERING
    assert scene.steps() in (["kept"], ["paused_quiet", "resumed"])


def test_taking_over_while_the_last_who_started_it_leaves_ends_with_someone_who_continues_it():
    scene = make_quiet()
    scene.idea.initiators.filter(user=scene.joke).delete()
    scene.pass_until(OFFERED_ON)
    run_concurrently(
        lambda: dormancy.take_over(initiative=scene.idea, by=scene.sam, now=timezone.now()),
        lambda: privacy.erase(user=scene.fatima, now=timezone.now()),
    )
    assert scene.fresh().stage == Stage.GATHERING
    assert [row.user for row in scene.idea.initiators.all()] == [scene.sam]
