"""Talking with those who take part, asking the municipality, answering, and following an idea."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.posting import post_or_redirect_to
from accounts.requests import SignedInRequest
from initiatives.models import Audience, Initiative, Post, Question
from initiatives.moderated import QUESTION
from initiatives.permissions import audiences_of, audiences_to_choose, may_answer, may_ask, parts_of
from initiatives.questions import officers_of
from initiatives.refusals import CannotDo, Refusal
from initiatives.talking import actions, asking, tokens
from initiatives.talking.forms import AnswerForm, MoveForm, PostForm, QuestionForm
from initiatives.talking.page import talk_context
from locations.visibility import Visibility
from meetups.clock import local_date
from moderation import refusals as moderation
from moderation.marks import own_waiting_texts

TALK_ANCHOR = "#talk"


def _idea(slug: str) -> Initiative:
    """Return the public idea with this slug, else raise Http404: of what is not public, nobody talks."""
    return get_object_or_404(Initiative.objects.public().select_related("municipality"), slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def talk(request: SignedInRequest, slug: str) -> HttpResponse:
    """Read what those who take part say, and say something."""
    idea = _idea(slug)
    audiences = audiences_of(request.user, idea, parts_of(request.user, idea))
    if not audiences:
        return _join_first(request, idea)
    choices = audiences_to_choose(request.user, idea)
    if request.method != "POST":
        return _talk_page(request, idea, audiences, PostForm(audiences=choices))
    form = PostForm(request.POST, audiences=choices)
    if not form.is_valid():
        return _talk_page(request, idea, audiences, form, status=422)
    text, audience = form.cleaned_data["text"], form.cleaned_data.get("audience") or choices[0]
    try:
        post = actions.say(initiative=idea, by=request.user, text=text, audience=audience, now=timezone.now())
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _talk_page(request, idea, audiences, form, status=422)
    return redirect(f"{idea.get_absolute_url()}#post-{post.pk}")


@require_safe
@never_cache
def earlier(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Read what was said before a post."""
    idea = _idea(slug)
    audiences = audiences_of(request.user, idea, parts_of(request.user, idea))
    if not audiences:
        return _join_first(request, idea)
    return _talk_page(request, idea, audiences, None, before=pk)


def _join_first(request: SignedInRequest, idea: Initiative) -> HttpResponse:
    messages.warning(request, str(Refusal.JOIN_FIRST.label))
    return redirect(idea)


def _talk_page(
    request: SignedInRequest,
    idea: Initiative,
    audiences: frozenset[Audience],
    form: PostForm | None,
    *,
    before: int | None = None,
    status: int = 200,
) -> HttpResponse:
    refusal = idea.refusal
    context = {
        "initiative": idea,
        "town": idea.municipality,
        "form": form,
        "post_form": None if refusal and status == 200 else form,
        "refusal": refusal and refusal.label,
        "has_talk": True,
        "reads_talk": True,
        "is_page_of_its_own": True,
        **talk_context(idea, request.user, audiences, now=timezone.now(), before=before),
    }
    return render(request, "initiatives/talk.html", context, status=status)


