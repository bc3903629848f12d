"""Questions to the municipality, and their answers. Officials can answer, and move a date once; nothing else.

Every action locks the row of the Initiative before deciding anything, and then the question.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import User
from initiatives import history, questions, working_days
from initiatives.models import Answer, Initiative, Question
from initiatives.models.talk import fingerprint
from initiatives.moderated import QUESTION
from initiatives.permissions import may_answer, may_ask, parts_of
from initiatives.refusals import CannotDo, Refusal
from locations.visibility import Visibility
from meetups.clock import local_date
from moderation.actions import looks
from page_cache import versions

MAX_UNANSWERED = 3  # questions of one person about one idea
LATEST = timedelta(weeks=6)  # after the first date, or after today if that is over


@transaction.atomic
def ask(*, initiative: Initiative, by: User, text: str, now: datetime) -> Question:
    """Ask the municipality something, for everyone to read; a text of someone we do not know yet waits for a look.

    The same question of the same person is the one that exists. Raises CannotDo with JOIN_FIRST, ENDED, PAUSED,
    NOT_PUBLIC, NOBODY_ANSWERS or TOO_MANY_QUESTIONS, and moderation's CannotDo(TOO_MANY_WAIT).
    """
    initiative = history.lock(initiative.pk)
    if refusal := initiative.refusal:
        raise CannotDo(refusal)
    if not may_ask(by, initiative, parts_of(by, initiative)):
        raise CannotDo(Refusal.JOIN_FIRST)
    mine = initiative.questions.filter(asked_by=by)
    if (same := mine.filter(text=text).first()) is not None:
        return same
    if not questions.officers_of(initiative):
        raise CannotDo(Refusal.NOBODY_ANSWERS)
    if mine.unanswered().count() >= MAX_UNANSWERED:
        raise CannotDo(Refusal.TOO_MANY_QUESTIONS)
    question = Question(initiative=initiative, asked_by=by, text=text, created_at=now, visibility=Visibility.WAITING)
    question.save(force_insert=True)
    if looks.first_visibility(by=by, town=initiative.municipality, now=now) == Visibility.SHOWN:
        QUESTION.set_visibility(question, Visibility.SHOWN, now=now)
    else:
        looks.ask_for_first_look(kind=QUESTION, object_id=question.pk, by=by, now=now)
        question.refresh_from_db()
    _touch(initiative, now)
    return question


@transaction.atomic
def edit(*, question: Question, by: User, text: str, now: datetime) -> Question:
    """Change one's own question; answers keep the text that they answered. Changed texts may wait for a look.

    Raises CannotDo with QUESTION_GONE, NOT_YOUR_TEXT, ENDED, PAUSED or NOT_PUBLIC.
    """
    initiative, question = _lock(question)
    _check_own(question, by)
    if refusal := initiative.refusal:
        raise CannotDo(refusal)
    if question.visibility != Visibility.SHOWN and text != question.text:
        question.answers.update(question_text="")  # what was hidden does not come back with the new text
    fields = looks.hold_changes(kind=QUESTION, thing=question, by=by, fields={"text": text}, now=now)
    question.text = fields.get("text", question.text)
    question.save(update_fields=["text"])
    _touch(initiative, now)
    return question


@transaction.atomic
def answer(*, question: Question, by: User, text: str, now: datetime) -> Answer:
    """Answer as a policy officer of the town, or add to an answer; who asked hears of it. The same text is one answer.

    Raises CannotDo with QUESTION_GONE or NOT_AN_OFFICIAL.
    """
    initiative, question = _lock_for_official(question, by)
    if (same := question.answers.filter(by=by, text=text, moved_to=None).first()) is not None:
        return same
    return _save(initiative, question, Answer(by=by, text=text), now)


@transaction.atomic
def move(*, question: Question, by: User, until: date, reason: str, now: datetime) -> Answer:
    """Say, once, why the answer comes later and when; the first date stays on the page, and who asked hears of it.

    Raises CannotDo with QUESTION_GONE, NOT_AN_OFFICIAL, ANSWERED, MOVED_BEFORE or WRONG_DATE.
    """
    initiative, question = _lock_for_official(question, by)
    if (same := question.answers.filter(by=by, text=reason, moved_to=until).first()) is not None:
        return same
    if refusal := why_not_move(question):
        raise CannotDo(refusal)
    if not is_possible_date(question, until, today=local_date(now)):
        raise CannotDo(Refusal.WRONG_DATE)
    question.due_on = until
    question.save(update_fields=["due_on"])
    return _save(initiative, question, Answer(by=by, text=reason, moved_to=until), now)


def why_not_move(question: Question) -> Refusal | None:
    """Return why the date of this question stays as it is, or None if it can be moved."""
    if question.answered_at is not None or question.is_answered:
        return Refusal.ANSWERED
    return Refusal.MOVED_BEFORE if question.was_moved else None


def is_possible_date(question: Question, until: date, *, today: date) -> bool:
    """Whether the answer can come on this date instead: a working day, later, and not too late."""
    first = question.first_due_on or today
    is_in_time = first < until <= max(first, today) + LATEST
    return is_in_time and until >= today and working_days.is_working_day(until)


@transaction.atomic
def say_answered(*, question: Question, by: User, now: datetime) -> Question:
    """Say, as who asked, that the question is answered; idempotent. Raises CannotDo(NOT_YOUR_TEXT, QUESTION_GONE)."""
    return _set_answered(question, by, now, now)


@transaction.atomic
def say_unanswered(*, question: Question, by: User, now: datetime) -> Question:
    """Take back that the question is answered; idempotent. Raises CannotDo(NOT_YOUR_TEXT, QUESTION_GONE)."""
    return _set_answered(question, by, None, now)


def _set_answered(question: Question, by: User, answered_at: datetime | None, now: datetime) -> Question:
    initiative, question = _lock(question)
    _check_own(question, by)
    if (question.answered_at is None) != (answered_at is None):
        question.answered_at = answered_at
        question.save(update_fields=["answered_at"])
        _touch(initiative, now)
    return question


def _lock(question: Question) -> tuple[Initiative, Question]:
    initiative = history.lock(question.initiative_id)
    rows = Question.objects.select_for_update(of=("self",), no_key=True).select_related("asked_by")
    fresh = rows.filter(pk=question.pk).first()
    if fresh is None:
        raise CannotDo(Refusal.QUESTION_GONE)
    fresh.initiative = initiative
    return initiative, fresh


def _lock_for_official(question: Question, by: User) -> tuple[Initiative, Question]:
    initiative, question = _lock(question)
    if not may_answer(by, initiative):
        raise CannotDo(Refusal.NOT_AN_OFFICIAL)
    if not question.is_public:
        raise CannotDo(Refusal.QUESTION_GONE)
    return initiative, question


def _check_own(question: Question, by: User) -> None:
    if question.asked_by_id != by.pk:
        raise CannotDo(Refusal.NOT_YOUR_TEXT)


def _save(initiative: Initiative, question: Question, answer: Answer, now: datetime) -> Answer:
    answer.question, answer.created_at = question, now
    answer.question_text, answer.idea_fingerprint = question.text, fingerprint(initiative)
    answer.save(force_insert=True)
    questions.answered(answer)
    _touch(initiative, now)
    return answer


def _touch(initiative: Initiative, now: datetime) -> None:
    initiative.touch(now)
    initiative.save(update_fields=["active_at"])
    versions.invalidate_pages(*initiative.town_ids())
