"""The devices on which someone is signed in: what they are called, when they were last here, and signing them out."""

import re
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.backends import signed_in_user
from accounts.models import Device, User

SEEN = "device_seen"  # in the session: on which day it was noted last, and under which key

# The first that fits, so whoever calls itself by more than one name stands before the others.
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


def called(user_agent: str) -> tuple[str, str]:
    """Return the browser and the system in plain words; "" for what we do not know."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(names: dict[str, str], text: str) -> str:
    return next((name for pattern, name in names.items() if re.search(pattern, text)), "")


def note(request: HttpRequest, now: datetime) -> None:
    """Note that someone who is signed in was here today; once a day, so that other pages cost no query."""
    key = request.session.session_key
    today = timezone.localdate(now)
    seen = f"{today} {key}"
    if not key or request.session.get(SEEN) == seen:
        return
    browser, system = called(request.headers.get("User-Agent", ""))
    Device.objects.bulk_create(
        [Device(session_id=key, user=signed_in_user(request), browser=browser, system=system, last_seen_on=today)],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["user", "browser", "system", "last_seen_on"],
    )
    request.session[SEEN] = seen


def signed_in(user: User, now: datetime) -> list[Device]:
    """Where `user` is signed in at this moment, the latest first."""
    rows = Device.objects.filter(user=user, session__expire_date__gt=now).select_related("session")
    return [row for row in rows.order_by("-last_seen_on", "-pk") if _is_alive(row, user)]


def _is_alive(device: Device, user: User) -> bool:
    """Whether the session still opens the account: another password ended it, though its row is still there."""
    mark = device.session.get_decoded().get(HASH_SESSION_KEY, "")
    marks = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(mark, one) for one in marks)


def sign_out(device: Device) -> None:
    """End the session on one device; its row goes along."""
    Session.objects.filter(pk=device.session_id).delete()


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """End all sessions of `user`, those on devices that were never noted too."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    Session.objects.filter(device__user=user).delete()


@transaction.atomic
def sign_out_others(request: HttpRequest) -> None:
    """End all sessions of who is signed in but this one."""
    user = User.objects.get(pk=signed_in_user(request).pk)  # whose password may be a new one
    sign_out_everywhere(user)
    update_session_auth_hash(request, user)  # makes a new row for this session
