"""Starts, watches and stops child processes, and makes sure that they do not outlive us."""

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
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Problem(Exception):
    """An error for the person at the keyboard: one line that says what to do."""


@dataclass
class Child:
    """A running process: its name, its log file, and the signal that stops it cleanly."""

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
    """The children of one run; `record` is a file that lists them for the next run, in case we get killed."""

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
        """Start `command` in its own session, so Ctrl-C reaches only us; raise Problem when it cannot run."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(stop_signals_postponed())
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
        """Return a child that has exited unexpectedly, if any."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def forget(self, child: Child) -> None:
        """Stop watching `child`, which has exited."""
        self.children.remove(child)
        self._write_record()

    def stop(self, *, after: int = 0) -> None:
        """Stop all children but the first `after`, and all their descendants."""
        with stop_signals_ignored():
            self._stop(after)

    def _stop(self, after: int) -> None:
        stopping = self.children[after:]
        families = [descendants(child.process.pid) for child in stopping]
        for child in stopping:
            if child.process.poll() is None:
                child.process.send_signal(child.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        for child, family in zip(stopping, families, strict=True):
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                family += descendants(child.process.pid)  # it may have started more since
                child.process.kill()
                child.process.wait()
            kill_all(family)
        del self.children[after:]
        self._write_record()

    def stop_leftovers(self) -> None:
        """Stop the processes left behind by a killed run, and wait until they are gone."""
        try:
            rows = json.loads(self.record.read_text())
        except (OSError, ValueError):
            return
        leftovers: list[psutil.Process] = []
        for row in rows:
            with contextlib.suppress(psutil.Error, KeyError, TypeError, OSError):
                process = psutil.Process(row["pid"])
                # The start time tells our process from another one that has the same pid now.
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
def stop_signals_postponed() -> Iterator[None]:
    """Postpone stop signals until the end of the block.

    An exception that a handler raises during a fork is swallowed, and one between the fork and recording the child
    would leave a process that nobody stops.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = [signal.signal(number, lambda number, frame: arrived.append(number)) for number in STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)
    for late in arrived:
        signal.raise_signal(late)


@contextlib.contextmanager
def stop_signals_ignored() -> Iterator[None]:
    """Ignore stop signals while we are already stopping."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [signal.signal(number, signal.SIG_IGN) for number in STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)


def descendants(pid: int) -> list[psutil.Process]:
    """Return the children of `pid`, and their children, and so on."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def is_zombie(process: psutil.Process) -> bool:
    """Return whether `process` has exited but was not waited for by its parent."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def kill_all(processes: list[psutil.Process]) -> None:
    """Kill the processes that are still alive and wait for them; psutil is not fooled by reused pids."""
    alive = [process for process in processes if process.is_running() and not is_zombie(process)]
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def end_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that makes the child receive `stop_signal` when we are killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        for number in STOP_SIGNALS:  # until exec it has our handlers, which would swallow a signal
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return ask
