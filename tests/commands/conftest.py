"""Run the commands as a person would: as programs, from the root of the checkout."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SET_BY_MAKE_TEST = {"DATABASE_URL", "REDIS_URL", "DB_POOL_MAX"}  # set by `make test`


class Program:
    """A program under test, its output so far, and its child processes."""

    def __init__(self, *arguments: str, module: str = "local", **env: str | Path) -> None:
        surroundings = {name: value for name, value in os.environ.items() if name not in SET_BY_MAKE_TEST}
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=surroundings | {name: str(value) for name, value in env.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""
        self.family: list[psutil.Process] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.output += line
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def says(self, text: str, seconds: float = 60) -> "Program":
        """Wait until it prints `text`; record its child processes."""
        with self._news:
            self._news.wait_for(lambda: text in self.output or not self._reader.is_alive(), seconds)
        assert text in self.output, self.output
        return self.record_family()

    def writes(self, text: str, log: Path, seconds: float = 60) -> "Program":
        """Wait until it writes `text` to a log; record its child processes."""
        deadline = time.monotonic() + seconds
        while not (log.exists() and text in log.read_text()):
            assert time.monotonic() < deadline, self.output
            time.sleep(0.01)
        return self.record_family()

    def record_family(self) -> "Program":
        """Record its current child processes."""
        self.family = psutil.Process(self.process.pid).children(recursive=True)
        return self

    def signal(self, number: signal.Signals) -> "Program":
        self.process.send_signal(number)
        return self

    def ends(self, seconds: float = 60) -> int:
        """Wait until it exits and return its exit code."""
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def left_behind(self, seconds: float = 20) -> list[psutil.Process]:
        """Return which of its recorded processes are still alive after at most `seconds`."""
        deadline = time.monotonic() + seconds
        while alive := [process for process in self.family if process.is_running() and not is_zombie(process)]:
            if time.monotonic() > deadline:
                return alive
            psutil.wait_procs(alive, timeout=0.1)
        return []

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


def is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def start() -> Iterator:
    """Return a function that starts `python -m MODULE ...`; programs still running at the end are stopped."""
    programs = []

    def begin(*arguments: str, module: str = "local", **env: str | Path) -> Program:
        programs.append(Program(*arguments, module=module, **env))
        return programs[-1]

    yield begin
    for program in programs:
        program.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A path that does not exist yet, with a space in it, below a private directory."""
    closed = tmp_path / "closed to others"
    closed.mkdir(mode=0o700)
    return closed / "the data"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
