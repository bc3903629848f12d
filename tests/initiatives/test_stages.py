"""Which step is possible in which stage, by whom: the table itself, the actions, the buttons and the document."""

import re
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from initiatives import stages
from initiatives.models import HistoryEntry, Initiator
from initiatives.progress import actions
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import INITIATORS, EndReason, Part, Stage, Step
from notifications.models import Message
from tests.factories import make_initiative, make_support, make_user
from tests.repository import ROOT

pytestmark = pytest.mark.django_db

ACTIONS = {
    Step.PAUSED: actions.pause,
    Step.RESUMED: actions.resume,
    Step.ENDED: lambda **fields: actions.end(**fields, reason=EndReason.DONE, note=""),
    Step.REOPENED: actions.reopen,
}
# A place answers by a link (see test_consent.py), and the clock is nobody (see test_quiet.py).
PEOPLE = [part for part in Part if part not in {Part.PLACE, Part.CLOCK}]
# Written out once more, so that a change of the table is a choice.
EXPECTED = {
    (Stage.IDEA, Step.PAUSED): Stage.PAUSED,
    (Stage.GATHERING, Step.PAUSED): Stage.PAUSED,
    (Stage.READY, Step.PAUSED): Stage.PAUSED,
    (Stage.RUNNING, Step.PAUSED): Stage.PAUSED,
    (Stage.PAUSED, Step.RESUMED): Stage.GATHERING,
    (Stage.IDEA, Step.ENDED): Stage.ENDED,
    (Stage.GATHERING, Step.ENDED): Stage.ENDED,
    (Stage.READY, Step.ENDED): Stage.ENDED,
    (Stage.RUNNING, Step.ENDED): Stage.ENDED,
    (Stage.PAUSED, Step.ENDED): Stage.ENDED,
    (Stage.ENDED, Step.REOPENED): Stage.GATHERING,
}


def make_in_stage(stage):
    """An idea in this stage, of someone with a co-initiator; paused and ended ones were gathering before."""
    proposer, partner, supporter = make_user("Dewi"), make_user("Joost"), make_user("Samira")
    ended = {"end_reason": "done"} if stage == Stage.ENDED else {}
    idea = make_initiative(proposer, stage=stage, **ended)
    Initiator.objects.create(initiative=idea, user=partner, part=Initiator.As.CO_INITIATOR)
    make_support(idea, supporter)
    if stage in {Stage.PAUSED, Stage.ENDED}:
        HistoryEntry.objects.create(
            initiative=idea, step=Step.PAUSED, stage_before=Stage.GATHERING, stage_after=stage, at=timezone.now()
        )
    people = {
        Part.PROPOSER: proposer,
        Part.CO_INITIATOR: partner,
        Part.SUPPORTER: supporter,
        Part.ANYONE: make_user("Noor"),
    }
    return idea, people


@pytest.mark.parametrize(("stage", "step", "part"), list(product(Stage, ACTIONS, PEOPLE)))
def test_who_may_take_which_step_from_which_stage(stage, step, part):
    idea, people = make_in_stage(stage)
    target, is_initiator = EXPECTED.get((stage, step)), part in INITIATORS
    act = {"initiative": idea, "by": people[part], "now": timezone.now()}
    if target and is_initiator:
        ACTIONS[step](**act)
        idea.refresh_from_db()
        assert idea.stage == target
        entry = idea.history.last()
        assert (entry.step, entry.stage_before, entry.stage_after, entry.by) == (step, stage, target, people[part])
        hearing = Message.objects.filter(template="initiatives.step_taken").values_list("user__first_name", flat=True)
        assert list(hearing) == ["Samira"]
    else:
        with pytest.raises(CannotDo) as refused:
            ACTIONS[step](**act)
        assert refused.value.refusal == (Refusal.NOT_YOURS if target else Refusal.NOT_IN_THIS_STAGE)
        idea.refresh_from_db()
        assert idea.stage == stage
        assert not Message.objects.exists()


@pytest.mark.parametrize(("stage", "part"), list(product(Stage, PEOPLE)))
def test_the_page_has_the_buttons_of_the_table_and_no_others(stage, part):
    idea, people = make_in_stage(stage)
    client = Client()
    client.force_login(people[part])
    page = client.get(idea.get_absolute_url()).content.decode()
    found = set(re.findall(rf'(?:href|action)="{idea.get_absolute_url()}(pauze|verder|stoppen|toch-verder)/"', page))
    path = {"paused": "pauze", "resumed": "verder", "ended": "stoppen", "reopened": "toch-verder"}
    assert found == {path[rule.step] for rule in stages.possible(stage, [part]) if rule.step in path}


def test_the_document_has_the_table():
    """When this fails, paste what it expected into docs/initiatives.md."""
    lines = ["| step | from | to | by |", "|---|---|---|---|"]
    for rule in stages.TABLE:
        sources = ", ".join(stage.value for stage in Stage if stage in rule.sources)
        by = ", ".join(part.value for part in Part if part in rule.by)
        target = "the same" if rule.stays else rule.target or "the stage before"
        lines.append(f"| {rule.step} | {sources} | {target} | {by} |")
    assert "\n".join(lines) in (ROOT / "docs" / "initiatives.md").read_text()


def test_resuming_returns_to_the_stage_before_the_pause_also_after_ending_while_paused():
    idea, people = make_in_stage(Stage.IDEA)
    by = {"by": people[Part.PROPOSER], "now": timezone.now()}
    actions.pause(initiative=idea, **by)
    actions.end(initiative=idea, reason=EndReason.DONE, note="", **by)
    actions.reopen(initiative=idea, **by)
    idea.refresh_from_db()
    assert (idea.stage, idea.end_reason) == (Stage.IDEA, "")


def test_what_did_not_work_out_needs_a_reason_that_others_can_learn_from():
    idea, people = make_in_stage(Stage.GATHERING)
    act = {"initiative": idea, "by": people[Part.PROPOSER], "reason": EndReason.NOT_POSSIBLE, "now": timezone.now()}
    with pytest.raises(CannotDo) as refused:
        actions.end(note="  ", **act)
    assert refused.value.refusal == Refusal.NO_REASON
    actions.end(note="Er was geen bus.", **act)
    idea.refresh_from_db()
    assert (idea.stage, idea.end_reason) == ("ended", "not_possible")


def test_what_happened_waits_for_a_look_while_nobody_knows_the_writer_and_the_ending_does_not(town):
    idea = make_initiative(town.newcomer, municipality=town.hengelo, title="Vlieger")
    actions.end(initiative=idea, by=town.newcomer, reason=EndReason.NOT_POSSIBLE, note="Geen wind.", now=timezone.now())
    idea.refresh_from_db()
    assert (idea.stage, idea.end_note) == ("ended", "")
    page = Client().get(idea.get_absolute_url()).content.decode()
    assert "het lukte niet" in page
    assert "Geen wind." not in page
