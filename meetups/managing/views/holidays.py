"""The page where a coordinator chooses the public holidays without meetups."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from meetups import permissions, wording
from meetups.clock import local_date
from meetups.managing.actions import holiday_closures
from meetups.managing.forms.holidays import HolidaysForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def town_holidays(request: SignedInRequest, slug: str) -> HttpResponse:
    """Choose the holidays; if that changes dates, show which ones before saving."""
    town = get_object_or_404(permissions.coordinated_towns(request.user), slug=slug)
    now = timezone.now()
    form = HolidaysForm(town, local_date(now), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "meetups/managing/holidays.html", {"town": town, "form": form}, status=status)
    holidays = form.cleaned_data["holidays"]
    changed = holiday_closures.preview_holidays(municipality=town, holidays=holidays, now=now)
    if changed and not form.is_seen:
        context = {"town": town, "form": form, "changed": [_in_words(change) for change in changed]}
        return render(request, "meetups/managing/holidays.html", context)
    holiday_closures.set_holidays(municipality=town, holidays=holidays, now=now)
    messages.success(
        request, gettext("Saved. There are no meetups in %(town)s on these holidays.") % {"town": town.name}
    )
    return redirect("town_holidays", slug)


def _in_words(change: holiday_closures.ChangedMeetup) -> dict[str, object]:
    days = {
        name: [wording.day_with_year(on) for on in getattr(change, name)] for name in ("coming", "going", "staying")
    }
    return {"meetup": change.meetup, **days}
