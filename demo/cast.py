"""The people to sign in as in the demo: `demo_data` creates them, `/demo/` lists them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.demo_data import DOMAIN
from accounts.models import Role


@dataclass(frozen=True)
class Person:
    """A member of the cast; `kind` is None for a parent. The email address is derived from the key."""

    key: str
    first_name: str
    town: str  # slug of the municipality
    kind: Role.Kind | None
    what_they_do: str | Promise  # the description on the page
    language: str = "nl"
    organisation: str = ""
    label: str = ""  # for Role.label: what someone does, not a rank

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


CAST: tuple[Person, ...] = (
    Person(
        "fatima.hengelo",
        "Fatima",
        "hengelo",
        None,
        _("Comes to the coffee morning in the library almost every week, with her two-year-old son."),
    ),
    Person(
        "selam.hengelo",
        "Selam",
        "hengelo",
        None,
        _("Does not speak much Dutch yet, and uses the site in English."),
        language="en",
    ),
    Person(
        "daan.hengelo",
        "Daan",
        "hengelo",
        None,
        _("Has a three-month-old baby and has not been to a meetup yet. Everything is new to him."),
    ),
    Person(
        "marieke.hengelo",
        "Marieke",
        "hengelo",
        Role.Kind.HOST,
        _("First came as a visiting parent. Now she welcomes everyone at the coffee morning."),
        label="gastvrouw, ouder- en kindcafé",
    ),
    Person(
        "jolanda.brummen",
        "Jolanda",
        "brummen",
        Role.Kind.HOST,
        _("Opens the door of the Maakplaats, where anyone can just walk in."),
        label="gastvrouw, Maakplaats",
    ),
    Person(
        "ingrid.hengelo",
        "Ingrid",
        "hengelo",
        Role.Kind.PROFESSIONAL,
        _("Is a youth nurse and sits at the table in the library once a month."),
        organisation="GGD Twente",
        label="jeugdverpleegkundige, bibliotheek",
    ),
    Person(
        "robert.hengelo",
        "Robert",
        "hengelo",
        Role.Kind.POLICY_OFFICER,
        _("Wants to see whether parents in Hengelo find each other. He sees figures, never names."),
        organisation="Gemeente Hengelo",
        label="beleidsmedewerker jeugd",
    ),
    Person(
        "sanne.leiden",
        "Sanne",
        "leiden",
        Role.Kind.POLICY_OFFICER,
        _("Looks at the figures of Leiden, and only of Leiden."),
        organisation="Gemeente Leiden",
        label="beleidsmedewerker jeugd",
    ),
    Person(
        "willem.hengelo",
        "Willem",
        "hengelo",
        Role.Kind.COORDINATOR,
        _("Looks after the parent network of Hengelo: new meetups, changes, hosts."),
        label="coördinator oudernetwerk",
    ),
)
