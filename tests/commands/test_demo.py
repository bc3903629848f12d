"""`python -m local demo`: the whole site as one program."""

import os
import shutil
import signal
import smtplib
import socket
import stat
import subprocess
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.commands.conftest import ROOT, Program

READY = "Ctrl-C stops everything."
SOON = 8  # seconds; generous, for a busy machine


def child_env(program: Program) -> dict[str, str]:
    """Return the environment of its web process."""
    return next(p.environ() for p in program.family if "pedbasis.serve" in " ".join(p.cmdline()))


def child(program: Program, word: str) -> psutil.Process:
    return next(process for process in program.family if word in process.cmdline())


def towns(program: Program) -> int:
    with psycopg.connect(child_env(program)["DATABASE_URL"]) as connection:
        return connection.execute("SELECT count(*) FROM locations_municipality").fetchone()[0]


def page(port: int, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=20) as response:
        return response.status, response.read().decode()


def test_demo_starts_stops_and_keeps_its_data(start, data_dir, free_port):
    demo = start("demo", DATA_DIR=data_dir, PORT=free_port).says(READY, 180)
    assert f"http://localhost:{free_port}/" in demo.output
    assert page(free_port, "/healthz")[0] == 200
    assert "<h1" in page(free_port, "/")[1]
    count = towns(demo)
    assert count > 0
    assert stat.S_IMODE((data_dir / "secret_key").stat().st_mode) == 0o600

    # A second one, on the same or another port, is refused in one line.
    for port in (free_port, free_port + 1):
        second = start("demo", DATA_DIR=data_dir, PORT=port)
        assert second.ends() == 1
        assert second.output.splitlines()[-1].startswith(f"Pedbasis is already running with {data_dir}.")

    # Mail sent over SMTP is stored.
    host, smtp_port = child_env(demo)["EMAIL_URL"].removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(smtp_port)) as connection:
        connection.sendmail("from@example.org", ["to@example.org"], b"Subject: Dag\r\n\r\nTot dinsdag!")
    (mail,) = (data_dir / "mail").glob("*.eml")
    assert b"Tot dinsdag!" in mail.read_bytes()

    # After a kill no process is left, and the next start has the same data.
    demo.signal(signal.SIGKILL).ends()
    again = start("demo", DATA_DIR=data_dir, PORT=free_port).says(READY)
    assert demo.left_behind() == []
    assert "Demo data" not in again.output
    assert towns(again) == count
    assert mail.exists()

    # Ctrl-C or SIGTERM ends it cleanly.
    assert again.signal(signal.SIGTERM).ends() == 0
    assert again.left_behind() == []
    assert "Stopping" in again.output

    # When one process exits, even before the first page, everything stops and the process is named.
    third = start("demo", DATA_DIR=data_dir, PORT=free_port).says("Drawings and styles")
    child(third, "local.mail").kill()
    assert third.ends() == 1
    assert "The part 'mail' ended by itself" in third.output
    assert third.left_behind() == []

    # It can be stopped at any moment during startup.
    for moment in ("Starting the Pedbasis demo.", "Database and queue", "Drawings and styles"):
        stopped = start("demo", DATA_DIR=data_dir, PORT=free_port).says(moment).signal(signal.SIGTERM)
        assert (moment, stopped.ends(SOON)) == (moment, 0)
        assert stopped.left_behind(1) == []
    log = data_dir / "log" / "web.log"
    stopped = start("demo", DATA_DIR=data_dir, PORT=free_port).says("Tables").writes("Spawning worker-1", log)
    assert stopped.signal(signal.SIGTERM).ends(SOON) == 0
    assert stopped.left_behind(1) == []


def test_a_port_in_use_is_refused_before_anything_starts(start, data_dir):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = start("demo", DATA_DIR=data_dir, PORT=port)
        assert program.ends() == 1
    assert program.output == f"Port {port} is in use. Choose another: make demo PORT={port + 1}\n"
    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize("port", ["0", "65536", "eight", "-1", "８０００"])
def test_invalid_port_is_refused(start, data_dir, port):
    program = start("demo", DATA_DIR=data_dir, PORT=port)
    assert program.ends() == 1
    assert program.output.startswith("PORT must be a number from 1 to 65535")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with only the script that creates .venv."""
    directory = tmp_path / "a checkout"
    (directory / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "venv.sh", directory / "tools")
    return directory


def make_venv(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", "tools/venv.sh", "requirements.txt", *arguments]
    return subprocess.run(command, cwd=checkout, env=os.environ | env, capture_output=True, text=True, timeout=30)


def test_missing_python_is_reported_in_one_line(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    result = make_venv(checkout, PATH=str(tmp_path / "bin"))
    assert result.returncode == 1
    assert result.stderr.startswith("Pedbasis needs Python 3.11 or newer. Install it (Debian: ")
    assert result.stderr.count("\n") == 1


def test_old_python_is_reported_in_one_line(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("python3", "python"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 1\n")  # what 3.9 answers to "are you 3.11?"
        (tmp_path / "bin" / name).chmod(0o755)
    result = make_venv(checkout, PATH=str(tmp_path / "bin"))
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("Pedbasis needs Python 3.11 or newer.")


def test_a_port_in_use_is_refused_before_anything_is_installed(checkout):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = make_venv(checkout, port)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"Port {port} is in use or cannot be used. Choose another: make demo PORT=8001\n"
    assert not (checkout / ".venv").exists()
