"""Old URLs of moved and deleted dates: they redirect, so that links in mails and chats keep working."""

from __future__ import annotations

from meetups.models import FormerDate, Occurrence


def record_former_date(occurrence: Occurrence) -> None:
    """Record the URL of a date that is about to change; call in the same transaction."""
    _record(occurrence, FormerDate(occurrence=occurrence))


def remove_date(occurrence: Occurrence) -> None:
    """Delete a date that nobody signed up for; its URL redirects to its meetup from now on."""
    _record(occurrence, FormerDate())
    occurrence.delete()


def _record(occurrence: Occurrence, former: FormerDate) -> None:
    former.meetup_id, former.planned_for = occurrence.meetup_id, occurrence.planned_for
    FormerDate.objects.bulk_create(
        [former], update_conflicts=True, unique_fields=["meetup", "planned_for"], update_fields=["occurrence"]
    )
