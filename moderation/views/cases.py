"""The queue of those who look after a town, one case, and the case as its writer sees it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from locations.parameters import read_parameters
from locations.visibility import Visibility
from moderation import disclosure, permissions
from moderation.actions import deciding
from moderation.forms import AbsenceForm, AnswerForm, DecisionForm, QueueForm
from moderation.history import history
from moderation.kinds import kinds
from moderation.models import Absence, Case, CaseQuerySet, Decision
from moderation.refusals import CannotDo, Refusal

PAGE_SIZE = 25
Outcome = Decision.Outcome


@never_cache
@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    """What waits for a decision, the most urgent first."""
    return _list(request, permissions.cases_of(request.user).open(), "open")


@never_cache
@require_safe
def decided_cases(request: SignedInRequest) -> HttpResponse:
    """What was decided, the latest first."""
    newest = Decision.objects.filter(case=OuterRef("pk")).order_by("-pk").values("decided_at")[:1]
    closed = permissions.cases_of(request.user).filter(state=Case.State.CLOSED).annotate(decided_at=Subquery(newest))
    return _list(request, closed.order_by(F("decided_at").desc(nulls_last=True), "pk"), "closed")


def _list(request: SignedInRequest, found: CaseQuerySet, which: str) -> HttpResponse:
    """List these cases, of one town if that was chosen; two queries."""
    if not permissions.is_watching(request.user):
        raise Http404
    now = timezone.now()
    by_town = found.order_by("municipality__name").values_list("municipality__name", "municipality__slug")
    towns = list(by_town.annotate(number=Count("pk")))
    parameters = read_parameters(request)
    town_form = QueueForm(parameters, towns=towns)
    rows = found.select_related("municipality").annotate(report_count=Count("reports"))
    if town_form.chosen:
        rows = rows.filter(municipality__slug=town_form.chosen)
    paginator = Paginator(rows, PAGE_SIZE)
    paginator.count = sum(number for _name, slug, number in towns if town_form.chosen in {"", slug})
    page = paginator.get_page(parameters["page"])
    context: dict[str, Any] = {
        "page": page,
        "which": which,
        "town_form": town_form if len(towns) > 1 else None,
        "chosen": {"town": town_form.chosen} if town_form.chosen else {},
        "rows": [{"case": row, "kind": kinds.get(row.kind), "is_late": row.is_late(now)} for row in page.object_list],
        "absence": Absence.objects.filter(user=request.user, until_on__gte=timezone.localdate(now)).first(),
        "absence_form": AbsenceForm(today=timezone.localdate(now)),
    }
    return render(request, "moderation/cases.html", context)


@never_cache
@require_safe
def case(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one thing, and the form to decide."""
    return _case_page(request, _my_case(request, pk))


@require_safe
def case_picture(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photo of a case, also while nobody else sees it."""
    found = _my_case(request, pk)
    kind = kinds[found.kind]
    thing = kind.find(found.object_id)
    picture = kind.picture(thing) if kind.picture is not None and thing is not None else None
    if picture is None or not permissions.may_decide(request.user, found, thing):
        raise Http404
    return HttpResponse(picture, "image/webp", headers={"Cache-Control": "private, no-store"})


@post_or_redirect_to("case", "pk")
def case_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Find it fine, or hide it."""
    _my_case(request, pk)
    form = DecisionForm(request.POST)
    outcome = request.POST.get("outcome", "")
    if form.is_valid() and outcome in {Outcome.FINE, Outcome.HIDE}:
        try:
            deciding.decide(
                case_id=pk,
                by=request.user,
                outcome=outcome,
                words=form.cleaned_data["words"],
                seen_revision=form.cleaned_data["seen"],
                now=timezone.now(),
            )
        except CannotDo as refusal:
            form.add_error("words" if refusal.refusal == Refusal.NO_REASON else None, str(refusal))
        else:
            messages.success(request, gettext("Decided. You can undo it below."))
            return redirect("case", pk)
    elif form.is_valid():
        form.add_error(None, gettext("Choose one of these answers."))
    return _case_page(request, _my_case(request, pk), form, status=422)


@post_or_redirect_to("case", "pk")
def case_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo the last decision."""
    _my_case(request, pk)
    form = DecisionForm(request.POST)
    form.is_valid()
    try:
        deciding.undo(case_id=pk, by=request.user, seen_revision=form.cleaned_data.get("seen"), now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Undone. Everything is as it was before."))
    return redirect("case", pk)


def _my_case(request: SignedInRequest, pk: int) -> Case:
    """Return the case if this user may decide about it, else raise Http404; who may not, must not know of it."""
    rows = permissions.cases_of(request.user).select_related("municipality", "writer")
    found: Case = get_object_or_404(rows, pk=pk)
    return found


def _case_page(
    request: SignedInRequest, found: Case, form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    kind = kinds[found.kind]
    thing = kind.find(found.object_id)
    if thing is not None and not permissions.may_decide(request.user, found, thing):
        raise Http404
    last = deciding.newest(found)
    form = form or DecisionForm()
    form.show(found.revision)
    context = {
        "case": found,
        "kind": kind,
        "thing": thing,
        "texts": _texts(found, thing),
        "has_picture": kind.picture is not None,
        "is_shown": thing is not None and kind.is_shown(thing),
        "events": history(found),
        "last": last,
        "can_find_fine": found.is_open or (last is not None and last.outcome == Outcome.HIDE),
        "can_hide": found.is_open or (last is not None and last.outcome == Outcome.FINE),
        "form": form,
        "revision": found.revision,
        "is_late": found.is_late(timezone.now()),
        "url": kind.url(thing) if thing is not None else "",
    }
    return render(request, "moderation/case.html", context, status=status)


def _texts(found: Case, thing: Any) -> list[dict[str, str]]:
    """Return each text of the thing: its label, what it says now, and what is proposed instead."""
    if thing is None:
        return []
    kind = kinds[found.kind]
    rows = [
        {"label": kind.label(name), "now": getattr(thing, name), "new": found.proposed.get(name)} for name in kind.texts
    ]
    return [row for row in rows if row["now"] or row["new"] is not None]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was decided about what I wrote, and why; I may answer. Nothing here says that or by whom it was reported."""
    found: Case = get_object_or_404(disclosure.cases_about(request.user), pk=pk)
    kind = kinds[found.kind]
    thing = kind.find(found.object_id)
    if not disclosure.may_see(request.user, found, thing):
        raise Http404
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.answer(case_id=pk, by=request.user, words=form.cleaned_data["words"], now=timezone.now())
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Thank you. Someone reads your answer and looks again."))
            return redirect("own_case", pk)
    context = {
        "case": found,
        "form": form,
        "kind": kind,
        "thing": thing,
        "url": kind.url(thing) if thing is not None else "",
        "is_shown": thing is not None and thing.visibility == Visibility.SHOWN,
        "waits": thing is not None and disclosure.is_known_to_wait(found, thing),
        "promised_at": found.promise(timezone.now()),
        "decisions": disclosure.decisions_for(request.user, found),
        "answers": found.answers.filter(writer=request.user),
        "can_answer": thing is not None and permissions.may_answer(request.user, deciding.newest(found)),
    }
    return render(request, "moderation/own_case.html", context, status=422 if form.errors else 200)
