"""Recipes: writing down how it was done, and beginning the same in another town."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from initiatives import history
from initiatives.models import Initiative, Recipe
from initiatives.moderated import RECIPE
from initiatives.permissions import started
from initiatives.refusals import CannotDo, Refusal
from locations.visibility import Visibility
from moderation.actions import looks
from page_cache import versions

# What a copy takes along: what it is. Never a person, a place, a photo, a date, or what people said.
COPIED = ("title", "what", "for_whom", "needed", "shape", "themes", "age_bands", "languages")


@transaction.atomic
def write_recipe(*, initiative: Initiative, by: User, fields: dict[str, str], now: datetime) -> None:
    """Save how it was done; empty fields delete it. Words of someone we do not know yet wait for a look.

    Raises CannotDo with NOT_YOURS or NOT_PUBLIC.
    """
    initiative = history.lock(initiative.pk)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    if not initiative.is_public:
        raise CannotDo(Refusal.NOT_PUBLIC)
    recipe = Recipe.objects.select_for_update(no_key=True).filter(initiative=initiative).first()
    if not any(fields.values()):
        if recipe is not None:
            recipe.delete()
    elif recipe is None:
        visibility = looks.first_visibility(by=by, town=initiative.municipality, now=now)
        recipe = Recipe.objects.create(initiative=initiative, visibility=visibility, **fields)
        if visibility == Visibility.WAITING:
            looks.ask_for_first_look(kind=RECIPE, object_id=recipe.pk, by=by, now=now)
    else:
        _change(recipe, by, fields, now)
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    versions.invalidate_pages(*initiative.town_ids())


def _change(recipe: Recipe, by: User, fields: dict[str, str], now: datetime) -> None:
    fields = looks.hold_changes(kind=RECIPE, thing=recipe, by=by, fields=fields, now=now)
    for name, text in fields.items():
        setattr(recipe, name, text)
    recipe.save()


@transaction.atomic
def take_along(*, copy: Initiative, source: Initiative, now: datetime) -> None:
    """Note from which idea this new one was copied, and give it the recipe; idempotent, and mails nobody."""
    copy = history.lock(copy.pk)
    if copy.copied_from_id is not None or copy.pk == source.pk:
        return
    copy.copied_from, copy.root_id = source, source.root_id or source.pk
    copy.save(update_fields=["copied_from", "root"])
    recipe = Recipe.objects.filter(initiative=source, visibility=Visibility.SHOWN).first()
    if recipe is not None and not Recipe.objects.filter(initiative=copy).exists():
        Recipe.objects.create(initiative=copy, **{name: getattr(recipe, name) for name in Recipe.TEXTS})
    versions.invalidate_pages(*copy.town_ids(), *source.town_ids())


def fields_to_copy(source: Initiative) -> dict[str, Any]:
    """Return what a copy begins with."""
    return {name: getattr(source, name) for name in COPIED}
