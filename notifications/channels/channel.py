"""The interface of a channel."""

from types import TracebackType
from typing import Any, Protocol, Self

from notifications.models import Message


class ServerUnavailable(Exception):
    """Raised when the server of a channel accepts nothing at the moment, whatever the message."""


class Channel(Protocol):
    """A connection to the server of a channel, opened when needed and kept for one run."""

    name: str  # a value of notifications.models.Channel

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the connection."""

    @property
    def is_open(self) -> bool:
        """Whether the connection is open and may be used for another message."""

    @property
    def sent(self) -> int:
        """How many messages were sent over this connection."""

    def open(self) -> None:
        """Open a new connection; raise ServerUnavailable if the server does not answer."""

    def compose(self, message: Message) -> Any | None:
        """Return what to send, from current data; None if it is no longer needed or wanted."""

    def send(self, composed: Any) -> None:
        """Send what `compose` returned; raise ServerUnavailable if the server closes, or another error."""

    def is_permanent(self, error: Exception) -> bool:
        """Whether the server will never accept this message."""

    def describe(self, error: Exception) -> str:
        """Describe the error without its message text, which may contain addresses and names."""
