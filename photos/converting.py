"""Running `photos.convert` as a process of its own: whatever a file does to it, the worker goes on."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from photos import headers
from photos.models import MAX_COPY_BYTES, Photo
from photos.shapes import Shape

logger = logging.getLogger("photos.converting")

PROGRAM = Path(__file__).with_name("convert.py")
MAX_SECONDS = 60


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
    try:
        done = subprocess.run(  # noqa: S603  the command is ours; the photo comes in as bytes
            command, input=data, capture_output=True, timeout=MAX_SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        logger.warning("A photo took more than %s seconds.", MAX_SECONDS)
        return Outcome(reason=Photo.Reason.BROKEN)
    try:
        return _checked(done.stdout, shape)
    except (ValueError, KeyError, TypeError):  # it crashed, or someone took it over
        logger.warning("The process of a photo ended with %s.", done.returncode)
        return Outcome(reason=Photo.Reason.BROKEN)


def _checked(output: bytes, shape: Shape) -> Outcome:
    """Return what the process answered; raise ValueError, KeyError or TypeError for what it cannot have meant."""
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
