"""The page where a coordinator chooses and previews the colour and logo of a town."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from locations.models import Municipality
from locations.theme import actions
from locations.theme.forms import ThemeForm
from meetups import permissions


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def theme(request: SignedInRequest, slug: str) -> HttpResponse:
    """Preview and save the colour and logo."""
    town = _my_town(request, slug)
    if request.method != "POST":
        return render(request, "pages/theme.html", {"town": town, "form": ThemeForm(town)})
    form = ThemeForm(town, request.POST, request.FILES)
    is_valid = form.is_valid()
    if request.htmx:
        return render(request, "pages/_theme_sample.html", {"town": town, "form": form, "is_live": True})
    if not is_valid or "preview" in request.POST or "nearest" in request.POST:
        context = {"town": town, "form": form}
        return render(request, "pages/theme.html", context, status=200 if is_valid else 422)
    actions.set_theme(municipality=town, accent=form.cleaned_data["accent"], logo=form.picture)
    messages.success(request, gettext("Saved. This is how the pages of %(town)s look now.") % {"town": town.name})
    return redirect("theme", slug)


@post_or_redirect_to("theme", "slug")
def theme_undo(request: SignedInRequest, slug: str) -> HttpResponse:
    """Reset the colour to the green of Pedbasis, or remove the logo."""
    town = _my_town(request, slug)
    part = request.POST.get("part")
    if part == "accent":
        actions.set_theme(municipality=town, accent="")
        messages.success(request, gettext("The pages have the green of Pedbasis again."))
    elif part == "logo":
        actions.remove_logo(municipality=town)
        messages.success(request, gettext("The logo has been removed."))
    else:
        raise Http404
    return redirect("theme", slug)


def _my_town(request: SignedInRequest, slug: str) -> Municipality:
    """Return the town if this user coordinates it; raise 404 for anyone else."""
    return get_object_or_404(permissions.coordinated_towns(request.user), slug=slug)
