"""Template contexts of the management pages: preview of dates, recipients of a change, and outcome of saving."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetups import permissions, wording
from meetups.managing import audiences, date_summaries
from meetups.managing.actions.planning import dates_to_end
from meetups.managing.date_summaries import describe, with_counts
from meetups.managing.forms.meetups import MeetupForm
from meetups.models import Host, Meetup, Occurrence
from meetups.schedule.actions.reconciliation import Reconciliation
from meetups.schedule.difference import out_of_step
from meetups.schedule.recurrence import Preview
from meetups.schedule.rhythms import rhythm_in_words

REASON_WAITS = _("Someone looks at your reason first. Then everyone can read it, on the page of the date.")
SCHEDULE_FIELDS = (
    *("rhythm", "every", "nth", "weekdays", "until", "count", "ending", "skip_public_holidays"),
    *("first_on", "start_time", "end_time"),
)


def overview(user: User, now: datetime) -> dict[str, Any]:
    """Return the meetups that `user` may change, each with its next date, and the dates to close."""
    following = Occurrence.objects.planned(now).filter(meetup=OuterRef("pk"))
    meetups = list(
        Meetup.objects.managed_by(user)
        .select_related("location__municipality")
        .prefetch_related(Prefetch("hosts", queryset=Host.objects.select_related("user")))
        .annotate(next_pk=Subquery(following.values("pk")[:1]))
        .order_by("status", "title", "pk")
    )
    hosted = date_summaries.hosted_by(user)
    dates = with_counts(Occurrence.objects.filter(pk__in=[meetup.next_pk for meetup in meetups])).in_bulk()
    return {
        "cards": [
            {
                "meetup": meetup,
                "rhythm": rhythm_in_words(meetup),
                "hosts": wording.names([host.user.first_name for host in meetup.hosts.all()]),
                "next": describe(dates[meetup.next_pk], now, is_host=meetup.pk in hosted)
                if meetup.next_pk in dates
                else None,
            }
            for meetup in meetups
        ],
        "to_close": date_summaries.to_close(meetups, now, hosted=hosted),
        "towns": permissions.coordinated_towns(user).by_name(),
    }


@dataclass(frozen=True)
class PlanDay:
    """One line in the preview of dates."""

    on: date
    words: str
    reason: str | None


def plan(form: MeetupForm) -> dict[str, Any]:
    """Return the preview of the dates in a form, and the errors in its schedule."""
    preview: Preview | None = form.plan
    days = [PlanDay(day.on, wording.day_with_year(day.on), day.closed) for day in preview.days] if preview else []
    hearing = describe_recipients(form) if form.is_bound and form.meetup is not None and form.is_valid() else {}
    is_unchanged = form.is_bound and form.meetup is not None and preview is None and form.rule is not None
    return {
        "form": form,
        "days": days,
        "open_days": sum(1 for day in days if not day.reason),
        "skipped_days": sum(1 for day in days if day.reason),
        "goes_on": bool(preview and preview.has_more),
        "is_asked": form.is_bound,
        **hearing,
        "is_unchanged": is_unchanged,
        "schedule_errors": [
            (field.label, error) for field in form if field.name in SCHEDULE_FIELDS for error in field.errors
        ],
    }


def describe_recipients(form: MeetupForm) -> dict[str, Any]:
    """Return whether saving this valid form notifies people, and a sentence on whom."""
    meetup: Any = form.meetup
    also_signed_up = form.cleaned_data["also_signed_up"]
    change = audiences.of_change(meetup=meetup, now=form.now, also_signed_up=also_signed_up, **form.model_fields())
    audience = change.audience()
    words = date_summaries.describe_audience(audience, is_host=meetup.pk in date_summaries.hosted_by(form.user))
    return {"is_told": audience.people > 0, "hearing": words}


def meetup_to_edit(meetup: Meetup, user: User, now: datetime) -> dict[str, Any]:
    """Return a saved meetup and its coming dates, with those that no longer match its rule listed separately."""
    is_host = meetup.pk in date_summaries.hosted_by(user)
    rows = list(with_counts(Occurrence.objects.coming(now).filter(meetup=meetup)))
    off_rule = out_of_step(meetup, rows, timezone.localdate(now))
    dates = [describe(row, now, is_host=is_host) for row in rows]
    return {
        "is_host": is_host,
        "meetup": meetup,
        "rhythm": rhythm_in_words(meetup),
        "dates": [row for row in dates if row["occurrence"].pk not in off_rule],
        "off_dates": [row for row in dates if row["occurrence"].pk in off_rule],
        "is_ended": meetup.status == Meetup.Status.ENDED,
        "portraits": portraits(meetup, user),
    }


def portraits(meetup: Meetup, user: User) -> list[Host]:
    """Return the hosts whose portrait `user` may change or take away: their own, and as coordinator those there are."""
    hosts = list(meetup.hosts.in_role().select_related("user", "portrait"))
    is_coordinator = permissions.coordinates(user, meetup)
    return [host for host in hosts if host.user_id == user.pk or (is_coordinator and host.portrait_id)]


def meetup_to_end(meetup: Meetup, user: User, now: datetime) -> dict[str, Any]:
    """Return the dates that ending a meetup affects, and how many people it notifies."""
    is_host = meetup.pk in date_summaries.hosted_by(user)
    coming = with_counts(dates_to_end(meetup, now=now)).order_by("starts_at", "pk") if is_host else ()
    audience = audiences.of_end(meetup=meetup, now=now).audience()
    return {
        "meetup": meetup,
        "is_host": is_host,
        "dates": [describe(occurrence, now, is_host=True) for occurrence in coming if occurrence.live],
        "hearing": date_summaries.describe_audience(audience, is_host=is_host),
    }


def date_to_edit(occurrence: Occurrence, user: User, now: datetime) -> dict[str, Any]:
    """Return one date from `with_counts`, and how many people cancelling or moving it notifies."""
    is_over = occurrence.is_done(now)
    off_rule = out_of_step(occurrence.meetup, [occurrence], timezone.localdate(now))
    is_host = occurrence.meetup_id in date_summaries.hosted_by(user)
    counts = describe(occurrence, now, is_host=is_host)
    return {
        "meetup": occurrence.meetup,
        "occurrence": occurrence,
        "counts": counts,
        "day": counts["day"],
        "times": counts["times"],
        "is_over": is_over,
        "is_off": bool(off_rule) and not is_over,
        "is_host": is_host,
        "hearing": recipient_sentence(audiences.of_dates(occurrence).audience().people if is_host else None),
    }


def recipient_sentence(people: int | None) -> str:
    """Return a sentence on how many people get a mail; None hides the number."""
    if people is None:
        return gettext("Everyone who signed up gets an email.")
    if not people:
        return gettext("Nobody has signed up, so nobody gets an email.")
    return ngettext("{people} person gets an email.", "{people} people get an email.", people).format(people=people)


def describe_outcome(outcome: Reconciliation) -> str:
    """Return a few short sentences on what saving did to the dates."""
    words = [gettext("Saved.")]
    created, moved, removed = len(outcome.created), len(outcome.moved), len(outcome.removed)
    if created:
        words.append(ngettext("{number} new date.", "{number} new dates.", created).format(number=created))
    if moved:
        words.append(ngettext("{number} date changed.", "{number} dates changed.", moved).format(number=moved))
    if removed:
        words.append(ngettext("{number} date removed.", "{number} dates removed.", removed).format(number=removed))
    kept = len(outcome.kept_with_sign_ups)
    if kept:
        words.append(
            ngettext(
                "{number} date stays as it was, because people signed up for it. Look at it below.",
                "{number} dates stay as they were, because people signed up for them. Look at them below.",
                kept,
            ).format(number=kept)
        )
    return " ".join(words)
