"""What lists of dates show, with every text ready: cards of dates, rows of meetups, days. Cached in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from locations.bilingual import DUTCH, ENGLISH
from locations.geo import Point
from meetups import wording
from meetups.agenda.nearby import Group, Nearby
from meetups.agenda.query import Found
from meetups.agenda.rows import DateRow, FoundDate
from meetups.agenda.strip import anchor, strip_html
from meetups.agenda.week import Week
from meetups.capacity import availability_chip
from meetups.clock import AMSTERDAM, local_date
from meetups.models import Attendance, Meetup, Occurrence
from page_cache.per_language import cached_per_language


@dataclass(frozen=True, eq=False)
class Card:
    """One date, as lists show it."""

    key: int
    meetup: str  # its slug
    url: str
    on: date
    iso: str  # the instant at which it starts
    start: str
    end: str
    times: str
    title: str
    language: str  # of the title
    kind: str
    theme: str
    place: str
    distance: str
    ages: str
    languages: str
    hosts: str
    facts: str
    chip: str
    chip_words: str
    is_cancelled: bool
    you: str
    point: Point


def card_of(found: FoundDate) -> Card:
    """Return the card of a date, in the active language."""
    distance = "" if found.km is None else wording.distance(found.km)
    return _card(found.row, distance, found.own_state or "")


@cached_per_language(maxsize=4096)
def _card(row: DateRow, distance: str, own_state: str) -> Card:
    is_cancelled = row.status == Occurrence.Status.CANCELLED
    if is_cancelled:
        chip, chip_words = "cancelled", gettext("Cancelled")
    else:
        is_walk_in = row.mode == Meetup.Mode.WALK_IN
        chip, chip_words = availability_chip(row.left_for_newcomers, row.left, is_walk_in=is_walk_in)
    you = ""
    if own_state:
        is_going = own_state == Attendance.State.GOING
        you = gettext("You are coming") if is_going else gettext("You are on the waiting list")
    ages = wording.ages(filter(None, row.age_bands.split(",")))
    languages = wording.languages(filter(None, row.languages.split(","))) if row.languages != "nl" else ""
    language = ENGLISH if row.title_en and get_language() == ENGLISH else DUTCH
    begins, ends = row.starts_at.astimezone(AMSTERDAM), row.ends_at.astimezone(AMSTERDAM)
    return Card(
        key=row.key,
        meetup=row.slug,
        url=reverse("occurrence", args=[row.slug, row.planned_for]),
        on=local_date(row.starts_at),
        iso=begins.isoformat(timespec="minutes"),
        start=wording.clock_time(begins.time()),
        end=wording.clock_time(ends.time()),
        times=wording.times(row.starts_at, row.ends_at),
        title=row.title_en if language == ENGLISH else row.title,
        language=language,
        kind=row.kind,
        theme=row.theme,
        place=wording.place(row.location, row.place),
        distance=distance,
        ages=ages,
        languages=languages,
        hosts=row.hosts,
        facts=_facts(ages, languages, row.hosts, is_free=bool(row.is_free)),
        chip=chip,
        chip_words=chip_words,
        is_cancelled=is_cancelled,
        you=you,
        point=Point(row.latitude, row.longitude),
    )


def _facts(ages: str, languages: str, hosts: str, *, is_free: bool) -> str:
    """Say for whom it is, and who is at the door."""
    about = ", ".join(filter(None, (ages, gettext("free of charge") if is_free else "", languages)))
    names = wording.names(hosts.split(", ")) if hosts else ""
    at_the_door = gettext("At the door: {names}.").format(names=names) if names else ""
    return f"{capfirst(about)}. {at_the_door}".strip()


@dataclass(frozen=True)
class Repeat:
    """Another date of a meetup that the list shows in full elsewhere, and in what it differs from that."""

    card: Card
    times: str  # if it has others
    notes: tuple[str, ...]

    @classmethod
    def of(cls, card: Card, shown: Card) -> Repeat:
        times = "" if card.times == shown.times else card.times
        if card.is_cancelled:
            return cls(card, times, (gettext("cancelled"),))
        place = "" if card.place == shown.place else card.place
        theme = "" if card.theme == shown.theme else card.theme
        room = "" if card.chip_words == shown.chip_words else wording.decapitalised(card.chip_words)
        return cls(card, times, tuple(filter(None, (place, theme, wording.decapitalised(card.you) or room))))

    @property
    def short_day(self) -> str:
        return wording.short_day(self.card.on)

    @property
    def day(self) -> str:
        return wording.day(self.card.on)


@dataclass(frozen=True)
class Row:
    """A meetup in a list, in full on one of its dates, with its other dates in that list.

    `day` is shown in a list that is not grouped by day.
    """

    card: Card
    repeats: tuple[Repeat, ...] = ()
    day: str = ""

    @classmethod
    def of(cls, cards: Sequence[Card], *, day: str = "") -> Row:
        """Return the row of these dates of one meetup: in full the first that takes place."""
        first = next((card for card in cards if not card.is_cancelled), cards[0])
        return cls(first, tuple(Repeat.of(card, first) for card in cards if card is not first), day)

    @property
    def html(self) -> SafeString:
        return _row_html(self)


@cached_per_language(maxsize=1024)
def _row_html(row: Row) -> SafeString:
    return SafeString(render_to_string("meetups/_date_row.html", {"row": row, "card": row.card}).strip())


def row_of(dates: Iterable[FoundDate], week: Week) -> Row:
    """Return one row for these dates of one meetup, which are in order of time; it says on which day they are."""
    row = Row.of([card_of(found) for found in dates])
    on = row.card.on
    return Row(row.card, row.repeats, wording.nearness(on, week.today) or wording.short_day_and_month(on))


@dataclass(frozen=True)
class Day:
    """One day of a list: the meetups it shows in full, then those that are in full on another day."""

    on: date
    nearness: str
    rows: tuple[Row, ...] = ()
    repeats: tuple[Repeat, ...] = ()

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    @property
    def heading(self) -> str:
        return wording.day(self.on)

    @property
    def cards(self) -> list[Card]:
        return [row.card for row in self.rows]


@dataclass(frozen=True)
class DayList:
    """The dates on one page of a week, by day. A meetup is in full once, whatever number of dates it has."""

    days: tuple[Day, ...]

    @classmethod
    def of(cls, found: Sequence[FoundDate], week: Week, *, is_whole: bool = True) -> DayList:
        """Fold these dates, in order of time; with `is_whole` the days without any are there too."""
        return _day_list(tuple(map(card_of, found)), week, is_whole)

    @property
    def rows(self) -> list[Row]:
        return [row for day in self.days for row in day.rows]

    @property
    def count(self) -> int:
        """How many meetups it shows, cancelled ones included."""
        return len(self.rows)

    @property
    def cancelled(self) -> int:
        """Of how many of those every date is cancelled."""
        return sum(row.card.is_cancelled for row in self.rows)

    @property
    def is_folded(self) -> bool:
        """Does any meetup have more than one date?"""
        return any(row.repeats for row in self.rows)

    @cached_property
    def html(self) -> SafeString:
        return SafeString(render_to_string("meetups/agenda/_days.html", {"days": self.days}))


@cached_per_language(maxsize=64)
def _day_list(cards: tuple[Card, ...], week: Week, is_whole: bool) -> DayList:
    by_meetup: dict[str, list[Card]] = {}
    for card in cards:
        by_meetup.setdefault(card.meetup, []).append(card)
    rows = {meetup: Row.of(its) for meetup, its in by_meetup.items()}
    in_full = {row.card: row for row in rows.values()}
    repeats = {repeat.card: repeat for row in rows.values() for repeat in row.repeats}
    by_day = {
        on: list(of_day) for on, of_day in groupby(cards, key=lambda card: max(card.on, week.first_on))
    }  # what began last night and is still on is shown today
    return DayList(
        tuple(
            Day(
                on,
                wording.nearness(on, week.today),
                tuple(in_full[card] for card in by_day.get(on, ()) if card in in_full),
                tuple(repeats[card] for card in by_day.get(on, ()) if card in repeats),
            )
            for on in (week.days if is_whole else by_day)
        )
    )


@dataclass
class Results:
    """One page of the agenda, ready to show."""

    week: DayList
    later: list[Row]
    nearest: list[Row]

    @classmethod
    def of(cls, found: Found, week: Week, *, page: int) -> Results:
        is_whole = bool(found.dates) and page == 1 and not found.has_next
        return cls(
            DayList.of(found.dates, week, is_whole=is_whole),
            later=[row_of([date], week) for date in found.later],
            nearest=[row_of([date], week) for date in found.nearest],
        )

    @property
    def cards(self) -> list[Card]:
        """The dates that are shown in full."""
        return [row.card for row in self.week.rows]


@dataclass
class NearResults:
    """What is on near a place, ready to show."""

    this_week: list[Row]
    later: list[Row]
    nearest: list[Row]
    count: int
    strip_html: SafeString

    @classmethod
    def of(cls, found: Nearby, week: Week, agenda_url: str) -> NearResults:
        """Return these results; the days of the week lead to those of the agenda at `agenda_url`."""

        def rows(groups: list[Group]) -> list[Row]:
            return [row_of(dates, week) for dates in groups]

        urls = tuple(agenda_url + anchor(on) for on in week.days)
        return cls(
            sorted(rows(found.this_week), key=lambda row: row.card.iso),  # the nearest ones, in order of time
            rows(found.later),
            rows(found.nearest),
            found.count,
            strip_html(week, found.counts, urls),
        )
