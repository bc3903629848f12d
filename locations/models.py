"""Towns and the places where people meet."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, FloatField, Func, IntegerField, OuterRef, Q, Value
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from locations.bilingual import Texts, names_in_english
from locations.geo import Circle, DistanceKm, Point
from locations.holidays import Holiday, usual_holidays
from locations.names import Literal, SortName
from locations.theme import colours, logos
from locations.visibility import Visibility
from photos.models import Photo

NO_COLOUR = _("Write the colour as # and six digits or letters from a to f, such as #1b4f9c.")


class SchoolRegion(models.TextChoices):
    """The three regions over which the school holidays are spread."""

    NORTH = "Noord", _("North")
    CENTRAL = "Midden", _("Central")
    SOUTH = "Zuid", _("South")


def check_accent(colour: str) -> None:
    """Raise ValidationError for anything but a colour with enough contrast to white text."""
    if colours.parse(colour) != colour:
        raise ValidationError(NO_COLOUR)
    if not colours.is_usable(colour):
        raise ValidationError(
            _("White words on this colour are hard to read. Choose a darker one: %(nearest)s comes nearest and works."),
            code="contrast",
            params={"nearest": colours.nearest_usable(colour)},
        )


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def by_name(self) -> Self:
        """Order by name as Dutch people expect (`locations.names`)."""
        return self.order_by(SortName("name", Literal), "pk")

    def taking_part(self) -> Self:
        """Towns with at least one place where parents meet."""
        return self.filter(Exists(Location.objects.filter(municipality=OuterRef("pk"))))

    def around(self, circle: Circle) -> Self:
        """Towns in the bounding box of `circle`, including those in its corners."""
        box = circle.bounding_box()
        return self.filter(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))


class Municipality(models.Model):
    """A town with its parent network."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("web address"), unique=True, max_length=80)
    cbs_code = models.CharField(
        _("CBS code"),
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^GM\d{4}$", _("Use GM and four digits."))],
    )
    school_region = models.CharField(_("school holiday region"), max_length=6, choices=SchoolRegion)
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(50.5), MaxValueValidator(53.8)])
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(3.0), MaxValueValidator(7.4)])
    introduction = models.TextField(_("introduction"), blank=True)
    introduction_en = models.TextField(_("introduction, in English"), blank=True, default="", db_default="")
    contact_name = models.CharField(_("contact person"), max_length=80, blank=True)
    contact_email = models.EmailField(_("contact email"), blank=True)
    accent = models.CharField(
        _("own colour"),
        max_length=7,
        blank=True,
        validators=[check_accent],
        help_text=_("Leave it empty for the green of Pedbasis."),
    )
    holidays = ArrayField(
        models.CharField(max_length=20, choices=Holiday),
        verbose_name=_("holidays without meetups"),
        default=usual_holidays,
        db_default=usual_holidays(),
        blank=True,
    )
    # What pages need of the logo; the image itself is in Logo. Empty: no logo.
    logo_version = models.CharField(max_length=12, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(null=True, editable=False)
    logo_height = models.PositiveSmallIntegerField(null=True, editable=False)

    BILINGUAL = ("introduction",)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        indexes = [models.Index(SortName("name"), "id", name="municipality_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(accent="") | Q(accent__regex=r"^#[0-9a-f]{6}$"),
                name="municipality_accent_is_a_colour",
                violation_error_message=NO_COLOUR,
            ),
            models.CheckConstraint(
                condition=Q(logo_version="", logo_width=None, logo_height=None)
                | Q(
                    ~Q(logo_version=""),
                    logo_width__isnull=False,
                    logo_height__isnull=False,
                    logo_width__gt=0,
                    logo_height__gt=0,
                ),
                name="municipality_logo_has_a_size",
            ),
            models.CheckConstraint(
                condition=Q(holidays__contained_by=Holiday.values), name="municipality_holidays_are_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("municipality", args=[self.slug])

    @property
    def texts(self) -> Texts:
        """What the town says of itself, in English on English pages if it is there in English."""
        return Texts(self)

    @property
    def stylesheet_url(self) -> str:
        """The URL of the stylesheet with the town's own colour; empty without one."""
        return stylesheet_url("town_colours", self.accent) if self.accent else ""

    @property
    def logo_url(self) -> str:
        """The URL of the town's own logo; empty without one."""
        return f"{reverse('town_logo', args=[self.slug])}?v={self.logo_version}" if self.logo_version else ""

    @property
    def point(self) -> Point:
        return Point(self.latitude, self.longitude)


def stylesheet_url(name: str, accent: str) -> str:
    """Return the URL of a stylesheet for this colour; its `v` changes with the content."""
    return f"{reverse(name, args=[accent[1:]])}?v={colours.version(accent)}"


class Logo(models.Model):
    """The image of a town's logo, in its own table: pages load the town without it."""

    municipality = models.OneToOneField(
        Municipality, on_delete=models.CASCADE, primary_key=True, related_name="logo", verbose_name=_("municipality")
    )
    image = models.BinaryField(_("PNG"))

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Func(F("image"), function="octet_length", output_field=IntegerField()),
                    logos.MAX_KILOBYTES * 1024,
                ),
                name="logo_is_small",
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class LocationQuerySet(models.QuerySet["Location"]):
    def current(self) -> Self:
        """Places in use: not replaced by another."""
        return self.filter(replaced_by=None)

    def by_name(self) -> Self:
        """Order by name as Dutch people expect (`locations.names`)."""
        return self.order_by(SortName("name", Literal), "pk")

    def around(self, circle: Circle) -> Self:
        """Places in the bounding box of `circle`, including its corners; uses the index on the point."""
        box = circle.bounding_box()
        return self.filter(
            Func(
                Func(F("longitude"), F("latitude"), function="point", output_field=models.Field()),
                Value(f"({box.east},{box.north}),({box.west},{box.south})"),
                arg_joiner=" <@ ",
                template="%(expressions)s::box",
                output_field=models.BooleanField(),
            )
        )

    def within(self, circle: Circle) -> Self:
        """Places inside `circle`, nearest first, each with `distance_km`; uses the index on the point."""
        return (
            self.around(circle)
            .annotate(distance_km=DistanceKm("latitude", "longitude", circle.centre))
            .filter(distance_km__lte=circle.radius_km)
            .order_by("distance_km", "pk")
        )


class Location(models.Model):
    """A fixed public place where parents meet."""

    class Kind(models.TextChoices):
        LIBRARY = "library", _("library")
        COMMUNITY_CENTRE = "community_centre", _("community centre")
        SCHOOL = "school", _("school")
        PETTING_FARM = "petting_farm", _("petting farm")
        PLAYGROUND = "playground", _("playground")
        HEALTH_CENTRE = "health_centre", _("health centre")
        CAFE = "cafe", _("café")
        OUTDOORS = "outdoors", _("outdoors")
        OTHER = "other", _("another place")

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="locations", verbose_name=_("municipality")
    )
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("web address"), unique=True, max_length=140)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    address = models.CharField(_("street and number"), max_length=120)
    postcode = models.CharField(
        _("postcode"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^[1-9]\d{3} ?[A-Z]{2}$", _("Write a postcode like 7551 DA."))],
    )
    place = models.CharField(_("town or village"), max_length=80)
    neighbourhood = models.CharField(_("neighbourhood"), max_length=80, blank=True)
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(50.5), MaxValueValidator(53.8)])
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(3.0), MaxValueValidator(7.4)])
    description = models.TextField(_("description"), blank=True)
    directions = models.CharField(_("how to find the door"), max_length=300, blank=True)
    # The same in English, if someone wrote it.
    description_en = models.TextField(_("description, in English"), blank=True, default="", db_default="")
    directions_en = models.CharField(
        _("how to find the door, in English"), max_length=300, blank=True, default="", db_default=""
    )
    # Of what people wrote about it: the description and how to find the door. Name and address are facts.
    visibility = models.CharField(
        _("texts"),
        max_length=7,
        choices=Visibility,
        default=Visibility.SHOWN,
        db_default=Visibility.SHOWN.value,
        editable=False,
    )
    # Facilities: yes, no, or (None) not known.
    step_free = models.BooleanField(_("step-free entrance"), null=True, blank=True)
    pram_space = models.BooleanField(_("room for prams"), null=True, blank=True)
    changing_table = models.BooleanField(_("changing table"), null=True, blank=True)
    feeding_corner = models.BooleanField(_("feeding corner"), null=True, blank=True)
    play_corner = models.BooleanField(_("play corner"), null=True, blank=True)
    quiet_room = models.BooleanField(_("quiet room"), null=True, blank=True)
    free_coffee = models.BooleanField(_("free coffee and tea"), null=True, blank=True)
    accessible_toilet = models.BooleanField(_("accessible toilet"), null=True, blank=True)
    facilities_checked_on = models.DateField(_("facilities checked on"), null=True, blank=True)
    fixed_until = models.DateField(_("agreed until"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )
    photo = models.OneToOneField(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="location"
    )

    FACILITIES = (
        "step_free",
        "pram_space",
        "changing_table",
        "feeding_corner",
        "play_corner",
        "quiet_room",
        "free_coffee",
        "accessible_toilet",
    )

    BILINGUAL = ("description", "directions")
    TEXTS = BILINGUAL + names_in_english(BILINGUAL)
    # The fields that calendar feeds show with each date (meetups.calendars.ics), and that decide in which language.
    SHOWN_IN_CALENDARS = (
        "name",
        "address",
        "place",
        "directions",
        *names_in_english(BILINGUAL),
        "latitude",
        "longitude",
    )

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        indexes = [
            GistIndex(
                Func(F("longitude"), F("latitude"), function="point", output_field=FloatField()),
                name="location_point",
            ),
            models.Index(SortName("name"), "id", name="location_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(50.5, 53.8), longitude__range=(3.0, 7.4)),
                name="location_in_the_netherlands",
                violation_error_message=_("This point is not in the Netherlands."),
            ),
            models.CheckConstraint(
                condition=~Q(replaced_by=F("id")),
                name="location_not_replaced_by_itself",
                violation_error_message=_("A place cannot replace itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("location", args=[self.slug])

    @property
    def texts(self) -> Texts:
        """What people wrote, in English on English pages if all of it is there in English."""
        return Texts(self)

    @property
    def shown_description(self) -> str:
        """The description for everyone; empty while it is hidden."""
        return self.texts.description if self.visibility == Visibility.SHOWN else ""

    @property
    def shown_directions(self) -> str:
        """How to find the door, for everyone; empty while it is hidden."""
        return self.texts.directions if self.visibility == Visibility.SHOWN else ""

    @property
    def point(self) -> Point:
        return Point(self.latitude, self.longitude)

    @property
    def marker(self) -> dict[str, Any]:
        """This place in the format of static/js/map.js."""
        return {"lat": self.latitude, "lon": self.longitude, "label": self.name, "url": self.get_absolute_url()}

    @property
    def photo_purpose(self) -> str:
        """What a photo must have been given for to be the photo of this place."""
        return f"location:{self.pk}"

    @property
    def route_url(self) -> str:
        """The URL of directions to this place on OpenStreetMap."""
        return f"https://www.openstreetmap.org/directions?to={self.latitude}%2C{self.longitude}"

    def facilities(self) -> list[tuple[str, str, bool | None]]:
        """Return (field name, label, yes/no/unknown) for each facility, in fixed order."""
        fields = {field.name: field for field in self._meta.concrete_fields}
        return [(name, str(fields[name].verbose_name), getattr(self, name)) for name in self.FACILITIES]
