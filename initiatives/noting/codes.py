"""The code on a card: made from the card, so that a host can show it again; stored only as a hash."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from accounts.limits import keyed_hash

# Without what looks alike on paper: 0 and O, 1, I and L, 5 and S, 2 and Z.
LETTERS = "ABCDEFGHJKMNPQRTUVWXY346789"
LENGTH = 10


def code_of(initiative_id: int) -> str:
    """Return the code of the card of this idea, such as "KAVT7-RQ4MB"."""
    number = int(salted_hmac("initiatives.noting.codes", str(initiative_id), algorithm="sha256").hexdigest(), 16)
    letters = ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters += LETTERS[rest]
    return f"{letters[:5]}-{letters[5:]}"


def hash_of(code: str) -> str:
    """Return what is stored of a code; spaces, dashes and capitals do not matter."""
    plain = "".join(letter for letter in code.upper() if letter in LETTERS)
    return keyed_hash(f"card {plain}")
