"""Child processes that do not outlive us: start them, watch them, stop them."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1  # prctl(2)
STOP_SECONDS = 15
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Problem(Exception):
    """Something the person at the keyboard must know, as one line that says what to do."""


@dataclass
class Child:
    """A running process: what it is called, where its output goes, and the signal that stops it cleanly."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None
    stop_signal: signal.Signals

    def last_lines(self, count: int = 12) -> str:
        """Return the end of its log."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


class Processes:
    """The children of one run; `record` tells the next run what a kill -9 of ours may have left behind."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.children: list[Child] = []

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        log: Path | None = None,
        uid: int | None = None,
        gid: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start `command` in a session of its own, so that Ctrl-C reaches us only; raise Problem when it cannot run."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(postponed())
            output = stack.enter_context(log.open("ab")) if log else None
            try:
                process = subprocess.Popen(
                    [str(part) for part in command],
                    env=dict(env),
                    cwd=cwd,
                    stdin=stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT if output else None,
                    user=uid,
                    group=gid,
                    extra_groups=None if uid is None else [],
                    pass_fds=pass_fds,
                    start_new_session=True,
                    preexec_fn=end_with_parent(stop_signal),
                )
            except OSError as error:
                raise Problem(f"{name} cannot run on this machine: {error.strerror}.") from error
            child = Child(name, process, log, stop_signal)
            self.children.append(child)
            self._write_record()
        return child

    def dead(self) -> Child | None:
        """Return a child that has ended by itself, if any."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def forget(self, child: Child) -> None:
        """Stop watching `child`, which has ended."""
        self.children.remove(child)
        self._write_record()

    def stop(self, *, after: int = 0) -> None:
        """Stop every child started after the first `after`, the youngest included, and all that they started."""
        with undisturbed():
            self._stop(after)

    def _stop(self, after: int) -> None:
        leaving = self.children[after:]
        families = [family(child.process.pid) for child in leaving]
        for child in leaving:
            if child.process.poll() is None:
                child.process.send_signal(child.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        for child, relatives in zip(leaving, families, strict=True):
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                relatives += family(child.process.pid)  # it may have started more since
                child.process.kill()
                child.process.wait()
            kill_all(relatives)
        del self.children[after:]
        self._write_record()

    def stop_leftovers(self) -> None:
        """Stop what an earlier run left behind when it was killed, and wait until it is gone."""
        try:
            rows = json.loads(self.record.read_text())
        except (OSError, ValueError):
            return
        leftovers: list[psutil.Process] = []
        for row in rows:
            with contextlib.suppress(psutil.Error, KeyError, TypeError, OSError):
                process = psutil.Process(row["pid"])
                # The start time tells our process from a stranger that was given the same number since.
                if abs(process.create_time() - row["started"]) < 5:
                    leftovers += [process, *process.children(recursive=True)]
                    process.send_signal(row["stop_signal"])
        _, alive = psutil.wait_procs([p for p in leftovers if not is_zombie(p)], timeout=STOP_SECONDS)
        kill_all(alive)
        self.record.unlink(missing_ok=True)

    def _write_record(self) -> None:
        rows = []
        for child in self.children:
            with contextlib.suppress(psutil.Error):
                started = psutil.Process(child.process.pid).create_time()
                rows.append({"pid": child.process.pid, "started": started, "stop_signal": int(child.stop_signal)})
        new = self.record.with_suffix(".new")
        new.write_text(json.dumps(rows))
        new.replace(self.record)


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """Let the signals that ask us to stop wait until the end.

    An exception that a handler raises while Python forks is swallowed, and one between a fork and our note of it would
    leave a process that nobody stops.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = [signal.signal(number, lambda number, frame: arrived.append(number)) for number in STOPPING]
    try:
        yield
    finally:
        for number, handler in zip(STOPPING, before, strict=True):
            signal.signal(number, handler)
    for late in arrived:
        signal.raise_signal(late)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore the signals that ask us to stop, while we do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [signal.signal(number, signal.SIG_IGN) for number in STOPPING]
    try:
        yield
    finally:
        for number, handler in zip(STOPPING, before, strict=True):
            signal.signal(number, handler)


def family(pid: int) -> list[psutil.Process]:
    """Return the processes that `pid` has started, and those which they have."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def is_zombie(process: psutil.Process) -> bool:
    """Tell whether `process` has ended and only waits for its parent to notice."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def kill_all(processes: list[psutil.Process]) -> None:
    """Kill what is still alive and wait for it; psutil never takes a reused number for the same process."""
    alive = [process for process in processes if process.is_running() and not is_zombie(process)]
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def end_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child calls before it becomes another program, so that it stops when we are killed (Linux)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        for number in STOPPING:  # until it is another program it has our handlers, which would swallow what comes
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return ask
