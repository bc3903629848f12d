"""Inactive accounts: warned after 23 months, erased after 24.

Administrators are never erased: without them nobody could manage the site.
"""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.retention import Rule
from notifications.channels.email import composer
from notifications.models import UNSENT, Message, Topic
from notifications.outbox import Letter, Recipient, post
from notifications.rendering import render_mail
from pages import privacy

WARNED_AFTER = relativedelta(months=23)
ERASED_AFTER = relativedelta(months=24)
TIME_TO_RETURN = timedelta(days=30)  # after the warning was sent
TEMPLATE = "pedbasis.inactive"


def to_warn(now: datetime) -> QuerySet[User]:
    """People inactive for 23 months who were not warned yet."""
    return _unused(now - WARNED_AFTER).filter(erase_on=None)


def to_erase(now: datetime) -> QuerySet[User]:
    """People inactive for 24 months who were warned at least 30 days ago."""
    recent_warnings = Message.objects.filter(template=TEMPLATE).filter(
        Q(state__in=UNSENT) | Q(sent_at__gt=now - TIME_TO_RETURN)
    )
    return (
        _unused(now - ERASED_AFTER)
        .filter(erase_on__lte=timezone.localdate(now))
        .exclude(pk__in=recent_warnings.filter(user__isnull=False).values("user"))
    )


def warn(*, now: datetime) -> None:
    """Warn people inactive for 23 months once, with the date of erasure; cancel it for those who came back."""
    unused = User.objects.inactive_since(now - WARNED_AFTER)
    User.objects.exclude(erase_on=None).exclude(pk__in=unused.values("pk")).update(erase_on=None)
    for pk in to_warn(now).order_by("pk").values_list("pk", flat=True):
        _warn(pk, now)


def erase(*, now: datetime) -> None:
    """Erase people inactive for 24 months despite the warning; raise the first failure after trying them all."""
    failures = []
    for pk in to_erase(now).order_by("pk").values_list("pk", flat=True):
        try:
            _erase(pk, now)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


def warn_and_erase(*, now: datetime) -> None:
    warn(now=now)
    erase(now=now)


@composer(TEMPLATE)
def inactive(message: Message) -> EmailMultiAlternatives | None:
    """The warning; none when the person came back, or the date of erasure changed."""
    user = message.user
    if user is None or user.erase_on is None or user.erase_on.isoformat() != message.context["erase_on"]:
        return None
    context = {
        "first_name": user.first_name,
        "day": formats.date_format(user.erase_on, "DATE_FORMAT"),
        "sign_in_url": settings.SITE_URL + reverse("account_request_login_code"),
        "site_url": settings.SITE_URL,
    }
    return render_mail("inactive", context, to=user.email)


def _unused(since: datetime) -> QuerySet[User]:
    return User.objects.inactive_since(since).filter(is_staff=False, is_superuser=False)


@transaction.atomic
def _warn(pk: int, now: datetime) -> None:
    user = to_warn(now).select_for_update(skip_locked=True).filter(pk=pk).first()
    if user is None:  # came back, or another worker has the lock
        return
    user.erase_on = _day_of_erasing(user, now)
    user.save(update_fields=["erase_on"])
    day = user.erase_on.isoformat()
    post(
        Letter(
            topic=Topic.ACCOUNT,
            template=TEMPLATE,
            object_id=user.pk,
            to=Recipient.of(user),
            dedupe_key=f"inactive:{user.pk}:{day}",
            due_at=now,
            facts={"erase_on": day},
        )
    )


@transaction.atomic
def _erase(pk: int, now: datetime) -> None:
    user = to_erase(now).select_for_update(skip_locked=True).filter(pk=pk).first()
    if user is not None:
        privacy.erase(user=user, now=now)


def _day_of_erasing(user: User, now: datetime) -> date:
    """Return 24 months after the last visit, and at least TIME_TO_RETURN plus a day, as a mail may be a day late."""
    days = [user.last_seen_on, timezone.localdate(user.date_joined)]
    days.append(timezone.localdate(user.last_login) if user.last_login else None)
    last = max(day for day in days if day)
    return max(last + ERASED_AFTER, timezone.localdate(now) + TIME_TO_RETURN + timedelta(days=1))


RULES = [
    Rule(
        name="inactive_accounts",
        what=_(
            "The day you were last here (updated about once a week), and the day we delete an account that nobody uses"
        ),
        why=_("So that we do not keep accounts that nobody uses"),
        seen_by=_("you"),
        until=_("24 months without a visit; you get an email a month before. Then we delete the account"),
        forget=warn_and_erase,
        is_atomic=False,
        overdue=to_erase,
    )
]
