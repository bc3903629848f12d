"""The actions of `meetups.actions.attending`, at this very moment."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils import timezone

from meetups.actions import attending
from meetups.actions.attending import Party, lock

__all__ = ["Party", "ask_as_guest", "come_back", "confirm_guest", "join", "lock", "promote_waiting", "withdraw"]


def _now(action: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(action)
    def act(*args: Any, **fields: Any) -> Any:
        return action(*args, **({"now": timezone.now()} | fields))

    return act


join = _now(attending.join)
ask_as_guest = _now(attending.ask_as_guest)
confirm_guest = _now(attending.confirm_guest)
come_back = _now(attending.come_back)
withdraw = _now(attending.withdraw)
promote_waiting = _now(attending.promote_waiting)
