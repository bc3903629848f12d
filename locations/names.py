"""The order of Dutch names: "'s-Hertogenbosch" under H, "De Bilt" under B, "Één" next to "Een".

Not every database has the ICU collations for this, so the rule is our own: ignore a leading article, accents and case,
read punctuation as a space, then compare byte by byte.
"""

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Collate, Lower, Trim

ACCENTED = "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÝýÿŠšŽž"
PLAIN = "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOOooooooUUUUuuuuYyySsZz"
ARTICLE = "^(de |het |een |['’`´‘][st][- ]+)"  # De Bilt, Het Anker, 's-Gravenzande, ’t Harde
PUNCTUATION = "[-[:space:]'’`´‘\"“”().,:;/&+–—]+"


def SortName(name: str) -> Func:
    """Return the SQL expression to order the names in a column by."""
    letters = Lower(Func(F(name), Value(ACCENTED), Value(PLAIN), function="translate", output_field=TextField()))
    without_article = _replace(Trim(letters), ARTICLE, "")
    return Collate(Trim(_replace(without_article, PUNCTUATION, " ")), "C")


def _replace(text: Func, pattern: str, replacement: str) -> Func:
    values = (Value(pattern), Value(replacement), Value("g"))
    return Func(text, *values, function="regexp_replace", output_field=TextField())
