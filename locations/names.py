"""The order of Dutch names: "'s-Hertogenbosch" under H, "De Bilt" under B, "Één" beside "Een".

A database may lack the ICU collations that know this, so the rule is our own and the same everywhere: leave out a
leading article, accents and capitals; read punctuation as a space; then compare letter by letter.
"""

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Collate, Lower, Trim

ACCENTED = "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÝýÿŠšŽž"
PLAIN = "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOOooooooUUUUuuuuYyySsZz"
ARTICLE = "^(de |het |een |['’`´‘][st][- ]+)"  # De Bilt, Het Anker, 's-Gravenzande, ’t Harde
PUNCTUATION = "[-[:space:]'’`´‘\"“”().,:;/&+–—]+"


def SortName(name: str) -> Func:
    """Return the SQL expression to order by for the name in a column."""
    letters = Lower(Func(F(name), Value(ACCENTED), Value(PLAIN), function="translate", output_field=TextField()))
    without_article = _replace(Trim(letters), ARTICLE, "")
    return Collate(Trim(_replace(without_article, PUNCTUATION, " ")), "C")


def _replace(text: Func, pattern: str, by: str) -> Func:
    return Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=TextField())
