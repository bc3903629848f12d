"""The devices on which someone is signed in: their names, when they were last used, and signing them out."""

import re
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Device, User
from accounts.requests import SignedInRequest

SEEN_SESSION_KEY = "device_seen"  # value: the day of the last visit and the session key

# The first match wins: browsers that also claim to be another one come first.
BROWSERS = {
    r"Edg(e|A|iOS)?/": "Edge",
    r"OPR/|OPT/": "Opera",
    r"SamsungBrowser/": "Samsung Internet",
    r"Firefox/|FxiOS/": "Firefox",
    r"Chrome/|CriOS/": "Chrome",
    r"Safari/": "Safari",
}
SYSTEMS = {
    r"iPhone": "iPhone",
    r"iPad": "iPad",
    r"Android": "Android",
    r"CrOS": "ChromeOS",
    r"Windows": "Windows",
    r"Mac OS X|Macintosh": "Mac",
    r"Linux": "Linux",
}


def parse_user_agent(user_agent: str) -> tuple[str, str]:
    """Return the names of the browser and the operating system; "" for an unknown one."""
    return _first_match(BROWSERS, user_agent), _first_match(SYSTEMS, user_agent)


def _first_match(names: dict[str, str], text: str) -> str:
    return next((name for pattern, name in names.items() if re.search(pattern, text)), "")


def record_visit(request: SignedInRequest, *, now: datetime) -> None:
    """Record that this device was used today; once a day, so that other requests cost no query."""
    key = request.session.session_key
    today = timezone.localdate(now)
    seen = f"{today} {key}"
    if not key or request.session.get(SEEN_SESSION_KEY) == seen:
        return
    browser, system = parse_user_agent(request.headers.get("User-Agent", ""))
    Device.objects.bulk_create(
        [Device(session_id=key, user=request.user, browser=browser, system=system, last_seen_on=today)],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["user", "browser", "system", "last_seen_on"],
    )
    request.session[SEEN_SESSION_KEY] = seen


def signed_in(user: User, now: datetime) -> list[Device]:
    """Return the devices on which `user` is signed in now, most recent first."""
    rows = Device.objects.filter(user=user, session__expire_date__gt=now).select_related("session")
    return [row for row in rows.order_by("-last_seen_on", "-pk") if _is_valid(row, user)]


def _is_valid(device: Device, user: User) -> bool:
    """Whether the session is still valid: after a password change its row remains, but it no longer signs in."""
    session_hash = device.session.get_decoded().get(HASH_SESSION_KEY, "")
    valid_hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, valid_hash) for valid_hash in valid_hashes)


def sign_out(device: Device) -> None:
    """End the session on one device, which also deletes the Device row."""
    Session.objects.filter(pk=device.session_id).delete()


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """End all sessions of `user`, including those without a Device row."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    Session.objects.filter(device__user=user).delete()


@transaction.atomic
def sign_out_others(request: SignedInRequest) -> None:
    """End all sessions of the signed-in user except this one."""
    user = User.objects.get(pk=request.user.pk)  # reload: the password may just have changed
    sign_out_everywhere(user)
    update_session_auth_hash(request, user)  # creates a new row for this session
