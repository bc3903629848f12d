"""What is needed, as written (a line each) and as rows that commitments fill."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accounts.names import tidy
from initiatives.models import MOST, Initiative, Need, Support

# What the words of a need ask for: hands, a room, money; anything else is a thing.
HANDS = re.compile(r"\b(helper|helpers|iemand|hulp|vrijwilliger|vrijwilligers|handen|mensen|ouders|vader|moeder"
    r"|help|hands?|someone|somebody|volunteers?|parents?|people)\b", re.IGNORECASE)  # fmt: skip
ROOM = re.compile(r"(ruimte|zaal|plek|kamer|lokaal|schuur|\broom|\bspace|\bplace|\bhall)", re.IGNORECASE)
MONEY = re.compile(r"(\beuro|€|\bgeld|\bmoney)", re.IGNORECASE)
MAX_NEEDS = 8
LONGEST = 120  # of one line
NUMBER_FIRST = re.compile(r"(\d{1,4})\s*[x×]?\s+(\S.*)")
BULLET = re.compile(r"^[-*•·–]\s*")


def read(written: str) -> list[tuple[str, int]]:
    """Return (what, how many) for each line: "2 balen hooi" is two; a line without a number is one.

    Of lines that say the same thing, the last counts.
    """
    found: dict[str, tuple[str, int]] = {}
    for line in written.splitlines():
        text, quantity = BULLET.sub("", tidy(line)), 1
        if match := NUMBER_FIRST.fullmatch(text):
            quantity, text = int(match[1]), match[2]
        if text and 1 <= quantity <= MOST:
            found[text.lower()] = (text, quantity)
    return list(found.values())


def kind_of(text: str) -> tuple[str, str]:
    """Return the kind of commitment that fills a need, and of what kind the thing is; guessed from the words."""
    if HANDS.search(text):
        return Support.Kind.HELP, ""
    if ROOM.search(text):
        return Support.Kind.HAVE, Support.Thing.ROOM
    return Support.Kind.HAVE, Support.Thing.MONEY if MONEY.search(text) else Support.Thing.MATERIAL


def ask_of(text: str) -> str:
    """Return the kind of what this need asks for, to search by."""
    kind, thing = kind_of(text)
    if kind == Support.Kind.HELP:
        return Initiative.Ask.HANDS
    found = {Support.Thing.ROOM: Initiative.Ask.ROOM, Support.Thing.MONEY: Initiative.Ask.MONEY}
    return found.get(Support.Thing(thing), Initiative.Ask.THINGS)


def recount(initiative: Initiative) -> None:
    """Write down which kinds of things are missing now: call it whenever needs or commitments change."""
    needs = initiative.needs.wanted().with_missing()
    asked = {ask_of(need.text) for need in needs if need.missing}  # type: ignore[attr-defined]
    initiative.asks = [ask for ask in Initiative.Ask.values if ask in asked]
    initiative.save(update_fields=["asks"])


def sync(initiative: Initiative) -> None:
    """Bring the rows in step with what is written; one that people committed to stays, off the list."""
    rows = {need.text.lower(): need for need in initiative.needs.all()}
    for position, (text, quantity) in enumerate(read(initiative.needed)):
        need = rows.pop(text.lower(), None) or Need(initiative=initiative)
        need.text, need.quantity, need.position, need.is_wanted = text, quantity, position, True
        need.save()
    _take_off_list(rows.values())
    recount(initiative)


def _take_off_list(needs: Iterable[Need]) -> None:
    for need in needs:
        if need.supports.exists():
            need.is_wanted = False
            need.save(update_fields=["is_wanted"])
        else:
            need.delete()
