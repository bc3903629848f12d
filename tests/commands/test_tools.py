"""The scripts behind `make check` and the translations."""

import os
import shutil
import subprocess
import sys
import tomllib

import polib
import pytest

from pedbasis import translations
from tests.commands.conftest import ROOT
from tools import check as tools_check
from tools import check_dependencies, frozen_migrations


def test_changed_translations_are_compiled(tmp_path):
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Welcome", msgstr="Welkom"))
    catalogue.append(polib.POEntry(msgid="Unsure", msgstr="Onzeker", flags=["fuzzy"]))
    catalogue.save(str(folder / "django.po"))

    assert translations.compile_all(tmp_path) == [folder / "django.mo"]
    assert {entry.msgid: entry.msgstr for entry in polib.mofile(str(folder / "django.mo"))} == {"Welcome": "Welkom"}
    assert translations.compile_all(tmp_path) == []

    os.utime(folder / "django.mo", (0, 0))
    assert translations.compile_all(tmp_path) == [folder / "django.mo"]
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


def test_dependency_without_a_comment_is_reported():
    lines = ["dependencies = [", '    "django>=5",  # the web framework', '    "celery",', '    "redis", #', "]"]
    text = "\n".join([*lines, "other = [", '    "x",', "]"])
    assert check_dependencies.without_comment(text) == ['"celery",', '"redis", #']


def test_requirement_missing_from_the_compiled_file_is_reported():
    pinned = check_dependencies.pins(
        "Django==5.2.1 \\\n    --hash=sha256:0\nredis[hiredis]==6.0 ; python_version > '3'\n"
    )
    assert check_dependencies.mismatches(["django>=5.2,<5.3", "redis>=6"], pinned, "r.txt") == []
    assert check_dependencies.mismatches(["django>=6", "segno"], pinned, "r.txt") == [
        "r.txt does not have django>=6 (it has 5.2.1). Run: make requirements",
        "r.txt does not have segno (it has None). Run: make requirements",
    ]


def test_internals_in_use_must_be_listed_and_bounded():
    used = check_dependencies.internals_of(
        "from allauth.core.internal.httpkit import x\nfrom allauth.account import views\nimport allauth.internal.y\n"
    )
    assert used == {"allauth.core.internal.httpkit", "allauth.internal.y"}
    listed = set(check_dependencies.INTERNALS)
    assert check_dependencies.unlisted_internals(listed, bounded=True) == []
    assert check_dependencies.unlisted_internals(listed | {"allauth.internal.y"}, bounded=False) == [
        "INTERNALS in tools/check_dependencies.py does not list allauth.internal.y",
        "pyproject.toml: give django-allauth an upper bound, we use internals of it",
    ]
    gone = min(listed)
    assert check_dependencies.unlisted_internals(listed - {gone}, bounded=True) == [
        f"INTERNALS in tools/check_dependencies.py still lists {gone}"
    ]


def test_messages_without_gettext_is_reported_in_one_line(tmp_path):
    command = [sys.executable, "tools/messages.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == (
        "GNU gettext is needed to extract texts. Install it (Debian: sudo apt install gettext) and try again.\n"
    )


def test_no_recorded_migration_was_edited():
    assert frozen_migrations.problems(ROOT) == []


def test_edited_and_deleted_migrations_are_reported(tmp_path):
    folder = tmp_path / "towns" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / frozen_migrations.LIST).write_text("")
    first, second = folder / "0001_initial.py", folder / "0002_more.py"
    first.write_text("operations = []\n")
    second.write_text("operations = []\n")
    new = "is new: when it is final, run: python tools/frozen_migrations.py --add"
    assert sorted(frozen_migrations.problems(tmp_path)) == [
        f"towns/migrations/0001_initial.py {new}",
        f"towns/migrations/0002_more.py {new}",
    ]
    frozen_migrations.add(tmp_path)
    assert frozen_migrations.problems(tmp_path) == []

    first.write_text("operations = [1]\n")
    second.unlink()
    frozen_migrations.add(tmp_path)  # does not help
    edited = "may already be applied somewhere: restore it, and write a new one."
    assert frozen_migrations.problems(tmp_path) == [
        f"towns/migrations/0001_initial.py {edited}",
        f"towns/migrations/0002_more.py {edited}",
    ]


LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
APPS = set(LAYERS)


def lint_imports(tree):
    """Run the check of the import direction on a copy of the code."""
    command = [sys.executable, "-c", tools_check.CHECKS["import direction"][-1]]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the code and its import contracts."""
    root = tmp_path_factory.mktemp("tree")
    for app in APPS:
        shutil.copytree(
            ROOT / app, root / app, ignore=shutil.ignore_patterns("__pycache__", "*.csv", "*.png", "*.toml")
        )
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_every_app_is_in_the_import_contract():
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "tools", "bench"}
    assert there == APPS
    packages = {path.parent for path in ROOT.glob("*/**/*.py") if path.parts[len(ROOT.parts)] in APPS}
    assert [path for path in packages if not (path / "__init__.py").exists()] == []  # import-linter skips those


def test_code_keeps_the_import_contracts(tree):
    result = lint_imports(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "file, line",
    [
        ("locations/geo.py", "from pages import privacy"),
        ("notifications/models.py", "from meetups import clock"),
        ("pedbasis/logs.py", "from pedbasis import context"),
        ("meetups/models/meetup.py", "from meetups import capacity"),
        ("meetups/managing/actions/planning.py", "from meetups.managing import forms"),
        ("meetups/agenda/rows.py", "from meetups.agenda import cards"),
        ("meetups/schedule/rhythms.py", "from meetups.attending import tokens"),
        ("meetups/helpers.py", ""),
        ("pedbasis/helpers.py", ""),
    ],
)
def test_upward_import_and_module_without_layer_are_refused(tree, file, line):
    path = tree / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{line}\n{before or ''}")
    try:
        result = lint_imports(tree)
    finally:
        path.write_text(before) if before is not None else path.unlink()
    assert result.returncode == 1
    module = file.removesuffix(".py").replace("/", ".")
    assert module in result.stdout
