"""The addresses of dates that moved or went: who comes there is led on, so that links in mails and chats stay good."""

from __future__ import annotations

from meetups.models import FormerDate, Occurrence


def record_former_date(occurrence: Occurrence) -> None:
    """Note where a date is that is about to leave its address; in the transaction in which it does."""
    _note(occurrence, FormerDate(occurrence=occurrence))


def remove_date(occurrence: Occurrence) -> None:
    """Delete a date that nobody signed up for; its address leads to its meetup from now on."""
    _note(occurrence, FormerDate())
    occurrence.delete()


def _note(occurrence: Occurrence, former: FormerDate) -> None:
    former.meetup_id, former.planned_for = occurrence.meetup_id, occurrence.planned_for
    FormerDate.objects.bulk_create(
        [former], update_conflicts=True, unique_fields=["meetup", "planned_for"], update_fields=["occurrence"]
    )
