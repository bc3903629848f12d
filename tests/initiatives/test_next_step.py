"""The next step as a table: from facts to one step."""

from itertools import product

import pytest

from initiatives.models import PlaceRequest
from initiatives.progress.next_step import Do, Facts, next_step
from initiatives.stages import Stage

DAY = {"has_day": True}
PLACE = {"has_day": True, "has_place": True}


@pytest.mark.parametrize(
    ("facts", "do"),
    [
        (Facts("idea", is_draft=True), Do.FINISH),
        (Facts("idea", is_waiting=True), Do.WAIT),
        (Facts("idea"), Do.SHARE),
        (Facts("idea", days_on_site=7), Do.ASK_HOST),
        (Facts("gathering", people=1, missing=("hooi",)), Do.FILL_NEED),
        (Facts("gathering", people=1, missing=("hooi",), days_on_site=14), Do.CHOOSE_DAY),
        (Facts("gathering", people=1), Do.CHOOSE_DAY),
        (Facts("gathering", people=1, missing=("hooi",), **DAY), Do.CHOOSE_PLACE),
        (Facts("idea", **DAY), Do.CHOOSE_PLACE),
        (Facts("gathering", has_day_passed=True, **PLACE), Do.CHOOSE_DAY),
        (Facts("ready", has_day_passed=True, answer="agreed", **PLACE), Do.CHOOSE_DAY),
        (Facts("gathering", **PLACE), Do.ASK_PLACE),
        (Facts("gathering", answer="asked", **PLACE), Do.WAIT_FOR_PLACE),
        (Facts("gathering", answer="asked", days_asked=6, **PLACE), Do.WAIT_FOR_PLACE),
        (Facts("gathering", answer="asked", days_asked=7, call="Sanne", **PLACE), Do.CALL_PLACE),
        (Facts("gathering", answer="offered", **PLACE), Do.ANSWER_OFFER),
        (Facts("gathering", answer="declined", **PLACE), Do.CHOOSE_PLACE),
        (Facts("gathering", answer="refused", **PLACE), Do.CHOOSE_PLACE),
        (Facts("gathering", answer="revoked", **PLACE), Do.CHOOSE_PLACE),
        (Facts("ready", answer="agreed", **PLACE), Do.BEGIN),
        (Facts("ready", is_outdoors=True, **DAY), Do.CHOOSE_PLACE),
        (Facts("ready", is_outdoors=True, **PLACE), Do.BEGIN),
        (Facts("running", is_group=True), Do.CHOOSE_DAY),
        (Facts("running", is_group=True, is_waiting=True), Do.WAIT),
        (Facts("running", is_group=True, **DAY), Do.CHOOSE_PLACE),
        (Facts("running", is_group=True, has_day_passed=True, **PLACE), Do.CHOOSE_DAY),
        (Facts("running", is_group=True, is_outdoors=True, **PLACE), Do.BEGIN),  # where it is known to meet
        (Facts("running", is_group=True, **PLACE), Do.ASK_PLACE),
        (Facts("running", is_group=True, answer="agreed", **PLACE), Do.BEGIN),
        (Facts("running", is_group=True, answer="declined", **PLACE), Do.CHOOSE_PLACE),
        (Facts("running", is_meetup_waiting=True), Do.WAIT),
        (Facts("running"), Do.INVITE),
        (Facts("running", was_held=True), Do.TELL),
        (Facts("running", answer="revoked", was_held=True), Do.MOVE),
        (Facts("paused", **PLACE), Do.RESUME),
        (Facts("idea", is_quiet=True), Do.SAY_WHETHER),
        (Facts("ready", is_quiet=True, answer="agreed", **PLACE), Do.SAY_WHETHER),
        (Facts("running", is_quiet=True, was_held=True), Do.SAY_WHETHER),
        (Facts("gathering", is_quiet=True, is_sought=True), Do.SAY_WHETHER),  # nobody came forward
        (Facts("gathering", is_sought=True, people=3), Do.WAIT_FOR_HEIR),
        (Facts("running", is_sought=True), Do.WAIT_FOR_HEIR),
        (Facts("paused", is_quiet=True, is_sought=True), Do.RESUME),
        (Facts("idea", is_draft=True, is_quiet=True), Do.FINISH),
        (Facts("idea", is_waiting=True, is_quiet=True), Do.WAIT),
    ],
)
def test_the_next_step(facts, do):
    step = next_step(facts)
    assert step is not None
    assert step.do == do
    assert step.call == facts.call * (do == Do.CALL_PLACE)


def test_an_ended_idea_has_no_next_step():
    assert next_step(Facts("ended", **PLACE)) is None


def test_every_combination_has_a_step_with_a_reason_and_a_button():
    without_button = {Do.WAIT, Do.WAIT_FOR_PLACE, Do.CALL_PLACE}
    answers = ["", *(state for state in PlaceRequest.State.values if state != "void")]
    flags = list(product([False, True], repeat=6))
    for stage, answer, (day, passed, place, outdoors, held, group), people in product(Stage, answers, flags, [0, 3]):
        facts = Facts(
            stage,
            people=people,
            missing=("hooi",),
            has_day=day,
            has_day_passed=passed,
            has_place=place,
            is_outdoors=outdoors,
            answer=answer,
            was_held=held,
            is_group=group,
        )
        step = next_step(facts)
        if stage == Stage.ENDED:
            assert step is None
            continue
        assert step is not None
        assert step.title
        assert step.reason
        assert bool(step.button) != (step.do in without_button)
        if step.do == Do.BEGIN:  # never while something is missing
            assert (day, place, passed) == (True, True, False)
            assert outdoors or answer == "agreed"
