"""The models of initiatives."""

from initiatives.models.initiative import SEARCH_CONFIG, HistoryEntry, Initiative, InitiativeQuerySet, Initiator
from initiatives.models.invitation import ANSWER_WITHIN, Invitation
from initiatives.models.plan import AgreedSlot, PlaceContact, PlaceRequest, Plan, Scheduled
from initiatives.models.search_word import SearchWord
from initiatives.models.support import MOST, Need, NeedQuerySet, Support, SupportQuerySet

__all__ = [
    "ANSWER_WITHIN",
    "MOST",
    "SEARCH_CONFIG",
    "AgreedSlot",
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
    "Scheduled",
    "SearchWord",
    "Support",
    "SupportQuerySet",
]
