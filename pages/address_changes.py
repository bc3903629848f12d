"""When someone's address changed: telling the old one, and undoing it for who was robbed. Sees all apps."""

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
    """Raised when a change of address cannot be undone; says why, in a sentence for the person."""


USED = _("This link was used already.")
TOO_OLD = _("This link is too old. It worked for 14 days.")
TAKEN = _("There is another account with this address by now, so we cannot put it back.")


def note(*, user: User, before: str, now: datetime) -> None:
    """Note that the address of `user` was `before`, let the wishes about mails go along, and tell the old address.

    Inside the caller's transaction: no address changes without a mail to the old one in the outbox.
    """
    Preference.objects.move(before, user.email)
    change = AddressChange.objects.create(
        user=user,
        old_email=before,
        new_email=user.email,
        changed_at=now,
    )
    tell(change, now=now)


def tell(change: AddressChange, *, now: datetime, is_asked: bool = False) -> None:
    """Mail the old address what it was changed into, and how to undo that; `is_asked`: someone asked it for a code."""
    post(
        Letter(
            topic=Topic.ACCOUNT,
            template=TEMPLATE,
            object_id=change.pk,
            # In the language of the account, not that of the page: whoever is there may be someone else.
            to=Recipient(change.user_id, change.old_email, change.user.language),
            dedupe_key=f"address_changed:{change.pk}:{now.isoformat()}",
            due_at=now,
            facts={"is_asked": is_asked},
        )
    )


@composer(TEMPLATE)
def address_changed(message: Message) -> EmailMessage | None:
    """The mail to the old address; none when the change was undone already. Its link is kept nowhere."""
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
    """Return the whole address of the page that undoes `change`; it carries no e-mail address.

    It does say since when, so that it can be told to be too old once the change is forgotten.
    """
    token = _signer.sign(f"{change.pk}.{int(change.changed_at.timestamp())}")
    return settings.SITE_URL + reverse("undo_address_change", args=[token])


def find(token: str) -> AddressChange | None:
    """Return the change whose link this is; None when the token is not ours, or the change is forgotten."""
    pk, _changed_at = _read(token)
    return AddressChange.objects.select_related("user").filter(pk=pk).first()


def is_too_old(token: str, now: datetime) -> bool:
    """Whether this link is ours and its time is over."""
    _pk, changed_at = _read(token)
    return changed_at is not None and now >= changed_at + AddressChange.UNDO_WITHIN


def _read(token: str) -> tuple[int, datetime | None]:
    """Which change a link is about (0: none) and when that was; links that were sent before carry no instant."""
    try:
        pk, _dot, instant = _signer.unsign(token).partition(".")
        return int(pk), datetime.fromtimestamp(int(instant), UTC) if instant else None
    except (signing.BadSignature, ValueError):
        return 0, None


@transaction.atomic
def undo(*, change: AddressChange, now: datetime) -> None:
    """Put the old address back, sign out everywhere, and take away every way in that a thief may have made or seen.

    A thief makes a way in before changing the address, not after it. So of the passkeys and apps only those stay that
    were there long before; the password, spare codes and the address of the calendar always go.
    Raises CannotUndo when it was undone before, is too old, or the address belongs to someone else by now.
    """
    user = User.objects.select_for_update().get(pk=change.user_id)
    change = AddressChange.objects.get(pk=change.pk)
    if change.undone_at:
        raise CannotUndo(USED)
    if change.is_too_old(now):
        raise CannotUndo(TOO_OLD)
    # Asked first, as the database would write the address into its own log; its refusal is for who comes between.
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
    limits.discard_code(change.old_email, device="")  # if one was requested with it before, only this link was mailed
    security_log.record(user, SecurityEvent.Kind.ADDRESS_RESTORED, now)
    # The links that went to the addresses in between would bring those back.
    user.address_changes.filter(changed_at__gte=change.changed_at).update(undone_at=now)
