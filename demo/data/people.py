"""Random families with first names that are common in Dutch towns."""

from random import Random

from meetups.demo_data import FIRST_NAMES, Family

LANGUAGES = ["nl"] * 9 + ["en"]


class Crowd:
    """Generates families of one town, each with a unique e-mail address."""

    def __init__(self, town: str, random: Random) -> None:
        self.town = town
        self.random = random
        self.families: list[Family] = []

    def family(self, age_bands: list[str], *, is_guest: bool = False) -> Family:
        """Return a new family with children of (mostly) these ages."""
        name = self.random.choice(FIRST_NAMES)
        plain = name.lower().replace("ü", "u").replace("ë", "e")
        bands = age_bands or ["0-3", "4-12"]
        children = [0, 0, 0]
        for _ in range(self.random.choices([1, 2, 3], [60, 32, 8])[0]):
            children[["0-3", "4-12", "13-18"].index(self.random.choice(bands))] += 1
        if not age_bands:  # a meetup for adults only
            children = [0, 0, 0]
        family = Family(
            key=f"{plain}{len(self.families) + 1}.{self.town}",
            first_name=name,
            language=self.random.choice(LANGUAGES),
            adults=self.random.choices([1, 2], [87, 13])[0],
            children=(children[0], children[1], children[2]),
            is_guest=is_guest,
        )
        self.families.append(family)
        return family
