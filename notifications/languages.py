"""In which language a message is."""

from accounts.models import User
from notifications.models import Message


def language_of(message: Message) -> str:
    """Return the current language of the recipient's account; without an account, that of the page they used."""
    if message.user:
        return message.user.language
    of_account = User.objects.filter(email=message.email).values_list("language", flat=True).first()
    return of_account or message.language
