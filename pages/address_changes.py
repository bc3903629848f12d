"""Changes of e-mail address: notifying the old address, and undoing the change if the account was stolen."""

from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import devices, limits, security_log
from accounts.models import AddressChange, SecurityEvent, User
from meetups.models import CalendarKey
from notifications.channels.email import composer
from notifications.models import Message, Preference, Topic
from notifications.outbox import Letter, Recipient, post

TEMPLATE = "pedbasis.address_changed"
_signer = signing.Signer(salt="pedbasis.address_changes", sep=".")


class CannotUndo(Exception):
    """Raised when a change of address cannot be undone; the message is a sentence for the person."""


USED = _("This link was used already.")
TOO_OLD = _("This link is too old. It worked for 14 days.")
TAKEN = _("There is another account with this address by now, so we cannot put it back.")


def record(*, user: User, before: str, now: datetime) -> None:
    """Record that the address of `user` was `before`, move the mail preferences along, and notify the old address.

    Runs in the caller's transaction, so no address changes without a mail to the old one in the outbox.
    """
    Preference.objects.move(before, user.email)
    change = AddressChange.objects.create(
        user=user,
        old_email=before,
        new_email=user.email,
        changed_at=now,
    )
    notify_old_address(change, now=now)


def notify_old_address(change: AddressChange, *, now: datetime, is_asked: bool = False) -> None:
    """Mail the new address and an undo link to the old address; `is_asked`: in reply to a request for a code."""
    post(
        Letter(
            topic=Topic.ACCOUNT,
            template=TEMPLATE,
            object_id=change.pk,
            # In the language of the account, not of the request, which may be someone else's.
            to=Recipient(change.user_id, change.old_email, change.user.language),
            dedupe_key=f"address_changed:{change.pk}:{now.isoformat()}",
            due_at=now,
            facts={"is_asked": is_asked},
        )
    )


@composer(TEMPLATE)
def address_changed(message: Message) -> EmailMessage | None:
    """The mail to the old address; none when the change was already undone. The link is not stored."""
    change = AddressChange.objects.filter(pk=message.object_id).first()
    if change is None or change.undone_at:
        return None
    words = {
        "from_email": change.old_email,
        "to_email": change.new_email,
        "timestamp": change.changed_at,
        "undo_url": link(change),
        "is_asked": message.context["is_asked"],
        "site_url": settings.SITE_URL,
    }
    mail: EmailMessage = get_adapter().render_mail("account/email/email_changed", change.old_email, words)
    return mail


def latest_of(email: str, now: datetime) -> AddressChange | None:
    """Return the last change away from this address that can still be undone."""
    changes = AddressChange.objects.filter(
        old_email=email, undone_at=None, changed_at__gt=now - AddressChange.UNDO_WITHIN
    )
    return changes.select_related("user").order_by("-changed_at", "-pk").first()


def link(change: AddressChange) -> str:
    """Return the absolute URL of the page that undoes `change`; it contains no email address.

    It contains the time of the change, so an expired link can be recognised after the change itself is deleted.
    """
    token = _signer.sign(f"{change.pk}.{int(change.changed_at.timestamp())}")
    return settings.SITE_URL + reverse("undo_address_change", args=[token])


def find(token: str) -> AddressChange | None:
    """Return the change of this token; None when the signature is invalid or the change is deleted."""
    pk, _changed_at = _read(token)
    return AddressChange.objects.select_related("user").filter(pk=pk).first()


def is_too_old(token: str, now: datetime) -> bool:
    """Whether this token is genuine and has expired."""
    _pk, changed_at = _read(token)
    return changed_at is not None and now >= changed_at + AddressChange.UNDO_WITHIN


def _read(token: str) -> tuple[int, datetime | None]:
    """Return the pk (0 if invalid) and time of the change in a token; tokens of older versions have no time."""
    try:
        pk, _dot, instant = _signer.unsign(token).partition(".")
        return int(pk), datetime.fromtimestamp(int(instant), UTC) if instant else None
    except (signing.BadSignature, ValueError):
        return 0, None


@transaction.atomic
def undo(*, change: AddressChange, now: datetime) -> None:
    """Restore the old address, sign out everywhere, and remove every credential that a thief may have added or seen.

    A thief adds credentials before changing the address, not after. So only passkeys and authenticator apps from long
    before the change stay; the password, recovery codes and calendar key are always removed.
    Raises CannotUndo when it was already undone, is too old, or the address now belongs to someone else.
    """
    user = User.objects.select_for_update().get(pk=change.user_id)
    change = AddressChange.objects.get(pk=change.pk)
    if change.undone_at:
        raise CannotUndo(USED)
    if change.is_too_old(now):
        raise CannotUndo(TOO_OLD)
    # Checked first, because PostgreSQL logs the address when a unique constraint fails; that catches only races.
    if User.objects.filter(email=change.old_email).exclude(pk=user.pk).exists():
        raise CannotUndo(TAKEN)
    stolen = user.email
    user.set_unusable_password()
    user.email = change.old_email
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "password"])
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=change.old_email, verified=True, primary=True)
    except IntegrityError as error:
        raise CannotUndo(TAKEN) from error
    is_doubtful = Q(created_at__gte=change.doubtful_from) | Q(type=Authenticator.Type.RECOVERY_CODES)
    Authenticator.objects.filter(is_doubtful, user=user).delete()
    CalendarKey.objects.filter(user=user).delete()
    Preference.objects.move(stolen, change.old_email)
    devices.sign_out_everywhere(user)
    limits.discard_code(change.old_email, device="")  # an earlier request for a code sent only this link
    security_log.record(user, SecurityEvent.Kind.ADDRESS_RESTORED, now=now)
    # The links sent to addresses in between would restore those.
    user.address_changes.filter(changed_at__gte=change.changed_at).update(undone_at=now)
