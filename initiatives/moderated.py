"""What people write about initiatives: their lines in the registry of moderation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from initiatives import changes, needs, questions, search_words
from initiatives.models import Answer, Initiative, Post, Question, Recipe
from initiatives.permissions import audiences_of, parts_of
from locations.visibility import Visibility
from moderation import pictures
from moderation.kinds import PHOTO_REASONS, Kind, register
from page_cache import versions
from photos.models import Photo


def _person(initiative: Initiative) -> User | None:
    proposer = initiative.initiators.select_related("user").first()
    return proposer.user if proposer else None


def _writer(initiative: Initiative) -> User | None:
    """Return who wrote it: who proposed it, or who listed a group of which nobody looks after the page yet."""
    return _person(initiative) or (initiative.existing.listed_by if hasattr(initiative, "existing") else None)


def _set_visibility(initiative: Initiative, visibility: Visibility, *, now: datetime) -> None:
    initiative.visibility = visibility
    if visibility == Visibility.SHOWN:  # while nobody saw it, nobody could do anything
        initiative.touch(now)
    initiative.save(update_fields=["visibility", "active_at"])
    search_words.store(initiative)
    versions.invalidate_pages(*initiative.town_ids())


def _write(initiative: Initiative, texts: dict[str, str], *, now: datetime) -> None:
    if not initiative.is_ended:  # it goes on again: there is no ending to write about
        texts = {name: text for name, text in texts.items() if name != "end_note"}
    before = changes.snapshot(initiative)
    for name, text in texts.items():
        setattr(initiative, name, text)
    initiative.save(update_fields=[*texts])
    needs.sync(initiative)
    search_words.store(initiative)
    changes.announce(initiative, before, now=now)
    versions.invalidate_pages(*initiative.town_ids())


INITIATIVE = register(
    Kind(
        key="initiative",
        name=_("idea"),
        things=lambda: Initiative.objects.published().select_related("municipality"),
        town=lambda initiative: initiative.municipality,
        writer=_writer,
        person=_person,
        people=lambda initiative: initiative.initiators.values_list("user_id", flat=True),
        title=lambda initiative: initiative.title,
        url=Initiative.get_absolute_url,
        texts=Initiative.TEXTS,
        set_visibility=_set_visibility,
        write=_write,
    )
)


def _set_visibility_of_recipe(recipe: Recipe, visibility: Visibility, *, now: datetime) -> None:
    recipe.visibility = visibility
    recipe.save(update_fields=["visibility"])
    versions.invalidate_pages(*recipe.initiative.town_ids())


def _write_recipe(recipe: Recipe, texts: dict[str, str], *, now: datetime) -> None:
    for name, text in texts.items():
        setattr(recipe, name, text)
    recipe.save(update_fields=[*texts])
    versions.invalidate_pages(*recipe.initiative.town_ids())


RECIPE = register(
    Kind(
        key="recipe",
        name=_("how it was done"),
        things=lambda: Recipe.objects.select_related("initiative__municipality"),
        town=lambda recipe: recipe.initiative.municipality,
        writer=lambda recipe: _writer(recipe.initiative),
        people=lambda recipe: recipe.initiative.initiators.values_list("user_id", flat=True),
        title=lambda recipe: recipe.initiative.title,
        url=lambda recipe: recipe.initiative.get_absolute_url(),
        texts=Recipe.TEXTS,
        set_visibility=_set_visibility_of_recipe,
        write=_write_recipe,
        page_visibility=lambda recipe: recipe.initiative.visibility,
        hides_on_report=True,
    )
)


PHOTO = register(
    Kind(
        key="initiative_photo",
        name=_("photo"),
        things=lambda: Photo.objects.select_related("given_by", "initiative__municipality").filter(
            initiative__isnull=False
        ),
        town=lambda photo: photo.initiative.municipality,
        writer=lambda photo: photo.given_by,
        title=lambda photo: photo.description,
        url=lambda photo: photo.initiative.get_absolute_url(),
        texts=("description",),
        reasons=PHOTO_REASONS,
        set_visibility=pictures.set_visibility,
        hides_on_report=True,
        is_of_writer=True,
        picture=pictures.read,
        page_visibility=lambda photo: photo.initiative.visibility,
        locks=False,  # its actions lock what it was given for before the photo
    )
)


def _set_visibility_of_post(post: Post, visibility: Visibility, *, now: datetime) -> None:
    post.visibility = visibility
    if visibility == Visibility.SHOWN:
        post.shown_at = post.shown_at or now
    post.save(update_fields=["visibility", "shown_at"])


def _may_read_post(post: Post, user: Any) -> bool:
    if post.deleted_at is not None or not user.is_authenticated:
        return False
    audiences = audiences_of(user, post.initiative, parts_of(user, post.initiative))
    return post.author_id == user.pk or post.audience in audiences


POST = register(
    Kind(
        key="post",
        name=_("message"),
        things=lambda: Post.objects.select_related("initiative__municipality", "author"),
        town=lambda post: post.initiative.municipality,
        writer=lambda post: post.author,
        person=lambda post: post.author,
        title=lambda post: f"{post.author.first_name}, {post.initiative.title}",
        url=Post.get_absolute_url,
        texts=("text",),
        set_visibility=_set_visibility_of_post,
        is_of_writer=True,
        is_readable_by=_may_read_post,
        page_visibility=lambda post: post.initiative.visibility,
    )
)


def _set_visibility_of_question(question: Question, visibility: Visibility, *, now: datetime) -> None:
    question.visibility = visibility
    if visibility == Visibility.SHOWN:
        questions.start_clock(question, now=now)
    question.save(update_fields=["visibility", "shown_at", "first_due_on", "due_on"])
    versions.invalidate_pages(*question.initiative.town_ids())


def _write_question(question: Question, texts: dict[str, str], *, now: datetime) -> None:
    question.text = texts["text"]
    question.save(update_fields=["text"])
    versions.invalidate_pages(*question.initiative.town_ids())


QUESTION = register(
    Kind(
        key="question",
        name=_("question to the municipality"),
        things=lambda: Question.objects.select_related("initiative__municipality", "asked_by"),
        town=lambda question: question.initiative.municipality,
        writer=lambda question: question.asked_by,
        person=lambda question: question.asked_by,
        title=lambda question: question.initiative.title,
        url=Question.get_absolute_url,
        texts=("text",),
        set_visibility=_set_visibility_of_question,
        write=_write_question,
        is_about_municipality=True,
        page_visibility=lambda question: question.initiative.visibility,
    )
)


def _set_visibility_of_answer(answer: Answer, visibility: Visibility, *, now: datetime) -> None:
    answer.visibility = visibility
    answer.save(update_fields=["visibility"])
    versions.invalidate_pages(*answer.question.initiative.town_ids())


def _visibility_around(answer: Answer) -> Visibility:
    """Return the visibility of the question, or that of the idea where it stands while the question is shown."""
    question = answer.question
    shown = question.visibility == Visibility.SHOWN
    return Visibility(question.initiative.visibility if shown else question.visibility)


ANSWER = register(
    Kind(
        key="answer",
        name=_("answer of the municipality"),
        things=lambda: Answer.objects.select_related("question__initiative__municipality", "by"),
        town=lambda answer: answer.question.initiative.municipality,
        writer=lambda answer: answer.by,
        title=lambda answer: answer.question.initiative.title,
        url=lambda answer: answer.question.get_absolute_url(),
        texts=("text",),
        set_visibility=_set_visibility_of_answer,
        is_about_municipality=True,
        page_visibility=_visibility_around,
    )
)
