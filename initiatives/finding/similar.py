"""What exists already and looks like what someone is writing, to show beside the field."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from initiatives.models import SEARCH_CONFIG, Initiative
from initiatives.search_words import words_in
from locations.models import Municipality
from meetups.models import Meetup

MOST = 4
MOST_WORDS = 30


def similar(*, town: Municipality, text: str, user: Any) -> list[Initiative | Meetup]:
    """Return public ideas and meetups of this town that share a word with `text`, most alike first; two queries."""
    words = words_in(text)[:MOST_WORDS]
    if not words:
        return []
    query = SearchQuery(" OR ".join(words), config=SEARCH_CONFIG, search_type="websearch")
    ideas = Initiative.objects.listed().unblocked(user).filter(municipality=town, words=query)
    found = list(ideas.annotate(rank=SearchRank(F("words"), query)).order_by("-rank", "-pk")[:MOST])
    meetups = Meetup.objects.active().unblocked(user).filter(location__municipality=town)
    alike = meetups.filter(title__search=query) | meetups.filter(summary__search=query)
    return [*found, *alike.distinct()[: MOST - len(found)]]
