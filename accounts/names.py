"""First names as people write them: any script, emoji too, but nothing that plays tricks with the page."""

import unicodedata

# Marks that turn the direction of the text around them, and letters nobody can see.
# Joiners stay: Persian and emoji need them.
TRICKS = {"\u200b", "\u200e", "\u200f", "\ufeff", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def tidy(text: str) -> str:
    """Return `text` without control characters and direction tricks, and with single spaces."""
    plain = "".join(c for c in text if c not in TRICKS and (c.isspace() or unicodedata.category(c) != "Cc"))
    return " ".join(plain.split())
