"""The models of initiatives."""

from initiatives.models.initiative import SEARCH_CONFIG, HistoryEntry, Initiative, InitiativeQuerySet, Initiator
from initiatives.models.search_word import SearchWord
from initiatives.models.support import MOST, Need, NeedQuerySet, Support, SupportQuerySet
from initiatives.models.talk import Answer, Audience, Follow, Post, Question

__all__ = [
    "MOST",
    "SEARCH_CONFIG",
    "Answer",
    "Audience",
    "Follow",
    "HistoryEntry",
    "Initiative",
    "InitiativeQuerySet",
    "Initiator",
    "Need",
    "NeedQuerySet",
    "Post",
    "Question",
    "SearchWord",
    "Support",
    "SupportQuerySet",
]
