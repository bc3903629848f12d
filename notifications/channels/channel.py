"""What a channel must be able to do."""

from types import TracebackType
from typing import Any, Protocol, Self

from notifications.models import Message


class ServerAway(Exception):
    """Raised when the server of a channel takes nothing at all now: nobody's message is to blame."""


class Channel(Protocol):
    """One conversation with the server of a channel, opened when needed and kept for a run."""

    name: str  # a value of notifications.models.Channel

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the conversation."""

    @property
    def is_open(self) -> bool:
        """Did the server greet us, and may it get one more message in this conversation?"""

    @property
    def sent(self) -> int:
        """How many messages this conversation carried."""

    def open(self) -> None:
        """Begin a new conversation; raise ServerAway when nobody answers."""

    def compose(self, message: Message) -> Any | None:
        """Return what to send, as it must be now; None when it is no longer needed or wanted."""

    def send(self, composed: Any) -> None:
        """Hand over what `compose` returned; raise ServerAway when the server closes, or what is wrong with it."""

    def is_permanent(self, error: Exception) -> bool:
        """Did the server say that it will never take this message?"""

    def describe(self, error: Exception) -> str:
        """What went wrong, without what it was about: servers and exceptions like to quote addresses and names."""
