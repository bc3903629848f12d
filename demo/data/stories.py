"""Simulates who attends a meetup in past and coming weeks. Pure: no database, all randomness from `random`."""

from datetime import date, timedelta
from random import Random

from demo.data.people import Crowd
from locations.holidays import usual_holidays
from meetups.demo_data import Day, Family, MeetupContent, Visit
from meetups.schedule import recurrence
from meetups.schedule.closures import closed_days

RHYTHM_CHANGED_AGO = timedelta(weeks=3)  # for meetups with a `past_rrule`


def first_on(meetup: MeetupContent, today: date, weeks_back: int) -> date:
    """Return the Monday of the week in which the current rhythm began."""
    began = today - timedelta(weeks=min(weeks_back, meetup.started_weeks_ago))
    if meetup.past_rrule:
        began = max(began, today - RHYTHM_CHANGED_AGO)
    return began - timedelta(days=began.weekday())


def planned_dates(meetup: MeetupContent, region: str, today: date, *, weeks_back: int, until_on: date) -> list[date]:
    """Return all dates of a meetup: of its previous rhythm, if any, and of the current one."""
    began = first_on(meetup, today, weeks_back)
    long_ago = today - timedelta(weeks=min(weeks_back, meetup.started_weeks_ago))
    closed = closed_days(
        region,
        long_ago - timedelta(days=7),
        until_on,
        public=usual_holidays() if meetup.skip_public_holidays else (),
        school=meetup.skip_school_holidays,
    )
    rule = recurrence.Rule.parse(meetup.rrule)
    found = recurrence.dates(rule, began, from_on=began, until_on=until_on, skipping=closed)
    if meetup.past_rrule:
        earlier = recurrence.Rule.parse(meetup.past_rrule)
        before = began - timedelta(days=1)
        found = [
            *recurrence.dates(earlier, long_ago, from_on=long_ago, until_on=before, skipping=closed),
            *found,
        ]
    return found


def crowdedness(on: date, school_holidays: dict[date, str]) -> float:
    """Return a factor for attendance, 1 being usual: lower in school holidays and December, higher in September."""
    if on in school_holidays:
        return 0.55
    return {1: 1.1, 7: 0.85, 8: 0.85, 9: 1.15, 10: 1.05, 12: 0.9}.get(on.month, 1.0)


def simulate(
    meetup: MeetupContent,
    dates: list[date],
    *,
    today: date,
    school_holidays: dict[date, str],
    crowd: Crowd,
    steady: bool,
    random: Random,
) -> list[Day]:
    """Return the days of a meetup with their past visits and upcoming sign-ups."""
    days = [Day(on) for on in dates]
    if not days:
        return days
    per_month = max(1.0, len(dates) / max(1.0, (dates[-1] - dates[0]).days / 30.4))
    going: dict[int, dict[Family, bool]] = {index: {} for index in range(len(days))}  # -> is it their first time?

    def attend(family: Family, since: int, until: int, chance: float) -> None:
        is_first = True
        for index in range(since, min(until, len(days))):
            probability = chance * crowdedness(days[index].on, school_holidays) * signed_up_share(days[index].on, today)
            if is_first or random.random() < probability:
                going[index].setdefault(family, is_first)
                is_first = False

    past = sum(day.on < today for day in days)
    for number in range(meetup.regulars):
        since = (
            random.randrange(max(1, past // 4)) if number < meetup.regulars * 0.6 else random.randrange(max(1, past))
        )
        stay = len(days) if random.random() < 0.75 else since + random.randrange(8, 40)
        attend(crowd.family(meetup.age_bands), since, stay, min(0.9, random.uniform(2.2, 3.6) / per_month))
    for index, day in enumerate(days):
        if day.on > today + timedelta(days=10):
            break
        expected = meetup.newcomers / per_month * crowdedness(day.on, school_holidays)
        for _ in range(int(expected) + (random.random() < expected % 1)):
            is_guest = day.on > today - timedelta(days=28) and random.random() < 0.4
            if crowd.families and random.random() < 0.2:
                family = random.choice(crowd.families)
            else:
                family = crowd.family(meetup.age_bands, is_guest=is_guest)
            until, chance = index + 1, 0.0
            if random.random() < (0.6 if steady else 0.1):  # comes back
                until, chance = index + random.randrange(3, 9), 0.5
                if steady and random.random() < 0.4:  # and stays
                    until, chance = index + random.randrange(12, 50), random.uniform(0.3, 0.6)
            attend(family, index, until, chance)

    for index, day in enumerate(days):
        if meetup.themes and random.random() < 0.3:
            day.theme = random.choice(meetup.themes)
        if day.on < today and random.random() < (0.4 if meetup.often_cancelled else 0.025):
            day.reason = "?"
        is_past = day.on < today
        day.is_closed = is_past and not day.reason and (random.random() < 0.97)
        for family, is_first in going[index].items():
            if meetup.mode == "walk_in" and not is_first and random.random() < 0.25:
                day.walk_in_adults += family.adults * is_past
                day.walk_in_children += sum(family.children) * is_past
                continue
            visit = Visit(family, is_first, withdrew=random.random() < 0.05)
            if day.is_closed and not visit.withdrew:
                visit.came = random.random() < 0.91
            day.visits.append(visit)
        if day.is_closed and meetup.walk_ins:
            adults = round(random.uniform(0, 2 * meetup.walk_ins) * crowdedness(day.on, school_holidays))
            day.walk_in_adults += adults
            day.walk_in_children += sum(random.choices([0, 1, 2], [20, 60, 20])[0] for _ in range(adults))
        if not day.is_closed:
            day.walk_in_adults = day.walk_in_children = 0
    return days


def signed_up_share(on: date, today: date) -> float:
    """Return the share of the eventual visitors who have signed up by today."""
    weeks = (on - today).days / 7
    if weeks < 0:
        return 1.0
    return 0.85 if weeks < 1 else 0.5 if weeks < 2 else 0.2 if weeks < 3 else 0.03 if weeks < 6 else 0.0
