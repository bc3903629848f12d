"""The ideas of a town as an Atom feed (RFC 4287): each idea is one entry, which never comes back as new."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext

from initiatives import wording
from initiatives.models import Initiative, Initiator
from locations.models import Municipality

MOST = 50
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def atom(town: Municipality, path: str) -> str:
    """Return the newest ideas of a town as XML, for the feed at this path; one query."""
    feed = Atom1Feed(
        title=gettext("Ideas of parents in {town}").format(town=town.name),
        link=settings.SITE_URL + town.get_absolute_url(),
        feed_url=settings.SITE_URL + path,
        description="",
        subtitle=gettext("New ideas of parents in {town}: join one, or start something yourself.").format(
            town=town.name
        ),
        language=get_language(),
        feed_guid=_tag(f"gemeenten/{town.pk}"),
    )
    proposer = Initiator.objects.filter(initiative=OuterRef("pk"), part=Initiator.As.PROPOSER)
    ideas = Initiative.objects.listed().filter(municipality=town).select_related("wished_place").newest_first()
    for idea in ideas.annotate(names=ArraySubquery(proposer.values("user__first_name")))[:MOST]:
        name = _clean(idea.names[0]) if idea.names else ""
        # Not updated when someone takes part: programs would show it as new, and nobody but its people should know.
        feed.add_item(
            title=_clean(idea.title),
            link=settings.SITE_URL + idea.get_absolute_url(),
            description=_clean("\n\n".join([idea.what, idea.for_whom, *_as_group(idea)])),
            unique_id=_tag(f"initiatieven/{idea.pk}"),
            pubdate=idea.published_at,
            updateddate=idea.published_at,
            author_name=name or town.name,
        )
    return feed.writeString("utf-8")


def _as_group(idea: Initiative) -> list[str]:
    """Return when and where a group meets that runs outside Pedbasis."""
    if not idea.meets_when or idea.meetup_id is not None:
        return []
    return [gettext("Exists already: {when}, {where}").format(when=idea.meets_when, where=wording.where(idea))]


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("", text)


def _tag(name: str) -> str:
    """Return an id that never changes (RFC 4151); the date is that of the scheme, not of the thing."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{name}"
