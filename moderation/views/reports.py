"""Reporting something, with or without an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.requests import is_signed_in
from locations.parameters import read_parameters
from moderation.actions import reporting as actions
from moderation.forms import ReportForm
from moderation.kinds import Kind, kinds
from moderation.models import Report
from moderation.refusals import CannotDo, Refusal
from moderation.wording import moment
from page_cache.versions import cache_for_a_minute


@login_not_required
@require_safe
def reporting(request: HttpRequest) -> HttpResponse:
    """How reporting works, and who looks."""
    cache_for_a_minute(request)
    return render(request, "moderation/reporting.html")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Report one thing; anyone may."""
    line = kinds.get(kind)
    thing = line.find(pk) if line is not None else None
    if line is None or thing is None or line.was_never_shown(thing):
        raise Http404
    user = request.user if is_signed_in(request) else None
    if not line.is_readable_by(thing, request.user):
        raise Http404
    posted = request.POST if request.method == "POST" else None
    chosen = read_parameters(request)["reason"]
    form = ReportForm(posted, initial={"reason": chosen}, reasons=line.reasons, is_signed_in=user is not None)
    if form.is_valid():
        try:
            if not limits.may_report(request, user):
                raise CannotDo(Refusal.TOO_MANY_REPORTS)
            made = _send(request, line, pk, form.cleaned_data)
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _what_happens_now(made, timezone.now()))
            return redirect("reported")
    is_shown = line.is_shown(thing)
    context = {
        "form": form,
        "kind": line,
        "object_id": pk,
        "thing": thing if is_shown else None,
        "has_picture": line.picture is not None,
        "person": line.blockable(thing),
        "title": line.title(thing) if is_shown else "",
        "back_url": line.url(thing) if is_shown else "",
    }
    return render(request, "moderation/report.html", context, status=422 if form.errors else 200)


def _send(request: HttpRequest, kind: Kind, pk: int, fields: dict[str, Any]) -> Report:
    user = request.user if is_signed_in(request) else None
    return actions.report(
        token=fields["token"],
        kind=kind,
        object_id=pk,
        reason=fields["reason"],
        words=fields["words"],
        user=user,
        email=user.email if user is not None else _address_to_tell(fields["email"]),
        language=get_language() or "nl",
        sender=limits.sender_hash(request, user),
        now=timezone.now(),
    )


def _address_to_tell(email: str) -> str:
    """Return the address, unless it already got so many mails that someone may be filling a mailbox of another."""
    return email if email and limits.may_mail("report", email) else ""


def _what_happens_now(made: Report, now: datetime) -> str:
    """Return the sentences that a reporter reads: what is done, and when someone looks."""
    words = [gettext("Thank you. We have your report.")]
    if made.has_hidden:
        words.append(gettext("Nobody sees it now, until someone has looked."))
    if promised_at := made.case.promise(now):
        words.append(gettext("Someone looks before {moment}.").format(moment=moment(promised_at)))
    else:
        words.append(gettext("Someone looks as soon as possible."))
    if made.email:
        words.append(gettext("You get an email about what we did."))
    return " ".join(words)


@login_not_required
@never_cache
@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """After a report: what happens now is in the message above it."""
    return render(request, "moderation/reported.html")
