"""`make check`: every check that needs no tests. All checks run, and the output of those that fail is shown."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PY = sys.executable
# Settings as in production; no check opens a connection.
PRODUCTION = {
    "DATABASE_URL": "postgres://pedbasis:none@127.0.0.1:1/pedbasis",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "a-long-key-for-this-check-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "SITE_URL": "https://pedbasis.example",
    "ALLOWED_HOSTS": "pedbasis.example",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "BEHIND_PROXY": "1",
    "DEBUG": "0",
    "DEMO": "0",
}
CHECKS = {  # the slow ones first
    "types": [PY, "-m", "mypy", "."],
    "translations": [PY, "tools/messages.py", "--check"],
    "migrations": [PY, "-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [PY, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "templates": [PY, "-m", "djlint", "templates", "--lint", "--quiet"],
    "template lines": [PY, "tools/template_lines.py"],
    "import direction": [PY, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "lint": [PY, "-m", "ruff", "check", "."],
    "format": [PY, "-m", "ruff", "format", "--check", "."],
    "frozen migrations": [PY, "tools/frozen_migrations.py"],
    "dependencies": [PY, "tools/check_dependencies.py"],
}


def run(title: str) -> bool:
    """Run a check, print its result and return whether it passed."""
    start = time.monotonic()
    result = subprocess.run(
        CHECKS[title],
        cwd=ROOT,
        env=os.environ | PRODUCTION,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    verdict = "ok" if result.returncode == 0 else "FAILED"
    output = "" if result.returncode == 0 else result.stdout
    print(f"{title:.<20} {verdict:<7} {time.monotonic() - start:5.1f} s\n{output}", end="", flush=True)
    return result.returncode == 0


if __name__ == "__main__":
    with ThreadPoolExecutor(2) as pool:
        passed = list(pool.map(run, CHECKS))
    sys.exit(0 if all(passed) else 1)
