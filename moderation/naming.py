"""Whether a text names a person, by first name."""

import re
import unicodedata


def is_named(first_name: str, text: str) -> bool:
    """Whether this first name occurs in the text as a word, in any spelling of case and accents; also "Ingrids"."""
    name = _folded(first_name).strip()
    return bool(name) and re.search(rf"\b{re.escape(name)}(['’]?s)?\b", _folded(text)) is not None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
