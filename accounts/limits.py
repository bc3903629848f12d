"""Limits that slow down who asks, and never shut out whom it is about (docs/decisions/0012).

A mailbox has one sign-in code at a time, whoever asks for it: the newest mail in it always opens the door, and
strangers who keep asking fill nobody's mailbox. A device on which this person signed in before has a code and a count
of its own, which no stranger can use up. All of it is kept in Valkey for an hour; without Valkey nobody counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SHARED_SECONDS = 9 * 60  # so long a code is shared; who asks at the end of it still has a minute to type it
AGAIN_AFTER_SECONDS = 60
YOUNG_SECONDS = 5 * 60  # an older code is not mailed again but replaced
CODES_AN_HOUR = 8  # from here on only what cannot be missed is mailed: the first mail of a new code
TRIES_A_CODE = 50  # wrong codes from one network, for one code; a session has five tries of its own
OTHER_MAILS_AN_HOUR = 5  # of one kind (a new password, a new address) to one mailbox
KNOWN_SECONDS = 365 * 24 * 3600
KNOWN_PEOPLE = 5  # on one device
SALT = "accounts.known"


@dataclass(frozen=True)
class Code:
    """A code for a mailbox: when it was made (seconds since 1970), and whether it still has to be mailed."""

    code: str
    made_at: float
    is_to_mail: bool


def code_for(email: str, *, device: str, make: Callable[[], str], again: bool = False) -> Code:
    """Return the code with which whoever reads this mailbox comes in; `again`: they ask to have it mailed once more.

    `device` is what `known_device` says; without one, all who ask share the code.
    """
    box = _mark(f"{email} {device}")
    now, fresh = time.time(), make()
    new: dict[str, Any] = {"code": fresh, "made_at": now, "mailed_at": now}
    is_first = cache.add(f"code:{box}", new, timeout=SHARED_SECONDS)
    known: dict[str, Any] = new if is_first else cache.get(f"code:{box}") or new
    if known is not new and now - known["made_at"] < SHARED_SECONDS:
        is_due = again and now - known["mailed_at"] >= AGAIN_AFTER_SECONDS
        if not is_due or _count(f"codes:{box}") > CODES_AN_HOUR:
            return Code(known["code"], known["made_at"], is_to_mail=False)
        known = known | {"mailed_at": now} if now - known["made_at"] < YOUNG_SECONDS else new
    else:
        known = new
        _count(f"codes:{box}")
    cache.set(f"code:{box}", known, timeout=SHARED_SECONDS - int(now - known["made_at"]))
    return Code(known["code"], known["made_at"], is_to_mail=True)


def retire(email: str, *, device: str) -> None:
    """Forget the code with which someone just came in: it opens the door once."""
    cache.delete(f"code:{_mark(f'{email} {device}')}")


def may_try(request: HttpRequest, email: str, code: str) -> bool:
    """May this network type one more code for this mailbox? Not after very many wrong ones for the same code."""
    return int(cache.get(_tries(request, email, code)) or 0) < TRIES_A_CODE


def note_wrong_code(request: HttpRequest, email: str, code: str) -> None:
    key = _tries(request, email, code)
    cache.set(key, int(cache.get(key) or 0) + 1, timeout=3600)


def may_mail(kind: str, email: str) -> bool:
    """May one more mail of this kind go to this mailbox in this hour, whoever asks for it?"""
    return _count(f"mails:{_mark(f'{kind} {email}')}") <= OTHER_MAILS_AN_HOUR


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


def network_of(request: HttpRequest) -> str:
    """The network someone comes from: neighbours share it (a /24, or a /48 in IPv6)."""
    address = ip_address(get_adapter().get_client_ip(request))
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        known = signing.loads(request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=SALT, max_age=KNOWN_SECONDS)
    except signing.BadSignature:
        known = {"device": "", "people": []}
    return dict(known)


def _tries(request: HttpRequest, email: str, code: str) -> str:
    return f"tries:{_mark(f'{email} {code} {network_of(request)}')}"


def _count(key: str) -> int:
    """Count one more, and return how many there were in this hour of the clock; 0 when nobody counts."""
    key = f"{key}:{int(time.time() // 3600)}"
    cache.add(key, 0, timeout=3600)
    try:
        return int(cache.incr(key) or 0)
    except ValueError:  # the key ran out just now, or Valkey is away
        return 0


def _mark(words: str) -> str:
    return salted_hmac("accounts.limits", words, algorithm="sha256").hexdigest()[:32]
