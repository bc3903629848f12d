"""Rate limits that slow down the requester and never lock out the owner of the account (docs/decisions/0012).

A mailbox has one sign-in code at a time, shared by everyone who requests it: the code in the newest mail always works,
and repeated requests by strangers do not fill the mailbox. A device on which the user signed in before has its own code
and counters, which no stranger can use up. Everything is kept in Valkey for at most a day; without Valkey there are no
limits.
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

SHARED_SECONDS = 9 * 60  # how long a code is shared; a last-second requester still has a minute to type it
RESEND_AFTER_SECONDS = 60
REPLACE_AFTER_SECONDS = 5 * 60  # an older code is replaced instead of mailed again
CODES_PER_HOUR = 4  # above this, only the first mail of a new code is sent
TRIES_PER_DAY = 50  # at the code of one mailbox, by everyone; above this its codes have LONG_CODE digits for the day
LONG_CODE = 12
OTHER_MAILS_PER_HOUR = 5  # to one mailbox, per kind (new password, new address, a guest's sign-up)
MAIL_REQUESTS_PER_MINUTE = 20  # requests for a mail, per requester
PASSWORDS_PER_MINUTE = 30  # per requester, over all accounts: many parents share the network of a library
PASSWORDS_PER_TEN_MINUTES = 10  # per requester and account
APP_CODES_PER_FIVE_MINUTES = 5  # per requester and account
APP_CODES_PER_DAY = 50  # per account, for all unknown devices together and for each known device
REPORTS_PER_TEN_MINUTES = 100  # per requester: a whole morning in a library must not feel it
PHOTOS_PER_HOUR = 60  # per account: more than anyone takes who tries until it is right
HOUR, DAY = 3600, 24 * 3600
KNOWN_DEVICE_SECONDS = 365 * DAY
MAX_KNOWN_PEOPLE = 5  # per device
SALT = "accounts.known"


@dataclass(frozen=True)
class Code:
    """A code for a mailbox: when it was made (Unix time), and whether it still has to be mailed."""

    code: str
    made_at: float
    must_be_mailed: bool

    @property
    def seconds_left(self) -> float:
        """How much longer the code is valid."""
        return self.made_at + settings.CODES_LIVE - time.time()


def code_for(email: str, *, device: str, make: Callable[[bool], str], is_resend: bool = False) -> Code:
    """Return the sign-in code of this mailbox, a new one if needed; `is_resend` asks to mail it again.

    `device` is the result of `known_device`; all unknown devices share one code. `make(is_long)` generates a code, with
    LONG_CODE digits if someone is guessing the code of this mailbox.
    """
    mailbox = keyed_hash(f"{email} {device}")
    now = time.time()
    new: dict[str, Any] = {"code": make(_is_under_attack(mailbox)), "made_at": now, "mailed_at": now}
    is_first = cache.add(f"code:{mailbox}", new, timeout=SHARED_SECONDS)
    current: dict[str, Any] = new if is_first else cache.get(f"code:{mailbox}") or new
    if current is not new and now - current["made_at"] < SHARED_SECONDS:
        is_due = is_resend and now - current["mailed_at"] >= RESEND_AFTER_SECONDS
        if not is_due or count(f"codes:{mailbox}", HOUR) > CODES_PER_HOUR:
            return Code(current["code"], current["made_at"], must_be_mailed=False)
        current = current | {"mailed_at": now} if now - current["made_at"] < REPLACE_AFTER_SECONDS else new
    else:
        current = new
        count(f"codes:{mailbox}", HOUR)
    cache.set(f"code:{mailbox}", current, timeout=SHARED_SECONDS - int(now - current["made_at"]))
    return Code(current["code"], current["made_at"], must_be_mailed=True)


def discard_code(email: str, *, device: str) -> None:
    """Discard the code of this mailbox: it was used, or could not be put in the outbox."""
    cache.delete(f"code:{keyed_hash(f'{email} {device}')}")


def valid_codes(email: str, *, device: str, own: str) -> list[str]:
    """Count a try at the code of this mailbox, and return the valid codes: `own` and the one in the newest mail.

    `own` is the code in the session of this browser. The try is counted before codes are compared, so that concurrent
    tries are all counted and the result does not depend on what was typed. After too many tries short codes are no
    longer valid: the list may be empty, and the next request gets a long code, for which no limit is needed.
    """
    mailbox = keyed_hash(f"{email} {device}")
    count(f"tries:{mailbox}", DAY)
    newest = (cache.get(f"code:{mailbox}") or {}).get("code", own)
    if not _is_under_attack(mailbox):
        return list(dict.fromkeys([own, newest]))
    if not _is_long(newest):
        cache.delete(f"code:{mailbox}")
    return [code for code in dict.fromkeys([own, newest]) if _is_long(code)]


def may_mail(kind: str, email: str) -> bool:
    """Count a mail of this kind to this mailbox, and return whether it may be sent."""
    return count(f"mails:{keyed_hash(f'{kind} {email}')}", HOUR) <= OTHER_MAILS_PER_HOUR


def may_request_mail(request: HttpRequest, user: Any) -> bool:
    """Count a request for a mail, and return whether it is allowed; `user` is None for an unknown address."""
    return count(f"asks:{_requester_key(request, user)}", 60) <= MAIL_REQUESTS_PER_MINUTE


def may_report(request: HttpRequest, user: Any) -> bool:
    """Count something reported, and return whether it is allowed; `user` is None for someone not signed in."""
    return count(f"reports:{_requester_key(request, user)}", 600) <= REPORTS_PER_TEN_MINUTES


def sender_hash(request: HttpRequest, user: Any) -> str:
    """Return a hash that is the same for everything this account, or this connection (a /64 in IPv6), sends in."""
    return keyed_hash(f"sender {user.pk}" if user is not None else f"sender {get_ip(request)}")


def may_try_password(request: HttpRequest, user: Any, email: str) -> bool:
    """Count a password tried on the account with this address, and return whether it is allowed."""
    requester = _requester_key(request, user)
    all_tries = count(f"passwords:{requester}", 60)
    return (
        count(f"passwords:{keyed_hash(f'{email} {requester}')}", 600) <= PASSWORDS_PER_TEN_MINUTES
        and all_tries <= PASSWORDS_PER_MINUTE
    )


def count_from_connection(request: HttpRequest, what: str, seconds: int) -> int:
    """Count that `what` was done from this connection; return how often that was in this window of `seconds`."""
    return count(f"{what}:{_requester_key(request, None)}", seconds)


def may_give_photo(user: Any) -> bool:
    """Count a photo that `user` sends, and return whether it is accepted."""
    return count(f"photos:{keyed_hash(str(user.pk))}", HOUR) <= PHOTOS_PER_HOUR


def app_code_wait(request: HttpRequest, user: Any) -> int:
    """Count a try at the app code of `user`, and return how many seconds (at most) the requester must wait; 0 for none.

    An attacker needs the mailbox or the password first. As they may use many networks, unknown devices share one
    daily limit.
    """
    if count(f"app-codes:{keyed_hash(f'{user.pk} {_requester_key(request, user)}')}", 300) > APP_CODES_PER_FIVE_MINUTES:
        return 300
    device = known_device(request, user)
    return DAY if count(f"app-codes:{keyed_hash(f'{user.pk} {device}')}", DAY) > APP_CODES_PER_DAY else 0


def known_device(request: HttpRequest, user: Any) -> str:
    """Return the identifier of this device if `user` signed in on it before, else an empty string."""
    cookie = _read_cookie(request)
    return cookie["device"] if user is not None and user.pk in cookie["people"] else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Set the cookie that marks this device as known for `user`."""
    cookie = _read_cookie(request)
    people = [user.pk, *(pk for pk in cookie["people"] if pk != user.pk)][:MAX_KNOWN_PEOPLE]
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps({"device": cookie["device"] or uuid4().hex, "people": people}, salt=SALT),
        max_age=KNOWN_DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_cookie(request: HttpRequest) -> dict[str, Any]:
    try:
        cookie = signing.loads(
            request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=SALT, max_age=KNOWN_DEVICE_SECONDS
        )
    except signing.BadSignature:
        cookie = {"device": "", "people": []}
    return dict(cookie)


def _requester_key(request: HttpRequest, user: Any) -> str:
    """Return the key to count a requester by: a known device of `user`, or else the IP address (a /64 in IPv6)."""
    device = known_device(request, user)
    return keyed_hash(f"{device} {user.pk}" if device else get_ip(request))


def _is_under_attack(mailbox: str) -> bool:
    return int(cache.get(_window_key(f"tries:{mailbox}", DAY)) or 0) > TRIES_PER_DAY


def _is_long(code: str) -> bool:
    return len(code.replace("-", "")) >= LONG_CODE


def count(key: str, seconds: int) -> int:
    """Increment and return the counter of the current time window of `seconds`; return 0 if Valkey is unavailable."""
    key = _window_key(key, seconds)
    cache.add(key, 0, timeout=seconds)
    try:
        return int(cache.incr(key) or 0)
    except ValueError:  # the key has just expired, or Valkey is unavailable
        return 0


def _window_key(key: str, seconds: int) -> str:
    return f"{key}:{int(time.time() // seconds)}"


def keyed_hash(text: str) -> str:
    return salted_hmac("accounts.limits", text, algorithm="sha256").hexdigest()[:32]
