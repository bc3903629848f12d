"""Check that no migration changed since it was written down in migrations.sha256; `--add` writes down new ones.

A migration that ran somewhere never runs there again: who edits it makes installations that differ in silence. What was
wrong in one is put right by a next one.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path("tools/migrations.sha256")  # as sha256sum writes it: a hash, two spaces, a path


def hashes(root: Path) -> dict[str, str]:
    """Return the hash of each migration in `root`, by its path."""
    files = sorted(root.glob("*/migrations/[0-9]*.py"))
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def frozen(root: Path) -> dict[str, str]:
    """Return the hash of each migration that is written down, by its path."""
    lines = (line.split("  ", 1) for line in (root / LIST).read_text().splitlines())
    return {path: digest for digest, path in lines}


def problems(root: Path) -> list[str]:
    """Return a sentence for each migration that is not as it was written down."""
    now, before = hashes(root), frozen(root)
    changed = [path for path, digest in before.items() if now.get(path) != digest]
    return [f"{path} may run somewhere already: put it back as it was, and write a next one." for path in changed] + [
        f"{path} is new: once it is right, run: python tools/frozen_migrations.py --add"
        for path in now.keys() - before.keys()
    ]


def add(root: Path) -> None:
    """Write down new migrations; the lines of others stay as they are."""
    lines = hashes(root) | frozen(root)
    (root / LIST).write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(lines.items())))


if __name__ == "__main__":
    if "--add" in sys.argv:
        add(ROOT)
    found = problems(ROOT)
    sys.stdout.writelines(f"{line}\n" for line in sorted(found))
    sys.exit(1 if found else 0)
