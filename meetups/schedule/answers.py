"""Converts the answers in the form to a schedule, and back. Pure: no database, no form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetups.schedule.recurrence import (
    Frequency,
    InvalidRule,
    InvalidTimes,
    Preview,
    Problem,
    Rule,
    check_times,
    first_date,
    preview,
    span,
)


class Rhythm(models.TextChoices):
    """The choices in the form that map to a recurrence rule."""

    ONCE = "once", _("Once")
    WEEKLY = "weekly", _("Every week")
    BIWEEKLY = "biweekly", _("Every 2 weeks")
    WEEKS = "weeks", _("Every few weeks")
    MONTHLY = "monthly", _("Every month")


class Ending(models.TextChoices):
    OPEN = "open", _("No end date")
    UNTIL = "until", _("Until a date")
    COUNT = "count", _("A number of times")


@dataclass(frozen=True)
class Answers:
    """What someone filled in; None where it is empty or invalid."""

    rhythm: str | None = None
    every: int | None = None  # weeks
    nth: int | None = None  # week of the month; -1: the last
    weekdays: tuple[int, ...] = ()  # Monday is 0
    ending: str = Ending.OPEN
    until: date | None = None
    count: int | None = None
    first_on: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    skip_public_holidays: bool = False
    skip_school_holidays: bool = False


@dataclass(frozen=True)
class CurrentSchedule:
    """The saved schedule of the meetup that is being changed."""

    rule: Rule
    first_on: date
    start_time: time
    end_time: time
    skip_public_holidays: bool
    skip_school_holidays: bool


@dataclass
class Schedule:
    """The result of converting answers: as much as they define, and the problems found."""

    rule: Rule | None = None
    first_on: date | None = None
    plan: Preview | None = None  # None: the schedule is unchanged or unknown
    problems: list[Problem] = field(default_factory=list)


def schedule_from(
    answers: Answers,
    *,
    existing: CurrentSchedule | None,
    now: datetime,
    region: str,
    holidays: Collection[str],
    is_rule_readable: bool = True,
) -> Schedule:
    """Return the schedule that `answers` define; if it is new or changed, with a preview of its dates.

    `holidays` are the public holidays of the town, `region` is its school region. Pass `is_rule_readable=False` if the
    form already has an error about the rule, to prevent a second one.
    """
    schedule = Schedule(first_on=answers.first_on)
    if problem := _times_problem(answers):
        schedule.problems.append(problem)
    if is_rule_readable and answers.rhythm:
        try:
            schedule.rule = rule_from(answers)
        except InvalidRule as refusal:
            schedule.problems.append(refusal.code)
    if schedule.rule is None or schedule.first_on is None:
        return schedule
    today = timezone.localdate(now)
    if existing is None or schedule.first_on != existing.first_on:
        if schedule.first_on < today:
            schedule.problems.append(Problem.FIRST_ON_PAST)
            return schedule
        schedule.first_on = _align_first_date(schedule.rule, schedule.first_on)
    if existing is not None and existing == _as_current(answers, schedule):
        return schedule
    schedule.plan = preview(
        schedule.rule,
        schedule.first_on,
        today=today,
        region=region,
        holidays=holidays if answers.skip_public_holidays else (),
        skip_school_holidays=answers.skip_school_holidays,
    )
    if schedule.plan.problem:
        schedule.problems.append(schedule.plan.problem)
    elif not schedule.problems and _has_started(schedule, answers, now):
        schedule.problems.append(Problem.START_PAST)
    return schedule


def rule_from(answers: Answers) -> Rule:
    """Return the rule that the answers define; raise InvalidRule if they define none."""
    if answers.rhythm == Rhythm.ONCE:
        return Rule.once()
    until = answers.until if answers.ending == Ending.UNTIL else None
    count = answers.count if answers.ending == Ending.COUNT else None
    if answers.ending == Ending.UNTIL and until is None:
        raise InvalidRule(Problem.NO_LAST_DATE)
    if answers.ending == Ending.COUNT and count is None:
        raise InvalidRule(Problem.COUNT)
    if answers.rhythm == Rhythm.MONTHLY:
        if len(answers.weekdays) != 1:
            raise InvalidRule(Problem.WEEKDAYS)
        return Rule.monthly(answers.nth or 0, answers.weekdays[0], 1, until, count)
    every = 1 if answers.rhythm == Rhythm.WEEKLY else 2 if answers.rhythm == Rhythm.BIWEEKLY else answers.every or 0
    return Rule.weekly(answers.weekdays, every, until, count)


def answers_from(rule: Rule, first_on: date) -> Mapping[str, Any]:
    """Return the answers that define `rule`: the inverse of `rule_from`."""
    answers: dict[str, Any] = {
        "weekdays": list(rule.weekdays),
        "nth": rule.nth,
        "until": rule.until,
        "count": rule.count,
    }
    match rule.frequency:
        case Frequency.ONCE:
            answers |= {"rhythm": Rhythm.ONCE, "weekdays": [first_on.weekday()]}
        case Frequency.MONTHLY:
            answers |= {"rhythm": Rhythm.MONTHLY}
        case Frequency.WEEKLY:
            simple = {1: Rhythm.WEEKLY, 2: Rhythm.BIWEEKLY}
            answers |= {"rhythm": simple.get(rule.interval, Rhythm.WEEKS), "every": rule.interval}
    answers["ending"] = Ending.UNTIL if rule.until else Ending.COUNT if rule.count else Ending.OPEN
    return answers


def _times_problem(answers: Answers) -> Problem | None:
    if answers.start_time is None or answers.end_time is None:
        return None
    try:
        check_times(answers.start_time, answers.end_time)
    except InvalidTimes as refusal:
        return refusal.code
    return None


def _align_first_date(rule: Rule, first_on: date) -> date:
    """Return the first date that fits: "every 2 weeks on Tuesday" from a Wednesday starts on the next Tuesday."""
    return first_date(replace(rule, interval=1, until=None), first_on) or first_on


def _as_current(answers: Answers, schedule: Schedule) -> CurrentSchedule | None:
    """Return the new schedule as a CurrentSchedule, to compare them; None when parts are missing."""
    if schedule.rule is None or schedule.first_on is None or answers.start_time is None or answers.end_time is None:
        return None
    return CurrentSchedule(
        schedule.rule,
        schedule.first_on,
        answers.start_time,
        answers.end_time,
        answers.skip_public_holidays,
        answers.skip_school_holidays,
    )


def _has_started(schedule: Schedule, answers: Answers, now: datetime) -> bool:
    """Whether its only date is the first one, and that has already started."""
    if schedule.plan is None or schedule.first_on is None or answers.start_time is None or answers.end_time is None:
        return False
    is_only_date = [day.on for day in schedule.plan.days if day.closed is None] == [schedule.first_on]
    return is_only_date and span(schedule.first_on, answers.start_time, answers.end_time)[0] <= now
