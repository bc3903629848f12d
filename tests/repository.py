"""The files in the checkout, so no test needs a list of them."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# From the top down, as in the import contracts.
APPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
NOT_OURS = {".venv", "var", "build", "node_modules", "__pycache__"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the project, relative to its root, without generated and installed files."""
    return tuple(sorted(_below(ROOT)))


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in NOT_OURS and not (path.name.startswith(".") and path.name != ".ci"):
                yield from _below(path)
        elif path.suffix not in {".mo", ".pyc"} and path.name not in {".env", ".git"}:
            yield path.relative_to(ROOT)


def modules_of_the_app() -> list[Path]:
    """Return the modules that run in production or in the demo, without migrations."""
    ours = {"manage.py", *APPS} - {"local"}
    return [
        ROOT / path
        for path in files()
        if path.suffix == ".py" and path.parts[0] in ours and "migrations" not in path.parts
    ]
