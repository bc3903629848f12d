"""Demo data: something to look at for those who look after a town."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.demo_data import give_role
from accounts.models import Role, User
from locations.models import Municipality
from moderation import trust
from moderation.actions import reporting
from moderation.kinds import kinds
from moderation.levels import Level
from moderation.models import Concern, Reason, Trust
from moderation.worries.promise import next_deadline

WORRY = (
    "Mijn zoon speelt vaak met een jongetje uit onze straat. Hij is een jaar of vijf. De laatste weken is hij na school"
    " alleen buiten, ook als het al donker is. Hij vertelde dat hij zelf zijn eten maakt. Ik ken zijn ouders niet goed"
    " en wil niets verkeerds doen. Met wie kan ik hierover praten?"
)


def know(users: Iterable[User], *, now: datetime) -> None:
    """Count these people as known, so that their texts do not wait."""
    trust.record(user_ids={user.pk for user in users}, fact=Trust.Fact.TEXTS_FINE, now=now)


def report(kind: str, object_id: int, *, reason: Reason, words: str, number: int, now: datetime) -> None:
    """Report something, as someone without an account; `number` tells the reports of the demo apart."""
    reporting.report(
        token=UUID(int=number),
        kind=kinds[kind],
        object_id=object_id,
        reason=reason,
        words=words,
        user=None,
        email="",
        language="nl",
        sender="",
        now=now,
    )


def make_contacts(*, of_town: User, town: Municipality, of_country: User, now: datetime) -> None:
    """Make two people contacts for worries about a child, with one worry in the town that nobody has read yet.

    The one for the country also reads along there.
    """
    give_role(of_town, Role.Kind.SAFETY_CONTACT, town, label="aanspreekpunt voor zorgen om een kind")
    give_role(of_country, Role.Kind.SAFETY_CONTACT, None, label="aanspreekpunt voor heel Nederland")
    give_role(of_country, Role.Kind.WATCHER, None, label="leest mee voor heel Nederland")
    User.objects.filter(pk__in=[of_town.pk, of_country.pk]).update(last_seen_on=timezone.localdate(now))
    written_at = now - timedelta(hours=2)
    deadline = next_deadline(written_at, town.holidays)
    Concern.objects.create(
        municipality=town,
        words=WORRY,
        reply_to="Mail mij op buurvrouw@voorbeeld.example",
        fingerprint="demo",
        created_at=written_at,
        read_by=deadline,
        level=Level.TOWN,
        told_at=written_at,
        goes_up_at=deadline,
    )
