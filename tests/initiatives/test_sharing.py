"""How it was done, and beginning the same in another town."""

import pytest
from django.test import Client
from django.utils import timezone

from initiatives.models import Initiative, Recipe
from initiatives.moderated import RECIPE
from initiatives.refusals import CannotDo, Refusal
from initiatives.sharing import actions
from locations.visibility import Visibility
from moderation.demo_data import know
from moderation.models import Case
from notifications.models import Message
from tests.factories import make_initiative, make_user

pytestmark = pytest.mark.django_db
TEXTS = {"checklist": "Vraag de bibliotheek\nKoop hooi", "costs": "20 euro", "lessons": "Geen bus huren."}


def write(idea, by, **fields):
    actions.write_recipe(initiative=idea, by=by, fields=TEXTS | fields, now=timezone.now())


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def copied(town):
    write(town.idea, town.host)
    know([town.parent], now=timezone.now())
    path = f"/initiatieven/nieuw/?naar={town.idea.slug}&gemeente=leiden"
    form = signed_in(town.parent).get(path)
    typed = {name: value for name, value in form.context["form"].initial.items() if value}
    signed_in(town.parent).post(path, typed | {"gemeente": "leiden"})
    return Initiative.objects.get(municipality=town.leiden)


def test_a_copy_has_the_texts_needs_and_recipe_and_no_person_place_photo_or_talk(town, copied):
    copied.refresh_from_db()
    assert (copied.title, copied.what, copied.for_whom) == (town.idea.title, town.idea.what, town.idea.for_whom)
    assert [need.text for need in copied.needs.all()] == [need.text for need in town.idea.needs.all()]
    assert copied.recipe.checklist == TEXTS["checklist"]
    assert (copied.copied_from, copied.root) == (town.idea, town.idea)
    nothing = (copied.wished_place, copied.meeting_point, copied.photo, copied.born_at_meetup, copied.born_at_place)
    assert nothing == (None, "", None, None, None)
    assert [initiator.user for initiator in copied.initiators.all()] == [town.parent]
    assert not copied.supports.exists()
    assert copied.stage == "idea"
    assert not Message.objects.filter(template__startswith="initiatives.").exists()


def test_both_pages_show_the_family_and_hidden_ones_are_not_in_it(town, copied, django_capture_on_commit_callbacks):
    source, copy = town.idea.get_absolute_url(), copied.get_absolute_url()
    assert "begon met dit idee" in Client().get(source).content.decode()
    assert copy in Client().get(source).content.decode()
    page = Client().get(copy).content.decode()
    assert source in page
    assert "hier komt het vandaan" in page
    with django_capture_on_commit_callbacks(execute=True):
        write(copied, town.parent, costs="Niets")
    Initiative.objects.filter(pk=town.idea.pk).update(visibility="hidden")
    assert "hier komt het vandaan" not in Client().get(copy).content.decode()


def test_a_copy_of_a_copy_is_of_the_same_family(town, copied):
    third = make_initiative(make_user(), title="Derde")
    actions.take_along(copy=third, source=copied, now=timezone.now())
    third.refresh_from_db()
    assert (third.copied_from, third.root) == (copied, town.idea)
    assert copied.get_absolute_url() in Client().get(third.get_absolute_url()).content.decode()


@pytest.mark.parametrize("visibility", ["hidden", "waiting"])
def test_what_not_everyone_sees_cannot_be_copied(town, visibility):
    Initiative.objects.filter(pk=town.idea.pk).update(visibility=visibility)
    form = signed_in(town.parent).get(f"/initiatieven/nieuw/?naar={town.idea.slug}&gemeente=leiden")
    assert form.context["form"].initial == {}


def test_only_who_started_it_writes_how_it_was_done_and_empty_deletes_it(town):
    with pytest.raises(CannotDo) as refused:
        write(town.idea, town.newcomer)
    assert refused.value.refusal == Refusal.NOT_YOURS
    write(town.idea, town.host)
    assert Recipe.objects.get().steps() == ["Vraag de bibliotheek", "Koop hooi"]
    write(town.idea, town.host, checklist="", costs="", lessons="")
    assert not Recipe.objects.exists()


def test_the_recipe_of_someone_new_waits_is_marked_and_is_not_copied_meanwhile(
    town, django_capture_on_commit_callbacks
):
    idea = make_initiative(town.parent, municipality=town.hengelo, title="Vlieger")
    write(idea, town.parent)
    recipe = Recipe.objects.get(initiative=idea)
    assert recipe.visibility == "waiting"
    assert Case.objects.filter(kind="recipe", object_id=recipe.pk).exists()
    assert "Geen bus huren." not in Client().get(idea.get_absolute_url()).content.decode()
    assert "Geen bus huren." in signed_in(town.parent).get(idea.get_absolute_url()).content.decode()
    copy = make_initiative(make_user())
    actions.take_along(copy=copy, source=idea, now=timezone.now())
    assert not Recipe.objects.filter(initiative=copy).exists()
    with django_capture_on_commit_callbacks(execute=True):
        RECIPE.set_visibility(recipe, Visibility.SHOWN, now=timezone.now())
    assert "Geen bus huren." in Client().get(idea.get_absolute_url()).content.decode()


@pytest.mark.parametrize("field", ["checklist", "costs", "lessons"])
def test_too_long_a_text_gets_a_sentence(town, field):
    answer = signed_in(town.host).post(f"{town.idea.get_absolute_url()}recept/", TEXTS | {field: "x" * 10_000})
    assert answer.status_code == 422
    assert "Dit is te lang." in answer.content.decode()
