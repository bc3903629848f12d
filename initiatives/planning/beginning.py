"""Beginning: an initiative becomes a meetup, and everyone who takes part is invited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import Truncator

from accounts.models import Role, User
from initiatives import history, plan_notices, plans
from initiatives.models import Initiative, Plan, Support
from initiatives.permissions import parts_of, started
from initiatives.planning.actions import check_day
from initiatives.refusals import CannotDo, Refusal
from initiatives.stages import Step
from locations.models import Municipality
from locations.visibility import Visibility
from meetups.attending.actions import signing_up
from meetups.attending.actions.signing_up import Party
from meetups.clock import local_date
from meetups.managing.actions.planning import create_meetup
from meetups.models import Attendance, Meetup, Occurrence
from meetups.wording import names
from page_cache import versions

SUMMARY_LENGTH = 200


@transaction.atomic
def begin(*, initiative: Initiative, by: User, now: datetime) -> Meetup:
    """Make the meetup with its first dates; those who started the initiative become its hosts, in that role too.

    Idempotent: once it runs, the meetup that exists is returned. Who takes part is invited, as soon as everyone may see
    the meetup: its texts may wait for a look. Raises CannotDo with NOT_YOURS, NOT_PUBLIC, NO_DAY, DAY_PASSED, NO_PLACE,
    PLACE_NOT_AGREED, NOT_IN_THIS_STAGE or SAME_MEETUP, or moderation's CannotDo(TOO_MANY_WAIT).
    """
    initiative = history.lock(initiative.pk)
    if not started(by, initiative):
        raise CannotDo(Refusal.NOT_YOURS)
    if initiative.meetup is not None:
        return initiative.meetup
    plan = _check(initiative, now)
    if plan.place is None:
        raise CannotDo(Refusal.NO_PLACE)
    history.take_step(initiative, Step.BEGAN, parts=parts_of(by, initiative), by=by, now=now)
    hosts = User.objects.filter(pk__in=initiative.initiators.values("user"), is_active=True)
    make_hosts(hosts, initiative.municipality)
    meetup = create_meetup(by=by, location=plan.place, hosts=hosts, now=now, **_fields(initiative, plan))
    if Initiative.objects.filter(meetup=meetup).exists():  # another idea of the same person with the same plan
        raise CannotDo(Refusal.SAME_MEETUP)
    initiative.meetup = meetup
    initiative.save(update_fields=["meetup", "stage", "active_at"])
    request = plans.request_of(initiative)
    if request is not None and request.is_agreed:
        plan_notices.told(request, "began", now=now)
    _invite(initiative, now)
    versions.invalidate_pages(*initiative.town_ids())
    return meetup


def _check(initiative: Initiative, now: datetime) -> Plan:
    if initiative.is_ended:
        raise CannotDo(Refusal.ENDED)
    if not initiative.is_public:
        raise CannotDo(Refusal.NOT_PUBLIC)
    plan = check_day(initiative, now=now)
    if plans.needs_consent(initiative, plan):
        request = plans.request_of(initiative)
        if plan.place is None:
            raise CannotDo(Refusal.NO_PLACE)
        first = plans.first_span(plan, initiative.municipality, now=now)
        until = request.agreed_until if request is not None and request.is_agreed else None
        if until is None or first is None or local_date(first[0]) > until:
            raise CannotDo(Refusal.PLACE_NOT_AGREED)
    return plan


def make_hosts(people: Iterable[User], town: Municipality) -> None:
    """Give these people the role of host: whoever starts a meetup welcomes people at it."""
    for user in people:
        Role.objects.get_or_create(user=user, kind=Role.Kind.HOST, municipality=town)


def _fields(initiative: Initiative, plan: Plan) -> dict[str, Any]:
    """Return the fields of the meetup: the texts of the idea, and the plan."""
    what = " ".join(initiative.what.split())
    rest = [initiative.what] if len(what) > SUMMARY_LENGTH else []
    return {name: getattr(plan, name) for name in Plan.SCHEDULE} | {
        "title": initiative.title,
        "kind": initiative.themes[0] if initiative.themes else Meetup.Kind.OTHER,
        "summary": Truncator(what).chars(SUMMARY_LENGTH),
        "description": "\n\n".join([*rest, initiative.for_whom]),
        "age_bands": initiative.age_bands,
        "languages": initiative.languages or ["nl"],
        # Without a limit anyone can just come along.
        "mode": Meetup.Mode.WALK_IN if plan.capacity is None else Meetup.Mode.SIGN_UP,
        "capacity": plan.capacity,
    }


@transaction.atomic
def invite(*, pk: int, now: datetime) -> None:
    """Invite who takes part, if that was not done yet and everyone may see the meetup. Idempotent."""
    _invite(history.lock(pk), now)


def _invite(initiative: Initiative, now: datetime) -> None:
    meetup = initiative.meetup
    if initiative.invited_at is not None or meetup is None or not meetup.is_shown:
        return
    plan_notices.invite(initiative, now=now)
    initiative.invited_at = now
    initiative.save(update_fields=["invited_at"])


def invite_all(*, now: datetime) -> None:
    """Invite who takes part in initiatives whose meetup can be seen since a short while."""
    waiting = Initiative.objects.filter(invited_at=None, meetup__visibility=Visibility.SHOWN)
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        invite(pk=pk, now=now)


@transaction.atomic
def join(*, support: Support, on: date, party: Party, now: datetime) -> Attendance:
    """Sign everyone up who was invited with this commitment, for the date that they saw.

    A guest's address was confirmed before, so nothing has to be confirmed again. Raises CannotDo with NOT_TAKING_PART,
    NO_DATES or DATE_CHANGED, or the one of meetups.
    """
    people = invited_with(support)
    if not people:
        raise CannotDo(Refusal.NOT_TAKING_PART)
    occurrence = first_date(support.initiative, now=now)
    if occurrence is None:
        raise CannotDo(Refusal.NO_DATES)
    if occurrence.planned_for != on:
        raise CannotDo(Refusal.DATE_CHANGED)
    first = people[0]
    if first.user is not None:
        return signing_up.join(occurrence=occurrence, user=first.user, party=party, language=first.language, now=now)
    return signing_up.sign_up_confirmed_guest(
        occurrence=occurrence,
        first_name=name_of(people),
        email=first.guest_email,
        party=party,
        language=first.language,
        now=now,
    )


def first_date(initiative: Initiative, *, now: datetime) -> Occurrence | None:
    """Return the first date of its meetup that people can sign up for; None if there is none."""
    dates = Occurrence.objects.joinable(now).filter(meetup=initiative.meetup_id)
    return dates.select_related("meetup", "location__municipality").first() if initiative.meetup_id else None


def invited_with(support: Support) -> list[Support]:
    """Return the live "I come" of everyone with the address of this commitment, an account first."""
    return with_address_of(support, support.initiative.supports.coming().select_related("user"))


def with_address_of(support: Support, rows: Iterable[Support]) -> list[Support]:
    """Return the live "I come" among `rows` with the address of this commitment, an account first."""
    coming = [row for row in rows if row.is_live and row.kind == Support.Kind.COME]
    people = [row for row in coming if row.email.lower() == support.email.lower()]
    return sorted(people, key=lambda row: row.user_id is None)


def name_of(people: Iterable[Support]) -> str:
    """Return the first names of people with one address, "Mees en Noor"; only the first if that is too long."""
    all_names = list(dict.fromkeys(person.first_name for person in people))
    together = names(all_names)
    longest = Attendance._meta.get_field("guest_name").max_length or 0
    return together if len(together) <= longest else all_names[0]


def numbers_of(people: Iterable[Support], bands: list[str]) -> dict[str, int]:
    """Return the numbers to fill in for people with one address; children in the age of the idea if it has only one."""
    everyone = list(people)
    children = min(sum(person.children for person in everyone), Attendance.MAX_CHILDREN)
    column = {"0-3": "children_0_3", "13-18": "children_13_18"}.get(bands[0] if len(bands) == 1 else "")
    return {
        "adults": min(max(sum(person.adults for person in everyone), 1), Attendance.MAX_ADULTS),
        column or "children_4_12": children,
    }
