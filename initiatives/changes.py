"""What people who take part hear about, when it changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from initiatives import notices
from initiatives.models import Initiative

# Someone said "I come" to these: a change is told, old and new.
PROMISED = ("what", "for_whom", "shape", "wished_place_id", "meeting_point", "moments")


def snapshot(initiative: Initiative) -> dict[str, Any]:
    """Return what people said "I come" to, as it is now."""
    return {name: getattr(initiative, name) for name in PROMISED}


def announce(initiative: Initiative, before: dict[str, Any], *, now: datetime) -> None:
    """Tell everyone who takes part what changed since `before`, a snapshot; in the caller's transaction."""
    after = snapshot(initiative)
    if changed := {name: value for name, value in before.items() if value != after[name]}:
        notices.changed(initiative, changed, now=now)
