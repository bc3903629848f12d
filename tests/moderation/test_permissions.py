"""Who may decide about a case: by role, by town, and by what is written in it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Role
from meetups.managing.actions import planning
from moderation import permissions
from moderation.actions import deciding
from moderation.actions.escalating import check_waiting
from moderation.models import Case, Reason
from moderation.refusals import CannotDo, Refusal
from notifications.models import Message
from tests.factories import make_location, make_meetup, make_municipality, make_role, make_user
from tests.mailbox import letters
from tests.moderation.scene import FINE, HIDE, Scene, decide, fresh, later, make_scene, report, undo
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def may_decide(scene: Scene, person) -> bool:
    scene.welcome.refresh_from_db()
    return permissions.may_decide(fresh(person), scene.case, scene.welcome)


# Who may decide about words of welcome in Hengelo, reported by a stranger, at each level that the case has reached.
MATRIX = {
    ("coordinator", "here"): (True, True, True),
    ("watcher", "here"): (True, True, True),
    ("watcher", "region"): (False, True, True),
    ("watcher", "other region"): (False, False, False),
    ("watcher", "country"): (False, False, True),
    ("coordinator", "elsewhere"): (False, False, False),
    ("watcher", "elsewhere"): (False, False, False),
    ("host", "here"): (False, False, False),
    ("professional", "here"): (False, False, False),
    ("policy_officer", "here"): (False, False, False),
    ("safety_contact", "here"): (False, False, False),
    ("safety_contact", "country"): (False, False, False),
}


@pytest.mark.parametrize(("kind", "where"), MATRIX)
def test_role_matrix(scene, kind, where):
    report(scene.welcome, "welcome")
    town = {"here": scene.town, "elsewhere": make_municipality("Leiden", slug="leiden")}.get(where)
    region = {"region": "Noord", "other region": "Zuid"}.get(where, "")
    person = make_role(kind, town, make_user("Bram"), region=region)
    found = []
    for level in range(3):
        Case.objects.update(level=level)
        found.append(may_decide(scene, person))
        outcome = None
        try:
            decide(scene.case, person, FINE)
            undo(scene.case, person)
        except CannotDo as refused:
            outcome = refused.refusal
        assert outcome == (None if found[-1] else Refusal.NOT_YOURS)
        assert permissions.may_be_told(fresh(person), scene.case) == found[-1]
        assert visitor(person).get(scene.case.get_absolute_url()).status_code == (200 if found[-1] else 404)
    assert tuple(found) == MATRIX[kind, where]


def test_nobody_without_an_account_has_cases(scene):
    report(scene.welcome, "welcome")
    assert not permissions.cases_of(AnonymousUser()).exists()


def test_who_may_not_decide_may_not_undo(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    with pytest.raises(CannotDo) as refused:
        undo(scene.case, make_role(Role.Kind.HOST, scene.town, make_user("Bram")))
    assert refused.value.refusal == Refusal.NOT_YOURS


def test_someone_inactive_is_told_nothing(scene):
    report(scene.welcome, "welcome")
    scene.coordinator.is_active = False
    assert not permissions.may_be_told(scene.coordinator, scene.case)


@pytest.mark.parametrize("where", ["text", "report", "answer", "report of before", "new text", "refused text"])
def test_who_is_named_anywhere_in_the_case_does_not_decide(scene, where):
    jolanda = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Jolanda"))
    words = "Jolanda is nooit aardig."
    if where in {"text", "report of before"}:
        scene.welcome.welcome = words
        scene.welcome.save()
    if where in {"new text", "refused text"}:
        planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words=words, now=timezone.now())
    if where == "refused text":
        decide(scene.case, scene.coordinator, HIDE)
    report(scene.welcome, "welcome", words=words if where == "report" else "")
    if where == "answer":
        decide(scene.case, scene.coordinator, HIDE)
    if where == "answer":
        deciding.answer(case_id=scene.case.pk, by=scene.host, words=words, now=timezone.now())
    if where == "report of before":
        planning.set_welcome(host=scene.welcome, by=fresh(scene.host), words="Welkom!", now=timezone.now())
    assert not may_decide(scene, jolanda)
    assert jolanda.pk in scene.case.barred
    assert may_decide(scene, scene.coordinator)


def test_the_reason_that_someone_gives_bars_nobody(scene):
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE, words="Praat er eens over met Petra.")
    assert may_decide(scene, scene.colleague)


def test_who_reported_without_words_does_not_decide(scene):
    report(scene.welcome, "welcome", user=scene.colleague)
    assert not may_decide(scene, scene.colleague)


def test_the_one_whose_change_waits_does_not_decide_nor_who_is_a_host_there(scene):
    both = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Anouk"))
    scene.meetup.hosts.create(user=both)
    report(scene.meetup, "meetup")
    case = Case.objects.get()
    scene.meetup.refresh_from_db()
    assert not permissions.may_decide(fresh(both), case, scene.meetup)
    case.writer = scene.colleague  # changed it once, and is no host any more
    assert not permissions.may_decide(fresh(scene.colleague), case, scene.meetup)


def test_someone_appointed_or_renamed_later_who_is_named_gets_no_mail(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome", words="Vraag maar aan Jolanda.")
    letters().clear()
    jolanda = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Jolanda"))
    Case.objects.update(next_check_at=later(hours=-1))
    check_waiting(now=timezone.now())
    assert letters() == []
    assert jolanda.pk in scene.case.barred
    assert scene.case.revision == 1  # nothing happened: whoever has the page open can still decide


# A coordinator in Hengelo who has this role too.
OFFICIALS = {
    "policy officer": {"kind": "policy_officer"},
    "of its organisation": {"kind": "professional", "organisation": "Gemeente Hengelo"},
    "in other words": {"kind": "professional", "organisation": "de gemeente, jeugd"},
    "in English": {"kind": "professional", "organisation": "Municipality of Hengelo"},
    "for the country": {"kind": "watcher", "municipality": None, "organisation": "gemeente hengelo"},
    "in another town": {"kind": "host", "municipality": "elsewhere", "organisation": "gemeente Hengelo"},
}


@pytest.mark.parametrize("which", OFFICIALS)
@pytest.mark.parametrize("is_criticism", [True, False])
def test_officials_in_every_form_do_not_decide_about_criticism(scene, which, is_criticism):
    person = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Robert"))
    fields = {"municipality": scene.town} | OFFICIALS[which]
    if fields["municipality"] == "elsewhere":
        fields["municipality"] = make_municipality("Borne", slug="borne")
    person.roles.create(**fields)
    scene.welcome.welcome = "De gemeente doet niets." if is_criticism else "Kom gezellig langs."
    scene.welcome.save()
    report(scene.welcome, "welcome")
    assert may_decide(scene, person) is not is_criticism
    assert scene.case.is_about_municipality is is_criticism
    assert may_decide(scene, scene.coordinator)


@pytest.mark.parametrize(
    "fields",
    [
        {"organisation": "Bibliotheek Hengelo"},
        {"kind": "professional", "organisation": "Gemeente Borne", "elsewhere": True},
        {"kind": "policy_officer", "elsewhere": True},
    ],
    ids=["a library", "another municipality", "policy officer of another municipality"],
)
def test_who_works_elsewhere_is_no_official_here(scene, fields):
    person = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Robert"))
    if "elsewhere" in fields:
        rest = {name: value for name, value in fields.items() if name != "elsewhere"}
        person.roles.create(municipality=make_municipality("Borne", slug="borne"), **rest)
    else:
        person.roles.update(**fields)
    report(scene.welcome, "welcome", words="De gemeente doet niets.")
    assert may_decide(scene, person)


def test_criticism_in_an_answer_counts_too(scene):
    official = make_role(Role.Kind.COORDINATOR, scene.town, make_user("Robert"), organisation="Gemeente Hengelo")
    report(scene.welcome, "welcome")
    decide(scene.case, scene.coordinator, HIDE)
    deciding.answer(case_id=scene.case.pk, by=scene.host, words="Omdat ik de wethouder noem?", now=timezone.now())
    assert not may_decide(scene, official)


@pytest.mark.parametrize(
    ("text", "is_about"),
    [
        ("Het raadhuis is altijd dicht", True),
        ("B&W luistert niet", True),
        ("b en w", True),
        ("de oudwethouder", True),
        ("Ask the city hall", True),
        ("de topambtenaar", True),
        ("De beleidsmedewerkers kwamen langs", True),
        ("Policy officers never come", True),
        ("We walk with a counsellor", False),
        ("bw", False),
        ("de raad van ouders", False),
    ],
)
def test_words_for_the_municipality(text, is_about):
    assert permissions.may_be_about_municipality(["Koffie", text]) is is_about


def test_the_country_decides_when_everyone_in_town_is_barred(scene):
    ilse = make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome", reason=Reason.OTHER, words="Willem en Petra weten het.")
    assert (scene.case.level, scene.case.promised_at) == (2, None)
    assert [message.user for message in Message.objects.all()] == [ilse]
    assert may_decide(scene, ilse)


def test_someone_for_the_country_who_is_named_is_not_asked_either(scene):
    make_role(Role.Kind.WATCHER, None, make_user("Ilse"))
    report(scene.welcome, "welcome", words="Willem, Petra en Ilse weten het.")
    assert not Message.objects.exists()


def test_only_who_could_decide_is_looked_for_by_name(scene):
    bram = make_role(Role.Kind.PROFESSIONAL, scene.town, make_user("Bram"))
    report(scene.welcome, "welcome", words="Bram en Petra weten het.")
    assert scene.case.barred == sorted([scene.host.pk, scene.colleague.pk])
    assert bram.pk not in scene.case.barred


def test_a_mail_tells_of_that_case_only(scene):
    leiden = make_municipality("Leiden", slug="leiden")
    elsewhere = make_role(Role.Kind.COORDINATOR, leiden, make_user("Sanne"))
    report(scene.welcome, "welcome")
    report(make_meetup(make_location(leiden)), "meetup")
    assert not permissions.may_be_told(elsewhere, scene.case)
    assert permissions.may_be_told(elsewhere, Case.objects.get(municipality=leiden))


def test_a_text_of_someone_known_that_names_a_watcher_bars_them_from_its_case(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, FINE)
    planning.change_meetup(
        meetup=scene.meetup, by=fresh(scene.coordinator), now=timezone.now(), title="Koffie met Petra"
    )
    assert scene.colleague.pk in Case.objects.get().barred
    assert Case.objects.get().title == "Koffie met Petra"


def test_whoever_is_named_in_a_hidden_text_as_it_was_mended_is_not_asked(scene):
    report(scene.meetup, "meetup")
    decide(Case.objects.get(), scene.coordinator, HIDE)
    Message.objects.all().delete()
    planning.change_meetup(
        meetup=scene.meetup, by=fresh(scene.host), now=timezone.now(), greeting="Petra staat bij de deur."
    )
    assert [message.user for message in Message.objects.all()] == [scene.coordinator]
    scene.meetup.refresh_from_db()
    assert scene.meetup.greeting == "Petra staat bij de deur."
