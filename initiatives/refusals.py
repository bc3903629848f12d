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
    NO_DAY = "no_day", _("There is no day yet. Choose a day first.")
    DAY_PASSED = "day_passed", _("The day you chose has passed. Choose another day.")
    NO_PLACE = "no_place", _("There is no place yet. Choose a place first.")
    DOES_NOT_FIT = (
        "does_not_fit",
        _("The idea has changed since you opened this page. Open the page again, and choose once more."),
    )
    NO_CONSENT_NEEDED = "no_consent_needed", _("Nobody has to say yes here. You can begin.")
    NOBODY_TO_ASK = (
        "nobody_to_ask",
        _("We have no address for this place, and nobody in your town can help. Choose another place."),
    )
    PLACE_SAID_NO = "place_said_no", _("The place said no to this. Choose another moment or another place.")
    PLACE_NOT_AGREED = (
        "place_not_agreed",
        _("The place has not said yes to this, or took its yes back. Ask it, or choose another place."),
    )
    NO_OFFER = "no_offer", _("The place offers no other moment any more. Look at what you can do from here.")
    ALREADY_RUNS = "already_runs", _("This runs already. Change the day or the place at “Manage meetups”.")
    SAME_MEETUP = (
        "same_meetup",
        _("You have a meetup with this name, at this place and moment, already. Choose another moment or name."),
    )
    REQUEST_VOID = (
        "request_void",
        _("The plan has changed since, so this question no longer counts. The newest email has the new plan."),
    )
    NOT_AGREED = "not_agreed", _("You have not said yes, so there is nothing to take back.")
    PLACE_TAKEN = (
        "place_taken",
        _("You said yes to something else at this time, so this cannot be added. Offer another moment, or say no."),
    )
    UNTIL_TOO_EARLY = (
        "until_too_early",
        _("No date falls before this day. Choose a later day until which it is possible."),
    )
    BEGUN_MEANWHILE = (
        "begun_meanwhile",
        _("It has just begun, and people are invited. Do you still want to take your yes back? Then send it again."),
    )
    DATE_CHANGED = (
        "date_changed",
        _("The date has changed since you opened this page. Look at the new one, and send this again."),
    )
    NO_DATES = "no_dates", _("There is no date to sign up for at the moment. Look at the page of the meetup.")
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
    ASK_FIRST = (
        "ask_first",
        _("To continue together with another idea, ask the people who started that one. You can do that below."),
    )
    MERGE_ITSELF = "merge_itself", _("This is the same idea. Choose another one.")
    MERGE_OTHER_CLOSED = (
        "merge_other_closed",
        _("Nobody can join the other idea now: it is paused or has ended. Choose another one, or wait."),
    )
    MERGE_RUNS = (
        "merge_runs",
        _("An idea that runs as a meetup cannot end like this. Stop the meetup first, or let the other idea join it."),
    )
    MERGE_BUSY = (
        "merge_busy",
        _("One of these ideas waits for an answer to such a question. Ask again once that has been answered."),
    )
    MERGE_SAID_NO = (
        "merge_said_no",
        _("They said before that they would rather continue by themselves. Both ideas can well exist side by side."),
    )
    MERGE_GONE = (
        "merge_gone",
        _("This question no longer counts: it was taken back, or is not possible any more. You can ask one yourself."),
    )
    NOBODY_LOOKS_AFTER = (
        "nobody_looks_after",
        _("Nobody here looks after the other idea now, so nobody can answer. Choose another one."),
    )
    TOO_MANY_MERGES = "too_many_merges", _("You asked five ideas today. Ask more of them tomorrow.")
    NOT_MERGED = (
        "not_merged",
        _("This idea continues by itself after all, and you still take part in it. Look at what is needed there."),
    )
    MOVED = "moved", _("What you promised is with another idea now. Open the link again to see it there.")
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

    # Groups that exist already.
    RUNS_ELSEWHERE = (
        "runs_elsewhere",
        _("This group runs outside Pedbasis, so you do not sign up here. Just go there, or look at its website."),
    )
    NOT_TO_BE_LISTED = (
        "not_to_be_listed",
        _("This group cannot be added: it is on the site already, or its people do not want that. Search for it."),
    )
    TOO_MANY_GROUPS = "too_many_groups", _("You added three groups today. Add more tomorrow.")
    GROUP_GONE = "group_gone", _("This group is no longer on the site. See which other ideas there are.")
    GROUP_CLAIMED = (
        "group_claimed",
        _("Someone of this group looks after this page by now. Is something not right? Report it at the bottom of it."),
    )
    NOBODY_CHECKS = (
        "nobody_checks",
        _("Nobody in this town can check this yet. Try it later. To keep or delete the group you need only the link."),
    )
    TOO_MANY_CLAIMS = (
        "too_many_claims",
        _("Three of your questions to take over a group wait for an answer. Wait for that first."),
    )
    CLAIM_ANSWERED = "claim_answered", _("This question was answered before. Look at what is still waiting.")
    CLAIM_DECLINED = (
        "claim_declined",
        _("The coordinator said no before. Do you not agree? Ask the contact of your town."),
    )

    # Quiet for a while, and taken over.
    NO_LONGER_QUIET = (
        "no_longer_quiet",
        _("Something has happened since. Look at the page of your idea: you can pause it there, or stop with it."),
    )
    NOBODY_TAKES_PART = (
        "nobody_takes_part",
        _("Nobody takes part yet whom you could ask. You can pause your idea, or ask someone to start it with you."),
    )
    PART_GONE = "part_gone", _("You do not take part in this idea any more, so there is nothing to answer here.")
    SOMEONE_TOOK_OVER = (
        "someone_took_over",
        _("Someone else was before you, and takes it over. You can still help: see what is needed now."),
    )
    NOT_TO_TAKE_OVER = (
        "not_to_take_over",
        _("This does not have to be taken over now: something has happened since. See what is needed now."),
    )

    # Talk and questions.
    JOIN_FIRST = (
        "join_first",
        _("Only people who take part can do this. Say first that you are coming, that you help, or what you have."),
    )
    NOT_YOUR_TEXT = "not_your_text", _("Only the person who wrote this can do this. Is something not right? Report it.")
    TOO_LATE_TO_PUT_BACK = "too_late_to_put_back", _("This was deleted more than a day ago. You can write it again.")
    NOBODY_ANSWERS = (
        "nobody_answers",
        _("Nobody from this municipality answers questions here yet. Ask the others who take part whom to call."),
    )
    TOO_MANY_QUESTIONS = (
        "too_many_questions",
        _("Three of your questions here have no answer yet. Wait for an answer first, or change one of them."),
    )
    NOT_AN_OFFICIAL = (
        "not_an_official",
        _("Only policy officers of this municipality can do this. Do you know more? Say it to those who take part."),
    )
    MOVED_BEFORE = "moved_before", _("The date was moved before, and that can be done once. Answer what you know now.")
    ANSWERED = "answered", _("There is an answer already, so the date stays. You can add to the answer.")
    WRONG_DATE = "wrong_date", _("Choose a working day after the first date, and within six weeks of it.")
    QUESTION_GONE = "question_gone", _("This question is not on the page now. See which other questions there are.")


class CannotDo(Exception):
    """Raised by an action that is refused; `refusal` is the reason, str() the sentence for the user."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.refusal.label)
