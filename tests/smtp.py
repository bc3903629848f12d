"""A real SMTP server on loopback that stores mail, and can be configured to be slow or to fail."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
CLOSING = "421 4.3.2 closing, call again later"


class Mute(asyncio.Protocol):
    """Accepts a connection and never answers."""

    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def hang_up(self) -> None:
        if self.transport:
            self.transport.abort()


class Sink:
    """The accepted mails, in order; a mail is accepted when its "250" is sent."""

    def __init__(self) -> None:
        self.accepted: list[Envelope] = []
        self.connections = 0
        self.replies: dict[str, str] = {}  # address -> the refusal of this recipient
        self.hang_up_on: set[str] = set()  # abort the connection at these recipients
        self.closes_at: dict[str, str] = {}  # address -> the command that gets a 421
        self.late_seconds = 0.0  # the delay before accepting a mail
        self.is_mute = False  # accept connections, but never answer
        self.hold_hello = False  # accept connections, but do not answer EHLO
        self.hold_at: int | None = None  # after this many mails, do not answer the next one
        self.holding = threading.Event()
        self.port = 0
        self._unanswered: list[Mute] = []
        self._release: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.accepted]

    @property
    def recipients(self) -> Counter[str]:
        return Counter(address for envelope in self.accepted for address in envelope.rcpt_tos)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def release(self) -> None:
        """Answer again."""
        self.hold_at = None
        self.is_mute = False
        self.hold_hello = False
        self._loop.call_soon_threadsafe(self._release.set)

    async def handle_EHLO(self, server, session: Session, envelope: Envelope, hostname: str, responses) -> list[str]:
        if self.hold_hello:
            self.holding.set()
            await self._release.wait()
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session: Session, envelope: Envelope, address: str, options) -> str:
        if address in self.replies:
            return self.replies[address]
        if self.closes_at.get(address) == "RCPT":
            return CLOSING
        if address in self.hang_up_on:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session: Session, envelope: Envelope) -> str:
        if "DATA" in [self.closes_at.get(address) for address in envelope.rcpt_tos]:
            return CLOSING
        await asyncio.sleep(self.late_seconds)
        if self.hold_at is not None and len(self.accepted) >= self.hold_at:
            self.holding.set()
            await self._release.wait()
        self.accepted.append(envelope)
        return "250 OK"

    def speak(self) -> None:
        """Abort the connections that got no answer, and answer from now on."""
        self.is_mute = False
        self._loop.call_soon_threadsafe(self._hang_up)

    def _hang_up(self) -> None:
        for unanswered in self._unanswered:
            unanswered.hang_up()

    def _protocol(self) -> asyncio.BaseProtocol:
        self.connections += 1
        if self.is_mute:
            self._unanswered.append(Mute())
            return self._unanswered[-1]
        return SMTP(self, hostname="sink.test", loop=self._loop)

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await self._loop.create_server(self._protocol, HOST, self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()


@contextmanager
def running_sink(port: int = 0) -> Iterator[Sink]:
    """Run a sink during the block, on a free port by default."""
    sink = Sink()
    sink.port = port
    loop = sink._loop = asyncio.new_event_loop()
    sink._release, stop, ready = asyncio.Event(), asyncio.Event(), threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(sink._serve(ready, stop))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)


def use(settings, sink: Sink) -> None:
    """Configure Django to send mail to the sink over SMTP."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = HOST
    settings.EMAIL_PORT = sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
