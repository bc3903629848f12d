"""Running `photos.convert` as a process of its own: whatever a file does to it, the worker goes on."""

from __future__ import annotations

import json
import logging
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from photos import headers
from photos.models import MAX_COPY_BYTES, Photo
from photos.shapes import Shape

logger = logging.getLogger("photos.converting")

PROGRAM = Path(__file__).with_name("convert.py")
MAX_SECONDS = 60
MAX_OUTPUT = 512 * 1024  # bytes: some times what three widths take
CHUNK = 64 * 1024
UNUSABLE = (ValueError, KeyError, TypeError, OverflowError, RecursionError)  # for `json` and what reads its result


@dataclass(frozen=True)
class Outcome:
    """The files of a photo by width, or the reason why there are none; and the memory that it took."""

    files: dict[int, bytes] = field(default_factory=dict)
    reason: str = ""
    peak_kb: int = 0


def convert(data: bytes, shape: Shape) -> Outcome:
    """Return the files of a photo, made by a process without our settings, secrets and connections."""
    sizes = [f"{width}:{kilobytes}" for width, kilobytes in shape.widths.items()]
    command = [sys.executable, "-I", str(PROGRAM), str(shape.ratio), *sizes]
    with subprocess.Popen(  # noqa: S603  the command is ours; the photo comes in as bytes
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as process:
        try:
            output = _exchange(process, data)
        finally:
            process.kill()
    try:
        return _checked(output, shape)
    except UNUSABLE:  # it crashed, hung, or someone took it over
        logger.warning("The process of a photo ended with %s.", process.returncode)
        return Outcome(reason=Photo.Reason.BROKEN)


def _exchange(process: subprocess.Popen[bytes], data: bytes) -> bytes:
    """Give a process its input and return its output, as far as there is one in time and of a size that it may have.

    `Popen.communicate` keeps whatever comes, and that fills the memory of the worker if someone took the process over.
    """
    until = time.monotonic() + MAX_SECONDS
    rest, output = memoryview(data), bytearray()
    stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    os.set_blocking(stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdin, selectors.EVENT_WRITE)
        selector.register(stdout, selectors.EVENT_READ)
        while len(output) <= MAX_OUTPUT and (left := until - time.monotonic()) > 0:
            for key, _events in selector.select(left):
                if key.fileobj is stdout:
                    part = os.read(stdout.fileno(), CHUNK)
                    if not part:
                        return bytes(output)
                    output += part
                else:
                    try:
                        rest = rest[os.write(stdin.fileno(), rest[:CHUNK]) :]
                    except BrokenPipeError:  # it ended before it read all
                        rest = rest[:0]
                    if not rest:
                        selector.unregister(stdin)
                        stdin.close()
    logger.warning("A photo took more than %s seconds, or answered more than it should.", MAX_SECONDS)
    return b""


def _checked(output: bytes, shape: Shape) -> Outcome:
    """Return what the process answered; raise one of UNUSABLE for what it cannot have meant."""
    line, _, rest = output.partition(b"\n")
    answer = json.loads(line)
    peak_kb = int(answer["peak_kb"])
    if "refused" in answer:
        return Outcome(reason=Photo.Reason(answer["refused"]), peak_kb=peak_kb)
    files, at = {}, 0
    for width, length in zip(shape.widths, answer["lengths"], strict=True):
        data, at = rest[at : at + length], at + length
        if len(data) > MAX_COPY_BYTES or headers.read(data) != headers.Header("WEBP", width, shape.height(width)):
            raise ValueError("This is not the picture that was asked for.")
        files[width] = data
    return Outcome(files, peak_kb=peak_kb)
