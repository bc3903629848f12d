"""An idea with a town, a place and people, for tests of choosing a day, asking a place and beginning."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core import mail
from django.utils import timezone

from accounts.models import Role, User
from initiatives.models import Initiative, PlaceContact, PlaceRequest
from initiatives.planning import actions, answers
from locations.models import Location, Municipality
from moderation.demo_data import know
from notifications.delivery import send_due
from tests.factories import make_initiative, make_location, make_municipality, make_role, make_support, make_user

EMAIL = "balie@boerderij.example"


@dataclass
class Cavia:
    """The Cavia Café: an idea of Fatima with Joke, to which two people come."""

    town: Municipality
    place: Location
    fatima: User
    joke: User
    sam: User
    idea: Initiative

    def choose(self, **fields: Any) -> Any:
        """Choose every Wednesday afternoon at the petting farm, unless `fields` say otherwise."""
        return actions.choose(
            **{
                "initiative": self.idea,
                "by": self.fatima,
                "place": self.place,
                "capacity": None,
                "now": timezone.now(),
                **schedule(),
                **fields,
            }
        )

    def ask(self, **fields: Any) -> PlaceRequest:
        question = {"adults": 4, "children": 6, "expected": "Een tafel en water.", "now": timezone.now()}
        return actions.ask_place(**{"initiative": self.idea, "by": self.fatima, **question, **fields})

    def agree(self, request: PlaceRequest, **fields: Any) -> PlaceRequest:
        """Say yes for eleven dates."""
        return answers.agree(**{"request": request, "until": next_wednesday(12), "now": timezone.now(), **fields})

    def make_ready(self, **fields: Any) -> PlaceRequest:
        """Choose, ask and agree; nothing waits in the outbox after that."""
        self.choose(**fields)
        request = self.agree(self.ask())
        send_due(now=timezone.now() + timedelta(hours=1))
        mail.outbox.clear()
        self.idea.refresh_from_db()
        return request

    def steps(self) -> list[str]:
        """The steps in the history, oldest first."""
        return list(self.idea.history.order_by("at", "pk").values_list("step", flat=True))

    def stage(self) -> str:
        self.idea.refresh_from_db()
        return self.idea.stage


def make_cavia(**fields: Any) -> Cavia:
    """Create the idea; its proposer is known, so that nothing waits for a look."""
    town = make_municipality(
        contact_name="Sanne", contact_email="sanne@gemeente.example", holidays=[], school_region="Noord"
    )
    place = make_location(town, name="Kinderboerderij De Buitenmannen", kind="petting_farm")
    PlaceContact.objects.create(location=place, email=EMAIL, name="Balie")
    fatima, joke, sam = make_user("Fatima"), make_user("Joke"), make_user("Sam")
    make_role(Role.Kind.COORDINATOR, town, make_user("Sanne"))
    know([fatima, joke], now=timezone.now())
    idea = make_initiative(fatima, **{"municipality": town, "stage": "gathering", "title": "Cavia Café", **fields})
    idea.initiators.create(user=joke, part="co_initiator")
    make_support(idea, sam, adults=1, children=2)
    make_support(idea, guest_name="Mees", guest_email="mees@guest.example", adults=2)
    return Cavia(town, place, fatima, joke, sam, idea)


def next_wednesday(weeks: int = 2) -> Any:
    today = timezone.localdate()
    return today + timedelta(days=(2 - today.weekday()) % 7 + 7 * weeks)


def schedule(**fields: Any) -> dict[str, Any]:
    return {
        "rrule": "FREQ=WEEKLY;BYDAY=WE",
        "first_on": next_wednesday(),
        "start_time": time(14),
        "end_time": time(16),
        "skip_public_holidays": True,
        "skip_school_holidays": False,
        **fields,
    }


def sent(now: datetime | None = None) -> list[tuple[str, str]]:
    """Send what is due within the hour, and return (to, subject) of all mails since the last time, in order."""
    send_due(now=now or timezone.now() + timedelta(hours=1))
    mails = sorted((message.to[0], message.subject) for message in mail.outbox)
    mail.outbox.clear()
    return mails


def links_in(text: str) -> list[str]:
    """Return the paths of the links in a mail."""
    return [link.split("testserver", 1)[-1] for link in re.findall(r"https?://\S+", text)]
