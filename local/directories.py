"""Private directories: creating, locking and removing them; also secrets, free ports and the user to run as."""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.processes import Problem

PREFIX = "pedbasis-"


def private_directory(path: Path) -> Path:
    """Return `path` as an absolute directory, created with mode 0700 if needed; raise Problem on failure."""
    path = path.expanduser().absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Problem(f"Cannot keep data in {path}: {error.strerror}. Set DATA_DIR to another directory.") from error
    return path


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lock `directory` for this process; raise Problem when another process holds it. A kill releases the lock."""
    try:
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Problem(f"Cannot use {directory}: {error.strerror}. Set DATA_DIR to another directory.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Problem(
            f"Pedbasis is already running with {directory}. Stop it first, or set another DATA_DIR."
        ) from None
    else:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """Yield a new directory, removed afterwards; first remove those left behind by killed processes."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(Problem, OSError):
            if old.lstat().st_uid == os.geteuid() and (old / "lock").exists():
                with locked(old):
                    shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    with locked(directory):
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def secret(path: Path) -> str:
    """Return the secret in the file `path`, created at first use and readable by its owner only."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def free_port() -> int:
    """Return a free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server_user(directory: Path) -> tuple[int | None, int | None]:
    """Return the uid and gid to run a server as: None for our own; as root, the owner of `directory` or nobody."""
    if os.geteuid() != 0:
        return None, None
    status = directory.stat()
    if status.st_uid != 0:
        return status.st_uid, status.st_gid
    if sys.platform != "linux":
        raise Problem("On this system, run this as an ordinary user and not as root.")
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid
