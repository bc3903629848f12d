"""An idea that nobody touches, with people around it, and a clock that tests move."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.core import mail
from django.utils import timezone

from accounts.models import User
from initiatives.dormancy import clock
from initiatives.models import Dormancy, Initiative, Support
from meetups.clock import localise
from notifications.delivery import send_due
from notifications.models import Message
from tests.factories import make_initiative, make_municipality, make_support, make_user

BEGAN_ON = date(2024, 9, 16)  # a Monday, long enough ago that all that follows is in the past
ASKED_ON = date(2024, 11, 20)  # eight weeks later, and the nine days of the autumn break
OFFERED_ON = date(2024, 12, 4)
PAUSED_ON = date(2025, 1, 17)  # four weeks later, and the sixteen days of Christmas
TURNS = (ASKED_ON, OFFERED_ON, PAUSED_ON)


@dataclass
class Quiet:
    """The Cavia Café of Fatima and Joke, to which Sam comes, and a guest; nothing has happened since `BEGAN_ON`."""

    idea: Initiative
    fatima: User
    joke: User
    sam: User
    sams: Support
    guest: Support
    now: datetime = field(default_factory=lambda: at(BEGAN_ON))

    def pass_until(self, on: date, *, daily: bool = False) -> list[tuple[str, str]]:
        """Let the days pass up to `on`, and return (first name, template) of each mail.

        The clock runs on days on which something may happen; with `daily` on each, as it does in real life.
        """
        told = []
        while self.now.date() < on:
            self.now += timedelta(days=1)
            today = self.now.date()
            if daily or today in (*TURNS, on, on - timedelta(days=1)) or today.weekday() == 2:
                clock.attend_all(now=self.now)
                told += self.send()
        return told

    def send(self) -> list[tuple[str, str]]:
        """Send what is due; return (first name, template) of each mail."""
        waiting = Message.objects.unsent()
        waiting.filter(due_at__gt=timezone.now() - timedelta(hours=1)).update(due_at=self.now)  # what is due at once
        if not waiting.filter(due_at__lte=self.now).exists():
            return []
        before = set(Message.objects.filter(state="sent").values_list("pk", flat=True))
        send_due(now=self.now)
        assert not Message.objects.exclude(last_error="").exists()
        new = Message.objects.filter(state="sent").exclude(pk__in=before)
        names = [(message.user.first_name if message.user else "guest", message.template) for message in new]
        new.update(sent_at=self.now)
        return sorted(names)

    def fresh(self) -> Initiative:
        self.idea.refresh_from_db()
        return self.idea

    def row(self) -> Dormancy | None:
        return Dormancy.objects.filter(initiative=self.idea).first()

    def steps(self) -> list[str]:
        """The steps in the history after publishing, oldest first."""
        return list(self.idea.history.order_by("at", "pk").values_list("step", flat=True))[1:]


def at(on: date) -> datetime:
    """Return ten o'clock in the morning of this day."""
    return localise(on, time(10))


def make_quiet(**fields: object) -> Quiet:
    """Create the idea, with `BEGAN_ON` as the day of the last thing that happened."""
    town = make_municipality(school_region="Noord")
    fatima, joke, sam = make_user("Fatima"), make_user("Joke"), make_user("Sam")
    start = at(BEGAN_ON)
    fields = {"municipality": town, "stage": "gathering", "published_at": start, "active_at": start, **fields}
    idea = make_initiative(fatima, **fields)
    idea.initiators.create(user=joke, part="co_initiator", since=start)
    idea.initiators.update(since=start)
    sams = make_support(idea, sam, asked_at=start)
    guest = make_support(idea, guest_name="Mees", guest_email="mees@guest.example", asked_at=start)
    mail.outbox.clear()
    return Quiet(idea, fatima, joke, sam, sams, guest)
