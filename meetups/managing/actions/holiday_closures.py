"""The public holidays on which the meetups of a town rest."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from locations.holidays import Holiday
from locations.models import Municipality
from meetups.clock import local_date
from meetups.models import Meetup
from meetups.schedule.actions.reconciliation import materialise
from meetups.schedule.difference import wanted_dates
from meetups.schedule.recurrence import InvalidSchedule
from page_cache import versions

logger = logging.getLogger("pedbasis.planning")


@dataclass
class ChangedMeetup:
    """What other holidays do to the dates of one meetup."""

    meetup: Meetup
    coming: list[date]
    going: list[date]
    staying: list[date]  # people signed up for these, or a host wrote something about them: someone must choose


@transaction.atomic
def set_holidays(*, municipality: Municipality, holidays: Collection[str], now: datetime) -> list[ChangedMeetup]:
    """Let the meetups of a town rest on these holidays and on no other; return those whose dates changed.

    Dates come and go as when a rhythm changes: nothing that someone signed up for goes.
    """
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    resting = Meetup.objects.active().filter(location__municipality=town, skip_public_holidays=True)
    meetups = list(resting.select_related("location__municipality").order_by("pk"))
    today = local_date(now)
    before = {meetup.pk: _wanted(meetup, today) for meetup in meetups}
    town.holidays = [holiday.value for holiday in Holiday if holiday in holidays]
    town.save(update_fields=["holidays"])
    changed = []
    for meetup in meetups:
        meetup.location.municipality = town
        after = _wanted(meetup, today)
        if after == before[meetup.pk]:
            continue
        outcome = materialise(meetup, now=now)
        dropped = before[meetup.pk] - after
        staying = [row.planned_for for row in outcome.kept_with_sign_ups if row.planned_for in dropped]
        if outcome.created or outcome.removed or staying:
            changed.append(ChangedMeetup(meetup, outcome.created, outcome.removed, staying))
    versions.invalidate(town.pk)
    return changed


def preview_holidays(*, municipality: Municipality, holidays: Collection[str], now: datetime) -> list[ChangedMeetup]:
    """What `set_holidays` would do: it is done and taken back."""
    with transaction.atomic():
        changed = set_holidays(municipality=municipality, holidays=holidays, now=now)
        transaction.set_rollback(True)
    return changed


def _wanted(meetup: Meetup, today: date) -> set[date]:
    try:
        return wanted_dates(meetup, today)
    except InvalidSchedule:  # one bad rule must not keep all others waiting
        logger.exception("Meetup %s has a rhythm that cannot be", meetup.pk)
        return set()
