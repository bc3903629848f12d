"""A small closed-loop load generator: keep-alive connections on loopback, with the latency of every request.

It uses bare sockets because a Python HTTP library would use more CPU than the server under test.
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass


@dataclass
class Result:
    """The result of a run: requests per second, latencies in milliseconds, statuses, size of the last response."""

    per_second: float
    latencies: list[float]
    statuses: dict[int, int]
    body_bytes: int


class Connection:
    """A keep-alive connection that sends its next request as soon as the last one is answered."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[int, int] | None:
        """Receive more data; return (status, length of the body) when the response is complete, else None."""
        more = self.socket.recv(262144)
        if not more:
            raise ConnectionError("The server closed the connection before its response was complete.")
        self.received += more
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.split(b"\r\n")
        length = 0
        for line in lines[1:]:
            name, _colon, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"transfer-encoding":
                raise RuntimeError("The load generator does not support chunked responses.")
        return (int(lines[0].split()[1]), len(body)) if len(body) >= length else None


def run(port: int, requests: Iterable[bytes], *, connections: int, seconds: float) -> Result:
    """Send `requests` over this many connections until they run out or the time is up.

    Raises an OSError when a connection is refused, closed halfway, or idle for 30 seconds.
    """
    with ExitStack() as opened:
        return _run(opened, port, iter(requests), connections, seconds)


def _run(opened: ExitStack, port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Result:
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    body_bytes = 0
    selector = opened.enter_context(selectors.DefaultSelector())
    open_connections = 0
    started = time.perf_counter()
    for _ in range(connections):
        request = next(requests, None)
        if request is None:
            break
        connection = Connection(port)
        opened.callback(connection.socket.close)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(request)
        open_connections += 1
    while open_connections:
        events = selector.select(timeout=30)
        if not events:
            raise TimeoutError(f"{open_connections} connections got no response.")
        for event, _mask in events:
            connection = event.data
            response = connection.receive()
            if response is None:
                continue
            now = time.perf_counter()
            latencies.append((now - connection.sent_at) * 1000)
            statuses[response[0]] = statuses.get(response[0], 0) + 1
            body_bytes = response[1]
            request = next(requests, None) if now - started < seconds else None
            if request is None:
                selector.unregister(connection.socket)
                connection.socket.close()
                open_connections -= 1
            else:
                connection.send(request)
    took = time.perf_counter() - started
    return Result(len(latencies) / took, latencies, statuses, body_bytes)


def get(path: str, cookie: str = "", *, headers: str = "") -> bytes:
    """Return a GET request as bytes."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{f'Cookie: {cookie}' + chr(13) + chr(10) if cookie else ''}"
        f"{headers}\r\n"
    ).encode()


def post(path: str, body: str, cookie: str) -> bytes:
    """Return a form POST as bytes."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
