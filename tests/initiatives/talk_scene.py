"""An idea in a town with everyone who may or may not read its talk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from initiatives.models import Audience, Initiative, Initiator, Post, Question
from initiatives.talking import actions, asking
from locations.models import Municipality
from moderation.demo_data import know
from tests.factories import make_initiative, make_municipality, make_role, make_support, make_user

NETWORK, MUNICIPALITY = Audience.NETWORK, Audience.MUNICIPALITY


@dataclass
class Scene:
    town: Municipality
    idea: Initiative
    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError as error:
            raise AttributeError(name) from error


def make_scene(**fields: Any) -> Scene:
    """Everyone is known, so that texts do not wait; the newcomer, who takes part too, is not."""
    town, elsewhere = make_municipality("Hengelo"), make_municipality("Leiden")
    people = {
        "proposer": make_user("Dewi"),
        "co_initiator": make_user("Joost"),
        "supporter": make_user("Samira"),
        "newcomer": make_user("Noor"),
        "parent": make_user("Fatima"),
        "host": make_role(Role.Kind.HOST, town, make_user("Marieke")),
        "professional": make_role(
            Role.Kind.PROFESSIONAL, town, make_user("Petra"), label="leesconsulent", organisation="bibliotheek"
        ),
        "coordinator": make_role(Role.Kind.COORDINATOR, town, make_user("Sanne")),
        "officer": make_role(Role.Kind.POLICY_OFFICER, town, make_user("Henk"), organisation="gemeente Hengelo"),
        "officer_who_helps": make_role(Role.Kind.POLICY_OFFICER, town, make_user("Els")),
        "works_at_town_hall": make_role(
            Role.Kind.PROFESSIONAL, town, make_user("Koen"), organisation="Gemeente Hengelo"
        ),
        "officer_elsewhere": make_role(Role.Kind.POLICY_OFFICER, elsewhere, make_user("Anna")),
        "professional_elsewhere": make_role(Role.Kind.PROFESSIONAL, elsewhere, make_user("Bas")),
    }
    idea = make_initiative(people["proposer"], municipality=town, **fields)
    Initiator.objects.create(initiative=idea, user=people["co_initiator"], part=Initiator.As.CO_INITIATOR)
    for name in ("supporter", "newcomer", "officer_who_helps"):
        make_support(idea, people[name], kind="help", words="koffie zetten")
    know([user for name, user in people.items() if name != "newcomer"], now=timezone.now())
    return Scene(town, idea, people)


def say(scene: Scene, by: User, text: str = "Kom je ook?", audience: str = NETWORK, **fields: Any) -> Post:
    return actions.say(
        **{"initiative": scene.idea, "by": by, "text": text, "audience": audience, "now": timezone.now()} | fields
    )


def ask(
    scene: Scene, by: User | None = None, text: str = "Mag de schuur open?", now: datetime | None = None
) -> Question:
    return asking.ask(initiative=scene.idea, by=by or scene.supporter, text=text, now=now or timezone.now())


def days_ago(number: float) -> datetime:
    return timezone.now() - timedelta(days=number)
