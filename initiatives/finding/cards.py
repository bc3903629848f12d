"""The card of one idea in a list: read in one statement with the list, put into words, cached as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.models import Initiator, Support
from initiatives.stages import Stage
from meetups.models import Meetup
from page_cache.per_language import cached_per_language

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_MISSING = 2  # things on a card


class IdeaRow(NamedTuple):
    """An idea with what its card shows. Every value is hashable, for use as a cache key."""

    key: int
    slug: str
    title: str
    town: str
    for_whom: str
    stage: str
    kind: str  # what it is about, a Meetup.Kind
    proposer: str  # their first name; empty when they left
    missing: str  # a line for each thing that is still missing
    runs_elsewhere: bool  # outside Pedbasis, as Initiative.runs_elsewhere says


# InitiativeQuerySet.public and .listed as SQL conditions on initiative i.
PUBLIC = "i.published_at IS NOT NULL AND i.visibility = 'shown'"
LISTED = f"{PUBLIC} AND i.stage <> '{Stage.ENDED}'"

# InitiativeQuerySet.unblocked as a SQL condition on initiative i, for the user %(user)s.
UNBLOCKED = """NOT EXISTS (
    SELECT FROM moderation_block b JOIN initiatives_initiator p ON p.user_id = b.blocked_id
    WHERE b.user_id = %(user)s AND p.initiative_id = i.id
)"""

# NeedQuerySet.with_missing as SQL: how much of need n is still needed.
LEFT = f"""n.quantity - coalesce((
    SELECT sum(s.amount) FROM initiatives_support s WHERE s.need_id = n.id AND s.state = '{Support.State.LIVE}'
), 0)"""  # noqa: S608  (no input in it)

# In terms of initiative i and municipality town.
SQL = {
    "key": "i.id",
    "slug": "i.slug",
    "title": "i.title",
    "town": "town.name",
    "for_whom": "i.for_whom",
    "stage": "i.stage",
    "kind": f"coalesce(i.themes[1], '{Meetup.Kind.OTHER}')",
    "proposer": f"""coalesce((
        SELECT u.first_name FROM initiatives_initiator p JOIN accounts_user u ON u.id = p.user_id
        WHERE p.initiative_id = i.id AND p.part = '{Initiator.As.PROPOSER}'
    ), '')""",  # noqa: S608  (no input in it)
    "missing": f"""array_to_string(ARRAY(
        SELECT CASE WHEN n.quantity = 1 THEN n.text WHEN n.left = n.quantity THEN n.quantity || ' ' || n.text
            ELSE n.text || ' (' || n.left || ')' END
        FROM (
            SELECT n.id, n.position, n.text, n.quantity, {LEFT} AS left
            FROM initiatives_need n WHERE n.initiative_id = i.id AND n.is_wanted
        ) AS n
        WHERE n.left > 0 ORDER BY n.position, n.id LIMIT {MOST_MISSING + 1}
    ), chr(10))""",  # noqa: S608  (no input in it)
    "runs_elsewhere": """i.meetup_id IS NULL AND EXISTS (
        SELECT FROM initiatives_existinggroup g WHERE g.initiative_id = i.id AND g.claimed_at IS NULL
    )""",
}
COLUMNS = ",\n".join(SQL[name] for name in IdeaRow._fields)

STAGES: dict[str, StrPromise] = {
    Stage.IDEA: _("Still an idea: join in"),
    Stage.GATHERING: _("People take part"),
    Stage.READY: _("Ready to begin"),
    Stage.RUNNING: _("It runs: come and join"),
    Stage.PAUSED: _("Paused for a while"),
    Stage.ENDED: _("Ended"),
}


EXISTS_ALREADY = _("Exists already: just go there")


def stage_in_words(stage: str) -> StrPromise | str:
    """Return how far an idea is, for who might join."""
    return STAGES.get(stage) or Stage(stage).label


@dataclass(frozen=True, eq=False)
class IdeaCard:
    """One idea in a list."""

    key: int
    url: str
    title: str
    town: str
    for_whom: str
    kind: str
    stage: str
    stage_words: str
    proposer: str
    missing: str

    @cached_property
    def html(self) -> SafeString:
        """The card for a list below a heading of the second level."""
        return render_to_string("initiatives/_idea_card.html", {"card": self})


@cached_per_language(maxsize=4096)
def card_of(row: IdeaRow) -> IdeaCard:
    """Return the card of an idea, in the active language."""
    return IdeaCard(
        key=row.key,
        url=reverse("initiative", args=[row.slug]),
        title=row.title,
        town=row.town,
        for_whom=row.for_whom,
        kind=row.kind,
        stage=row.stage,
        stage_words=str(EXISTS_ALREADY if row.runs_elsewhere else stage_in_words(row.stage)),
        proposer=row.proposer,
        missing=_in_one_line(row.missing.split("\n")) if row.missing else "",
    )


def _in_one_line(things: Sequence[str]) -> str:
    shown = ", ".join(things[:MOST_MISSING])
    return gettext("{things} and more").format(things=shown) if len(things) > MOST_MISSING else shown


def cards_of(rows: Iterable[Iterable[Any]]) -> list[IdeaCard]:
    """Return the cards of rows as the database gives them."""
    return [card_of(IdeaRow._make(row)) for row in rows]
