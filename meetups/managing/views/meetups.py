"""Pages for hosts and coordinators to create and change meetups, without names of attendees."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from meetups import permissions
from meetups.managing import contexts
from meetups.managing.actions import planning
from meetups.managing.forms.dates import ReasonForm
from meetups.managing.forms.meetups import MeetupForm
from meetups.models import Meetup
from meetups.moderated import MEETUP
from moderation.marks import mark_for, own_waiting_texts
from moderation.refusals import CannotDo


@require_safe
@never_cache
def manage(request: SignedInRequest) -> HttpResponse:
    """List the meetups that this user may change, each with its next date."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    context = contexts.overview(request.user, timezone.now()) | {"can_create": True}
    return render(request, "meetups/managing/manage.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_new(request: SignedInRequest) -> HttpResponse:
    """Create a meetup, optionally with a preview of its dates first."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    now = timezone.now()
    if request.method != "POST":
        return _meetup_page(request, MeetupForm(user=request.user, now=now))
    form = MeetupForm(request.POST, user=request.user, now=now)
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _preview_page(request, form)
    if not is_valid:
        return _meetup_page(request, form, status=422)
    try:
        meetup = planning.create_meetup(
            by=request.user, now=now, hosts=form.chosen_hosts() or [], **form.model_fields()
        )
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return _meetup_page(request, form, status=422)
    if meetup.is_shown:
        messages.success(request, gettext("Saved. These are the dates."))
    else:
        messages.success(request, gettext("Saved. Someone looks at your text first. Then everyone can see it."))
    return redirect("meetup_edit", meetup.slug)


@post_or_redirect_to("meetup_new")
def meetup_preview(request: SignedInRequest) -> HttpResponse:
    """Preview the dates of an incomplete form; with htmx only the part of the page that shows them."""
    if not permissions.can_create_anywhere(request.user):
        raise Http404
    meetup = None
    if slug := request.POST.get("slug", "").replace("\0", ""):
        meetup = _my_meetup(request, slug)
    form = MeetupForm(request.POST, user=request.user, now=timezone.now(), meetup=meetup)
    form.is_valid()
    if request.htmx:
        return render(request, "meetups/managing/_date_preview.html", contexts.plan(form))
    return _preview_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a meetup with its coming dates, and save changes to it."""
    meetup = _my_meetup(request, slug)
    now = timezone.now()
    if request.method != "POST":
        waiting = own_waiting_texts(request.user, MEETUP, meetup)
        return _meetup_page(request, MeetupForm(user=request.user, now=now, meetup=meetup, initial=waiting))
    form = MeetupForm(request.POST, user=request.user, now=now, meetup=meetup)
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _preview_page(request, form)
    if not is_valid:
        return _meetup_page(request, form, status=422)
    hearing = contexts.describe_recipients(form)
    if hearing["is_told"] and request.POST.get("hearing") != hearing["hearing"]:
        return _meetup_page(request, form, is_asking=True)  # first show how many people will be notified
    outcome = planning.change_meetup(
        meetup=meetup,
        by=request.user,
        now=now,
        hosts=form.chosen_hosts(),
        also_signed_up=form.cleaned_data["also_signed_up"],
        **form.model_fields(),
    )
    messages.success(request, contexts.describe_outcome(outcome))
    return redirect("meetup_edit", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meetup_end(request: SignedInRequest, slug: str) -> HttpResponse:
    """End a meetup; dates with sign-ups are cancelled, and people are told why."""
    meetup = _my_meetup(request, slug)
    now = timezone.now()
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_waiting = planning.end_meetup(meetup=meetup, reason=form.cleaned_data["reason"], by=request.user, now=now)
        messages.success(request, gettext("This meetup has ended. Everyone who signed up gets an email."))
        if is_waiting:
            messages.info(request, contexts.REASON_WAITS)
        return redirect("meetup_edit", slug)
    context = contexts.meetup_to_end(meetup, request.user, now) | {"form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "meetups/managing/meetup_end.html", context, status=status)


@post_or_redirect_to("meetup_edit", "slug")
def meetup_resume(request: SignedInRequest, slug: str) -> HttpResponse:
    """Reactivate an ended meetup."""
    planning.resume_meetup(meetup=_my_meetup(request, slug), now=timezone.now())
    messages.success(
        request, gettext("This meetup has started again. Look at the dates: cancelled ones stay cancelled.")
    )
    return redirect("meetup_edit", slug)


def _my_meetup(request: SignedInRequest, slug: str) -> Meetup:
    """Return the meetup if this user may change it, else raise Http404."""
    mine = Meetup.objects.managed_by(request.user).select_related("location__municipality")
    return get_object_or_404(mine, slug=slug)


def _preview_page(request: SignedInRequest, form: MeetupForm) -> HttpResponse:
    """Render the form with the dates; only errors in the schedule matter for the status."""
    return _meetup_page(request, form, status=422 if contexts.plan(form)["schedule_errors"] else 200, is_preview=True)


def _meetup_page(
    request: SignedInRequest,
    form: MeetupForm,
    status: int = 200,
    *,
    is_preview: bool = False,
    is_asking: bool = False,
) -> HttpResponse:
    shown: dict[str, Any] = {"is_preview": is_preview, "is_asking": is_asking}
    context = {"form": form, "meetup": form.meetup} | shown | contexts.plan(form)
    if form.meetup is None:
        return render(request, "meetups/managing/meetup_new.html", context, status=status)
    saved = _my_meetup(request, form.meetup.slug)
    mark = mark_for(request.user, MEETUP, saved, now=form.now)
    context |= contexts.meetup_to_edit(saved, request.user, form.now) | {"mark": mark}
    return render(request, "meetups/managing/meetup_edit.html", context, status=status)
