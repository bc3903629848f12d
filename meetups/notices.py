"""What to tell people about their sign-up: each function writes a letter to the outbox, in the caller's transaction.

The mails themselves are made by `meetups.emails` at the moment they are sent, from the rows as they are then. What
becomes of the dates themselves is told by `meetups.news`.
"""

from __future__ import annotations

from datetime import datetime

from meetups.models import Attendance
from notifications.models import Topic
from notifications.outbox import Letter, Recipient, post


def guest_confirm(attendance: Attendance) -> None:
    """Ask a guest to open the link, so that we know the address is theirs."""
    post(*_letter(Topic.CONFIRMATION, "guest_confirm", attendance, _stamp(attendance.queued_at)))


def resend_confirmation(attendance: Attendance, now: datetime) -> None:
    """Send the confirmation once more to someone who signed up a second time; at most once an hour."""
    name = "joined" if attendance.is_going else "waiting"
    post(*_letter(Topic.CONFIRMATION, name, attendance, f"{now:%Y%m%d%H}"))


def joined(attendance: Attendance) -> None:
    """Confirm that someone comes, with the date for their calendar."""
    post(*_letter(Topic.CONFIRMATION, "joined", attendance, _stamp(attendance.queued_at)))


def waiting(attendance: Attendance) -> None:
    """Tell someone that they are on the waiting list."""
    post(*_letter(Topic.CONFIRMATION, "waiting", attendance, _stamp(attendance.queued_at)))


def promoted(attendance: Attendance) -> None:
    """Tell someone from the waiting list that there is a place for them."""
    if attendance.email:
        post(promotion_letter(attendance))


def promotion_letter(attendance: Attendance) -> Letter:
    """The letter that `promoted` posts; for someone with an address."""
    return _letter(Topic.CONFIRMATION, "promoted", attendance, _stamp(attendance.queued_at))[0]


def withdrawn(attendance: Attendance) -> None:
    """Confirm that someone no longer comes."""
    if attendance.withdrawn_at is None:
        raise ValueError("Only someone who has withdrawn gets this letter.")
    post(*_letter(Topic.CONFIRMATION, "withdrawn", attendance, _stamp(attendance.withdrawn_at)))


def _letter(topic: Topic, name: str, attendance: Attendance, part: str) -> list[Letter]:
    """Return the letter, or nothing for someone without an address (added at the door)."""
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
    """Who hears of this sign-up: the account, or the address of a guest."""
    return Recipient(attendance.user_id, attendance.email, attendance.language)


def _stamp(instant: datetime) -> str:
    return f"{instant.timestamp():.6f}"
