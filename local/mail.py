"""The mail catcher of the demo: an SMTP server on loopback that stores each mail as a file, for /demo/post/."""

import argparse
import asyncio
import itertools
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

KEEP = 1000


class Keeper:
    """Writes each mail to a file whose name sorts by arrival."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{next(self.numbers):06d}"
        unfinished = self.directory / f".{name}.tmp"
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.replace(self.directory / f"{name}.eml")
        return "250 Kept"


async def serve(listener: socket.socket, directory: Path) -> None:
    """Accept mail on `listener` until SIGTERM."""
    for old in sorted(directory.glob("*.eml"))[:-KEEP]:
        old.unlink()
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    keeper = Keeper(directory)
    server = await loop.create_server(lambda: SMTP(keeper, hostname="localhost", loop=loop), sock=listener)
    async with server:
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("descriptor", type=int, help="a bound socket, inherited")
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    asyncio.run(serve(socket.socket(fileno=arguments.descriptor), arguments.directory))
