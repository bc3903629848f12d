"""Functions that create rows for tests: every argument has a default, and each call creates a new row."""

from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Device, Role, User
from initiatives import history, needs, search_words
from initiatives.models import ExistingGroup, Initiative, Initiator, Support
from initiatives.stages import Step
from locations.models import Location, Municipality
from meetups.clock import AMSTERDAM
from meetups.models import Attendance, Host, Meetup, Occurrence
from moderation.models import Concern
from moderation.worries import actions as worries
from photos import storing
from photos.models import Photo
from photos.shapes import WIDE, Shape

_number = count(1)


def make_municipality(name: str = "", **fields: Any) -> Municipality:
    n = next(_number)
    return Municipality.objects.create(
        **{
            "name": name or f"Town {n}",
            "slug": (name or f"town-{n}").lower(),
            "cbs_code": f"GM{3000 + n % 6000}",  # above those of scenarios, which are real, and of the demo
            "school_region": "Noord",
            "latitude": 52.265,
            "longitude": 6.793,
        }
        | fields
    )


def make_location(municipality: Municipality | None = None, **fields: Any) -> Location:
    n = next(_number)
    municipality = municipality or make_municipality()
    return Location.objects.create(
        **{
            "municipality": municipality,
            "name": f"Library {n}",
            "slug": f"library-{n}",
            "kind": Location.Kind.LIBRARY,
            "address": f"Street {n}",
            "place": municipality.name,
            "latitude": municipality.latitude,
            "longitude": municipality.longitude,
        }
        | fields
    )


def make_user(first_name: str = "Noor", **fields: Any) -> User:
    fields = {"email": f"person{next(_number)}@example.org"} | fields
    return User.objects.create_user(first_name=first_name, **fields)


def make_device(user: User, **fields: Any) -> Device:
    """Create a device on which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return Device.objects.create(
        **{
            "session_id": client.session.session_key,
            "user": user,
            "browser": "Firefox",
            "system": "Android",
            "last_seen_on": timezone.localdate(),
        }
        | fields
    )


def make_role(kind: str, municipality: Municipality, user: User | None = None, **fields: Any) -> User:
    user = user or make_user(first_name=kind.title()[:20])
    Role.objects.create(user=user, kind=kind, municipality=municipality, **fields)
    return user


def make_meetup(location: Location | None = None, *, hosts: tuple[User, ...] = (), **fields: Any) -> Meetup:
    n = next(_number)
    meetup = Meetup.objects.create(
        **{
            "location": location or make_location(),
            "title": f"Coffee morning {n}",
            "slug": f"coffee-morning-{n}",
            "summary": "Coffee, tea and other parents.",
            "first_on": timezone.localdate() + timedelta(days=2),
            "start_time": time(9, 30),
            "end_time": time(11, 30),
        }
        | fields
    )
    for host in hosts:
        Host.objects.create(meetup=meetup, user=host, since=None)
        Role.objects.get_or_create(user=host, kind=Role.Kind.HOST, municipality=meetup.location.municipality)
    return meetup


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant in Amsterdam local time."""
    return datetime.combine(on, time(hour, minute), tzinfo=AMSTERDAM)


def make_occurrence(meetup: Meetup | None = None, *, on: date | None = None, **fields: Any) -> Occurrence:
    meetup = meetup or make_meetup()
    on = on or meetup.first_on
    return Occurrence.objects.create(
        **{
            "meetup": meetup,
            "location": meetup.location,
            "planned_for": on,
            "starts_at": datetime.combine(on, meetup.start_time, tzinfo=AMSTERDAM),
            "ends_at": datetime.combine(on, meetup.end_time, tzinfo=AMSTERDAM),
        }
        | fields
    )


def make_photo(given_by: User, *, shape: Shape = WIDE, **fields: Any) -> Photo:
    """Create a photo on a page, with its files in the store."""
    photo = Photo.objects.create(
        **{
            "given_by": given_by,
            "purpose": "location:1",
            "shape": shape.name,
            "description": "Een lange tafel met kopjes",
            "children": Photo.Children.NONE,
            "answered_at": timezone.now(),
            "attached_at": timezone.now(),
            "fingerprint": f"{next(_number):032x}",
            "state": Photo.State.READY,
            "has_files": True,
        }
        | fields
    )
    if photo.has_files:
        storing.save(photo.token, {width: make_webp(width, shape.height(width)) for width in shape.widths})
    return photo


