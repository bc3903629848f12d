"""A small town with users of every role, for tests of whole pages."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.core import signing
from django.utils import timezone

from accounts.models import AddressChange, Device, Role, User
from initiatives.merging import actions as merging
from initiatives.models import (
    Audience,
    Card,
    Claim,
    Dormancy,
    ExistingGroup,
    Follow,
    Initiative,
    Initiator,
    Invitation,
    Merge,
    PlaceRequest,
    Plan,
    Post,
    Question,
    Support,
)
from initiatives.noting import actions as noting
from initiatives.talking.tokens import stop_url
from insights.actions import last_closed_month
from insights.models import MonthlyFigure
from locations.models import Location, Municipality
from locations.theme import logos
from locations.theme.actions import set_theme
from meetups.attending import tokens
from meetups.clock import add_months
from meetups.models import Attendance, CalendarKey, Meetup, Occurrence
from meetups.schedule.recurrence import DAY_CODES
from moderation import demo_data as moderation
from moderation.actions import deciding
from moderation.models import Block, Case, Concern, Reason
from moderation.worries import actions as worries
from moderation.worries.views import SENT_SALT
from notifications.models import Message, Topic
from notifications.unsubscribing import unsubscribe_url
from pages import address_changes
from photos.models import Photo
from photos.shapes import PORTRAIT
from tests.factories import (
    make_attendance,
    make_concern,
    make_device,
    make_existing_group,
    make_initiative,
    make_location,
    make_meetup,
    make_municipality,
    make_occurrence,
    make_photo,
    make_role,
    make_support,
    make_user,
)
from tests.pictures import make_png

# The response of a phone that creates a passkey; nobody has its private key.
CREDENTIAL = {
    "id": "MTExMTExMTExMTExMTExMQ",
    "rawId": "MTExMTExMTExMTExMTExMQ",
    "response": {
        "clientDataJSON": (
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiZUhoNGVIaDRlSGg0ZUhoNGVIaDRlSGg0ZUhoNG"
            "VIaDRlSGg0ZUhoNGVIZyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3QiLCJjcm9zc09yaWdpbiI6ZmFsc2V9"
        ),
        "attestationObject": (
            "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViUSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAA"
            "AAAAAAAAAAAAAAAAAAAAAAEDExMTExMTExMTExMTExMTGlAQIDJiABIVggKFQh7AtZQDoO6cnXoxc0KyuTkKwb6Cj2"
            "mMkqZPUcrcMiWCDYFGNVlnWU2cHUCUVku81N9FBmNrcvar95sYJ7ZkIxjg"
        ),
    },
    "clientExtensionResults": {},
    "type": "public-key",
}


@dataclass
class Town:
    """Hengelo, with a coffee morning right now and one next week; Leiden is another town."""

    hengelo: Municipality
    leiden: Municipality
    library: Location
    coffee: Meetup
    walk: Meetup
    today: Occurrence
    next_week: Occurrence
    full: Occurrence
    cancelled: Occurrence
    over: Occurrence
    parent: User
    newcomer: User
    host: User
    other_host: User
    professional: User
    officer: User
    officer_elsewhere: User
    coordinator: User
    coordinator_elsewhere: User
    safety_contact: User
    named_contact: User  # in the concern
    attendance: Attendance  # of the parent, next week
    guest: Attendance  # today, without an account
    asked: Attendance  # next week, by a guest who did not open the link yet
    calendar_key: CalendarKey  # of the parent
    reminder: Message  # to the parent
    passkey: Authenticator  # of the parent
    device: Device  # another one of the parent
    address_change: AddressChange  # of the newcomer
    concern: Concern  # read, not handled
    case: Case  # the walk was reported, and its writer, the other host, gave an answer
    block: Block  # by the parent, of the professional
    place_photo: Photo  # of the library
    idea: Initiative  # of the host; the newcomer comes
    idea_draft: Initiative  # of the host
    idea_ended: Initiative  # of the host
    card: Card  # with an idea that the host noted
    invitation: Invitation  # of someone without an account, to start the idea together
    support: Support  # of the newcomer
    guest_support: Support  # of a guest who did not open the link yet
    # Ideas with a day and a place.
    asked_place: PlaceRequest  # to the library, for an idea of the host
    merge: Merge  # the host is asked to continue together
    moving_support: Support  # of the newcomer, to an idea that continues in the one of who asks that
    running_support: Support  # of the newcomer, in an idea of the host that has become the walk
    # Groups that exist already.
    group: ExistingGroup
    group_claim: Claim  # by the professional
    group_of_guest: ExistingGroup  # did not open the link yet
    # Talk: an idea of the other host, in which the parent and the host take part; the host said and asked something.
    talk_idea: Initiative
    heir: Support
    post: Post
    question: Question
    follow: Follow

    def token(self, purpose: str, attendance: Attendance | None = None) -> str:
        """Return the token in the link of a mail."""
        return tokens.make(purpose, attendance or self.asked)

    @property
    def unsubscribe_token(self) -> str:
        return unsubscribe_url(self.reminder).rstrip("/").rsplit("/", 1)[-1]

    @property
    def follow_token(self) -> str:
        return stop_url(self.follow).rstrip("/").rsplit("/", 1)[-1]

    @property
    def undo_token(self) -> str:
        return address_changes.link(self.address_change).rstrip("/").rsplit("/", 1)[-1]

    @property
    def sent_token(self) -> str:
        promise = {"town": "hengelo", "level": 0, "read_by": self.concern.read_by.isoformat()}
        return signing.dumps(promise, salt=SENT_SALT)

    @property
    def people(self) -> dict[str, User | None]:
        """The users by role; None for the stranger."""
        return {
            "stranger": None,
            "parent": self.parent,
            "host": self.host,
            "other_host": self.other_host,
            "professional": self.professional,
            "officer": self.officer,
            "officer_elsewhere": self.officer_elsewhere,
            "coordinator": self.coordinator,
            "coordinator_elsewhere": self.coordinator_elsewhere,
            "safety_contact": self.safety_contact,
            "named_contact": self.named_contact,
        }


def make_town() -> Town:
    """Create the town and return its people, places and dates."""
    now = timezone.now()
    day_began = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    hengelo = make_municipality("Hengelo", cbs_code="GM0164", introduction="Ouders in Hengelo kennen elkaar.")
    set_theme(municipality=hengelo, accent="#1b4f9c", logo=logos.read(make_png()))
    hengelo.refresh_from_db()
    leiden = make_municipality("Leiden", cbs_code="GM0546", latitude=52.1583, longitude=4.4931)
    library = make_location(
        hengelo,
        name="Bibliotheek Hengelo",
        slug="bibliotheek-hengelo",
        address="Beursstraat 34",
        postcode="7551 HV",
        neighbourhood="Centrum",
        directions="Door de draaideur, links achter de kinderboeken.",
        step_free=True,
        changing_table=True,
        quiet_room=False,
        facilities_checked_on=timezone.localdate(),
    )
    host = make_role(Role.Kind.HOST, hengelo, make_user("Marieke"))
    other_host = make_role(Role.Kind.HOST, hengelo, make_user("Joke"))
    text: dict[str, Any] = {
        "greeting": "Marieke. Je herkent haar aan de oranje sjaal.",
        "cost": "Niets. De koffie is gratis.",
        "stay": "Zo lang je wilt.",
        "age_bands": ["0-3", "4-12"],
        "languages": ["nl", "ar"],
        "description": "Je kunt komen praten, luisteren of gewoon even zitten.",
    }
    coffee = make_meetup(
        library,
        hosts=(host,),
        title="Ouder- en kindcafé",
        slug="ouder-en-kindcafe",
        capacity=12,
        newcomer_places=2,
        rrule="FREQ=WEEKLY;BYDAY=" + ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[timezone.localdate().weekday()],
        first_on=timezone.localdate() - timedelta(weeks=4),
        **text,
    )
    coffee.hosts.update(welcome="Kom gerust alleen, ik sta bij de deur.")
    walk = make_meetup(
        library,
        hosts=(other_host,),
        title="Wandelen met de wagen",
        slug="wandelen",
        mode=Meetup.Mode.WALK_IN,
        kind="walk",
        created_by=other_host,
    )
    today = make_occurrence(
        coffee,
        on=timezone.localdate(now),
        starts_at=max(day_began, now - timedelta(minutes=20)),
        ends_at=now + timedelta(hours=1),
    )
    next_week = make_occurrence(coffee, on=timezone.localdate() + timedelta(days=5))
    full = make_occurrence(coffee, on=timezone.localdate() + timedelta(days=6), capacity=1)
    cancelled = make_occurrence(
        coffee, on=timezone.localdate() + timedelta(days=3), status="cancelled", cancel_reason="Marieke is ziek."
    )
    over = make_occurrence(coffee, on=timezone.localdate() - timedelta(days=7))
    make_occurrence(walk, on=timezone.localdate() + timedelta(days=2))
    parent = make_user("Fatima")
    newcomer = make_user("Zoë 🌱")
    attendance = make_attendance(next_week, parent, children_0_3=1, note="Ik ben verlegen.")
    make_attendance(today, parent)
    make_attendance(today, newcomer, is_first_time=True, note="Ik ken nog niemand.", children_0_3=1)
    make_attendance(full, newcomer)
    make_attendance(over, parent, is_present=True)
    guest = make_attendance(
        today, guest_name="Gülsüm", guest_email="gulsum@guest.example", note="Wij zijn met de fiets."
    )
    asked = make_attendance(next_week, guest_name="Aisha", guest_email="aisha@guest.example", state="unconfirmed")
    make_figures(hengelo, library)
    safety_contact = make_role(Role.Kind.SAFETY_CONTACT, hengelo, make_user("Ingrid"))
    named_contact = make_role(Role.Kind.SAFETY_CONTACT, hengelo, make_user("Gerda"))
    concern = make_concern(hengelo, words="De buurjongen is vaak alleen. Gerda weet ervan.", reply_to="06-geheim")
    worries.mark_read(concern=concern, reader=safety_contact, now=now)
    Message.objects.filter(object_id=concern.pk, template="moderation.concern").delete()
    professional = make_role(Role.Kind.PROFESSIONAL, hengelo, make_user("Petra"), label="jeugdverpleegkundige")
    coordinator = make_role(Role.Kind.COORDINATOR, hengelo, make_user("Sanne"))
    case = make_case(walk, coordinator, other_host)
    moderation.know([host, other_host], now=now)
    place_photo = make_photo(coordinator, purpose=library.photo_purpose, description="Een lange tafel bij het raam")
    portrait_of = coffee.hosts.get()
    portrait = make_photo(host, purpose=portrait_of.portrait_purpose, shape=PORTRAIT, description="Marieke lacht")
    library.photo, portrait_of.portrait = place_photo, portrait
    library.save(update_fields=["photo"])
    portrait_of.save(update_fields=["portrait"])
    return Town(
        hengelo=hengelo,
        leiden=leiden,
        library=library,
        coffee=coffee,
        walk=walk,
        today=today,
        next_week=next_week,
        full=full,
        cancelled=cancelled,
        over=over,
        parent=parent,
        newcomer=newcomer,
        host=host,
        other_host=other_host,
        professional=professional,
        officer=make_role(Role.Kind.POLICY_OFFICER, hengelo, make_user("Henk")),
        officer_elsewhere=make_role(Role.Kind.POLICY_OFFICER, leiden, make_user("Anna")),
        coordinator=coordinator,
        coordinator_elsewhere=make_role(Role.Kind.COORDINATOR, leiden, make_user("Bram")),
        safety_contact=safety_contact,
        named_contact=named_contact,
        concern=concern,
        attendance=attendance,
        guest=guest,
        asked=asked,
        calendar_key=CalendarKey.objects.create(user=parent),
        reminder=Message.objects.create(
            topic=Topic.REMINDER,
            user=parent,
            email=parent.email,
            template="meetups.reminder",
            object_id=attendance.pk,
            dedupe_key="reminder",
            state=Message.State.SENT,
            sent_at=now,
        ),
        passkey=Authenticator.objects.create(
            user=parent, type=Authenticator.Type.WEBAUTHN, data={"name": "Mijn telefoon", "credential": CREDENTIAL}
        ),
        device=make_device(parent),
        address_change=AddressChange.objects.create(
            user=newcomer, old_email="before@example.org", new_email=newcomer.email, changed_at=now
        ),
        case=case,
        block=Block.objects.create(user=parent, blocked=professional, on=timezone.localdate()),
        place_photo=place_photo,
        **make_groups(hengelo, professional),
        **make_ideas(hengelo, coffee, host, newcomer, professional),
        **make_plans(hengelo, library, walk, host, newcomer),
        **make_talk(hengelo, other_host, parent, host),
    )


def make_groups(town: Municipality, claimant: User) -> dict[str, Any]:
    """Create a group that someone would like to look after, and one that a guest did not confirm yet."""
    website = "https://rennen.example/"
    group = make_existing_group(town, slug="rennende-moeders", email="info@rennen.example")
    Initiative.objects.filter(pk=group.initiative_id).update(website=website)
    claim = {"by": claimant, "email": "bestuur@rennen.example", "words": "Ik loop voorop sinds 2019."}
    return {
        "group": group,
        "group_claim": Claim.objects.create(group=group, **claim),
        "group_of_guest": make_existing_group(town, title="Rolschaatsclub", guest_email="noortje@guest.example"),
    }


def make_ideas(town: Municipality, meetup: Meetup, proposer: User, supporter: User, helper: User) -> dict[str, Any]:
    """Create an idea that people take part in, a draft, and one that ended."""
    idea = make_initiative(
        proposer,
        municipality=town,
        slug="cavia-cafe",
        stage="gathering",
        needed="2 balen hooi\nIemand die de deur opendoet",
        themes=["animals"],
        age_bands=["4-12"],
        languages=["nl"],
        moments=["3-afternoon"],
        wished_place=meetup.location,
        born_at_meetup=meetup,
        born_at_place=meetup.location,
    )
    draft = make_initiative(proposer, municipality=town, slug="concept-1", title="Concept", published_at=None)
    ended = make_initiative(
        proposer,
        municipality=town,
        slug="speelbus",
        title="Speelbus",
        stage="ended",
        end_reason="not_possible",
        end_note="Er was geen bus.",
    )
    support = make_support(idea, supporter, moments=["3-afternoon"], children=2)
    make_support(idea, helper, kind="help", words="Ik zet thee.")
    make_support(idea, guest_name="Gülsüm", guest_email="gulsum@guest.example")
    guest_support = make_support(idea, guest_name="Aisha", guest_email="aisha@guest.example", state="unconfirmed")
    card = noting.note(by=proposer, meetup=meetup, fields={"what": "Iets met vliegers."}, now=timezone.now())
    partner = make_user("Bo")
    Initiator.objects.create(initiative=idea, user=partner, part=Initiator.As.CO_INITIATOR)
    invitation = Invitation.objects.create(
        initiative=idea, email="lies@guest.example", address_hash="1", invited_by=proposer
    )
    return {
        "card": card,
        "invitation": invitation,
        "idea": idea,
        "idea_draft": draft,
        "idea_ended": ended,
        "support": support,
        "guest_support": guest_support,
    }


def make_plans(town: Municipality, place: Location, meetup: Meetup, proposer: User, supporter: User) -> dict[str, Any]:
    """Create an idea for which a place was asked, and one that has become a meetup."""
    asking = make_initiative(proposer, municipality=town, slug="konijnenclub", title="Konijnenclub", stage="gathering")
    make_support(asking, supporter)
    first_on = timezone.localdate() + timedelta(days=20)
    schedule = {
        "place": place,
        "rrule": "FREQ=WEEKLY;BYDAY=" + DAY_CODES[first_on.weekday()],
        "first_on": first_on,
        "start_time": time(19),
        "end_time": time(21),
    }
    Plan.objects.create(initiative=asking, **schedule)
    asked = PlaceRequest.objects.create(
        initiative=asking, adults=4, children=6, expected="Een tafel.", asked_by=proposer, **schedule
    )
    running = make_initiative(
        proposer, municipality=town, slug="wandelgroep", title="Wandelgroep", stage="running", meetup=meetup
    )
    return {
        "asked_place": asked,
        **make_merges(town, proposer, supporter),
        "running_support": make_support(running, supporter, children=1),
    }


def make_merges(town: Municipality, proposer: User, supporter: User) -> dict[str, Any]:
    """Ask `proposer` whether two ideas continue together, and let one in which `supporter` takes part have done so."""
    wind, boats = make_user("Cem"), make_user("Daan")
    hers = make_initiative(proposer, municipality=town, slug="vliegers", title="Vliegers")
    his = make_initiative(wind, municipality=town, slug="windmakers", title="Windmakers")
    ask = {"starts_along": True, "now": timezone.now()}
    asked = merging.ask(initiative=his, other=hers, by=wind, is_ending=True, **ask)
    ended = make_initiative(boats, municipality=town, slug="bootjes", title="Bootjes")
    moving = make_support(ended, supporter)
    merge = merging.ask(initiative=ended, other=his, by=boats, is_ending=True, **ask)
    merging.agree(merge=merge, by=wind, **ask)
    Message.objects.filter(template__regex=r"^initiative(_merges|s\.merged)").delete()
    return {"merge": asked, "moving_support": moving}


def make_talk(town: Municipality, proposer: User, parent: User, host: User) -> dict[str, Any]:
    """An idea in which two people take part, of whom `host` said and asked something, and follows it.

    Its proposer is asked whether it continues, and others whether they take it over.
    """
    idea = make_initiative(proposer, municipality=town, title="Fietsclub", slug="fietsclub")
    heir, _host = [make_support(idea, user, kind="help", words="koffie zetten") for user in (parent, host)]
    asked_at, soon = timezone.now(), timezone.localdate() + timedelta(days=9)
    Dormancy.objects.create(
        initiative=idea, asked_at=asked_at, offers_on=soon, offered_at=timezone.now(), pauses_on=soon
    )
    shown = {"initiative": idea, "shown_at": timezone.now()}
    due_on = timezone.localdate() + timedelta(days=14)
    return {
        "talk_idea": idea,
        "heir": heir,
        "post": Post.objects.create(author=host, text="Zullen we beginnen?", audience=Audience.NETWORK, **shown),
        "question": Question.objects.create(
            asked_by=host, text="Mag het op het plein?", first_due_on=due_on, due_on=due_on, **shown
        ),
        "follow": Follow.objects.create(initiative=idea, user=host, is_on=True),
    }


def make_case(meetup: Meetup, coordinator: User, writer: User) -> Case:
    """Report a meetup, hide it, and undo that; its writer answered in between. Nothing waits in the outbox after."""
    now = timezone.now()
    moderation.report("meetup", meetup.pk, reason=Reason.WRONG, words="Het is op een andere dag.", number=1, now=now)
    case = Case.objects.get()
    deciding.decide(
        case_id=case.pk, by=coordinator, outcome="hide", words="De dag klopt niet.", seen_revision=1, now=now
    )
    deciding.answer(case_id=case.pk, by=writer, words="Nu klopt het wel.", now=now)
    deciding.undo(case_id=case.pk, by=coordinator, seen_revision=3, now=now)
    Message.objects.all().delete()
    case.refresh_from_db()
    return case


def make_figures(town: Municipality, place: Location) -> None:
    """Create a year of final figures, including small ones that must stay hidden."""
    now = timezone.now()
    for back in range(12):
        numbers = {
            "month": add_months(last_closed_month(now=now), -back),
            "held": 5,
            "dates": 4,
            "visits": 60 + back,
            "newcomers": back,
            "second_visits": 6,
            "later_visits": 19,
            "unknown": 2,
            "regulars": 7,
            "final_at": now,
        }
        MonthlyFigure.objects.create(municipality=town, **numbers)
        MonthlyFigure.objects.create(municipality=town, location=place, **numbers)
