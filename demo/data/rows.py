"""Writing the towns of the demo to the database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Role, User
from demo.cast import CAST, DOMAIN
from demo.data import scenes, stories
from demo.data.content import MeetupContent, TownContent, read_towns
from demo.data.people import FIRST_NAMES, NOTES_OF_HOSTS, NOTES_OF_NEWCOMERS, REASONS, Crowd, Family
from locations.actions import set_theme
from locations.models import Location, Municipality
from meetups import recurrence
from meetups.actions.forgetting import FORGOTTEN_NAME
from meetups.clock import localise
from meetups.closures import closed_days
from meetups.models import KEEP_TAPS, Attendance, DoorTap, Host, Meetup, Occurrence

NO_PASSWORD = "!"  # noqa: S105  (Django's mark for: signs in another way)
NOTES_KEPT = timedelta(days=30)


class TooFew(ValueError):
    """Fewer dates were asked for than the ten towns have ahead of them."""


class Demo:
    """One making of the demo data: the dice, the day, and the rows so far."""

    def __init__(self, *, seed: int, now: datetime, weeks_back: int = 57, weeks_ahead: int = 26) -> None:
        self.random = Random(seed)  # noqa: S311  (dice for a story, not for a secret)
        self.now = timezone.localtime(now)
        self.today = self.now.date()
        self.weeks_back = weeks_back
        self.until_on = self.today + timedelta(weeks=weeks_ahead)
        self.cast = scenes.cast_families()
        self.users: dict[str, User] = {}
        self.midnight = localise(self.today, time())

    def shorten(self, *, to: int) -> None:
        """Look back less far, so that there are at most `to` dates; raise TooFew when that leaves no past."""
        least = 4
        while (dates := self.count_dates()) > to:
            if self.weeks_back <= least:
                raise TooFew(f"The ten towns have {dates} dates at least. Ask for that many or more.")
            self.weeks_back -= 1

    def count_dates(self) -> int:
        return sum(
            len(self.planned_dates(content, town.school_region)) for town in read_towns() for content in town.meetups
        )

    def planned_dates(self, content: MeetupContent, region: str) -> list[date]:
        return stories.planned_dates(content, region, self.today, weeks_back=self.weeks_back, until_on=self.until_on)

    def make(self) -> None:
        towns = read_towns()
        municipalities = {town.slug: self.make_town(town) for town in towns}
        self.make_cast(municipalities)
        for town in towns:
            self.make_meetups(town, municipalities[town.slug])

    def make_town(self, town: TownContent) -> Municipality:
        municipality = Municipality.objects.create(
            name=town.name,
            slug=town.slug,
            cbs_code=town.cbs_code,
            school_region=town.school_region,
            latitude=town.latitude,
            longitude=town.longitude,
            introduction=town.introduction,
            contact_name=town.contact_name,
            contact_email=f"oudernetwerk@{town.slug}.example",
        )
        set_theme(municipality=municipality, accent=town.accent, logo=town.picture)
        replaced: list[tuple[str, str]] = []
        for number, content in enumerate(town.locations):
            fields = dict(content)
            if "replaced_by" in fields:
                replaced.append((fields["slug"], fields.pop("replaced_by")))
            Location.objects.create(
                municipality=municipality,
                facilities_checked_on=self.today - timedelta(days=20 + 31 * number),
                fixed_until=None if not town.steady or number else self.today + timedelta(days=400),
                **fields,
            )
        for old, new in replaced:
            Location.objects.filter(slug=old).update(replaced_by=Location.objects.get(slug=new))
        return municipality

    def make_cast(self, municipalities: dict[str, Municipality]) -> None:
        for person in CAST:
            self.make_user(self.cast[person.key], municipalities[person.town])
            if person.kind:
                Role.objects.create(
                    user=self.users[person.key],
                    kind=person.kind,
                    municipality=municipalities[person.town],
                    organisation=person.organisation,
                    label=person.label,
                )

    def make_user(self, family: Family, municipality: Municipality) -> User:
        user = User.objects.create(
            email=f"{family.key}@{DOMAIN}",
            first_name=family.first_name,
            language=family.language,
            municipality=municipality,
            password=NO_PASSWORD,
            date_joined=self.midnight - timedelta(weeks=self.weeks_back, days=3),
        )
        self.users[family.key] = user
        return user

    def make_host(self, name: str, town: TownContent, municipality: Municipality) -> User:
        """Return the user of a host: one of the cast by key, or anyone by first name."""
        key = name if name in self.cast else f"{name.lower()}.gast.{town.slug}"
        if key not in self.users:
            user = self.make_user(Family(key, name, "nl", 1, (0, 0, 0)), municipality)
            label = "gastheer" if name in {"Bram", "Piet", "Yusuf", "Kees", "Mehmet", "Anton"} else "gastvrouw"
            Role.objects.create(user=user, kind=Role.Kind.HOST, municipality=municipality, label=label)
        return self.users[key]

    def make_meetups(self, town: TownContent, municipality: Municipality) -> None:
        locations = {location.slug: location for location in municipality.locations.all()}
        crowd = Crowd(town.slug, self.random)
        told = [(content, *self.tell(content, town, crowd)) for content in town.meetups]
        self.make_users_of(crowd, municipality)
        for content, days, began in told:
            meetup = self.make_meetup(content, locations[content.location], began)
            hosts = [self.make_host(name, town, municipality) for name in content.hosts]
            Host.objects.bulk_create(
                Host(meetup=meetup, user=user, since=None, welcome=content.welcome if number == 0 else "")
                for number, user in enumerate(hosts)
            )
            places = [locations[slug] for slug in [content.location, *content.other_locations]]
            self.make_dates(meetup, content, days, places, hosts[0])

    def tell(self, content: MeetupContent, town: TownContent, crowd: Crowd) -> tuple[list[stories.Day], date]:
        dates = self.planned_dates(content, town.school_region)
        school = closed_days(
            town.school_region,
            self.today - timedelta(weeks=self.weeks_back + 1),
            self.until_on,
            public=(),
            school=True,
        )
        days = stories.tell(
            content,
            dates,
            today=self.today,
            school_holidays=school,
            crowd=crowd,
            steady=town.steady,
            random=self.random,
        )
        scenes.place_cast(content.slug, days, self.cast, today=self.today, random=self.random)
        scenes.fill_door(content.slug, days, crowd, today=self.today, age_bands=content.age_bands)
        scenes.set_scene(
            content.slug, days, crowd, today=self.today, capacity=content.capacity, age_bands=content.age_bands
        )
        return days, stories.first_on(content, self.today, self.weeks_back)

    def make_users_of(self, crowd: Crowd, municipality: Municipality) -> None:
        members = [family for family in crowd.families if not family.is_guest]
        users = User.objects.bulk_create(
            User(
                email=f"{family.key}@{DOMAIN}",
                first_name=family.first_name,
                language=family.language,
                municipality=municipality if self.random.random() < 0.8 else None,
                password=NO_PASSWORD,
                date_joined=self.midnight - timedelta(days=self.random.randrange(1, self.weeks_back * 7)),
            )
            for family in members
        )
        self.users |= {family.key: user for family, user in zip(members, users, strict=True)}

    def make_meetup(self, content: MeetupContent, location: Location, began: date) -> Meetup:
        words = ("title", "slug", "kind", "summary", "description", "greeting", "cost", "stay")
        rhythm = ("mode", "capacity", "newcomer_places", "skip_public_holidays", "skip_school_holidays")
        return Meetup.objects.create(
            location=location,
            age_bands=content.age_bands,
            languages=content.languages,
            rrule=str(recurrence.Rule.parse(content.rrule)),
            first_on=began,
            start_time=content.start,
            end_time=content.end,
            created_at=self.midnight - timedelta(weeks=self.weeks_back, days=1),
            **{name: getattr(content, name) for name in words + rhythm},
        )

    def make_dates(
        self, meetup: Meetup, content: MeetupContent, days: list[stories.Day], places: list[Location], host: User
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
            attendance.occurrence_id = attendance.occurrence.pk  # known only now
        Attendance.objects.bulk_create(sign_ups, batch_size=2000)
        DoorTap.objects.bulk_create(tap for occurrence in occurrences for tap in self.walk_ins(occurrence))

    def occurrence(self, meetup: Meetup, content: MeetupContent, day: stories.Day, place: Location) -> Occurrence:
        start, end = content.start, content.end
        if day.on == self.today:
            start, end = scenes.hours_of_today(content.slug, start, end, self.now)
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

    def attendance(self, occurrence: Occurrence, visit: stories.Visit, day: stories.Day) -> Attendance:
        family = visit.family
        said_at = min(occurrence.starts_at, self.midnight) - timedelta(minutes=self.random.randrange(90, 8000))
        is_recent = day.on > self.today - NOTES_KEPT
        if visit.is_first and family.key == "selam.hengelo":
            note = "Hello! My Dutch is small. Is there someone who speaks Tigrinya?"
        elif visit.is_first and is_recent and (day.on >= self.today or self.random.random() < 0.6):
            note = self.random.choice(NOTES_OF_NEWCOMERS)
        else:
            note = ""
        who: dict[str, Any] = {"user": self.users.get(family.key)}
        if family.is_guest:
            who = {"guest_name": family.first_name, "guest_email": f"{family.key}@{DOMAIN}"}
        return Attendance(
            occurrence=occurrence,
            language=family.language,
            adults=family.adults,
            children_0_3=family.children[0],
            children_4_12=family.children[1],
            children_13_18=family.children[2],
            state=Attendance.State.WITHDRAWN if visit.withdrew else Attendance.State.GOING,
            withdrawn_at=said_at + timedelta(minutes=60) if visit.withdrew else None,
            is_first_time=visit.is_first,
            note=note,
            is_present=visit.came,
            is_greeted=bool(visit.came and (not visit.is_first or self.random.random() < 0.9)),
            created_at=said_at,
            queued_at=said_at,
            **who,
        )

    def added_at_the_door(self, occurrence: Occurrence, day: stories.Day, content: MeetupContent) -> list[Attendance]:
        """Families who gave the host a first name and no address: none, one or two, as far as there is room."""
        wanted = self.random.choices([0, 1, 2], [50, 35, 15])[0]
        is_forgotten = day.on <= self.today - NOTES_KEPT
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
        """Count the seats in the order of signing up; who does not fit, waits (or, in the past, did not come)."""
        for attendance in sorted(attendances, key=lambda attendance: attendance.queued_at):
            if attendance.state != Attendance.State.GOING:
                continue
            if content.capacity and occurrence.seats_taken + attendance.adults > content.capacity:
                attendance.state = Attendance.State.WAITING
                attendance.is_present = None
                attendance.is_greeted = False
            else:
                occurrence.seats_taken += attendance.adults

    def close(self, occurrence: Occurrence, attendances: list[Attendance], day: stories.Day, host: User) -> None:
        present = [attendance for attendance in attendances if attendance.is_present]
        occurrence.walk_in_adults = day.walk_in_adults
        occurrence.walk_in_children = day.walk_in_children
        occurrence.head_adults = sum(attendance.adults for attendance in present) + day.walk_in_adults
        occurrence.head_children = sum(attendance.children for attendance in present) + day.walk_in_children
        occurrence.host_note = self.random.choice(NOTES_OF_HOSTS) if self.random.random() < 0.25 else ""
        occurrence.closed_at = occurrence.ends_at + timedelta(minutes=10)
        occurrence.closed_by = host

    def walk_ins(self, occurrence: Occurrence) -> list[DoorTap]:
        """The taps behind the totals of a recent date; of an older one only the totals are known."""
        if occurrence.ends_at < self.now - KEEP_TAPS:
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
