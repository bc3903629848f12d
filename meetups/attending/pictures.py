"""The picture that chats show beside a link to a meetup, and to one of its dates."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from drawings.cards import Address, Card
from meetups import wording
from meetups.models import Meetup, Occurrence
from meetups.schedule.rhythms import rhythm_in_words


def card_of_meetup(meetup: Meetup) -> Card:
    """Return the picture of a meetup, loaded with its place and town; without a query."""
    is_ended = meetup.status == Meetup.Status.ENDED
    return Card(
        title=meetup.texts.title,
        drawing=meetup.kind,
        lines=(
            *((rhythm_in_words(meetup),) if not is_ended else ()),
            wording.place(meetup.location.name, meetup.location.place),
        ),
        notice=gettext("This meetup has ended") if is_ended else "",
    )


def card_of_date(occurrence: Occurrence) -> Card:
    """Return the picture of one date, loaded with its meetup, place and town; without a query."""
    location = occurrence.location
    return Card(
        title=occurrence.meetup.texts.title,
        drawing=occurrence.meetup.kind,
        day=wording.day(occurrence.local_date),
        time=wording.times(occurrence.starts_at, occurrence.ends_at),
        lines=(wording.place(location.name, location.place),),
        notice=gettext("Cancelled") if occurrence.is_cancelled else "",
    )


def of_meetup(meetup: Meetup) -> Address:
    """Return where the picture of a meetup is."""
    return card_of_meetup(meetup).at(settings.SITE_URL + reverse("meetup_picture", args=[meetup.slug]))


def of_date(occurrence: Occurrence) -> Address:
    """Return where the picture of a date is."""
    args = [occurrence.meetup.slug, occurrence.planned_for]
    return card_of_date(occurrence).at(settings.SITE_URL + reverse("occurrence_picture", args=args))