@post_or_redirect_to("initiative", "slug")
def post_delete(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Delete one's own post."""
    said = gettext("Deleted. Nobody else sees it any more. You can put it back until tomorrow.")
    return _with_own_post(request, slug, pk, actions.delete, said)


@post_or_redirect_to("initiative", "slug")
def post_put_back(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Put back a post that one deleted."""
    return _with_own_post(request, slug, pk, actions.put_back, gettext("It is back."))


def _with_own_post(request: SignedInRequest, slug: str, pk: int, action: Any, said: str) -> HttpResponse:
    posts = Post.objects.filter(author=request.user, initiative__slug=slug).select_related("initiative")
    post = get_object_or_404(posts, pk=pk)
    try:
        action(post=post, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(post.initiative.get_absolute_url() + TALK_ANCHOR) if post.initiative.is_public else redirect("my")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask the municipality something."""
    idea = _idea(slug)
    if not may_ask(request.user, idea, parts_of(request.user, idea)):
        return _join_first(request, idea)
    form = QuestionForm(request.POST or None)
    if not (request.method == "POST" and form.is_valid()):
        refusal = idea.refusal or (None if officers_of(idea) else Refusal.NOBODY_ANSWERS)
        return _ask_page(request, idea, form, refusal=refusal)
    try:
        question = asking.ask(initiative=idea, by=request.user, text=form.cleaned_data["text"], now=timezone.now())
    except (CannotDo, moderation.CannotDo) as refusal:
        form.add_error(None, str(refusal))
        return _ask_page(request, idea, form)
    if question.visibility == Visibility.SHOWN:
        messages.success(request, gettext("Your question is on the page. You get an email when there is an answer."))
    else:
        messages.success(request, gettext("Saved. Someone looks at your text first. Then everyone can see it."))
    return redirect(question)


def _ask_page(
    request: SignedInRequest, idea: Initiative, form: QuestionForm, *, refusal: Refusal | None = None
) -> HttpResponse:
    context = {"initiative": idea, "town": idea.municipality, "form": form, "refusal": refusal and refusal.label}
    status = 422 if request.method == "POST" else 200
    return render(request, "initiatives/ask.html", context, status=status)


def _question(slug: str, pk: int, **of: Any) -> Question:
    rows = Question.objects.select_related("initiative__municipality", "asked_by")
    return get_object_or_404(
        rows.filter(initiative__in=Initiative.objects.public(), **of), initiative__slug=slug, pk=pk
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def question_edit(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Change one's own question; an answer keeps the text that it answered."""
    question = _question(slug, pk, asked_by=request.user)
    text = own_waiting_texts(request.user, QUESTION, question).get("text", question.text)
    form = QuestionForm(request.POST or None, initial={"text": text})
    if request.method == "POST" and form.is_valid():
        try:
            asking.edit(question=question, by=request.user, text=form.cleaned_data["text"], now=timezone.now())
        except (CannotDo, moderation.CannotDo) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Saved. If your text is new, someone may look at it first."))
            return redirect(question)
    return _question_page(request, "initiatives/question_edit.html", question, form)


def _question_page(request: SignedInRequest, template: str, question: Question, form: Any) -> HttpResponse:
    idea = question.initiative
    context = {"initiative": idea, "town": idea.municipality, "question": question, "form": form}
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _question_to_answer(request: SignedInRequest, slug: str, pk: int) -> Question:
    """Return a question that everyone sees, if this user may answer it, else raise Http404."""
    question = _question(slug, pk, visibility=Visibility.SHOWN)
    if not may_answer(request.user, question.initiative):
        raise Http404
    return question


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Answer a question, as a policy officer of the town."""
    question = _question_to_answer(request, slug, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asking.answer(question=question, by=request.user, text=form.cleaned_data["text"], now=timezone.now())
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Your answer is on the page. The person who asked gets an email."))
            return redirect(question)
    return _question_page(request, "initiatives/answer.html", question, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def move(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Say why an answer comes later, as a policy officer of the town."""
    question = _question_to_answer(request, slug, pk)
    if request.method != "POST" and (why_not := asking.why_not_move(question)):
        messages.warning(request, str(why_not.label))
        return redirect(question)
    now = timezone.now()
    form = MoveForm(request.POST or None, question=question, today=local_date(now))
    if request.method == "POST" and form.is_valid():
        until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
        try:
            asking.move(question=question, by=request.user, until=until, reason=reason, now=now)
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("The new date is on the page. The person who asked gets an email."))
            return redirect(question)
    return _question_page(request, "initiatives/move_answer.html", question, form)


@post_or_redirect_to("initiative", "slug")
def question_answered(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Say, as who asked, that the question is answered, or that it is not after all."""
    question = _question(slug, pk, asked_by=request.user)
    action: Callable[..., Any] = asking.say_unanswered if "not" in request.POST else asking.say_answered
    try:
        action(question=question, by=request.user, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect(question)


@post_or_redirect_to("initiative", "slug")
def follow(request: SignedInRequest, slug: str) -> HttpResponse:
    """Start or stop the daily mail about an idea."""
    idea, is_on = _idea(slug), request.POST.get("on") == "1"
    try:
        actions.set_following(initiative=idea, user=request.user, is_on=is_on, now=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        said = gettext("You get at most one email a day, when there is news.") if is_on else gettext("No more emails.")
        messages.success(request, said)
    return redirect(idea.get_absolute_url() + TALK_ANCHOR)


@login_not_required
@never_cache
@csrf_exempt  # RFC 8058: mail programs post here directly; the token authorises it
@require_http_methods(["GET", "HEAD", "POST"])
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the daily mail about an idea from the link in it, or start it again."""
    found = tokens.follow_of(token)
    if found is None:
        return render(request, "initiatives/follow_link_gone.html", status=404)
    if request.method == "POST":
        is_on = request.POST.get("on") == "1"
        try:
            actions.set_following(initiative=found.initiative, user=found.user, is_on=is_on, now=timezone.now())
        except CannotDo as refusal:
            messages.error(request, str(refusal))
        if "List-Unsubscribe" in request.POST:
            return HttpResponse(status=204)
        return redirect(request.path)
    context = {"is_on": found.is_on, "initiative": found.initiative.without_hidden_texts()}
    return render(request, "initiatives/follow_link.html", context | {"is_public": found.initiative.is_public})
