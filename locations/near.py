"""How near is near: the radii to choose from, and the area to search around a place."""

from dataclasses import dataclass

from locations.geo import Circle

RADII_KM = (5, 10, 20, 50)
DEFAULT_RADIUS_KM = 10
TOWN_RADIUS_KM = 20  # a municipality without a village of the same name covers many villages


@dataclass(frozen=True)
class Near:
    """The area to search and its name; `name` is empty for the visitor's own location."""

    name: str
    circle: Circle
    plain_name: str = ""  # the name without the part that distinguishes it from its namesakes
    town: str = ""  # the slug of a participating town without a village of the same name

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a search around here, without the radius."""
        if self.is_own_location:
            return {"latitude": str(self.circle.centre.latitude), "longitude": str(self.circle.centre.longitude)}
        return {"place": self.name}

    @property
    def is_own_location(self) -> bool:
        return not self.name

    @property
    def wider_km(self) -> int | None:
        """The next larger radius; None at the largest."""
        return self.reaching(0)

    def reaching(self, km: float) -> int | None:
        """Return the next larger radius of at least `km`; None when none is large enough."""
        return next((radius for radius in RADII_KM if radius > self.circle.radius_km and radius >= km), None)
