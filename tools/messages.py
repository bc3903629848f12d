"""Extract the texts to translate, or check that the translations are complete.

    python tools/messages.py            extract into locale/, list missing translations
    python tools/messages.py --check    change nothing; exit 1 when a translation is missing, fuzzy or obsolete

Needs GNU gettext (xgettext, msgmerge, msgfmt).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/nl/LC_MESSAGES/django.po")
UNUSED = {".*", "__pycache__", "var", "build", "tests", "static", "docs", "node_modules"}  # caches may be in use
SETTINGS = {"DATABASE_URL": "postgres://127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "none"}


def gather(root: Path) -> None:
    """Update the catalogue from the code; empty the translations that gettext guessed (fuzzy)."""
    command = [sys.executable, "manage.py", "makemessages", "--locale=nl", "--no-obsolete", "--add-location=file"]
    command += ["--no-wrap", *(f"--ignore={name}" for name in sorted(UNUSED))]
    result = subprocess.run(command, cwd=root, env=os.environ | SETTINGS, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stdout + result.stderr)
    catalogue = polib.pofile(str(root / CATALOGUE), wrapwidth=0)
    for entry in catalogue:
        if entry.fuzzy:
            entry.flags.remove("fuzzy")
            entry.msgstr = ""
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
            entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    catalogue.save(str(root / CATALOGUE))


def incomplete(root: Path) -> list[str]:
    """Return the texts without a translation, each with its files."""
    catalogue = polib.pofile(str(root / CATALOGUE))
    return [
        f"  {entry.msgid!r}  ({', '.join(sorted({place for place, _ in entry.occurrences}))})"
        for entry in catalogue
        if not entry.translated() and not entry.obsolete
    ]


def check() -> int:
    """Extract in a copy and compare with the catalogue; print the differences and return 1 if there are any."""
    problems = []
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*UNUSED))
        before = polib.pofile(str(copy / CATALOGUE))
        problems += [f"  {entry.msgid!r}  (fuzzy: check it, then remove the flag)" for entry in before if entry.fuzzy]
        gather(copy)
        problems += incomplete(copy)
        now = {entry.msgid for entry in polib.pofile(str(copy / CATALOGUE))}
        problems += [f"  {entry.msgid!r}  (no longer in the code)" for entry in before if entry.msgid not in now]
        result = subprocess.run(
            ["msgfmt", "--check", "--output-file=/dev/null", CATALOGUE], cwd=copy, capture_output=True, text=True
        )
        problems += [result.stderr] if result.returncode else []
    if problems:
        print(f"{len(problems)} texts need attention in {CATALOGUE}; start with: make messages")
        print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    if not (shutil.which("xgettext") and shutil.which("msgmerge") and shutil.which("msgfmt")):
        sys.exit("GNU gettext is needed to extract texts. Install it (Debian: sudo apt install gettext) and try again.")
    if "--check" in sys.argv[1:]:
        sys.exit(check())
    gather(ROOT)
    if missing := incomplete(ROOT):
        print(f"{len(missing)} texts without a translation:")
        print("\n".join(missing))
