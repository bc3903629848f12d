"""The public holidays on which a town has no meetups."""

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
    """What a change of holidays does to the dates of one meetup."""

    meetup: Meetup
    coming: list[date]  # created
    going: list[date]  # removed
    staying: list[date]  # kept: they have sign-ups or were edited, and a host must decide


@transaction.atomic
def set_holidays(*, municipality: Municipality, holidays: Collection[str], now: datetime) -> list[ChangedMeetup]:
    """Set the holidays on which a town has no meetups; return the meetups whose dates change.

    Dates are created and removed as on a change of the rule: dates with sign-ups are kept.
    """
    town = Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    affected = Meetup.objects.running().filter(location__municipality=town, skip_public_holidays=True)
    meetups = list(affected.select_related("location__municipality").order_by("pk"))
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
    """Return what `set_holidays` would do, by running it in a transaction that is rolled back."""
    with transaction.atomic():
        changed = set_holidays(municipality=municipality, holidays=holidays, now=now)
        transaction.set_rollback(True)
    return changed


def _wanted(meetup: Meetup, today: date) -> set[date]:
    try:
        return wanted_dates(meetup, today)
    except InvalidSchedule:  # one bad rule must not block the others
        logger.exception("Meetup %s has a rhythm that cannot be", meetup.pk)
        return set()
