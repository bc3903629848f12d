"""The models of initiatives."""

from initiatives.models.card import CARD_KEPT, Card
from initiatives.models.dormancy import Dormancy
from initiatives.models.existing_group import Claim, ClaimQuerySet, ExistingGroup, ExistingGroupQuerySet, RefusedAddress
from initiatives.models.initiative import SEARCH_CONFIG, HistoryEntry, Initiative, InitiativeQuerySet, Initiator
from initiatives.models.invitation import ANSWER_WITHIN, Invitation
from initiatives.models.merge import Merge, MergeQuerySet
from initiatives.models.plan import AgreedSlot, PlaceContact, PlaceRequest, Plan, Scheduled
from initiatives.models.recipe import Recipe
from initiatives.models.search_word import SearchWord
from initiatives.models.support import MOST, Need, NeedQuerySet, Support, SupportQuerySet
from initiatives.models.talk import Answer, Audience, Follow, Post, Question

__all__ = [
    "ANSWER_WITHIN",
    "CARD_KEPT",
    "MOST",
    "SEARCH_CONFIG",
    "AgreedSlot",
    "Answer",
    "Audience",
    "Card",
    "Claim",
    "ClaimQuerySet",
    "Dormancy",
    "ExistingGroup",
    "ExistingGroupQuerySet",
    "Follow",
    "HistoryEntry",
    "Initiative",
    "InitiativeQuerySet",
    "Initiator",
    "Invitation",
    "Merge",
    "MergeQuerySet",
    "Need",
    "NeedQuerySet",
    "PlaceContact",
    "PlaceRequest",
    "Plan",
    "Post",
    "Question",
    "Recipe",
    "RefusedAddress",
    "Scheduled",
    "SearchWord",
    "Support",
    "SupportQuerySet",
]
