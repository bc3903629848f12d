"""The reasons why something about an initiative is refused, each with what to do instead."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Refusal(TextChoices):
    """A reason, labelled with the sentence shown to the user."""

    ENDED = "ended", _("This idea has ended, so you cannot do this any more. See which other ideas there are.")
    PAUSED = "paused", _("This idea is paused for now. You can follow along here; come back when it continues.")
    NOT_PUBLIC = "not_public", _("Not everyone can see this idea yet. Come back tomorrow.")
    OWN = "own", _("This is your own idea, so you take part already.")
    NOT_IN_THIS_STAGE = (
        "not_in_this_stage",
        _("The idea is in another stage by now. Look at what you can do from here."),
    )
    NOT_YOURS = "not_yours", _("Only the people who started this idea can do this. Ask them here on the page.")
    NEED_GONE = "need_gone", _("This is no longer needed. Look at what is still missing.")
    NOT_TAKING_PART = "not_taking_part", _("You do not take part in this idea, so there is nothing to take back.")
    NO_REASON = "no_reason", _("Write in a few words why. Others can learn from it.")
    TOO_MANY_DRAFTS = (
        "too_many_drafts",
        _("You have several ideas that are not published yet. Finish or delete one first."),
    )
    OTHER_ADDRESS = (
        "other_address",
        _("This invitation is for another email address than that of your account. Sign in with that address."),
    )
    INVITATION_GONE = (
        "invitation_gone",
        _("This invitation is no longer valid. Would you still like to join? Ask who invited you for a new one."),
    )
    TOO_MANY_INVITATIONS = "too_many_invitations", _("You invited five people today. Invite more people tomorrow.")
    TOO_MANY_INITIATORS = (
        "too_many_initiators",
        _("Six people can start an idea together. Others can take part: share the idea with them."),
    )
    HAND_OVER_FIRST = "hand_over_first", _("You proposed this idea. Hand it over to someone first, or stop with it.")
    CARD_GONE = (
        "card_gone",
        _("This card was used already, or it is too old. You can propose your idea again: that takes two minutes."),
    )
    LINK_EXPIRED = "link_expired", _("This link is too old. Fill in the form again, and we will send you a new one.")
    LINK_USED = (
        "link_used",
        _("This link no longer works, because you took it back later. Would you like to join? Fill in the form again."),
    )
    LINK_WRONG = "link_wrong", _("This link does not work. Did you copy all of it from the email?")
    TOO_OFTEN = (
        "too_often",
        _("This address was filled in several times within an hour. Open the links in those emails, or sign in."),
    )


class CannotDo(Exception):
    """Raised by an action that is refused; `refusal` is the reason, str() the sentence for the user."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.refusal.label)
