"""The command line: `python -m local exec [--ephemeral] -- COMMAND` and `python -m local demo`."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from local.demo import demo
from local.processes import STOP_SIGNALS, Problem, end_with_parent
from local.servers import services


class Stop(BaseException):
    """Raised by a stop signal; its argument is the signal number."""


def raise_stop(number: int, frame: FrameType | None) -> None:
    for other in STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # ignore further signals during cleanup
    raise Stop(number)


def execute(data_dir: Path, command: list[str], *, ephemeral: bool) -> int:
    """Run `command` with PostgreSQL and Valkey available, and return its exit code."""
    with services(data_dir, ephemeral=ephemeral) as running:
        with forwarding_signals() as forward_to:
            try:
                process = subprocess.Popen(
                    command, env=os.environ | running.env, preexec_fn=end_with_parent(signal.SIGTERM)
                )
            except OSError as error:
                sys.stderr.write(f"Cannot run {command[0]}: {error.strerror}.\n")
                return 127
            forward_to(process)
            code = process.wait()
        if dead := running.processes.dead():
            sys.stderr.write(f"{dead.name} stopped halfway:\n{dead.last_lines()}\n")
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def forwarding_signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Forward signals to a process, except those that the terminal sends to both of us.

    Yields a function that sets the process; earlier signals are forwarded when it is called.
    """
    processes: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        if not processes:
            early.append(number)
        elif number == signal.SIGTERM or not in_foreground():
            processes[0].send_signal(number)

    def forward_to(process: subprocess.Popen[bytes]) -> None:
        processes.append(process)
        for number in early:
            process.send_signal(number)

    before = [signal.signal(number, forward) for number in STOP_SIGNALS]
    try:
        yield forward_to
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)


def in_foreground() -> bool:
    """Return whether our process group is in the foreground, so Ctrl-C reaches all of it."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def main() -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    subparsers = parser.add_subparsers(dest="action", required=True)
    with_servers = subparsers.add_parser("exec", help="run a command with PostgreSQL and Valkey available")
    with_servers.add_argument("--ephemeral", action="store_true", help="in a temporary directory, removed afterwards")
    with_servers.add_argument("command", nargs="+", metavar="COMMAND")
    subparsers.add_parser("demo", help="serve Pedbasis with demo data on PORT")
    arguments = parser.parse_args()
    data_dir = Path(os.environ.get("DATA_DIR") or "var")
    for number in STOP_SIGNALS:
        signal.signal(number, raise_stop)
    try:
        if arguments.action == "demo":
            return demo(data_dir, os.environ.get("PORT") or "8000")
        return execute(data_dir, arguments.command, ephemeral=arguments.ephemeral)
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except Stop as stop:
        # Ctrl-C or SIGTERM is the normal way to end the demo; for `exec` it means that the command never ran.
        return 0 if arguments.action == "demo" else 128 + int(stop.args[0])


if __name__ == "__main__":
    sys.exit(main())
