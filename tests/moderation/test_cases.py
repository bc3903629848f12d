"""The life of a case: reported, decided, undone, answered; and who may do that."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from locations.visibility import Visibility
from moderation import permissions
from moderation.actions import deciding
from moderation.models import Absence, Block, Case, Decision, Reason, Report, Trust
from moderation.refusals import CannotDo, Refusal
from notifications.models import Message
from tests.factories import make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report, undo

pytestmark = pytest.mark.django_db
OPEN, CLOSED = Case.State.OPEN, Case.State.CLOSED
SHOWN, HIDDEN = Visibility.SHOWN, Visibility.HIDDEN


@pytest.fixture
def scene() -> Scene:
    return make_scene()


# What one can do in each state (of the case, of the thing), and to which state that leads, or why it is refused.
STATES = {
    (OPEN, SHOWN): {
        "report": (OPEN, HIDDEN),
        "fine": (CLOSED, SHOWN),
        "hide": (CLOSED, HIDDEN),
        "undo": (OPEN, HIDDEN),
        "answer": Refusal.NOT_YOURS,  # nothing was hidden
    },
    (OPEN, HIDDEN): {
        "report": (OPEN, HIDDEN),
        "fine": (CLOSED, SHOWN),
        "hide": (CLOSED, HIDDEN),
        "undo": Refusal.NOTHING_TO_UNDO,
        "answer": Refusal.NOT_YOURS,  # nobody decided yet
    },
    (CLOSED, SHOWN): {
        "report": (OPEN, HIDDEN),
        "fine": Refusal.ALREADY_SO,
        "hide": (CLOSED, HIDDEN),
        "undo": (OPEN, HIDDEN),
        "answer": Refusal.NOT_YOURS,
    },
    (CLOSED, HIDDEN): {
        "report": (OPEN, HIDDEN),
        "fine": (CLOSED, SHOWN),
        "hide": Refusal.ALREADY_SO,
        "undo": (OPEN, HIDDEN),
        "answer": (OPEN, HIDDEN),
    },
}
WAYS = [(state, act) for state, acts in STATES.items() for act in acts]


def bring_to(scene: Scene, state: str, visibility: str) -> None:
    report(scene.welcome, "welcome")
    if (state, visibility) != (OPEN, HIDDEN):
        decide(scene.case, scene.coordinator, HIDE if visibility == HIDDEN else FINE)
    if (state, visibility) == (OPEN, SHOWN):
        report(scene.welcome, "welcome")  # for the same reason, so it stays


ACTS = {
    "report": lambda scene: report(scene.welcome, "welcome", reason=Reason.OTHER, words="Kijk hier eens naar."),
    "fine": lambda scene: decide(scene.case, scene.coordinator, FINE),
    "hide": lambda scene: decide(scene.case, scene.coordinator, HIDE),
    "undo": lambda scene: undo(scene.case, scene.coordinator),
    "answer": lambda scene: deciding.answer(
        case_id=scene.case.pk, by=scene.host, words="Zo bedoelde ik het niet.", now=timezone.now()
    ),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0][0]}-{way[0][1]}-{way[1]}")
def test_state_table(scene, way):
    (state, visibility), act = way
    bring_to(scene, state, visibility)
    scene.welcome.refresh_from_db()
    assert (scene.case.state, scene.welcome.visibility) == (state, visibility)
    expected = STATES[way[0]][act]
    if isinstance(expected, Refusal):
        with pytest.raises(CannotDo) as refused:
            ACTS[act](scene)
        assert refused.value.refusal == expected
        expected = (state, visibility)
    else:
        ACTS[act](scene)
    scene.welcome.refresh_from_db()
    assert (scene.case.state, scene.welcome.visibility) == expected


def test_a_report_hides_at_once_and_everyone_who_looks_after_the_town_hears(scene):
    made = report(scene.welcome, "welcome", email="noor@example.nl")
    scene.welcome.refresh_from_db()
    assert made.has_hidden
    assert scene.welcome.visibility == HIDDEN
    assert sorted(mail.to[0] for mail in letters()) == sorted([scene.coordinator.email, scene.colleague.email])


def test_ok_sticks_the_same_reason_cannot_hide_it_again_but_another_can(scene):
    report(scene.welcome, "welcome", reason=Reason.UNKIND)
    decide(scene.case, scene.coordinator, FINE)
    assert not report(scene.welcome, "welcome", reason=Reason.UNKIND).has_hidden
    decide(scene.case, scene.coordinator, FINE)
    assert report(scene.welcome, "welcome", reason=Reason.ADVERTISING).has_hidden


def test_ok_is_about_the_text_that_was_seen(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    scene.welcome.refresh_from_db()
    scene.welcome.welcome = "Alleen voor leuke mensen."
    scene.welcome.save()
    assert report(scene.welcome, "welcome").has_hidden


def test_an_undone_ok_does_not_stick(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    undo(scene.case, scene.colleague)
    decide(scene.case, scene.coordinator, HIDE)
    undo(scene.case, scene.coordinator)
    scene.welcome.refresh_from_db()
    assert scene.welcome.visibility == HIDDEN  # as before: it was hidden by the report
    decide(scene.case, scene.coordinator, HIDE)
    assert scene.case.decisions.count() == 5


def test_who_cries_wolf_is_heard_but_hides_nothing_any_more(scene):
    for number in range(3):
        text = f"Welkom {number}"
        scene.welcome.refresh_from_db()
        scene.welcome.welcome = text
        scene.welcome.save()
        assert report(scene.welcome, "welcome", sender="wolf").has_hidden
        decide(scene.case, scene.coordinator, FINE)
    scene.welcome.refresh_from_db()
    scene.welcome.welcome = "Welkom allemaal"
    scene.welcome.save()
    heard = report(scene.welcome, "welcome", sender="wolf")
    assert not heard.has_hidden
    assert scene.case.is_open
    assert report(scene.welcome, "welcome", sender="someone else").has_hidden


def test_sent_twice_is_one_report_and_two_people_are_two(scene):
    token = uuid4()
    first = report(scene.welcome, "welcome", token=token)
    assert report(scene.welcome, "welcome", token=token) == first
    report(scene.welcome, "welcome", sender=first.sender)  # another parent behind the same address
    assert Report.objects.count() == 2


def test_nobody_decides_about_their_own_text_their_own_report_or_when_named(scene):
    reporter = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Anouk"))
    named = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Jolanda"))
    make_role(Role.Kind.COORDINATOR, scene.town, scene.host)
    report(scene.welcome, "welcome", user=reporter, words="Vraag maar aan Jolanda.")
    for person in (scene.host, reporter, named):
        assert not permissions.cases_of(fresh(person)).exists()
        with pytest.raises(CannotDo) as refused:
            decide(scene.case, person, FINE)
        assert refused.value.refusal == Refusal.NOT_YOURS
    assert scene.case.barred == sorted([scene.host.pk, reporter.pk, named.pk])
    assert decide(scene.case, scene.coordinator, FINE)


def test_officials_do_not_decide_about_criticism_of_the_municipality(scene):
    official = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Robert"), organisation="Gemeente Hengelo")
    both = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Els"))
    make_role(Role.Kind.POLICY_OFFICER, scene.town, both)
    scene.welcome.welcome = "De gemeente belooft van alles, maar doet niets."
    scene.welcome.save()
    report(scene.welcome, "welcome")
    assert scene.case.is_about_municipality
    for person in (official, both):
        with pytest.raises(CannotDo):
            decide(scene.case, person, HIDE)
    assert decide(scene.case, scene.coordinator, FINE)


@pytest.mark.parametrize("kind", ["host", "professional", "policy_officer"])
def test_other_roles_decide_about_nothing(scene, kind):
    report(scene.welcome, "welcome")
    person = make_role(kind, scene.town, make_user("Bram"))
    with pytest.raises(CannotDo):
        decide(scene.case, person, FINE)


def test_a_coordinator_elsewhere_decides_about_nothing_here(scene):
    elsewhere = make_role(Role.Kind.COORDINATOR, make_municipality("Leiden", slug="leiden"), make_user("Sanne"))
    report(scene.welcome, "welcome")
    with pytest.raises(CannotDo):
        decide(scene.case, elsewhere, FINE)


def test_hiding_needs_a_reason(scene):
    report(scene.welcome, "welcome")
    with pytest.raises(CannotDo) as refused:
        decide(scene.case, scene.coordinator, HIDE, words="")
    assert refused.value.refusal == Refusal.NO_REASON


def test_two_decide_at_once_the_second_looks_again(scene):
    report(scene.welcome, "welcome")
    seen = scene.case.revision
    decide(scene.case, scene.coordinator, FINE)
    with pytest.raises(CannotDo) as refused:
        deciding.decide(
            case_id=scene.case.pk,
            by=scene.colleague,
            outcome=HIDE,
            words="Nee.",
            seen_revision=seen,
            now=timezone.now(),
        )
    assert refused.value.refusal == Refusal.CHANGED


def test_the_writer_gets_one_mail_with_the_reason_and_the_reporter_the_outcome(scene):
    report(scene.welcome, "welcome", email="noor@example.nl")
    letters().clear()
    decide(scene.case, scene.coordinator, HIDE, words="Hier kun je iemand pijn mee doen.", now=later(minutes=-5))
    sent = {mail.to[0]: mail for mail in letters()}
    assert set(sent) == {scene.host.email, "noor@example.nl"}
    assert "Hier kun je iemand pijn mee doen." in sent[scene.host.email].body
    assert f"/melden/mijn/{scene.case.pk}/" in sent[scene.host.email].body
    assert "pijn" not in sent["noor@example.nl"].body
    letters().clear()
    assert letters() == []


def test_a_decision_undone_at_once_is_not_mailed(scene):
    report(scene.welcome, "welcome", email="noor@example.nl")
    letters().clear()
    decide(scene.case, scene.coordinator, HIDE)
    undo(scene.case, scene.coordinator)
    Message.objects.update(due_at=later(minutes=-1))
    assert [mail.to[0] for mail in letters() if mail.to[0] in {scene.host.email, "noor@example.nl"}] == []


def test_a_decision_undone_after_the_mail_is_told_too(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE, now=later(minutes=-5))
    letters().clear()
    undo(scene.case, scene.coordinator)
    Message.objects.filter(state="pending").update(due_at=later(minutes=-1))
    assert scene.host.email in [mail.to[0] for mail in letters()]


def test_no_mail_about_a_report_holds_what_people_wrote(scene):
    report(scene.welcome, "welcome", words="Zij riep lelijke dingen.", email="noor@example.nl")
    decide(scene.case, scene.coordinator, FINE, now=later(minutes=-5))
    for mail in letters():
        whole = mail.message().as_string() + mail.body + mail.alternatives[0].content
        assert "lelijke dingen" not in whole
        assert "koffie staat klaar" not in whole


def test_the_answer_of_the_writer_opens_the_case_again(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    with pytest.raises(CannotDo):
        deciding.answer(case_id=scene.case.pk, by=scene.colleague, words="Hoi", now=timezone.now())
    deciding.answer(case_id=scene.case.pk, by=scene.host, words="Sorry.", now=timezone.now())
    deciding.answer(case_id=scene.case.pk, by=scene.host, words="Sorry.", now=timezone.now())
    assert scene.case.is_open
    assert scene.case.answers.count() == 1


def test_a_decision_is_never_changed(scene):
    report(scene.welcome, "welcome")
    decision = decide(scene.case, scene.coordinator, HIDE)
    decision.words = "Iets anders"
    with pytest.raises(IntegrityError), transaction.atomic():
        decision.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(decided_by=scene.colleague)
    scene.coordinator.delete()
    decision.refresh_from_db()
    assert (decision.decided_by, decision.words) == (None, "Dit kan zo niet.")


def test_being_hidden_costs_trust_and_being_found_fine_gives_it_only_for_a_look(scene):
    Trust.objects.create(user=scene.host, fact=Trust.Fact.WELCOMED, on=timezone.localdate())
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, FINE)
    assert list(Trust.objects.values_list("fact", flat=True)) == ["welcomed"]
    report(scene.welcome, "welcome", reason=Reason.ADVERTISING)
    decide(scene.case, scene.coordinator, HIDE)
    assert not Trust.objects.in_force().exists()


def test_a_thing_that_is_gone_cannot_be_reported_or_decided_about(scene):
    report(scene.welcome, "welcome")
    case = scene.case
    scene.welcome.delete()
    with pytest.raises(CannotDo) as refused:
        decide(case, scene.coordinator, FINE)
    assert refused.value.refusal == Refusal.GONE


def test_an_old_report_of_a_wolf_no_longer_counts(scene):
    long_ago = timezone.now() - timedelta(days=100)
    for number in range(3):
        scene.welcome.refresh_from_db()
        scene.welcome.welcome = f"Welkom {number}"
        scene.welcome.save()
        report(scene.welcome, "welcome", sender="wolf", now=long_ago)
        decide(scene.case, scene.coordinator, FINE, now=long_ago)
    scene.welcome.refresh_from_db()
    scene.welcome.welcome = "Welkom allemaal"
    scene.welcome.save()
    assert report(scene.welcome, "welcome", sender="wolf").has_hidden


def test_region_and_country_see_a_case_only_once_it_reached_them(scene):
    scene.town.school_region = "Noord"
    scene.town.save()
    region = make_role(Role.Kind.WATCHER, None, make_user("Regina"), region="Noord")
    other_region = make_role(Role.Kind.WATCHER, None, make_user("Zuida"), region="Zuid")
    country = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome")
    for level, may in enumerate([set(), {region}, {region, country}]):
        Case.objects.update(level=level)
        people = (region, other_region, country)
        assert {person for person in people if permissions.cases_of(fresh(person)).exists()} == may
    assert decide(scene.case, country, FINE)


def test_a_role_that_misses_its_second_factor_decides_about_nothing(scene):
    report(scene.welcome, "welcome")
    Role.objects.filter(user=scene.coordinator).update(created_at=timezone.now() - timedelta(days=20))
    with pytest.raises(CannotDo):
        decide(scene.case, scene.coordinator, FINE)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "host", "municipality": None},
        {"kind": "watcher", "region": "Noord"},
    ],
    ids=["a host without a town", "a watcher of a town and a region"],
)
def test_a_role_is_in_a_town_or_above_all(scene, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(**{"user": scene.host, "municipality": scene.town} | fields)


def test_the_same_role_above_towns_is_held_once(scene):
    Role.objects.create(user=scene.host, kind="watcher", municipality=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(user=scene.host, kind="watcher", municipality=None)


@pytest.mark.parametrize(
    "text, is_about",
    [
        ("De gemeente doet niets", True),
        ("Onze wethouder kwam langs", True),
        ("The municipality forgot us", True),
        ("We gaan met de hele gemeenschap wandelen", False),
        ("Kom gezellig langs", False),
    ],
)
def test_what_may_be_about_the_municipality(text, is_about):
    assert permissions.may_be_about_municipality([text]) is is_about


CONSTRAINTS = {
    "a block of oneself": lambda scene: Block.objects.create(
        user=scene.host, blocked=scene.host, on=timezone.localdate()
    ),
    "an absence that ends before it starts": lambda scene: Absence.objects.create(
        user=scene.host, from_on=timezone.localdate(), until_on=timezone.localdate() - timedelta(days=1)
    ),
    "a second case about the same thing": lambda scene: Case.objects.create(
        kind="welcome", object_id=scene.welcome.pk, municipality=scene.town, cause="report", opened_at=timezone.now()
    ),
    "a closed case that proposes something": lambda scene: Case.objects.update(state="closed", proposed={"a": "b"}),
    "a level that does not exist": lambda scene: Case.objects.update(level=3),
    "hiding without a reason": lambda scene: scene.case.decisions.create(
        outcome="hide", decided_at=timezone.now(), state="open", cause="report", visibility="shown"
    ),
    "an undo of nothing": lambda scene: scene.case.decisions.create(
        outcome="undo", decided_at=timezone.now(), state="open", cause="report", visibility="shown"
    ),
    "the same trust twice": lambda scene: Trust.objects.bulk_create(
        [Trust(user=scene.host, fact="welcomed", on=timezone.localdate()) for _ in range(2)]
    ),
}


@pytest.mark.parametrize("what", CONSTRAINTS)
def test_the_database_refuses(scene, what):
    report(scene.welcome, "welcome")
    with pytest.raises(IntegrityError), transaction.atomic():
        CONSTRAINTS[what](scene)
