"""The fixed scenes of the demo, whatever the random data: today's door, a full date, a cancelled one, and the cast."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.cast import CAST
from demo.data.people import Crowd
from meetups.demo_data import Day, Family, Visit

DOOR_OF_THE_DEMO = ("ouder-en-kindcafe-hengelo", "weekendcafe-hengelo")  # together they have a date every day
SIGN_UPS_AT_THE_DOOR = 9
NEARLY_FULL = {"cavia-cafe-brummen", "taalcafe-met-kinderen-leiden"}
FULL = {"naaitafel-overvecht-utrecht", "spelen-op-het-kleed-gorinchem"}
CANCELLED = {
    "soep-en-spel-de-brug-hengelo": "De keuken wordt geschilderd. Over twee weken staat de soep weer op.",
    "leescafe-weert": "Truus viert haar verjaardag. De volgende keer is er extra vlaai.",
}
REPORTED_WELCOME = "soep-en-spel-de-brug-hengelo"  # the meetup of which someone reported the words of welcome
NEW_HOST_AT = "weekendcafe-hengelo"  # where the words of welcome of a new host wait for a look
FIRST_WORDS = "Hoi, ik ben Lotte. Je herkent me aan mijn schort vol verf. Ik maak graag kennis!"
TOWN_WITH_CASES = "hengelo"
NOTE_OF_SELAM = "Hello! My Dutch is small. Is there someone who speaks Tigrinya?"
DOOR_OPENS_BEFORE = timedelta(hours=1)


def cast_families() -> dict[str, Family]:
    """Return the cast as families that may attend, by key."""
    children = {"fatima.hengelo": (1, 0, 0), "daan.hengelo": (1, 0, 0), "selam.hengelo": (1, 1, 0)}
    return {
        person.key: Family(person.key, person.first_name, person.language, 1, children.get(person.key, (0, 1, 0)))
        for person in CAST
    }


def place_cast(slug: str, days: list[Day], cast: dict[str, Family], *, today: date, random: Random) -> None:
    """Add the cast's visits: Fatima every Tuesday, Marieke as a visitor in the past, and Selam as a newcomer today."""
    if slug not in DOOR_OF_THE_DEMO:
        return
    marieke, fatima, selam = (cast[key] for key in ("marieke.hengelo", "fatima.hengelo", "selam.hengelo"))
    past = [day for day in days if day.on < today and day.is_closed]
    if slug == DOOR_OF_THE_DEMO[0]:
        for index, day in enumerate(past[: len(past) // 4]):
            if index % 3 == 0:
                day.visits.append(Visit(marieke, is_first=index == 0, came=True))
    for day in past:
        if day.on.weekday() == 1 and random.random() < 0.85:
            day.visits.append(Visit(fatima, is_first=day is past[0], came=True))
    for day in days:
        if day.on == today:
            day.visits = [Visit(selam, is_first=True, note=NOTE_OF_SELAM), *day.visits]
        if today <= day.on < today + timedelta(days=15) and day.on.weekday() == 1:
            day.visits.append(Visit(fatima, is_first=False))


def fill_door(slug: str, days: list[Day], crowd: Crowd, *, today: date, age_bands: list[str]) -> None:
    """Fill the demo's door with enough sign-ups, two of them newcomers, on each date of the coming three weeks.

    The cast is left out: `place_cast` decides when they come.
    """
    if slug not in DOOR_OF_THE_DEMO:
        return
    cast = {person.key for person in CAST}
    before = dict.fromkeys(visit.family for day in days for visit in day.visits if day.on < today)
    regulars = [family for family in before if family.key not in cast][:14]
    for number, day in enumerate(day for day in days if today <= day.on < today + timedelta(days=21)):
        day.visits = [visit for visit in day.visits if not visit.withdrew]
        while sum(visit.is_first for visit in day.visits) < 2:
            day.visits.append(Visit(crowd.family(age_bands), is_first=True))
        present = {visit.family for visit in day.visits}
        start = number % max(1, len(regulars))
        spare = [family for family in regulars[start:] + regulars[:start] if family not in present]
        while len(day.visits) < SIGN_UPS_AT_THE_DOOR:
            day.visits.append(Visit(spare.pop() if spare else crowd.family(age_bands), is_first=False))


def set_scene(
    slug: str, days: list[Day], crowd: Crowd, *, today: date, capacity: int | None, age_bands: list[str]
) -> None:
    """Make the next date of some meetups full or nearly full, and cancel that of others."""
    coming = [day for day in days if day.on > today]
    if not coming:
        return
    if slug in CANCELLED:
        coming[0].reason = CANCELLED[slug]
        while len(coming[0].visits) < 4:
            coming[0].visits.append(Visit(crowd.family(age_bands), is_first=False))
    if capacity and slug in FULL | NEARLY_FULL:
        wanted = capacity + 3 if slug in FULL else capacity - 1
        visits = [visit for visit in coming[0].visits if not visit.withdrew]
        while sum(visit.family.adults for visit in visits) < wanted:
            family = crowd.family(age_bands)
            family.adults = 1
            visits.append(Visit(family, is_first=False))
        while slug in NEARLY_FULL and sum(visit.family.adults for visit in visits) > wanted:
            visits.pop()
        coming[0].visits = visits


def hours_of_today(slug: str, start: time, end: time, now: datetime) -> tuple[time, time]:
    """Return today's hours at the demo's door: the usual ones, or earlier ones before the usual opening time."""
    usual = datetime.combine(now.date(), start, tzinfo=now.tzinfo)
    if slug not in DOOR_OF_THE_DEMO or now >= usual - DOOR_OPENS_BEFORE:
        return start, end
    begin = now.replace(
        minute=now.minute // 15 * 15, second=0, microsecond=0
    )  # it has started, so it can be closed too
    return begin.time(), (begin + timedelta(hours=2)).time()
