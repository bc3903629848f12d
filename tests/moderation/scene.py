"""A town with people who look after it, and something that was written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Role, User
from locations.models import Municipality
from meetups.models import Host, Meetup
from moderation.actions import deciding, reporting
from moderation.kinds import kinds
from moderation.models import Case, Decision, Reason, Report
from tests.factories import make_location, make_meetup, make_municipality, make_role, make_user

FINE, HIDE, UNDO = Decision.Outcome.FINE, Decision.Outcome.HIDE, Decision.Outcome.UNDO


@dataclass
class Scene:
    town: Municipality
    coordinator: User
    colleague: User
    host: User
    meetup: Meetup
    welcome: Host

    @property
    def case(self) -> Case:
        return Case.objects.get(kind="welcome", object_id=self.welcome.pk)


def make_scene() -> Scene:
    """Two coordinators, and a host with words of welcome."""
    town = make_municipality("Hengelo", slug="hengelo")
    coordinator = make_role(Role.Kind.COORDINATOR, town, make_user("Willem"))
    colleague = make_role(Role.Kind.COORDINATOR, town, make_user("Petra"))
    host = make_user("Marieke")
    meetup = make_meetup(make_location(town), hosts=(host,), created_by=host)
    welcome = meetup.hosts.get()
    welcome.welcome = "Kom binnen, de koffie staat klaar."
    welcome.save()
    return Scene(town, coordinator, colleague, host, meetup, welcome)


def report(thing: Any, kind: str, **fields: Any) -> Report:
    """Report a thing, as someone without an account."""
    return reporting.report(
        **{
            "token": uuid4(),
            "kind": kinds[kind],
            "object_id": thing.pk,
            "reason": Reason.UNKIND,
            "words": "",
            "user": None,
            "email": "",
            "language": "nl",
            "sender": uuid4().hex,
            "now": timezone.now(),
        }
        | fields
    )


def decide(
    case: Case, by: User, outcome: str, words: str = "Dit kan zo niet.", now: datetime | None = None
) -> Decision:
    """Decide about a case as it is now."""
    case.refresh_from_db()
    return deciding.decide(
        case_id=case.pk,
        by=fresh(by),
        outcome=outcome,
        words=words if outcome == HIDE else "",
        seen_revision=case.revision,
        now=now or timezone.now(),
    )


def undo(case: Case, by: User) -> Decision:
    """Undo the last decision about a case."""
    case.refresh_from_db()
    return deciding.undo(case_id=case.pk, by=fresh(by), seen_revision=case.revision, now=timezone.now())


def fresh(user: User) -> User:
    """Return a copy of the user without what was cached on the instance."""
    return User.objects.get(pk=user.pk)


def later(**ago: float) -> datetime:
    return timezone.now() + timedelta(**ago)
