"""What the clock does with quiet initiatives: ask, offer others to take it over, and pause. It ends nothing.

Each initiative is attended to in a transaction of its own, with its row locked; running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q

from initiatives import history, notices, quiet
from initiatives.dormancy import notices as quiet_notices
from initiatives.models import Dormancy, Initiative, Initiator
from initiatives.quiet_days import ASK_AFTER, DAY, OFFER_AFTER, PAUSE_AFTER, day_after, day_before, quiet_days
from initiatives.stages import CLOCK, OPEN, Step
from locations.models import SchoolRegion
from meetups.clock import local_date, localise
from page_cache import versions

CHUNK = 500
TOLD_BEFORE = timedelta(days=7)  # the mail that names the day was sent at least so long before it pauses


def attend_all(*, now: datetime) -> None:
    """Attend to every initiative that may be due."""
    for region in SchoolRegion.values:
        for pk in due(region, now=now):
            attend(pk=pk, now=now)


def due(region: str, *, now: datetime) -> Iterator[int]:
    """Yield the ids of the initiatives in towns of this school region that are due, in chunks."""
    today = local_date(now)
    last_on = day_before(today, ASK_AFTER, region)
    rows = Initiative.objects.quiet(localise(last_on + DAY, time()) - timedelta(microseconds=1))
    started = Initiator.objects.values("initiative")
    is_not_due = Q(dormancy__offered_at=None, dormancy__offers_on__gt=today) | Q(
        dormancy__pauses_on__gt=today, dormancy__told_at__isnull=False
    )
    rows = rows.filter(municipality__school_region=region, pk__in=started)
    rows = rows.exclude(Q(dormancy__asked_at__gt=F("active_at")) & is_not_due).order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        yield from chunk
        last = chunk[-1]


@transaction.atomic
def attend(*, pk: int, now: datetime) -> None:
    """Take the next step of the clock with this initiative, if that is due. Idempotent."""
    try:
        initiative = history.lock(pk)
    except Initiative.DoesNotExist:
        return
    if not initiative.is_public or initiative.stage not in OPEN or not initiative.initiators.exists():
        return
    since = quiet.since(initiative, now=now)
    if since is None:
        return
    row = Dormancy.objects.filter(initiative=initiative).first()
    today, region = local_date(now), initiative.municipality.school_region
    if row is None or not row.is_asked(since):
        if quiet_days(local_date(since), today, region) >= ASK_AFTER:
            _ask(initiative, row or Dormancy(initiative=initiative), now)
    elif not row.is_offered(since):
        if today >= row.offers_on and not quiet_notices.is_question_unsent(initiative):
            _offer(initiative, row, now)
    else:
        _note_told(initiative, row)
        if row.told_at is not None and today >= max(row.pauses_on or today, local_date(row.told_at + TOLD_BEFORE)):
            _pause(initiative, now)


def _ask(initiative: Initiative, row: Dormancy, now: datetime) -> None:
    row.asked_at = now
    row.offers_on = day_after(local_date(now), OFFER_AFTER, initiative.municipality.school_region)
    row.offered_at = row.pauses_on = row.told_at = None
    row.save()
    quiet_notices.asked(initiative, now=now)


def _offer(initiative: Initiative, row: Dormancy, now: datetime) -> None:
    row.offered_at = now
    row.pauses_on = day_after(local_date(now), PAUSE_AFTER, initiative.municipality.school_region)
    row.save()
    quiet_notices.offered(initiative, now=now)


def _note_told(initiative: Initiative, row: Dormancy) -> None:
    """Keep when the first mail that names the day was sent: the outbox forgets its mails before that day may come."""
    if row.told_at is None and row.offered_at is not None:
        row.told_at = quiet_notices.first_sent(initiative, row.offered_at)
        row.save(update_fields=["told_at"])


def _pause(initiative: Initiative, now: datetime) -> None:
    history.take_step(initiative, Step.PAUSED_QUIET, parts=CLOCK, by=None, now=now)
    initiative.save(update_fields=["stage"])
    entry = initiative.history.filter(step=Step.PAUSED_QUIET).latest("at", "pk")
    notices.step_taken(initiative, entry)
    quiet_notices.paused(initiative, now=now)
    versions.invalidate_pages(*initiative.town_ids())
