"""Check that no migration changed since its hash was recorded in migrations.sha256; `--add` records new ones.

A migration that was applied somewhere never runs there again: editing it makes installations differ without anyone
noticing. Correct a migration with another one.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path("tools/migrations.sha256")  # in the format of sha256sum: a hash, two spaces, a path


def hashes(root: Path) -> dict[str, str]:
    """Return the hash of each migration in `root`, by its path."""
    files = sorted(root.glob("*/migrations/[0-9]*.py"))
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def frozen(root: Path) -> dict[str, str]:
    """Return the recorded hash of each migration, by its path."""
    lines = (line.split("  ", 1) for line in (root / LIST).read_text().splitlines())
    return {path: digest for digest, path in lines}


def problems(root: Path) -> list[str]:
    """Return a sentence for each migration that differs from its recorded hash, or has none."""
    now, before = hashes(root), frozen(root)
    changed = [path for path, digest in before.items() if now.get(path) != digest]
    return [f"{path} may already be applied somewhere: restore it, and write a new one." for path in changed] + [
        f"{path} is new: when it is final, run: python tools/frozen_migrations.py --add"
        for path in now.keys() - before.keys()
    ]


def add(root: Path) -> None:
    """Record the hashes of new migrations; existing lines do not change."""
    lines = hashes(root) | frozen(root)
    (root / LIST).write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(lines.items())))


if __name__ == "__main__":
    if "--add" in sys.argv:
        add(ROOT)
    found = problems(ROOT)
    sys.stdout.writelines(f"{line}\n" for line in sorted(found))
    sys.exit(1 if found else 0)
