"""The actions of `meetups.attending.actions.signing_up`, with the current time as default for `now`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils import timezone

from meetups.attending.actions import signing_up, waiting_list
from meetups.attending.actions.signing_up import Party, lock

__all__ = [
    "Party",
    "confirm_guest",
    "join",
    "lock",
    "promote_waiting",
    "sign_up_as_guest",
    "undo_withdrawal",
    "withdraw",
]


def _now(action: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(action)
    def act(*args: Any, **fields: Any) -> Any:
        return action(*args, **({"now": timezone.now()} | fields))

    return act


join = _now(signing_up.join)
sign_up_as_guest = _now(signing_up.sign_up_as_guest)
confirm_guest = _now(signing_up.confirm_guest)
undo_withdrawal = _now(signing_up.undo_withdrawal)
withdraw = _now(signing_up.withdraw)
promote_waiting = _now(waiting_list.promote_waiting)
