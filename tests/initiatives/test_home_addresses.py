"""What looks like the address of a home, and what does not."""

import pytest

from initiatives.home_addresses import looks_like_home_address

HOMES = [
    "Dorpsstraat 12",
    "dorpsstraat 12",
    "DORPSSTRAAT 12",
    "Bij Anna, Dorpsstraat 12a",
    "Dorpsstraat 12-14",
    "Kerkweg 3 bis",
    "Kerkstr. 5",
    "Kerkstraat nr. 5",
    "Kerkstraat, nummer 5",
    "1e Helmersstraat 12 hs",
    "Van der Helststraat 12",
    "Burg. Jansenlaan 7",
    "’s-Gravenzandseweg 12",
    "Laan van Meerdervoort 500",
    "Laan van Nieuw Oost-Indië 12",
    "Prins Hendrikkade 33",
    "Oudegracht 3, Utrecht",
    "Vrijthof 12",
    "Plein 5",
    "Brink 5",
    "Lange Weg 12",
    "Molenweg 4 elke dinsdag",
    "Elke dinsdag Molenweg 4 om 10 uur",
    "Beukenlaan 7, elke dinsdag",
    "12 High Street",
    "1234 AB",
    "1234ab",
    "1234 ab Hengelo",
]
NOT_HOMES = [
    "",
    "Plein 1940",
    "Plein 1944, bij de fontein",
    "Plein ’40-’45",
    "groep 3",
    "van 4 tot 12 jaar",
    "0-4 jaar",
    "1e verdieping",
    "Bibliotheek, 1e verdieping, zaal 2",
    "Wijkcentrum de Poort, zaal 3",
    "Stadspark, ingang 2",
    "Station, spoor 5",
    "in 2026 is er elke week iets",
    "sinds 1998 en nog steeds",
    "sinds 2019 op het Marktplein",
    "1200 kg",
    "Stadspark 10.00 uur",
    "Stadspark 10:00",
    "Burgemeester Jansenplein 10.30 uur",
    "Marktplein 9 tot 11 uur",
    "Marktplein 10-12 uur",
    "Marktplein 7 december",
    "op het plein 3 bankjes",
    "Speeltuin aan de Dorpsstraat",
    "Kinderhof 0-4 jaar",
    "Kinderhof 4 tot 12 jaar",
    "onderweg 3 keer stoppen",
    "op de dijk 5 km lopen",
    "In het Weusthagpark 2 rondjes",
    "Wandelpark, 3 keer per week",
    "elke woensdag, 14.00 tot 16.00 uur",
    "Elke 1e zaterdag van de maand 9 uur",
    "schoolplein 2 van de Esdoorn",
    "Café De Hoek, 10 uur",
    "06-12345678",
]


@pytest.mark.parametrize("text", HOMES)
def test_a_street_with_a_number_or_a_postcode_looks_like_a_home(text):
    assert looks_like_home_address(text)
    assert looks_like_home_address(f"We komen bij elkaar.\n{text}")


@pytest.mark.parametrize("text", NOT_HOMES)
def test_ages_times_names_of_places_and_years_do_not(text):
    assert not looks_like_home_address(text)
    assert not looks_like_home_address(f"We komen bij elkaar.\n{text}\n")


@pytest.mark.parametrize("text", ["a." * 500, "straat" * 160, "weg van de " * 90, "1" * 1000, "laan " * 200])
def test_a_long_text_takes_no_long_time(text):
    looks_like_home_address(text)
