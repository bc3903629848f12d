"""The reasons why something about a case is refused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Refusal(TextChoices):
    """A reason, labelled with the sentence shown to the user."""

    GONE = "gone", _("This no longer exists. You do not need to do anything.")
    DELETED = "deleted", _("This was hidden more than 30 days ago, and is deleted. It cannot be shown again.")
    CHANGED = "changed", _("Something happened here in the meantime. Have another look, and then decide.")
    NOT_YOURS = "not_yours", _("Someone else decides about this.")
    NO_REASON = "no_reason", _("Write in a few words why. The writer reads this.")
    NOTHING_TO_UNDO = "nothing_to_undo", _("There is nothing left to undo.")
    ALREADY_SO = "already_so", _("It was already decided like that.")
    TOO_MANY_WAIT = (
        "too_many_wait",
        _("Some of your texts are still waiting for a look. Wait until someone has looked at those."),
    )
    TOO_MANY_REPORTS = (
        "too_many_reports",
        _("A lot is being reported from this connection, so this was not sent. Try again in ten minutes."),
    )
    TOO_OFTEN = "too_often", _("You sent several of these today. Someone is looking at them. Come back tomorrow.")


class CannotDo(Exception):
    """Raised by an action that is refused; `refusal` is the reason, str() the sentence for the user."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.refusal.label)
