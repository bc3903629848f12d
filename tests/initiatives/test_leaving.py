"""When someone deletes their account: what becomes of their ideas and commitments, and that every page still works."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from initiatives import forgetting, history, needs
from initiatives.models import Card, HistoryEntry, Initiative, Initiator, Support
from initiatives.stages import Stage
from notifications.models import Message
from pages import privacy
from tests.factories import make_existing_group, make_initiative, make_municipality, make_support, make_user
from tests.mailbox import letters

pytestmark = pytest.mark.django_db


def erase(user):
    privacy.erase(user=user, now=timezone.now())


def test_who_started_it_with_the_proposer_goes_on():
    proposer, partner, later = make_user("Dewi"), make_user("Joost"), make_user("Bo")
    idea = make_initiative(proposer)
    for person in (partner, later):
        Initiator.objects.create(initiative=idea, user=person, part=Initiator.As.CO_INITIATOR)
    make_support(idea, make_user())
    erase(proposer)
    idea.refresh_from_db()
    assert idea.stage == Stage.IDEA
    assert list(idea.initiators.values_list("user__first_name", "part")) == [
        ("Joost", "proposer"),
        ("Bo", "co_initiator"),
    ]
    assert not Message.objects.exists()


def test_without_anyone_to_go_on_it_ends_kindly_and_who_takes_part_hears_it():
    proposer, supporter = make_user("Dewi"), make_user("Samira")
    idea = make_initiative(proposer, stage="gathering")
    make_support(idea, supporter)
    erase(proposer)
    idea.refresh_from_db()
    assert (idea.stage, idea.end_reason, idea.history.last().by) == ("ended", "left", None)
    [mail] = letters()
    assert mail.to == [supporter.email]
    assert "‘Cavia Café’ is gestopt: wie het begon, is gestopt. Bedankt dat je meedeed." in " ".join(mail.body.split())
    page = Client().get(idea.get_absolute_url()).content.decode()
    assert "Dewi" not in page


def test_an_idea_in_which_nobody_takes_part_is_deleted_and_so_is_a_draft():
    proposer = make_user()
    make_initiative(proposer)
    make_initiative(proposer, published_at=None)
    make_support(make_initiative(proposer), proposer, kind="help", words="ik zelf")
    erase(proposer)
    assert not Initiative.objects.exists()


def test_what_a_supporter_filled_is_missing_again_and_their_mails_are_not_sent():
    idea, supporter = make_initiative(needed="2 balen hooi", stage="gathering"), make_user(email="s@example.org")
    fields = {"kind": "have", "thing": "material", "need": idea.needs.get(), "amount": 2}
    make_support(idea, supporter, **fields)
    make_support(idea, guest_name="Samira", guest_email="S@example.org")
    needs.recount(idea)
    assert idea.asks == []
    erase(supporter)
    assert idea.needs.with_missing().get().missing == 2
    idea.refresh_from_db()
    assert idea.asks == ["things"]  # in the search too
    assert not Support.objects.exists()


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("who", ["proposer", "partner", "supporter"])
def test_every_page_works_after_anyone_left_in_any_stage(town, stage, who):
    people = {name: make_user(name.title()) for name in ("proposer", "partner", "supporter")}
    ended = {"end_reason": "done"} if stage == Stage.ENDED else {}
    idea = make_initiative(
        people["proposer"], municipality=town.hengelo, stage=stage, born_at_meetup=town.coffee, **ended
    )
    Initiator.objects.create(initiative=idea, user=people["partner"], part=Initiator.As.CO_INITIATOR)
    make_support(idea, people["supporter"], is_named=True)
    HistoryEntry.objects.create(
        initiative=idea, step="paused", stage_before=stage, stage_after=stage, by=people["partner"]
    )
    erase(people.pop(who))
    for viewer in (None, *people.values(), town.coordinator, town.officer):
        client = Client()
        if viewer:
            client.force_login(viewer)
        for path in (
            idea.get_absolute_url(),
            f"{idea.get_absolute_url()}meedoen/",
            "/initiatieven/",
            "/gemeenten/hengelo/",
            town.coffee.get_absolute_url(),
            town.library.get_absolute_url(),
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert who.title() not in answer.content.decode()


def test_the_export_holds_everything():
    person = make_user("Dewi")
    idea = make_initiative(person)
    make_support(make_initiative(title="Vlieger"), person, moments=["3-morning"], children=2, is_named=True)
    exported = privacy.export(person, timezone.now())
    [started] = exported["ideas_you_started"]
    [part] = exported["ideas_you_take_part_in"]
    [step] = exported["steps_you_took_with_ideas"]
    assert (started["title"], started["as"]) == (idea.title, "proposer")
    assert (part["idea"], part["moments"], part["children"], part["name_shown_to_others"]) == (
        "Vlieger",
        ["3-morning"],
        2,
        True,
    )
    assert (step["idea"], step["step"]) == ("Cavia Café", "published")


def test_what_is_deleted_at_that_moment_by_others_keeps_nobody_from_leaving(monkeypatch):
    person = make_user("Dewi")
    make_support(make_initiative(), person)
    make_existing_group(make_municipality(), email=person.email)
    lock = history.lock

    def deleted_meanwhile(pk):
        Initiative.objects.filter(pk=pk).delete()
        return lock(pk)

    monkeypatch.setattr(history, "lock", deleted_meanwhile)
    erase(person)
    assert not Initiative.objects.exists()
    assert not type(person).objects.filter(pk=person.pk).exists()


def test_a_group_that_someone_looks_after_since_that_moment_stays(monkeypatch):
    person = make_user("Dewi")
    group = make_existing_group(make_municipality(), email=person.email)
    lock = history.lock

    def claimed_meanwhile(pk):
        type(group).objects.update(email="", claimed_at=timezone.now())
        return lock(pk)

    monkeypatch.setattr(history, "lock", claimed_meanwhile)
    erase(person)
    assert Initiative.objects.filter(pk=group.initiative_id).exists()


def test_what_a_guest_filled_is_missing_again_once_the_guest_is_forgotten():
    now = timezone.now()
    idea = make_initiative(needed="2 balen hooi", stage="gathering")
    make_support(idea, kind="have", thing="material", need=idea.needs.get(), amount=2)
    idea.refresh_from_db()
    assert idea.asks == []
    forgetting.forget_guests(now=now + timedelta(days=366))
    idea.refresh_from_db()
    assert (idea.asks, idea.supports.count()) == (["things"], 0)
    assert idea.active_at < now + timedelta(days=1)  # forgetting is nothing that someone does


def test_an_idea_that_began_with_a_card_is_kept_when_everyone_who_started_it_left(town):
    idea = make_initiative(make_user("Dewi"), stage="gathering")
    make_support(idea, make_user("Samira"))
    Card.objects.create(initiative=idea, code_hash="1", created_at=timezone.now() - timedelta(days=90))
    erase(idea.initiators.get().user)
    forgetting.forget_unclaimed(now=timezone.now())
    idea.refresh_from_db()
    assert idea.end_reason == "left"
