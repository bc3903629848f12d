"""Notices about a sign-up: each function writes a letter to the outbox, in the caller's transaction.

`meetups.emails` composes the mails when they are sent, from the rows as they are then. Changes to the dates themselves
are announced by `meetups.news`.
"""

from __future__ import annotations

from datetime import datetime

from meetups.models import Attendance
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post


def guest_confirm(attendance: Attendance) -> None:
    """Ask a guest to confirm their e-mail address by opening a link."""
    post(*_letter(Topic.CONFIRMATION, "guest_confirm", attendance, _stamp(attendance.queued_at)))


def resend_confirmation(attendance: Attendance, *, now: datetime) -> None:
    """Send the confirmation again to someone who signed up a second time; at most once an hour."""
    name = "joined" if attendance.is_going else "waiting"
    post(*_letter(Topic.CONFIRMATION, name, attendance, f"{now:%Y%m%d%H}"))


def joined(attendance: Attendance) -> None:
    """Confirm a sign-up, with the date for the calendar."""
    post(*_letter(Topic.CONFIRMATION, "joined", attendance, _stamp(attendance.queued_at)))


def waiting(attendance: Attendance) -> None:
    """Confirm a place on the waiting list."""
    post(*_letter(Topic.CONFIRMATION, "waiting", attendance, _stamp(attendance.queued_at)))


def promoted(attendance: Attendance) -> None:
    """Notify someone on the waiting list that they got a seat."""
    if attendance.email:
        post(promotion_letter(attendance))


def promotion_letter(attendance: Attendance) -> Letter:
    """Return the letter that `promoted` posts; requires an e-mail address."""
    return _letter(Topic.CONFIRMATION, "promoted", attendance, _stamp(attendance.queued_at))[0]


def withdrawn(attendance: Attendance) -> None:
    """Confirm a withdrawal."""
    if attendance.withdrawn_at is None:
        raise ValueError("Only someone who has withdrawn gets this letter.")
    post(*_letter(Topic.CONFIRMATION, "withdrawn", attendance, _stamp(attendance.withdrawn_at)))


def _letter(topic: Topic, name: str, attendance: Attendance, part: str) -> list[Letter]:
    """Return a list with the letter, empty for someone without an address (added at the door)."""
    if not attendance.email:
        return []
    return [
        Letter(
            topic=topic,
            template=f"meetups.{name}",
            object_id=attendance.pk,
            to=recipient(attendance),
            dedupe_key=f"{name}:{attendance.pk}:{part}",
        )
    ]


def recipient(attendance: Attendance) -> Recipient:
    """Return the recipient for this sign-up: the user, or the address of a guest."""
    return Recipient(attendance.user_id, attendance.email, attendance.language)


def _stamp(instant: datetime) -> str:
    return f"{instant.timestamp():.6f}"
