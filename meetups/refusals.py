"""The reasons why an action on a date is refused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Refusal(TextChoices):
    """A reason, labelled with the sentence shown to the user."""

    CANCELLED = "cancelled", _("This meetup is cancelled. Have a look at the other dates.")
    ENDED = "ended", _("This meetup has ended. See what else is on.")
    OVER = "over", _("This meetup is over. Have a look at the next dates.")
    MOVED = (
        "moved",
        _("This meetup was moved to another day. Look at the new day. Can you come? Then send this again."),
    )
    HIDDEN = "hidden", _("Someone is looking at the text of this meetup. Come back tomorrow.")
    CLOSED = "closed", _("The list is closed. You can no longer change anything here.")
    TOO_MANY = "too_many", _("That is more people than there are spaces. Can you come with fewer people?")
    NOT_SIGNED_UP = "not_signed_up", _("You are not signed up for this meetup.")
    LINK_EXPIRED = "link_expired", _("This link is too old. Sign up again, and we will send you a new one.")
    LINK_USED = (
        "link_used",
        _("This link no longer works, because you cancelled after it was sent. Do you want to come? Sign up again."),
    )
    LINK_WRONG = "link_wrong", _("This link does not work. Did you copy all of it from the email?")
    TOO_OFTEN = (
        "too_often",
        _("This address was filled in several times within an hour. Open the links in those emails, or sign in."),
    )
    NOT_TODAY = "not_today", _("You can do this from one hour before the start.")
    TOO_LATE = "too_late", _("This was more than two weeks ago. The count can no longer change.")
    NOT_STARTED = "not_started", _("You can do this once the meetup has started.")
    NOT_ON_LIST = (
        "not_on_list",
        _("This person is no longer on the list. Are they here after all? Then add them by first name."),
    )
    LIST_CHANGED = "list_changed", _("The list changed while you were counting. Which number is right?")
    CLOSED_ELSEWHERE = (
        "closed_elsewhere",
        _("Another host has just closed the list, with other numbers. Which number is right?"),
    )


class CannotDo(Exception):
    """Raised by an action that is refused; `refusal` is the reason, str() the sentence for the user."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.refusal.label)
