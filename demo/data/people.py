"""Made-up people, with the first names one hears in a Dutch town, and what they write and say."""

from dataclasses import dataclass
from random import Random

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
LANGUAGES = ["nl"] * 9 + ["en"]
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
    "De gastvrouw is ziek. Volgende keer zijn we er weer.",
    "De zaal is vandaag niet vrij.",
    "Het waait te hard om veilig te komen.",
    "De verwarming is stuk.",
]


@dataclass(eq=False)
class Family:
    """Someone who comes, with how many they are; `key` is what comes before the @ of their address."""

    key: str
    first_name: str
    language: str
    adults: int
    children: tuple[int, int, int]  # 0-3, 4-12, 13-18
    is_guest: bool = False  # comes without an account


class Crowd:
    """Makes families of one town, each with an address of their own."""

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
        if not age_bands:  # a meetup for grown-ups
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
