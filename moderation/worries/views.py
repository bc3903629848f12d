"""Writing about a worry about a child, and reading it by the contacts of the town."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.models import Role
from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from locations.models import Municipality
from locations.parameters import PARAMETERS, read_parameters
from moderation.actions.people import set_absence
from moderation.forms import AbsenceForm
from moderation.levels import HEARING_WORRIES, Level
from moderation.models import Absence, Concern
from moderation.wording import moment
from moderation.worries import actions, readers
from moderation.worries.forms import ConcernForm, TownForm
from moderation.worries.promise import next_deadline

SENT_SALT = "moderation.worries.sent"
# From one connection: a whole library can write, but no program can fill the mailboxes of the contacts.
LIMIT, LIMIT_SECONDS = 60, 600
TOO_MANY = gettext_lazy(
    "A lot is being written from this connection, so this was not sent. Try again in ten minutes, or call Veilig Thuis "
    "now: 0800-2000."
)
OPEN_TOO_LONG = gettext_lazy("This page has been open for too long, so it was not sent. Send it once more.")
NOBODY_READS = gettext_lazy(
    "None of us can read this at the moment, so it was not sent. Please call Veilig Thuis: 0800-2000. You can read "
    "out to them what you wrote here."
)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: HttpRequest) -> HttpResponse:
    """The numbers to call; then the form to the contacts of a town, where someone can be counted on to read it."""
    towns = readers.towns_with_readers()
    if request.method != "POST":
        typed = read_parameters(request)["town"]
        town_form = TownForm({PARAMETERS["town"]: typed} if typed else None, towns=towns)
        form = ConcernForm(towns=towns, initial={"town": typed}) if town_form.chosen else town_form
        return _concern_page(request, form)
    form = ConcernForm(request.POST, towns=towns)
    if form.is_valid() and form.chosen:
        if limits.count_from_connection(request, "concerns", LIMIT_SECONDS) > LIMIT:
            form.add_error(None, TOO_MANY)
            response = _concern_page(request, form, status=429)
            response["Retry-After"] = str(LIMIT_SECONDS)
            return response
        try:
            return _send(form)
        except actions.NobodyReads:
            form.add_error(None, NOBODY_READS)
    return _concern_page(request, form, status=422)


@never_cache
def concern_not_sent(request: HttpRequest) -> HttpResponse:
    """Show the form with what was typed, after its token was refused: nobody has to write this twice."""
    form = ConcernForm(request.POST, towns=readers.towns_with_readers())
    form.add_error(None, OPEN_TOO_LONG)
    return _concern_page(request, form, status=403)


def _send(form: ConcernForm) -> HttpResponse:
    """Store the concern, and redirect to the page with the promise: reloading that sends nothing again."""
    typed = {name: form.cleaned_data[name] for name in ("words", "reply_to", "form_id")}
    town = form.towns[form.cleaned_data["town"]]
    sent = actions.send(town=town, **typed, language=get_language() or "nl", now=timezone.now())
    promise = {"town": town.slug, "level": sent.level, "read_by": sent.read_by.isoformat()}
    return redirect("concern_sent", signing.dumps(promise, salt=SENT_SALT))


def _concern_page(request: HttpRequest, form: TownForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "town": form.chosen, "is_open": bool(form.towns)}
    context["nobody_reads"] = NOBODY_READS
    if town := form.chosen:
        now = timezone.now()
        if found := readers.first_readers(town, "", now=now):
            context |= {"who": _who(found[0], town), "deadline": moment(next_deadline(now, town.holidays))}
    return render(request, "moderation/worries/concern.html", context, status=status)


def _who(level: int, town: Municipality) -> str:
    """Return who reads it: a role and where, never a name."""
    if level == Level.TOWN:
        return gettext("a fixed contact in {town}").format(town=town.name)
    if level == Level.REGION:
        return gettext("a fixed contact for several towns, {town} among them").format(town=town.name)
    return gettext("a fixed contact for the whole country")


@login_not_required
@never_cache
@require_safe
def concern_sent(request: HttpRequest, token: str) -> HttpResponse:
    """Repeat the promise and the numbers. The address holds the promise alone: nothing leads to what was written."""
    try:
        promise = signing.loads(token, salt=SENT_SALT)
    except signing.BadSignature:
        raise Http404 from None
    town = Municipality.objects.filter(slug=promise["town"]).first()
    if town is None:
        raise Http404
    context = {
        "who": _who(promise["level"], town),
        "deadline": moment(datetime.fromisoformat(promise["read_by"])),
    }
    return render(request, "moderation/worries/concern_sent.html", context)


@require_safe
@never_cache
def concerns(request: SignedInRequest) -> HttpResponse:
    """What was written to this contact: when, where, and whether someone read it."""
    _check_contact(request)
    return _concerns_page(request, AbsenceForm(today=timezone.localdate()))


@post_or_redirect_to("concerns")
def concern_absence(request: SignedInRequest) -> HttpResponse:
    """Say until when this contact is away, or is back; what nobody else can read meanwhile goes up."""
    _check_contact(request)
    now = timezone.now()
    form = AbsenceForm(request.POST, today=timezone.localdate(now))
    if "back" in request.POST:
        set_absence(user=request.user, until_on=None, now=now)
        messages.success(request, gettext("Welcome back."))
    elif form.is_valid():
        set_absence(user=request.user, until_on=form.cleaned_data["until_on"], now=now)
        messages.success(request, gettext("Saved. We ask someone else until you are back."))
    else:
        return _concerns_page(request, form, status=422)
    return redirect("concerns")


def _check_contact(request: SignedInRequest) -> None:
    if not Role.objects.of(request.user, *HEARING_WORRIES):
        raise Http404


def _concerns_page(request: SignedInRequest, absence_form: AbsenceForm, *, status: int = 200) -> HttpResponse:
    rows = readers.concerns_of(request.user)
    for row in rows:
        row.deadline = moment(row.goes_up_at)  # type: ignore[attr-defined]
    context = {
        "unread": [row for row in rows if row.read_at is None],
        "read": [row for row in rows if row.read_at and row.handled_at is None],
        "handled": [row for row in rows if row.handled_at],
        "absence": Absence.objects.filter(user=request.user, until_on__gte=timezone.localdate()).first(),
        "absence_form": absence_form,
    }
    return render(request, "moderation/worries/concerns.html", context, status=status)


@require_safe
@never_cache
def concern_read(request: SignedInRequest, pk: int) -> HttpResponse:
    """One concern; its text once a contact opened it with the button, so that looking is not taken for reading."""
    row = _concern_or_404(request, pk)
    context = {"concern": row, "deadline": moment(row.goes_up_at), "went_up": readers.is_above(request.user, row)}
    return render(request, "moderation/worries/concern_read.html", context)


@post_or_redirect_to("concern_read", "pk")
def concern_open(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record that this contact reads it now."""
    row = _concern_or_404(request, pk)
    actions.mark_read(concern=row, reader=request.user, now=timezone.now())
    return redirect(row)


@post_or_redirect_to("concern_read", "pk")
def concern_handled(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record that it was handled, or with `undo` that it was not."""
    row = _concern_or_404(request, pk)
    now = timezone.now()
    if "undo" in request.POST:
        actions.undo_handled(concern=row, now=now)
        messages.success(request, gettext("It is with what was read, but not handled."))
    else:
        actions.mark_handled(concern=row, now=now)
    return redirect(row.get_absolute_url() + "#answer")


def _concern_or_404(request: SignedInRequest, pk: int) -> Concern:
    for row in readers.concerns_of(request.user):
        if row.pk == pk:
            return row
    raise Http404
