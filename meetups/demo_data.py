"""Demo data of meetups: the content that a story provides, and the rows made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.demo_data import DOMAIN
from accounts.models import User
from locations.bilingual import in_english
from locations.models import Location
from meetups.attending.actions.forgetting import FORGOTTEN_NAME
from meetups.clock import localise
from meetups.managing.actions import planning
from meetups.managing.actions.portraits import set_portrait
from meetups.models import TAP_RETENTION, Attendance, DoorTap, Host, Meetup, Occurrence
from meetups.schedule import recurrence
from photos import actions as photos
from photos.models import Photo
from photos.shapes import PORTRAIT

KEEP_NOTES = timedelta(days=30)
NAMES = """
Aaliyah Abdi Abel Adam Agnieszka Aisha Ahmed Amal Amber Amina Amira Ana Anita Anne Anouk Arjan Asma Astrid Ayoub Aysel
Bas Bianca Bilal Birgit Bogdan Bram Burak Carla Carmen Charlotte Chen Chloe Daniela Daria David Denise Dewi Dilan Dina
Dunya Ebru Elif Elena Elske Emre Esra Eva Fadime Fatiha Femke Filiz Floor Fleur Frank Freek Gerrit Ghadir Goran Hager
Hala Halima Hamza Hana Hanna Harm Hasan Hind Ilse Imane Indra Ineke Iris Irina Isabel Iwona Jacqueline Jamila Janneke
Jasmina Jeroen Jesse Joanna Johan Joke Jorrit Josephine Judith Kaoutar Karim Karin Katarzyna Khadija Kim Kirsten Laila
Lars Latifa Laura Leila Leyla Liesbeth Lina Linda Loubna Lucia Luuk Maaike Maartje Magda Maria Mariam Mark Marloes
Martijn Maryam Mehmet Melissa Meral Michiel Milan Miriam Mirjam Mohamed Monique Myrthe Nada Nadia Naima Natalia Nawal
Niels Nienke Nina Nour Olena Olga Omar Patricia Paula Pim Rachid Rana Rania Renske Rianne Rick Roos Rosa Ruben Rukiye
Ruud Saida Salma Samira Sandra Sara Saskia Selma Semhar Serkan Sevda Shanti Silvia Simone Sjors Soraya Stefan Sumaya
Svitlana Tamara Tanja Tesfay Thijs Thomas Tijn Tirza Tom Ümit Valentina Vera Viktoriia Wahid Wendy Wiebe Wout Yara
Yasmin Yildiz Yohannes Yvette Zahra Zeynep Zoë
"""
FIRST_NAMES = NAMES.split()
NOTES_OF_NEWCOMERS = [
    "Ik ken nog niemand. Best spannend!",
    "We wonen hier sinds twee maanden. Mijn zoontje is wat verlegen.",
    "Ik praat nog niet zo goed Nederlands. Is dat erg?",
    "Mijn dochter heeft een notenallergie.",
    "Ik kom met een tweelingwagen. Past die door de deur?",
    "Hallo! Mijn zus is hier ook geweest en vond het fijn.",
    "Ik moet om half elf weer weg, kan dat?",
    "Ik geef borstvoeding. Is er een rustig plekje?",
    "My Dutch is still small. I would love to practise.",
    "Ik ben opa en pas elke week op. Mag ik ook komen?",
]
NOTES_OF_HOSTS = [
    "Gezellige ochtend. Twee ouders bleken in dezelfde straat te wonen.",
    "Rustig vandaag, dus lang kunnen praten.",
    "De blokken zijn favoriet. Misschien een tweede bak?",
    "Veel gelachen. De koffie was op om elf uur.",
    "Iemand vroeg naar hulp bij een brief van school. Volgende week samen kijken.",
    "Drie nieuwe gezichten, alle drie voorgesteld.",
    "Het regende hard, toch kwamen de meesten.",
    "Er is een plan voor een kledingruil.",
]
REASONS = [
    "We zijn ziek. De volgende keer zijn we er weer.",
    "De zaal is vandaag niet vrij.",
    "Het waait te hard om veilig te komen.",
    "De verwarming is stuk.",
]


@dataclass(eq=False)
class Family:
    """Someone who comes, with their party; `key` is the local part of their e-mail address."""

    key: str
    first_name: str
    language: str
    adults: int
    children: tuple[int, int, int]  # 0-3, 4-12, 13-18
    is_guest: bool = False  # comes without an account


@dataclass(frozen=True)
class MeetupContent:
    """The texts, schedule and attendance of a meetup."""

    slug: str
    location: str
    title: str
    kind: str
    summary: str
    description: str
    greeting: str
    cost: str
    stay: str
    age_bands: list[str]
    languages: list[str]
    mode: str
    rrule: str
    start: time
    end: time
    hosts: list[str]  # keys of the cast, or first names
    welcome: str
    regulars: int  # families that keep coming
    newcomers: int  # new families per month
    walk_ins: int  # adults per date who give no name
    is_free: bool | None = None
    english: dict[str, str] = field(default_factory=dict)  # the texts in English, by the name of the Dutch one
    capacity: int | None = None
    newcomer_places: int = 0
    past_rrule: str = ""  # an earlier schedule, if it was different
    skip_public_holidays: bool = True
    skip_school_holidays: bool = False
    other_locations: list[str] = field(default_factory=list)  # if it alternates between places
    themes: list[str] = field(default_factory=list)
    started_weeks_ago: int = 10_000
    often_cancelled: bool = False


@dataclass
class Visit:
    """One family at one date, as recorded so far."""

    family: Family
    is_first: bool
    came: bool | None = None  # None: the date is in the future, or nobody recorded it
    withdrew: bool = False
    note: str = ""  # to the host; "" for a random one


@dataclass
class Day:
    """One date of a meetup."""

    on: date
    visits: list[Visit] = field(default_factory=list)
    walk_in_adults: int = 0
    walk_in_children: int = 0
    reason: str = ""  # why it was cancelled
    theme: str = ""
    is_closed: bool = False
    hours: tuple[time, time] | None = None  # if different from the usual hours


class Rows:
    """Writes meetups with their dates, sign-ups and taps, using `random` for every choice."""

    def __init__(self, *, random: Random, now: datetime, weeks_back: int, users: Mapping[str, User]) -> None:
        self.random = random
        self.now = timezone.localtime(now)
        self.today = self.now.date()
        self.midnight = localise(self.today, time())
        self.weeks_back = weeks_back
        self.users = users  # by the key of the family

    def make(
        self,
        content: MeetupContent,
        days: Sequence[Day],
        *,
        began: date,
        locations: Mapping[str, Location],
        hosts: Sequence[User],
    ) -> None:
        """Write a meetup that started on `began`, its hosts, and its days at these locations (by slug)."""
        meetup = self.make_meetup(content, locations[content.location], began)
        Host.objects.bulk_create(
            Host(meetup=meetup, user=user, since=None, welcome=content.welcome if number == 0 else "")
            for number, user in enumerate(hosts)
        )
        places = [locations[slug] for slug in [content.location, *content.other_locations]]
        self.make_dates(meetup, content, days, places, hosts[0])

    def make_meetup(self, content: MeetupContent, location: Location, began: date) -> Meetup:
        text_fields = ("title", "slug", "kind", "summary", "description", "greeting", "cost", "is_free", "stay")
        schedule_fields = ("mode", "capacity", "newcomer_places", "skip_public_holidays", "skip_school_holidays")
        return Meetup.objects.create(
            location=location,
            age_bands=content.age_bands,
            languages=content.languages,
            rrule=str(recurrence.Rule.parse(content.rrule)),
            first_on=began,
            start_time=content.start,
            end_time=content.end,
            created_at=self.midnight - timedelta(weeks=self.weeks_back, days=1),
            **{name: getattr(content, name) for name in text_fields + schedule_fields},
            **{in_english(name): text for name, text in content.english.items()},
        )

    def make_dates(
        self, meetup: Meetup, content: MeetupContent, days: Sequence[Day], places: Sequence[Location], host: User
    ) -> None:
        occurrences, sign_ups = [], []
        for number, day in enumerate(days):
            place = places[number % len(places)]
            if day.on >= self.today and place.replaced_by_id:
                place = places[0]
            occurrence = self.occurrence(meetup, content, day, place)
            attendances = [self.attendance(occurrence, visit, day) for visit in day.visits]
            self.seat(occurrence, attendances, content)
            if day.is_closed:
                attendances += self.added_at_the_door(occurrence, day, content)
                self.close(occurrence, attendances, day, host)
            occurrences.append(occurrence)
            sign_ups += attendances
        Occurrence.objects.bulk_create(occurrences, batch_size=2000)
        for attendance in sign_ups:
            attendance.occurrence_id = attendance.occurrence.pk  # bulk_create has set it now
        Attendance.objects.bulk_create(sign_ups, batch_size=2000)
        DoorTap.objects.bulk_create(tap for occurrence in occurrences for tap in self.walk_ins(occurrence))

    def occurrence(self, meetup: Meetup, content: MeetupContent, day: Day, place: Location) -> Occurrence:
        start, end = day.hours or (content.start, content.end)
        starts_at, ends_at = recurrence.span(day.on, start, end)
        reason = self.random.choice(REASONS) if day.reason == "?" else day.reason
        return Occurrence(
            meetup=meetup,
            location=place,
            starts_at=starts_at,
            ends_at=ends_at,
            planned_for=day.on,
            theme=day.theme,
            status=Occurrence.Status.CANCELLED if reason else Occurrence.Status.SCHEDULED,
            cancel_reason=reason,
            is_edited=start != content.start or place.pk != meetup.location_id or bool(reason),
            sequence=1 if reason else 0,
            changed_at=self.midnight - timedelta(days=1) if day.on >= self.today else starts_at - timedelta(days=3),
        )

    def attendance(self, occurrence: Occurrence, visit: Visit, day: Day) -> Attendance:
        family = visit.family
        signed_up_at = min(occurrence.starts_at, self.midnight) - timedelta(minutes=self.random.randrange(90, 8000))
        is_recent = day.on > self.today - KEEP_NOTES
        if visit.note:
            note = visit.note
        elif visit.is_first and is_recent and (day.on >= self.today or self.random.random() < 0.6):
            note = self.random.choice(NOTES_OF_NEWCOMERS)
        else:
            note = ""
        person: dict[str, Any] = {"user": self.users.get(family.key)}
        if family.is_guest:
            person = {"guest_name": family.first_name, "guest_email": f"{family.key}@{DOMAIN}"}
        return Attendance(
            occurrence=occurrence,
            language=family.language,
            adults=family.adults,
            children_0_3=family.children[0],
            children_4_12=family.children[1],
            children_13_18=family.children[2],
            state=Attendance.State.WITHDRAWN if visit.withdrew else Attendance.State.GOING,
            withdrawn_at=signed_up_at + timedelta(minutes=60) if visit.withdrew else None,
            is_first_time=visit.is_first,
            note=note,
            is_present=visit.came,
            is_greeted=bool(visit.came and (not visit.is_first or self.random.random() < 0.9)),
            created_at=signed_up_at,
            queued_at=signed_up_at,
            **person,
        )

    def added_at_the_door(self, occurrence: Occurrence, day: Day, content: MeetupContent) -> list[Attendance]:
        """Zero to two families who gave the host a first name and no e-mail address, as far as there is room."""
        wanted = self.random.choices([0, 1, 2], [50, 35, 15])[0]
        is_forgotten = day.on <= self.today - KEEP_NOTES
        added = []
        for _ in range(wanted):
            if content.capacity and occurrence.seats_taken >= content.capacity:
                break
            occurrence.seats_taken += 1
            name = self.random.choice(FIRST_NAMES)
            added.append(
                Attendance(
                    occurrence=occurrence,
                    guest_name=FORGOTTEN_NAME if is_forgotten else name,
                    children_0_3=1,
                    state=Attendance.State.GOING,
                    source=Attendance.Source.DOOR,
                    is_present=True,
                    is_greeted=True,
                    created_at=occurrence.starts_at,
                    queued_at=occurrence.starts_at,
                )
            )
        return added

    def seat(self, occurrence: Occurrence, attendances: list[Attendance], content: MeetupContent) -> None:
        """Give out seats in order of sign-up; put those for whom there is no room on the waiting list."""
        for attendance in sorted(attendances, key=lambda attendance: attendance.queued_at):
            if attendance.state != Attendance.State.GOING:
                continue
            if content.capacity and occurrence.seats_taken + attendance.adults > content.capacity:
                attendance.state = Attendance.State.WAITING
                attendance.is_present = None
                attendance.is_greeted = False
            else:
                occurrence.seats_taken += attendance.adults

    def close(self, occurrence: Occurrence, attendances: list[Attendance], day: Day, host: User) -> None:
        present = [attendance for attendance in attendances if attendance.is_present]
        occurrence.walk_in_adults = day.walk_in_adults
        occurrence.walk_in_children = day.walk_in_children
        occurrence.head_adults = sum(attendance.adults for attendance in present) + day.walk_in_adults
        occurrence.head_children = sum(attendance.children for attendance in present) + day.walk_in_children
        occurrence.host_note = self.random.choice(NOTES_OF_HOSTS) if self.random.random() < 0.25 else ""
        occurrence.closed_at = occurrence.ends_at + timedelta(minutes=10)
        occurrence.closed_by = host

    def walk_ins(self, occurrence: Occurrence) -> list[DoorTap]:
        """The taps behind the totals of a recent date; those of older dates have been deleted."""
        if occurrence.ends_at < self.now - TAP_RETENTION:
            return []
        kinds = [DoorTap.Kind.ADULTS] * occurrence.walk_in_adults + [
            DoorTap.Kind.CHILDREN
        ] * occurrence.walk_in_children
        return [
            DoorTap(
                occurrence=occurrence,
                kind=kind,
                delta=1,
                device=UUID(int=occurrence.pk),
                sequence=number,
                tapped_at=occurrence.starts_at + timedelta(minutes=number),
                received_at=occurrence.starts_at + timedelta(minutes=number),
                host_id=occurrence.closed_by_id,
            )
            for number, kind in enumerate(kinds, start=1)
        ]


def welcome_first(user: User, slug: str, words: str, *, now: datetime) -> None:
    """Let a new host write words of welcome at the meetup with this slug; they wait for a look."""
    host = Host.objects.create(meetup=Meetup.objects.get(slug=slug), user=user, since=None)
    planning.set_welcome(host=host, by=user, words=words, now=now)


def words_of_welcome(slug: str) -> Host:
    """Return the first words of welcome at the meetup with this slug."""
    return Host.objects.filter(meetup__slug=slug).exclude(welcome="").earliest("pk")


def give_portrait(host: Host, data: bytes, description: str, now: datetime) -> None:
    """Give a portrait of a host; the worker of the demo makes it, as any other."""
    photo = photos.receive(given_by=host.user, purpose=host.portrait_purpose, shape=PORTRAIT, data=data, now=now)
    answers = {"description": description, "children": Photo.Children.NONE}
    set_portrait(host=host, photo=photo, by=host.user, now=now, **answers)
