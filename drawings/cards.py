"""What the picture beside a link says: chats and search engines show it with the address of a page."""

import hashlib
from dataclasses import dataclass, field
from functools import cache

from drawings.sprite import SPRITES, STATIC

DESIGN = 1  # raise it when drawings.painting draws the same card in another way
WIDTH, HEIGHT = 1200, 630  # what WhatsApp, Signal and the like ask for


@dataclass(frozen=True)
class Address:
    """Where a picture is, and what it shows in words."""

    url: str
    text: str


@dataclass(frozen=True)
class Card:
    """The picture of one page: words in the language of the page, and a drawing on its cloth or a street."""

    title: str
    drawing: str = ""
    day: str = ""  # when it is, the loudest of all
    time: str = ""
    lines: tuple[str, ...] = field(default=())  # where, or what
    notice: str = ""  # what must not be missed, such as that it is cancelled
    street: tuple[str, ...] | None = None  # the kinds of places of a town, if it is a street instead of a drawing
    street_seed: str = ""

    @property
    def text(self) -> str:
        """Everything the picture says, for those who do not see it."""
        words = (self.notice, self.title, self.day, self.time, *self.lines)
        return ", ".join(word for word in words if word)

    def at(self, address: str) -> Address:
        """Return where the picture is, for the page that it belongs to; `address` has no version yet."""
        return Address(f"{address}?v={self.version}", self.text)

    @property
    def version(self) -> str:
        """Another for each change of the picture: part of its address, so that chats fetch it again."""
        return hashlib.blake2b(f"{DESIGN} {_sprite()} {self!r}".encode(), digest_size=6).hexdigest()


@cache
def _sprite() -> str:
    return hashlib.blake2b(b"".join((STATIC / name).read_bytes() for name in SPRITES), digest_size=6).hexdigest()
