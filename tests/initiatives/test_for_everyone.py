"""The page of an idea that is kept in memory is always the page that would be made now."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.models import User
from initiatives.models import Initiative, Need, Question, Recipe
from initiatives.progress import actions as progress
from initiatives.stages import EndReason
from initiatives.taking_part import for_everyone
from initiatives.taking_part.page import context_for, load
from locations.models import Location, Municipality
from locations.visibility import Visibility
from tests.factories import make_meetup, make_support
from tests.scenario import Town

pytestmark = pytest.mark.django_db

Change = Callable[[Town], object]


def run_as_meetup(town: Town) -> None:
    meetup = make_meetup(town.library, title="Cavia Café")
    Initiative.objects.filter(pk=town.idea.pk).update(stage="running", meetup=meetup)


CHANGES: dict[str, Change] = {
    "title": lambda town: Initiative.objects.filter(pk=town.idea.pk).update(title="Konijnenclub"),
    "need filled": lambda town: make_support(
        town.idea,
        kind="have",
        thing="material",
        need=Need.objects.get(initiative=town.idea, quantity=2),
        amount=1,
        guest_name="Bo",
    ),
    "need added": lambda town: Need.objects.create(initiative=town.idea, text="een mand", position=9),
    "step taken": lambda town: progress.pause(initiative=town.idea, by=town.host, now=timezone.now()),
    "ended": lambda town: progress.end(
        initiative=town.idea, by=town.host, reason=EndReason.DONE, note="", now=timezone.now()
    ),
    "proposer renamed": lambda town: User.objects.filter(pk=town.host.pk).update(first_name="Mariska"),
    "started together": lambda town: town.idea.initiators.create(user=town.parent, part="co_initiator"),
    "place renamed": lambda town: Location.objects.filter(pk=town.library.pk).update(name="De Bieb"),
    "town renamed": lambda town: Municipality.objects.filter(pk=town.hengelo.pk).update(name="Hengelo (O)"),
    "meetup began": run_as_meetup,
    "meetup where it was born hidden": lambda town: (
        type(town.coffee).objects.filter(pk=town.coffee.pk).update(visibility=Visibility.HIDDEN)
    ),
    "question asked": lambda town: Question.objects.create(
        initiative=town.idea,
        asked_by=town.host,
        text="Mag het?",
        shown_at=timezone.now(),
        first_due_on=timezone.localdate(),
        due_on=timezone.localdate(),
    ),
    "recipe written": lambda town: Recipe.objects.create(initiative=town.idea, costs="10 euro"),
    "copied": lambda town: Initiative.objects.filter(pk=town.talk_idea.pk).update(
        copied_from=town.idea, root=town.idea
    ),
    "photo given": lambda town: Initiative.objects.filter(pk=town.idea.pk).update(photo=town.place_photo),
}


@pytest.fixture(autouse=True)
def _no_page_cache(settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "PageCache" not in name]


def stranger_page(initiative: Initiative) -> str:
    return Client().get(initiative.get_absolute_url()).content.decode()


def made_now(initiative: Initiative) -> str:
    """The part of the page about the idea, made without what is kept in memory."""
    fresh = load(initiative.slug, AnonymousUser())
    return render_to_string("initiatives/_initiative.html", context_for(fresh, AnonymousUser(), timezone.now()))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_on_the_page_at_once(town, change):
    before = stranger_page(town.idea)
    assert made_now(town.idea) in before
    change(town)
    after = stranger_page(town.idea)
    assert made_now(town.idea) in after
    assert after != before


def test_what_is_hidden_is_gone_at_once_and_comes_back(town):
    before = stranger_page(town.idea)
    Initiative.objects.filter(pk=town.idea.pk).update(visibility=Visibility.HIDDEN)
    assert Client().get(town.idea.get_absolute_url()).status_code == 404
    Initiative.objects.filter(pk=town.idea.pk).update(visibility=Visibility.SHOWN)
    assert stranger_page(town.idea) == before


def test_an_answer_that_is_late_is_called_late_on_the_next_day(town):
    assert "Het antwoord is te laat" not in stranger_page(town.talk_idea)
    later = timezone.now() + timedelta(days=15)
    made = for_everyone.page_of(town.talk_idea.slug, later)
    assert "Het antwoord is te laat" in made.main


def test_a_page_that_changes_while_it_is_made_is_not_kept(town, monkeypatch):
    fingerprints = iter([b"before", b"after"])
    with monkeypatch.context() as patched:
        patched.setattr(for_everyone, "_fingerprint", lambda slug: next(fingerprints))
        assert for_everyone.page_of(town.idea.slug, timezone.now()) is None
        patched.setattr(for_everyone, "_fingerprint", lambda slug: b"before")
        made = for_everyone.page_of(town.idea.slug, timezone.now())
    assert made.main == made_now(town.idea)


def test_each_language_has_its_own(town):
    address = town.idea.get_absolute_url()
    english, dutch = (Client().get(prefix + address).content.decode() for prefix in ("/en", ""))
    assert "What happened so far" in english
    assert "What happened so far" not in dutch
    assert Client().get(address).content.decode() == dutch


def test_the_first_visit_costs_three_queries_and_the_next_one(town, django_assert_num_queries):
    make_support(town.idea, guest_name="Bo", guest_email="bo@guest.example")
    Initiative.objects.filter(pk=town.idea.pk).update(title="Nog nooit bezocht")
    with django_assert_num_queries(3):
        stranger_page(town.idea)
    with django_assert_num_queries(1):
        stranger_page(town.idea)
