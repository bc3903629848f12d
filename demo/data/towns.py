"""Creates the ten demo towns, through the `demo_data` module of each app, lowest app first."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

import accounts.demo_data as accounts
import initiatives.demo_data as initiatives
import locations.demo_data as locations
import meetups.demo_data as meetups
import moderation.demo_data as moderation
from accounts.models import Role, User
from demo.cast import CAST
from demo.data import scenes, stories
from demo.data.content import TownContent, read_groups, read_ideas, read_photos, read_towns
from demo.data.people import Crowd
from locations.models import Location, Municipality
from meetups.clock import localise
from meetups.demo_data import Day, Family, MeetupContent
from meetups.models import Host
from meetups.schedule.closures import closed_days
from moderation.models import Reason

GASTHEREN = {"Bram", "Piet", "Yusuf", "Kees", "Mehmet", "Anton"}


class TooFew(ValueError):
    """Raised when fewer dates are requested than the ten towns have in the future."""


class Demo:
    """The state of one run: the random generator, the day, and the users created so far."""

    def __init__(self, *, seed: int, now: datetime, weeks_back: int = 57, weeks_ahead: int = 26) -> None:
        self.random = Random(seed)  # noqa: S311  (not used for secrets)
        self.now = timezone.localtime(now)
        self.today = self.now.date()
        self.weeks_back = weeks_back
        self.until_on = self.today + timedelta(weeks=weeks_ahead)
        self.cast = scenes.cast_families()
        self.users: dict[str, User] = {}
        self.midnight = localise(self.today, time())

    def shorten(self, *, to: int) -> None:
        """Shorten the past until there are at most `to` dates; raise TooFew when too little of it would be left."""
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
        """Create everything; a new app adds its own `demo_data` here, after the apps below it."""
        towns = read_towns()
        municipalities = {town.slug: self.make_town(town) for town in towns}
        self.make_cast(municipalities)
        if "ingrid.hengelo" in self.users:
            self.make_contacts(municipalities["hengelo"])
        for town in towns:
            self.make_meetups(town, municipalities[town.slug])
        if scenes.TOWN_WITH_CASES in municipalities:
            self.make_cases(municipalities[scenes.TOWN_WITH_CASES])
        self.make_ideas(municipalities)
        self.give_photos()

    def make_cases(self, town: Municipality) -> None:
        """Give the coordinator something to look at: words of a new host that wait, and something that was reported."""
        moderation.know(list(self.users.values()), now=self.now)
        new_host = self.make_user(Family("lotte.gast.hengelo", "Lotte", "nl", 1, (0, 1, 0)), town)
        accounts.give_role(new_host, Role.Kind.HOST, town, label="gastvrouw")
        meetups.welcome_first(new_host, scenes.NEW_HOST_AT, scenes.FIRST_WORDS, now=self.now)
        welcome = meetups.words_of_welcome(scenes.REPORTED_WELCOME)
        words = "Zij staat daar niet meer bij de deur."
        moderation.report("welcome", welcome.pk, reason=Reason.WRONG, words=words, number=1, now=self.now)

    def make_ideas(self, municipalities: dict[str, Municipality]) -> None:
        """Let parents propose ideas, and people of their town take part in them."""
        for content in read_ideas():
            if content.town not in municipalities:
                continue
            town = municipalities[content.town]
            proposer = self.make_proposer(content.by, town)
            if not content.waits:
                moderation.know([proposer], now=self.now)
            others = [user for user in self.users.values() if user.municipality == town and user != proposer]
            people = self.random.sample(others, min(len(others), 14))
            initiatives.make_idea(content, town=town, proposer=proposer, people=people, now=self.now)

        self.make_groups(municipalities)

    def make_groups(self, municipalities: dict[str, Municipality]) -> None:
        """Let people list groups that existed already, and someone of them ask to look after the page."""
        for content in read_groups():
            if content.town not in municipalities:
                continue
            town = municipalities[content.town]
            lister = self.make_proposer(content.by, town)
            moderation.know([lister], now=self.now)
            claimant = self.make_proposer(content.claimed_by, town) if content.claimed_by else None
            initiatives.make_group(content, town=town, lister=lister, claimant=claimant, now=self.now)

    def make_proposer(self, by: str, town: Municipality) -> User:
        """Return the user of who proposes: of the cast by key, or someone new by first name."""
        key = by if by in self.cast else f"{by.lower()}.idee.{town.slug}"
        if key not in self.users:
            self.make_user(Family(key, by, "nl", 1, (0, 1, 0)), town)
        return self.users[key]

    def give_photos(self) -> None:
        """Give places and hosts their photos, each by who would."""
        content = read_photos()
        for place in Location.objects.filter(slug__in=content.places).order_by("pk"):
            roles = Role.objects.filter(
                municipality=place.municipality_id, kind__in=[Role.Kind.COORDINATOR, Role.Kind.HOST]
            )
            # A host, so that the coordinator may decide when someone reports it.
            giver = roles.select_related("user").order_by("-kind", "pk").first()
            if giver is not None:
                locations.give_photo(place, giver.user, content.file(place.slug), content.places[place.slug], self.now)
        key_of = {user.pk: key for key, user in self.users.items()}
        for host in Host.objects.filter(user__in=key_of).select_related("user").order_by("pk"):
            key = key_of[host.user_id]
            if key in content.hosts:
                meetups.give_portrait(host, content.file(key), content.hosts[key], self.now)

    def make_town(self, town: TownContent) -> Municipality:
        return locations.make_town(
            town.fields,
            town.locations,
            accent=town.accent,
            logo=town.picture,
            is_agreed=town.steady,
            today=self.today,
        )

    def make_cast(self, municipalities: dict[str, Municipality]) -> None:
        for person in CAST:
            town = municipalities[person.town]
            user = self.make_user(self.cast[person.key], town)
            user.record_seen(self.now)  # those who look after a town are asked only if they come here
            if person.kind:
                accounts.give_role(user, person.kind, town, organisation=person.organisation, label=person.label)

    def make_contacts(self, town: Municipality) -> None:
        """Make Ingrid a contact for worries about a child in Hengelo, and Tineke one for the whole country."""
        tineke = self.make_user(Family("tineke.landelijk", "Tineke", "nl", 1, (0, 0, 0)), town)
        moderation.make_contacts(of_town=self.users["ingrid.hengelo"], town=town, of_country=tineke, now=self.now)

    def make_user(self, family: Family, municipality: Municipality) -> User:
        joined_at = self.midnight - timedelta(weeks=self.weeks_back, days=3)
        user = accounts.user_of(family.key, family.first_name, family.language, municipality, joined_at)
        self.users |= accounts.make_users([user])
        return user

    def make_host(self, name: str, town: TownContent, municipality: Municipality) -> User:
        """Return the user of a host, created if needed: a member of the cast by key, or anyone by first name."""
        key = name if name in self.cast else f"{name.lower()}.gast.{town.slug}"
        if key not in self.users:
            user = self.make_user(Family(key, name, "nl", 1, (0, 0, 0)), municipality)
            label = "gastheer" if name in GASTHEREN else "gastvrouw"
            accounts.give_role(user, Role.Kind.HOST, municipality, label=label)
        return self.users[key]

    def make_meetups(self, town: TownContent, municipality: Municipality) -> None:
        places = {location.slug: location for location in municipality.locations.all()}
        crowd = Crowd(town.slug, self.random)
        simulated = [(content, *self.simulate(content, town, crowd)) for content in town.meetups]
        self.make_users_of(crowd, municipality)
        rows = meetups.Rows(random=self.random, now=self.now, weeks_back=self.weeks_back, users=self.users)
        for content, days, began in simulated:
            hosts = [self.make_host(name, town, municipality) for name in content.hosts]
            rows.make(content, days, began=began, locations=places, hosts=hosts)

    def simulate(self, content: MeetupContent, town: TownContent, crowd: Crowd) -> tuple[list[Day], date]:
        dates = self.planned_dates(content, town.school_region)
        school = closed_days(
            town.school_region,
            self.today - timedelta(weeks=self.weeks_back + 1),
            self.until_on,
            public=(),
            school=True,
        )
        days = stories.simulate(
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
        for day in days:
            if day.on == self.today:
                day.hours = scenes.hours_of_today(content.slug, content.start, content.end, self.now)
        return days, stories.first_on(content, self.today, self.weeks_back)

    def make_users_of(self, crowd: Crowd, municipality: Municipality) -> None:
        members = [family for family in crowd.families if not family.is_guest]
        self.users |= accounts.make_users(
            accounts.user_of(
                family.key,
                family.first_name,
                family.language,
                municipality if self.random.random() < 0.8 else None,
                self.midnight - timedelta(days=self.random.randrange(1, self.weeks_back * 7)),
            )
            for family in members
        )
