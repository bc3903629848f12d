"""What is needed, and what is missing, whatever people do."""

from dataclasses import dataclass

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initiatives import needs
from initiatives.models import Support
from initiatives.needs import kind_of, read
from initiatives.taking_part import actions
from initiatives.taking_part.actions import Commitment
from tests.factories import make_initiative, make_user
from tests.visitors import rolled_back


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", []),
        ("2 balen hooi", [("balen hooi", 2)]),
        ("- 2 x balen hooi\n\n  * Een tafel  ", [("balen hooi", 2), ("Een tafel", 1)]),
        ("200 euro", [("euro", 200)]),
        ("Hooi\nhooi\n3 hooi", [("hooi", 3)]),
        ("0 stoelen", []),
        ("12345 stoelen", [("12345 stoelen", 1)]),
        ("2", [("2", 1)]),
        ("stoelen\u0000 en \u202etafels", [("stoelen en tafels", 1)]),
        ("🐹🐹", [("🐹🐹", 1)]),
    ],
)
def test_each_line_is_a_need_with_its_number(written, expected):
    assert read(written) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iemand die de deur opendoet", ("help", "")),
        ("helpers om te sorteren", ("help", "")),
        ("ruimte met een vloer die vies mag worden", ("have", "room")),
        ("speelplek", ("have", "room")),
        ("euro voor hooi", ("have", "money")),
        ("balen hooi", ("have", "material")),
    ],
)
def test_the_words_of_a_need_say_what_kind_of_commitment_fills_it(text, expected):
    assert kind_of(text) == expected


@dataclass(frozen=True)
class Act:
    who: int
    what: str
    amount: int


ACTS = st.builds(
    Act,
    who=st.integers(0, 2),
    what=st.sampled_from(["support", "withdraw", "undo", "two lines", "one line", "more"]),
    amount=st.integers(1, 5),
)
WRITTEN = {"two lines": "4 balen hooi\nEen tafel", "one line": "Een tafel", "more": "9 balen hooi"}


@pytest.mark.django_db
@given(acts=st.lists(ACTS, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_missing_is_right_in_whatever_order_people_support_withdraw_and_change(acts):
    with rolled_back():
        idea = make_initiative(needed=WRITTEN["two lines"])
        people = [make_user(f"P{number}") for number in range(3)]
        hay = idea.needs.get(text="balen hooi")
        promised: dict[int, int] = {}  # by person, as long as it stands
        kept: dict[int, int] = {}  # what undoing would bring back
        wanted = 4
        for act in acts:
            person, now = people[act.who], timezone.now()
            mine = Support.objects.filter(need=hay, user=person).first()
            if act.what == "support" and wanted:
                commitment = Commitment(kind="have", thing="material", need=hay, amount=act.amount)
                actions.support(initiative=idea, user=person, commitment=commitment, now=now)
                promised[act.who] = kept[act.who] = act.amount
            elif act.what == "withdraw" and mine:
                actions.withdraw(support=mine, now=now)
                promised.pop(act.who, None)
            elif act.what == "undo" and mine and wanted:
                actions.undo_withdrawal(support=mine, now=now)
                promised[act.who] = kept[act.who]
            elif act.what in WRITTEN:
                idea.needed = WRITTEN[act.what]
                idea.save()
                needs.sync(idea)
                wanted = {"two lines": 4, "one line": 0, "more": 9}[act.what]
                hay = idea.needs.filter(text="balen hooi").first() or hay
            found = idea.needs.wanted().with_missing().filter(text="balen hooi").first()
            expected = (sum(promised.values()), max(0, wanted - sum(promised.values()))) if wanted else None
            assert (found and (found.promised, found.missing)) == expected


@pytest.mark.django_db
def test_a_need_that_nobody_filled_disappears_from_the_list_and_one_that_was_filled_keeps_its_commitments():
    idea = make_initiative(needed="Hooi\nTafel")
    hay = idea.needs.get(text="Hooi")
    person = make_user()
    commitment = Commitment(kind="have", thing="material", need=hay)
    actions.support(initiative=idea, user=person, commitment=commitment, now=timezone.now())
    idea.needed = ""
    needs.sync(idea)
    assert list(idea.needs.values_list("text", "is_wanted")) == [("Hooi", False)]
    assert idea.supports.live().get().need == hay
