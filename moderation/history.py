"""The history of a case: reports, decisions and answers in order of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moderation.kinds import kinds
from moderation.models import Case, Decision


@dataclass(frozen=True)
class Event:
    """Something that happened in a case; `seen` are the texts as they were then, by label, if they changed since."""

    at: datetime
    what: str  # report, decision or answer
    row: Any
    seen: dict[str, str] = field(default_factory=dict)


def history(case: Case) -> list[Event]:
    """Return all that happened, the oldest first. Three queries."""
    kind = kinds[case.kind]
    thing = kind.find(case.object_id)
    now = kind.read(thing) if thing is not None else {}

    def then(seen: dict[str, str]) -> dict[str, str]:
        return {kind.label(name): text for name, text in seen.items() if name in kind.texts and now.get(name) != text}

    events = [Event(row.created_at, "report", row, then(row.seen)) for row in case.reports.all()]
    decisions = case.decisions.select_related("decided_by")
    events += [Event(row.decided_at, "decision", row, then(row.seen)) for row in decisions]
    events += [Event(row.created_at, "answer", row) for row in case.answers.all()]
    return sorted(events, key=lambda event: (event.at, isinstance(event.row, Decision)))
