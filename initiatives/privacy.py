"""Personal data in this app: export, erasure and retention rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import instant
from accounts.retention import Rule
from initiatives import forgetting, leaving
from initiatives.models import (
    ANSWER_WITHIN,
    CARD_KEPT,
    Card,
    Claim,
    ClaimQuerySet,
    ExistingGroup,
    ExistingGroupQuerySet,
    HistoryEntry,
    Initiative,
    Initiator,
    Invitation,
    Merge,
    PlaceRequest,
    Recipe,
    Support,
)
from initiatives.talking import privacy as talk


def export(user: User, now: datetime) -> dict[str, Any]:
    """Return the ideas that `user` started, what they committed to, and the steps that they took."""
    started = Initiator.objects.filter(user=user).select_related("initiative__municipality").order_by("pk")
    supports = Support.objects.of(user).select_related("initiative", "need").order_by("pk")
    asked = PlaceRequest.objects.filter(asked_by=user).select_related("initiative", "place").order_by("asked_at", "pk")
    merges = Merge.objects.filter(asked_by=user).select_related("ending", "into").order_by("asked_at", "pk")
    steps = HistoryEntry.objects.filter(by=user).select_related("initiative").order_by("at", "pk")
    return {
        "ideas_you_started": [
            {"as": row.part, "since": instant(row.since), **_idea(row.initiative)} for row in started
        ],
        "ideas_you_take_part_in": [_support(row) for row in supports],
        "places_you_asked": [_asked(row) for row in asked],
        "people_you_asked_to_start_an_idea_together": [
            {"idea": row.initiative.title, "address": row.email, "at": instant(row.created_at), "state": row.state}
            for row in Invitation.objects.filter(invited_by=user).select_related("initiative").order_by("pk")
        ],
        "ideas_you_asked_to_continue_together": [_merge(row) for row in merges],
        "ideas_you_noted_for_others": [
            {"idea": row.initiative.what, "at": instant(row.created_at)}
            for row in Card.objects.filter(noted_by=user).select_related("initiative").order_by("pk")
        ],
        "groups_you_listed": [_listed(row) for row in _groups().filter(Q(listed_by=user) | Q(guest_email=user.email))],
        "groups_listed_with_your_address": [row.initiative.title for row in _groups().filter(email=user.email)],
        "groups_you_asked_to_look_after": [_claim(row) for row in _claims().filter(by=user)],
        "groups_of_others_that_you_checked": [
            {"group": row.group.initiative.title, "answer": row.state, "what_you_wrote": row.reason}
            for row in _claims().filter(answered_by=user)
        ],
        "steps_you_took_with_ideas": [
            {"idea": row.initiative.title, "step": row.step, "at": instant(row.at), "via": row.via} for row in steps
        ],
    } | talk.export(user, now)


def erase(*, user: User, now: datetime) -> None:
    """Take `user` out of every idea; see `leaving.leave_all` for what becomes of their own."""
    talk.erase(user=user, now=now)
    leaving.remove_groups_reached_by(user=user)
    leaving.leave_all(user=user, now=now)


def _groups() -> ExistingGroupQuerySet:
    return ExistingGroup.objects.select_related("initiative__municipality", "initiative__wished_place").order_by("pk")


def _claims() -> ClaimQuerySet:
    return Claim.objects.select_related("group__initiative").order_by("pk")


def _listed(row: ExistingGroup) -> dict[str, Any]:
    """Return what was listed; what its people wrote since is theirs."""
    idea = row.initiative
    texts = {} if row.is_claimed else {name: getattr(idea, name) for name in Initiative.TEXTS}
    place = idea.wished_place.name if idea.wished_place and not row.is_claimed else ""
    return texts | {
        "title": idea.title,
        "town": idea.municipality.name,
        "place": place,
        "address_of_the_group": row.email,
        "at": instant(row.created_at),
        "confirmed": row.is_confirmed,
    }


def _claim(row: Claim) -> dict[str, Any]:
    return {
        "group": row.group.initiative.title,
        "address_of_the_group": row.email,
        "what_you_wrote": row.words,
        "by_the_link_in_an_email": row.has_link,
        "state": row.state,
        "reason": row.reason,
        "made_at": instant(row.made_at),
        "answered_at": instant(row.answered_at),
    }


def _idea(initiative: Initiative) -> dict[str, Any]:
    texts = {name: getattr(initiative, name) for name in Initiative.TEXTS}
    recipe = Recipe.objects.filter(initiative=initiative).first()
    return texts | {
        "how_you_did_it": {name: getattr(recipe, name) for name in Recipe.TEXTS} if recipe else {},
        "town": initiative.municipality.name,
        "stage": initiative.stage,
        "how_often": initiative.shape,
        "moments": initiative.moments,
        "themes": initiative.themes,
        "ages": initiative.age_bands,
        "languages": initiative.languages,
        "made_at": instant(initiative.created_at),
        "published_at": instant(initiative.published_at),
        "last_active_at": instant(initiative.active_at),
    }


def _asked(row: PlaceRequest) -> dict[str, Any]:
    return {
        "idea": row.initiative.title,
        "place": row.place.name,
        "first_on": row.first_on.isoformat(),
        "adults": row.adults,
        "children": row.children,
        "what_you_wrote": row.expected,
        "state": row.state,
        "asked_at": instant(row.asked_at),
    }


def _merge(row: Merge) -> dict[str, Any]:
    return {
        "ends": row.ending.without_hidden_texts().title,
        "continues_in": row.into.without_hidden_texts().title,
        "starts_along": row.starts_along,
        "state": row.state,
        "asked_at": instant(row.asked_at),
        "answered_at": instant(row.answered_at),
    }


def _support(row: Support) -> dict[str, Any]:
    return {
        "idea": row.initiative.without_hidden_texts().title,
        "kind": row.kind,
        "state": row.state,
        "as": row.first_name,
        "what_you_wrote": row.words,
        "what_is_needed": row.need.text if row.need else "",
        "kind_of_thing": row.thing,
        "how_many": row.amount,
        "moments": row.moments,
        "adults": row.adults,
        "children": row.children,
        "name_shown_to_others": row.is_named,
        "made_at": instant(row.created_at),
        "asked_at": instant(row.asked_at),
        "taken_back_at": instant(row.withdrawn_at),
    }


RULES = [
    Rule(
        name="ideas",
        what=_("An idea that you started: what you wrote, your first name, and the steps you took"),
        why=_("So that others can join, and see how far it is"),
        seen_by=_("everyone"),
        until=_("until you delete your account. Do others take part? Then it stays, without your name"),
    ),
    Rule(
        name="asked_places",
        what=_("What you ask of a place for your idea, and why it says no"),
        why=_("So that the place can decide, and you can look for something else"),
        seen_by=_("who started the idea, and the place"),
        until=_("as long as the idea"),
    ),
    Rule(
        name="place_contacts",
        what=_("The email address and the name of who answers for a place"),
        why=_("So that parents can ask whether something can take place there"),
        seen_by=_("coordinators of the town"),
        until=_("until a coordinator changes it"),
    ),
    Rule(
        name="idea_invitations",
        what=_("The email address of someone who is asked to start an idea together"),
        why=_("To ask this person, once"),
        seen_by=_("who started the idea"),
        until=_("until they answer, and 30 days at most; of a no only a code stays, so that it is final"),
        keep=ANSWER_WITHIN,
        forget=forgetting.forget_invitations,
        overdue=forgetting.invitations,
    ),
    Rule(
        name="listed_groups",
        what=_("The email address of a group that exists already, and who added it"),
        why=_("To tell its people that they are on the site, so that they can delete it or look after the page"),
        seen_by=_("nobody"),
        until=_(
            "until its people delete it or look after the page, and one year at most after they last said something; "
            "of a no only a code stays, so that it is final"
        ),
        keep=forgetting.GROUP_KEPT,
        forget=forgetting.forget_silent_groups,
        overdue=forgetting.silent_groups,
    ),
    Rule(
        name="unconfirmed_groups",
        what=_("Your email address when you add a group without an account"),
        why=_("So that you can confirm it with the link in the email"),
        seen_by=_("nobody"),
        until=_("until you confirm it, and 24 hours at most"),
        keep=forgetting.CONFIRM_WITHIN,
        forget=forgetting.forget_unconfirmed_groups,
        overdue=forgetting.unconfirmed_groups,
    ),
    Rule(
        name="group_claims",
        what=_("That you asked to look after the page of a group: its address, who you are in it, and the answer"),
        why=_("So that a coordinator of the town can check it"),
        seen_by=_("coordinators of the town"),
        until=_(
            "until a coordinator answers; that you asked, and the answer: 90 days after that. Without an answer 90 days"
        ),
        keep=forgetting.CLAIM_KEPT,
        forget=forgetting.forget_claims,
        overdue=forgetting.claims,
    ),
    Rule(
        name="idea_merges",
        what=_("That you asked those who started another idea to continue together, and what they answered"),
        why=_("So that they can answer, and nobody is asked the same twice"),
        seen_by=_("who started one of the two ideas"),
        until=_("one year after you asked, or 30 days if nobody answered"),
        keep=forgetting.MERGE_KEPT,
        forget=forgetting.forget_merges,
        overdue=forgetting.merges,
    ),
    Rule(
        name="left_ideas",
        what=_("An idea that has ended, of someone who deleted their account"),
        why=_("So that those who took part can still read it"),
        seen_by=_("everyone"),
        until=_("one year after it ended"),
        keep=forgetting.LEFT_KEPT,
        forget=forgetting.forget_left_alone,
        overdue=forgetting.left_alone,
    ),
    Rule(
        name="idea_drafts",
        what=_("An idea that you did not put on the site"),
        why=_("So that you can finish it later"),
        seen_by=_("you"),
        until=_("180 days after you last changed it"),
        keep=forgetting.DRAFT_KEPT,
        forget=forgetting.forget_drafts,
        overdue=forgetting.drafts,
    ),
    Rule(
        name="noted_ideas",
        what=_("An idea that a host noted for you, with your yes, and who noted it; not who you are"),
        why=_("So that it waits for you"),
        seen_by=_("that host, and you with the card"),
        until=_("until you make it your own, and 60 days at most"),
        keep=CARD_KEPT,
        forget=forgetting.forget_unclaimed,
        overdue=forgetting.unclaimed,
    ),
    # Erased by the browser itself (static/js/draft.js, pedbasis.js).
    Rule(
        name="typed_ideas",
        what=_("In your own browser: an idea that you were typing and that was not saved"),
        why=_("So that nothing is lost when the connection drops"),
        seen_by=_("you, not whoever signs in next in that browser"),
        until=_("until it is saved or you sign out, and 7 days at most"),
    ),
    Rule(
        name="idea_words",
        what=_("The separate words of ideas on the site, without whose they are"),
        why=_("To find an idea with a typing error too"),
        seen_by=_("nobody"),
        until=_("until the night after no idea has that word any more"),
    ),
    Rule(
        name="commitments",
        what=_("That you take part in an idea: how, when it suits you, with how many people, and what you wrote"),
        why=_("So that people can plan, and see what is still missing"),
        seen_by=_(
            "who started the idea: the numbers, and what you wrote when you help or have something, with your first "
            "name. Others who take part: your first name, if you and they chose so"
        ),
        until=_("until you delete your account"),
    ),
    Rule(
        name="withdrawn_commitments",
        what=_("That you took back that you take part"),
        why=_("So that you can undo it"),
        seen_by=_("you"),
        until=_("30 days"),
        keep=forgetting.WITHDRAWN_KEPT,
        forget=forgetting.forget_withdrawn,
        overdue=forgetting.withdrawn,
    ),
    Rule(
        name="unconfirmed_commitments",
        what=_("That you would like to take part in an idea without an account, and did not confirm"),
        why=_("So that you can confirm it with the link in the email"),
        seen_by=_("nobody"),
        until=_("24 hours"),
        keep=forgetting.CONFIRM_WITHIN,
        forget=forgetting.forget_unconfirmed,
        overdue=forgetting.unconfirmed,
    ),
    Rule(
        name="idea_guests",
        what=_("Your first name and email address when you take part in an idea without an account"),
        why=_("To tell you when something changes, and when it begins"),
        seen_by=_("Your first name: as with an account. Your address: nobody"),
        until=_("30 days after the idea ended, and one year after anyone last did something for it"),
        keep=forgetting.GUEST_KEPT,
        forget=forgetting.forget_guests,
        overdue=forgetting.guests,
    ),
]
RULES += talk.RULES
