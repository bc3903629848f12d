"""Limits that slow down who asks, and never shut out whom it is about (docs/decisions/0012).

A mailbox has one sign-in code at a time, whoever asks for it: the newest mail in it always opens the door, and
strangers who keep asking fill nobody's mailbox. A device on which this person signed in before has a code and counts
of its own, which no stranger can use up. All of it is kept in Valkey for a day at most; without Valkey nobody counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SHARED_SECONDS = 9 * 60  # so long a code is shared; who asks at the end of it still has a minute to type it
AGAIN_AFTER_SECONDS = 60
YOUNG_SECONDS = 5 * 60  # an older code is not mailed again but replaced
CODES_AN_HOUR = 4  # from here on only what cannot be missed is mailed: the first mail of a new code
TRIES_A_DAY = 50  # of codes for one mailbox, by all who guess; then its codes are LONG_CODE digits long for a day
LONG_CODE = 12
OTHER_MAILS_AN_HOUR = 5  # of one kind (a new password, a new address, a guest's sign-up) to one mailbox
ASKS_A_MINUTE = 20  # for a mail, by one asker
PASSWORDS_A_MINUTE = 30  # by one asker, whoever they are tried on: a library has many parents
PASSWORDS_IN_TEN_MINUTES = 10  # by one asker, on one account
APP_CODES_IN_FIVE_MINUTES = 5  # by one asker, on one account
APP_CODES_A_DAY = 50  # on one account by all strangers together, and by each known device
HOUR, DAY = 3600, 24 * 3600
KNOWN_SECONDS = 365 * DAY
KNOWN_PEOPLE = 5  # on one device
SALT = "accounts.known"


@dataclass(frozen=True)
class Code:
    """A code for a mailbox: when it was made (seconds since 1970), and whether it still has to be mailed."""

    code: str
    made_at: float
    is_to_mail: bool

    @property
    def seconds_left(self) -> float:
        """How much longer it works."""
        return self.made_at + settings.CODES_LIVE - time.time()


def code_for(email: str, *, device: str, make: Callable[[bool], str], again: bool = False) -> Code:
    """Return the code with which whoever reads this mailbox comes in; `again`: they ask to have it mailed once more.

    `device` is what `known_device` says; without one, all who ask share the code. `make` is asked for a long code (of
    LONG_CODE digits) when this mailbox is guessed at.
    """
    box = mark(f"{email} {device}")
    now, fresh = time.time(), make(_is_guessed_at(box))
    new: dict[str, Any] = {"code": fresh, "made_at": now, "mailed_at": now}
    is_first = cache.add(f"code:{box}", new, timeout=SHARED_SECONDS)
    known: dict[str, Any] = new if is_first else cache.get(f"code:{box}") or new
    if known is not new and now - known["made_at"] < SHARED_SECONDS:
        is_due = again and now - known["mailed_at"] >= AGAIN_AFTER_SECONDS
        if not is_due or count(f"codes:{box}", HOUR) > CODES_AN_HOUR:
            return Code(known["code"], known["made_at"], is_to_mail=False)
        known = known | {"mailed_at": now} if now - known["made_at"] < YOUNG_SECONDS else new
    else:
        known = new
        count(f"codes:{box}", HOUR)
    cache.set(f"code:{box}", known, timeout=SHARED_SECONDS - int(now - known["made_at"]))
    return Code(known["code"], known["made_at"], is_to_mail=True)


def retire(email: str, *, device: str) -> None:
    """Forget the code of this mailbox: someone came in with it, or it got into no outbox."""
    cache.delete(f"code:{mark(f'{email} {device}')}")


def live_codes(email: str, *, device: str, own: str) -> list[str]:
    """Count a try at the code of this mailbox, and return the codes that open the door: `own` and the newest mailed.

    `own` is what this browser was told when it asked. It is counted before anything is compared, so that tries at the
    same moment are all counted and the answer says nothing of what was typed. Short codes end after many tries: then
    the list may be empty, and asking once more gets a long one, which nobody has to count.
    """
    box = mark(f"{email} {device}")
    count(f"tries:{box}", DAY)
    newest = (cache.get(f"code:{box}") or {}).get("code", own)
    if not _is_guessed_at(box):
        return list(dict.fromkeys([own, newest]))
    if not _is_long(newest):
        cache.delete(f"code:{box}")
    return [code for code in dict.fromkeys([own, newest]) if _is_long(code)]


def may_mail(kind: str, email: str) -> bool:
    """May one more mail of this kind go to this mailbox in this hour, whoever asks for it?"""
    return count(f"mails:{mark(f'{kind} {email}')}", HOUR) <= OTHER_MAILS_AN_HOUR


def may_ask(request: HttpRequest, user: Any) -> bool:
    """May this asker ask for one more mail now, about `user` or (None) about whom we do not know?"""
    return count(f"asks:{_asker(request, user)}", 60) <= ASKS_A_MINUTE


def may_try_password(request: HttpRequest, user: Any, email: str) -> bool:
    """May this asker try one more password now, on the account with this address?"""
    asker = _asker(request, user)
    all_tries = count(f"passwords:{asker}", 60)
    return (
        count(f"passwords:{mark(f'{email} {asker}')}", 600) <= PASSWORDS_IN_TEN_MINUTES
        and all_tries <= PASSWORDS_A_MINUTE
    )


def app_code_wait(request: HttpRequest, user: Any) -> int:
    """Count a try at the code of an app of `user`, and return for how many seconds at most this asker must wait first.

    Strangers may come from many networks, but must have the mailbox or the password, and share what there is in a day.
    """
    if count(f"app-codes:{mark(f'{user.pk} {_asker(request, user)}')}", 300) > APP_CODES_IN_FIVE_MINUTES:
        return 300
    device = known_device(request, user)
    return DAY if count(f"app-codes:{mark(f'{user.pk} {device}')}", DAY) > APP_CODES_A_DAY else 0


def known_device(request: HttpRequest, user: Any) -> str:
    """The name of the device, when this person signed in on it before; else nothing."""
    known = _read(request)
    return known["device"] if user is not None and user.pk in known["people"] else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Let the device of who just signed in be known, for their next time."""
    known = _read(request)
    people = [user.pk, *(pk for pk in known["people"] if pk != user.pk)][:KNOWN_PEOPLE]
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps({"device": known["device"] or uuid4().hex, "people": people}, salt=SALT),
        max_age=KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        known = signing.loads(request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=SALT, max_age=KNOWN_SECONDS)
    except signing.BadSignature:
        known = {"device": "", "people": []}
    return dict(known)


def _asker(request: HttpRequest, user: Any) -> str:
    """The one who asks: this person's own device, or else whoever shares the network address (a /64 in IPv6)."""
    device = known_device(request, user)
    return mark(f"{device} {user.pk}" if device else get_ip(request))


def _is_guessed_at(box: str) -> bool:
    return int(cache.get(_now(f"tries:{box}", DAY)) or 0) > TRIES_A_DAY


def _is_long(code: str) -> bool:
    return len(code.replace("-", "")) >= LONG_CODE


def count(key: str, seconds: int) -> int:
    """Count one more, and return how many there were in this hour (minute, day) of the clock; 0 when nobody counts."""
    key = _now(key, seconds)
    cache.add(key, 0, timeout=seconds)
    try:
        return int(cache.incr(key) or 0)
    except ValueError:  # the key ran out just now, or Valkey is away
        return 0


def _now(key: str, seconds: int) -> str:
    return f"{key}:{int(time.time() // seconds)}"


def mark(words: str) -> str:
    return salted_hmac("accounts.limits", words, algorithm="sha256").hexdigest()[:32]
