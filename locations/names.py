"""The order of Dutch names: "'s-Hertogenbosch" under H, "De Bilt" under B, "Één" next to "Een".

Not every database has the ICU collations for this, so the rule is our own: ignore a leading article, accents and case,
read punctuation as a space, then compare byte by byte.
"""

from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Collate, Lower, Trim

ACCENTED = "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÝýÿŠšŽž"
PLAIN = "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOOooooooUUUUuuuuYyySsZz"
ARTICLE = "^(de |het |een |['’`´‘][st][- ]+)"  # De Bilt, Het Anker, 's-Gravenzande, ’t Harde
PUNCTUATION = "[-[:space:]'’`´‘\"“”().,:;/&+–—]+"


class Literal(Value):
    """A text of ours that stands in the SQL itself, not in a parameter.

    A plan that PostgreSQL keeps for any parameters (docs/decisions/0008) can not use an index on an expression with
    them.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        text = str(self.value).replace("'", "''").replace("%", "%%")
        return f"'{text}'", []


def SortName(name: str, value: type[Value] = Value) -> Func:
    """Return the SQL expression to order the names in a column by.

    With `value=Literal` for queries; the indexes are written with Value.
    """
    translated = (value(ACCENTED), value(PLAIN))
    letters = Lower(Func(F(name), *translated, function="translate", output_field=TextField()))
    without_article = _replace(Trim(letters), value(ARTICLE), value(""), value("g"))
    return Collate(Trim(_replace(without_article, value(PUNCTUATION), value(" "), value("g"))), "C")


def _replace(text: Func, *values: Value) -> Func:
    return Func(text, *values, function="regexp_replace", output_field=TextField())