@cache
def make_webp(width: int, height: int) -> bytes:
    """Return a picture of one colour as WebP."""
    file = BytesIO()
    Image.new("RGB", (width, height), (122, 59, 12)).save(file, "WEBP")
    return file.getvalue()


def make_attendance(occurrence: Occurrence, user: User | None = None, **fields: Any) -> Attendance:
    """Create an attendance, by default going; updates `seats_taken`."""
    fields = {"state": Attendance.State.GOING, "adults": 1} | fields
    if user is None and "guest_name" not in fields:
        user = make_user()
    attendance = Attendance.objects.create(occurrence=occurrence, user=user, **fields)
    if attendance.state == Attendance.State.GOING:
        occurrence.seats_taken += attendance.adults
        occurrence.save(update_fields=["seats_taken"])
    return attendance


def make_concern(municipality: Municipality, **fields: Any) -> Concern:
    """Send a concern; somebody must be there to read it."""
    typed = {"words": "De buurjongen is vaak alleen.", "reply_to": "", "form_id": str(next(_number))}
    return worries.send(town=municipality, **{**typed, "language": "nl", "now": timezone.now(), **fields})


def make_contact(
    place: Municipality | str | None, first_name: str = "Ingrid", *, user: User | None = None, **fields: Any
) -> User:
    """Create a contact for worries about a child: in a town, a region, or (None) in the whole country."""
    user = user or make_user(first_name, **fields)
    town, region = (place, "") if isinstance(place, Municipality) else (None, place or "")
    Role.objects.create(user=user, kind=Role.Kind.SAFETY_CONTACT, municipality=town, region=region)
    return user


def make_initiative(proposer: User | None = None, **fields: Any) -> Initiative:
    """A public idea of `proposer`; with `published_at=None` a draft."""
    town = fields.pop("municipality", None) or make_municipality()
    proposer = proposer or make_user()
    number = next(_number)
    fields = {
        "title": "Cavia Café",
        "slug": f"cavia-cafe-{number}",
        "what": "Een middag voor kinderen en hun cavia’s.",
        "for_whom": "kinderen van 4 tot en met 12 jaar, met een ouder",
        "published_at": timezone.now(),
        **fields,
    }
    initiative = Initiative.objects.create(municipality=town, **fields)
    Initiator.objects.create(initiative=initiative, user=proposer, part=Initiator.As.PROPOSER)
    needs.sync(initiative)
    if not initiative.is_draft:
        history.record(initiative, Step.PUBLISHED, before=initiative.stage, by=proposer, now=initiative.published_at)
    search_words.store(initiative)
    return initiative


def make_existing_group(town: Municipality, **fields: Any) -> ExistingGroup:
    """A group that runs outside Pedbasis, seen by everyone; with `guest_email` one that a guest did not confirm."""
    number = next(_number)
    waits = "guest_email" in fields
    initiative = Initiative.objects.create(
        municipality=town,
        title=fields.pop("title", "Rennende Moeders"),
        slug=fields.pop("slug", f"rennende-moeders-{number}"),
        what="Samen een rondje rennen, met of zonder wagen.",
        for_whom="moeders met jonge kinderen",
        meets_when="elke zaterdag om 10 uur",
        meets_where="bij de fontein in het park",
        published_at=None if waits else timezone.now(),
        stage="idea" if waits else "running",
    )
    search_words.store(initiative)
    address = {"email": f"groep{number}@rennen.example", "address_hash": f"{number}"}
    return ExistingGroup.objects.create(initiative=initiative, **address | fields)


def make_support(initiative: Initiative, user: User | None = None, **fields: Any) -> Support:
    """Someone who comes; without `user` a guest called Mees."""
    who = {"user": user} if user else {"guest_name": "Mees", "guest_email": f"mees{next(_number)}@example.org"}
    support = Support.objects.create(**{"initiative": initiative, "kind": "come", "state": "live", **who, **fields})
    needs.recount(initiative)
    return support
