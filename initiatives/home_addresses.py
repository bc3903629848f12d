"""Text that looks like the address of a house: a street with a number, or a postcode (pure).

It errs on the side of letting through: someone looks at every first text. What is refused is told at once, so a false
alarm costs a parent more than a miss.
"""

from __future__ import annotations

import re

# Endings of names of streets. Those that are words of their own count only with a capital, or in a longer name.
ENDINGS = (
    "straat|straatje|str|laan|weg|plein|pleintje|kade|gracht|singel|dijk|steeg|hof|hofje|dreef|pad|park|markt|ring|wal"
    "|plantsoen|boulevard|allee|burg|haven|erf|gaarde|brink|kamp|poort|baan|oever|dwarsweg|akker|veld|horst|hoek|zoom"
)
ARTICLES = "van|der|den|de|het|ten|ter|te|'t|’t|op|aan|in|bij|von|la"
# After a number, these say that it counts something, or is a time: "op het Marktplein 3 keer per week".
COUNTED = (
    r"uur|u|x|keer|maal|jaar|jarigen?|maanden?|weken|week|dagen|dag|ochtenden|middagen|avonden|minuten|min|km|kilometer"
    r"|meter|m|kg|euro|eur|personen|mensen|ouders?|vaders?|moeders?|kinderen|kids|gezinnen|families|groepen|plekken"
    r"|plaatsen|rondjes?|tot|t/m|à|years?|hours?|times|days|weeks|months|minutes|people|parents|children|families|to"
    r"|o'clock|am|pm"
    r"|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    r"|january|february|march|may|june|july|august|october"
)
NUMBER = (
    r"(?:huis)?(?:nummer|nr\.?|no\.?)?\s{0,3}"
    r"(?P<number>[1-9]\d{0,4})(?![\d.,:]\d)(?:\s?[-/]\s?\d{1,4}(?![\d.,:]\d))?"
    r"(?:\s?[a-zA-Z]|\s?(?:hs|bis|huis|boven|rood|[IV]{1,3}))?"
    rf"(?![\w°%€])(?!\s{{0,3}}(?:-|–|tot|t/m)\s?\d)(?!\s{{0,3}}(?:{COUNTED})\b)"
)
STREET = re.compile(
    rf"(?P<name>\b[\w’'.-]{{0,40}}?(?:{ENDINGS}))\.?"
    rf"(?P<rest>(?:\s{{1,3}}(?:{ARTICLES})){{1,3}}(?:\s{{1,3}}[\w’'-]{{2,30}}){{1,3}})?"
    rf",?\s{{1,3}}{NUMBER}",
    re.IGNORECASE,
)
# As it is written in English: "12 High Street".
ENGLISH = re.compile(r"\b[1-9]\d{0,3}[a-z]?\s+(?:[A-Z][\w’'-]+\s+){1,3}(?:Street|Road|Lane|Avenue|Square)\b")
POSTCODE = re.compile(r"(?<![\d.,:/-])[1-9]\d{3}\s?(?P<letters>[a-zA-Z]{2})\b")
# Two letters after a year or a number that make a word, when they are small.
WORDS = re.compile(
    "al|af|an|as|at|by|cm|de|dm|do|en|er|ex|ha|he|if|ik|in|is|it|je|kg|km|la|me|ml|mm|na|no|nu|of|om|on|op|or"
    "|so|te|to|up|we|wo|za|ze|zo"
)
NOT_IN_POSTCODES = frozenset({"SA", "SD", "SS"})


def looks_like_home_address(text: str) -> bool:
    """Whether the text holds a street with a house number, or a Dutch postcode."""
    return _has_postcode(text) or _has_street(text) or ENGLISH.search(text) is not None


def _has_postcode(text: str) -> bool:
    for found in POSTCODE.finditer(text):
        letters = found["letters"]
        is_word = WORDS.fullmatch(letters) is not None
        if not is_word and letters.upper() not in NOT_IN_POSTCODES:
            return True
    return False


def _has_street(text: str) -> bool:
    for found in STREET.finditer(text):
        name, number = found["name"], int(found["number"])
        is_plain_word = name in PLAIN and found["rest"] is None
        is_year = number >= 1500  # Plein 1940
        if not is_plain_word and not is_year and not NOT_STREETS.fullmatch(name.lower()):
            return True
    return False


PLAIN = frozenset(ENDINGS.split("|"))  # "in het park 2 bankjes"
# Common words that end like a street.
NOT_STREETS = re.compile(
    "onderweg|beweg|halverwege|vrijwel|geval|wandelpad|fietspad|speelveld|sportveld|voetbalveld|grasveld"
    "|speelpark|schoolplein|speelplein|supermarkt|rommelmarkt|kermis|zwembad|ijsbaan|atletiekbaan|skatebaan"
)
