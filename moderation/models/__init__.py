"""Models; import them from here, not from the modules."""

from moderation.models.case import Case, CaseQuerySet
from moderation.models.concern import Concern, ConcernQuerySet
from moderation.models.decision import Answer, Decision, DecisionQuerySet
from moderation.models.people import Absence, Block, Trust
from moderation.models.report import Reason, Report

__all__ = [
    "Absence",
    "Answer",
    "Block",
    "Case",
    "CaseQuerySet",
    "Concern",
    "ConcernQuerySet",
    "Decision",
    "DecisionQuerySet",
    "Reason",
    "Report",
    "Trust",
]
