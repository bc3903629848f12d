"""The models of initiatives."""

from initiatives.models.card import CARD_KEPT, Card
from initiatives.models.dormancy import Dormancy
from initiatives.models.initiative import SEARCH_CONFIG, HistoryEntry, Initiative, InitiativeQuerySet, Initiator
from initiatives.models.invitation import ANSWER_WITHIN, Invitation
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
    "Dormancy",
    "Follow",
    "HistoryEntry",
    "Initiative",
    "InitiativeQuerySet",
    "Initiator",
    "Invitation",
    "Need",
    "NeedQuerySet",
    "PlaceContact",
    "PlaceRequest",
    "Plan",
    "Post",
    "Question",
    "Recipe",
    "Scheduled",
    "SearchWord",
    "Support",
    "SupportQuerySet",
]
