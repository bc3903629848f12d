"""Recipe: how people did it, for those who want to begin the same near them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from initiatives.models.initiative import Initiative
from locations.visibility import Visibility


class Recipe(models.Model):
    """What to do, what it costs and what went wrong, in the words of who did it; a copy takes it along."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="recipe")
    checklist = models.TextField(_("what you need to do"), max_length=1500, blank=True)  # one thing a line
    costs = models.CharField(_("what it costs"), max_length=200, blank=True)
    lessons = models.TextField(_("what went wrong, and what helped"), max_length=1500, blank=True)
    visibility = models.CharField(
        _("visibility"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )

    # What people wrote, in the order of the form.
    TEXTS = ("checklist", "costs", "lessons")

    class Meta:
        verbose_name = _("recipe")
        verbose_name_plural = _("recipes")
        constraints = [
            models.CheckConstraint(condition=~Q(checklist="", costs="", lessons=""), name="recipe_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id}"

    def steps(self) -> list[str]:
        """Return the checklist, one thing after another."""
        return [line.strip() for line in self.checklist.splitlines() if line.strip()]
