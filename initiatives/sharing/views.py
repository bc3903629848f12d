"""The page on which those who started an idea write how they did it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from initiatives.models import Initiative, Recipe
from initiatives.moderated import RECIPE
from initiatives.refusals import CannotDo
from initiatives.sharing import actions
from initiatives.sharing.forms import RecipeForm
from moderation import refusals as moderation
from moderation.marks import own_waiting_texts


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def initiative_recipe(request: SignedInRequest, slug: str) -> HttpResponse:
    """Write down how it was done."""
    idea = get_object_or_404(Initiative.objects.of(request.user).published().select_related("municipality"), slug=slug)
    recipe = Recipe.objects.filter(initiative=idea).first()
    if request.method != "POST":
        texts = {name: getattr(recipe, name) for name in Recipe.TEXTS} if recipe else {}
        waiting = own_waiting_texts(request.user, RECIPE, recipe) if recipe else {}
        return _page(request, idea, RecipeForm(initial=texts | waiting))
    form = RecipeForm(request.POST)
    if not form.is_valid():
        return _page(request, idea, form, status=422)
    try:
        actions.write_recipe(initiative=idea, by=request.user, fields=form.cleaned_data, now=timezone.now())
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, idea, form, status=422)
    messages.success(request, gettext("Saved. Others can begin the same with it."))
    return redirect(idea)


def _page(request: SignedInRequest, idea: Initiative, form: RecipeForm, status: int = 200) -> HttpResponse:
    return render(request, "initiatives/recipe.html", {"initiative": idea, "form": form}, status=status)
