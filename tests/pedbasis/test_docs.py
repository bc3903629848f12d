"""The documents refer only to what exists: files, commands, variables, Python names, URLs and CSS names.

Nothing is listed here. Code in a document (between backticks, or indented) is classified by its form and looked up;
other code is ignored. FOREIGN are names of other projects, and names that we tell people not to use.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.exceptions import Resolver404

from insights.charts import bars
from tests.demo.test_demo_pages import DemoUrls
from tests.pedbasis.test_variables import VARIABLE, reads
from tests.repository import ROOT, files, modules_of_the_app

FOREIGN = {
    "access_log": "of nginx",
    "btree_gist": "of PostgreSQL",
    "ical.js": "of npm",
    "max_connections": "of PostgreSQL",
    "pg_trgm": "of PostgreSQL",
    "max_prepared_statements": "of PgBouncer",
    "utils.py": "advised against",
    "vnu.jar": "an optional download",
}
GENERATED = (".env", ".venv", "build", "var")  # not in the repository
SYSTEM_FOLDERS = ("etc", "srv", "tmp", "var")  # not URLs of ours
CODE = {".py", ".html", ".txt", ".css", ".js", ".toml", ".yml", ".sh", ".csv", ""}
DOCUMENTS = [
    path
    for path in files()
    if (path.suffix == ".md" and path.parts[0] != "tests") or path.parts[:2] == ("docs", "systemd")
]
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)


def text_of(path: Path) -> str:
    """Return the document; of the changelog only the newest section, as older ones may name what no longer exists."""
    text = (ROOT / path).read_text()
    return text.split("\n## ")[1] if path.name == "CHANGELOG.md" else text


def blocks_in(text: str) -> Iterator[str]:
    """Yield the lines of code blocks, without trailing comments."""
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    for line in re.findall(r"^    (.+)$", FENCE.sub("", text), re.M):
        yield re.sub(r"\s#.*", "", line)


def spans_in(text: str) -> list[str]:
    """Return the code between backticks."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCE.sub("", text))]


def words_in(code: str) -> list[str]:
    return [word.strip("\"'()[],:;") for word in re.split(r"\s+|\"", code)]


@cache
def sources() -> dict[Path, str]:
    return {path: (ROOT / path).read_text() for path in files() if path.suffix in CODE and path.parts[0] != "docs"}


@cache
def all_words() -> frozenset[str]:
    """Return every word in the code, except in this file."""
    here = Path(__file__).relative_to(ROOT)
    return frozenset(word for path, text in sources().items() if path != here for word in re.findall(r"[\w-]+", text))


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(text) for path, text in sources().items() if path.suffix == ".py"}


# --- Files --------------------------------------------------------------------------------------------------
@cache
def endings() -> frozenset[str]:
    return frozenset(path.suffix for path in files() if path.suffix)


def missing_files(code: str) -> list[str]:
    return [word for word in words_in(code) if is_path(word) and word not in FOREIGN and not is_there(word)]


def is_path(word: str) -> bool:
    if not re.fullmatch(r"\.?\w[\w.-]*(/[\w.-]+)*/?", word):
        return False
    return "/" in word or Path(word).suffix in endings() or word.startswith(".env")


def is_there(word: str) -> bool:
    if word.startswith(GENERATED):
        return True
    if "/" not in word:
        return any(path.name == word for path in files())
    places = (ROOT, ROOT / "static", ROOT / "templates", ROOT / "docs")
    # A decision may be referred to by its number.
    return any((place / word).exists() or list(place.glob(f"{word.rstrip('/')}-*.md")) for place in places)


# --- Commands -----------------------------------------------------------------------------------------------
def missing_commands(code: str) -> list[str]:
    return [
        *[f"make {target}" for target in made_in(code) if target not in targets()],
        *[f"manage.py {name}" for name in re.findall(r"manage\.py (\w+)", code) if name not in get_commands()],
        *[name for name in re.findall(r"python3? -m ([\w.]+)", code) if not importlib.util.find_spec(name)],
    ]


def made_in(code: str) -> Iterator[str]:
    for behind in re.findall(r"(?:^|\s)make ([a-z ]+)(?=$|\s|[A-Z])", code):
        yield from behind.split()


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))


# --- Variables and settings ---------------------------------------------------------------------------------
def missing_variables(code: str) -> list[str]:
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", code)) | set(re.findall(r"\b([A-Z]{2,})=", code))
    if re.fullmatch(r"[A-Z]{2,}", code) and not is_there(code):
        named.add(code)
    return [name for name in sorted(named) if name not in variables() and not hasattr(settings, name)]


@cache
def variables() -> frozenset[str]:
    """Return the variables read from the environment, in the Makefile and .env.example, and our own constants."""
    names = {name for text in sources().values() for name in re.findall(r"\$[({]([A-Z_]+)", text)}
    names |= set(re.findall(r"^([A-Z_]+) \?=", (ROOT / "Makefile").read_text(), re.M))
    names |= set(VARIABLE.findall((ROOT / ".env.example").read_text()))
    for path, tree in trees().items():
        names |= {name for _how, name in reads(sources()[path]) if name}
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(names)


# --- Parts of the program -----------------------------------------------------------------------------------
def missing_parts(code: str) -> list[str]:
    return [word for word in words_in(code) if word not in FOREIGN and not is_path(word) and not is_part(word)]


def is_part(word: str) -> bool:
    """Return whether this is one of our own names, or does not look like one."""
    first = word.partition(".")[0]
    if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)+", word):
        if first in ours():
            return is_found(word)
        if first in modules_by_last_name():
            return any(is_found(module + word[len(first) :]) for module in modules_by_last_name()[first])
        return first not in classes() or any(is_found(f"{module}.{word}") for module in classes()[first])
    if re.fullmatch(r"([A-Z][a-z]+){2,}", word) or word in classes():
        return word in classes() or word in all_words()
    if re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", word):
        return word in all_words()
    return True


def ours() -> set[str]:
    return {*settings.OWN_APPS, "tests", "tools", "bench"}


def is_found(dotted: str) -> bool:
    """Return whether a module, or an attribute of one, has this name."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return name in getattr(found, "__annotations__", {})
            found = getattr(found, name)
        return True
    return False


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules_by_last_name() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in modules_of_the_app():
        found.setdefault(dotted(path).rpartition(".")[2], []).append(dotted(path))
    return found


@cache
def classes() -> dict[str, list[str]]:
    """Return the modules that define each class, by class name."""
    found: dict[str, list[str]] = {}
    for path in modules_of_the_app():
        for node in trees()[path.relative_to(ROOT)].body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(dotted(path))
    return found


# --- Addresses ----------------------------------------------------------------------------------------------
def missing_addresses(code: str) -> list[str]:
    found = re.findall(r"(?:^|(?<=[\s(])|http://localhost:\d+)(/[\w./-]*)", code)
    return [address for address in (name.rstrip(".") for name in found) if not is_answered(address)]


def is_answered(address: str) -> bool:
    """Whether a page answers there, or anywhere below."""
    if address.lstrip("/").partition("/")[0] in SYSTEM_FOLDERS:
        return True
    try:
        get_resolver(DemoUrls).resolve(address)
    except Resolver404:
        return address != "/" and any(route.startswith(address[1:]) for route in routes(DemoUrls.urlpatterns))
    return True


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


# --- The look -----------------------------------------------------------------------------------------------
def missing_looks(code: str) -> list[str]:
    templates = re.findall(r"{% (?:include|extends) \"([^\"]+)\"", code)
    code = re.sub(r"\w+\.\w+\(.*?\)|{[{%].*?[%}]}|[\w/{}-]+\.(?:svg|html|css|js|py)\b", "", code)
    classes = re.findall(r"(?:^|(?<=[\s(>])|(?<=\w)|(?<=\)))\.([a-z][a-z-]*[a-z])\b", code)
    looks = {name for path, text in sources().items() if is_stylesheet(path) for name in css_names(text)}
    return [
        *[name for name in templates if not (ROOT / "templates" / name).exists()],
        *[f".{name}" for name in classes if f".{name}" not in looks],
        *[name for name in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", code) if name not in looks],
        *[name for name in re.findall(r"\bdata-[a-z][a-z-]*[a-z]", code) if name not in all_words()],
    ]


def is_stylesheet(path: Path) -> bool:
    """Return whether this file may contain CSS: a module generates that of a town."""
    return path.suffix == ".css" or (path.suffix == ".py" and path.parts[0] in settings.OWN_APPS)


def css_names(text: str) -> set[str]:
    return set(re.findall(r"\.[a-z][a-z-]*[a-z]|--[a-z][a-z0-9-]+", text))


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_names_in_documents_exist(path):
    text = text_of(path)
    missing = [
        name for span in spans_in(text) for name in missing_parts(span)
    ]  # code blocks have many names of other projects
    for code in (*spans_in(text), *blocks_in(text)):
        missing += missing_files(code) + missing_commands(code) + missing_variables(code) + missing_addresses(code)
    missing += missing_addresses(text)
    missing += [link for link in links(text) if not (ROOT / path.parent / link).exists()]
    assert sorted(set(missing)) == []


def links(text: str) -> list[str]:
    return re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)


def test_names_in_the_design_document_exist_in_the_stylesheet():
    text = text_of(Path("docs/design.md"))
    assert sorted({name for span in spans_in(text) for name in missing_looks(span)}) == []


@pytest.mark.parametrize("number", range(3))
def test_referenced_documents_and_decisions_exist(number):
    """In code, in other documents and in what runs them; by path, by "decision 0004" and by "decisions/0004"."""
    named = [
        r"\bdocs/[\w/-]+(?:\.(?:md|png|service))?(?![\w{-])",
        r"\bdecisions?[ /](\d{4})\b",
        r"\b(?:tests|tools)/\w[\w/]*\.\w+",
    ]
    found = {
        name
        for path in files()
        if path.suffix in CODE | {".md"} and path.name != Path(__file__).name
        for name in re.findall(named[number], (ROOT / path).read_text())
    }
    assert found
    assert [name for name in sorted(found) if not is_there(f"decisions/{name}" if number == 1 else name)] == []


def test_what_is_said_to_be_decided_in_a_file_is_named_there():
    rows = [line for line in text_of(Path("docs/where.md")).splitlines() if line.startswith("|") and "`" in line]
    missing = []
    for row in rows:
        spans = spans_in(row)
        there = "".join((ROOT / span).read_text() for span in spans if (ROOT / span).is_file())
        names = [span.rpartition(".")[2] for span in spans if not is_path(span)]
        missing += [name for name in names if not re.search(rf"\b{name}\b", there)]
    assert len(rows) > 20
    assert missing == []


def test_foreign_names_are_still_used():
    everything = " ".join(text_of(path) for path in DOCUMENTS)
    assert [name for name in FOREIGN if name not in everything] == []


@pytest.mark.parametrize(
    "look, code, gone",
    [
        (missing_files, "pedbasis/nowhere.py", ["pedbasis/nowhere.py"]),
        (missing_files, "nowhere.toml", ["nowhere.toml"]),
        (missing_files, "docs/decisions/9999", ["docs/decisions/9999"]),
        (missing_files, "manage.py docs/decisions/0004 img/logo.svg var/x text", []),
        (missing_commands, 'make format nothing test ARGS="x"', ["make nothing"]),
        (missing_commands, "manage.py nothing && manage.py migrate", ["manage.py nothing"]),
        (missing_commands, "python -m pedbasis.nothing", ["pedbasis.nothing"]),
        (missing_variables, "NOT_A_SETTING", ["NOT_A_SETTING"]),
        (missing_variables, "NOTHING=1 SITE_URL=x", ["NOTHING"]),
        (missing_variables, "CHROMIUM", []),
        (missing_parts, "meetups.models.Nothing", ["meetups.models.Nothing"]),
        (missing_parts, "Occurrence.nothing", ["Occurrence.nothing"]),
        (missing_parts, "versions.nothing", ["versions.nothing"]),
        (missing_parts, "NothingMiddleware", ["NothingMiddleware"]),
        (missing_parts, "test_that_nobody_wrote_" + "yet", ["test_that_nobody_wrote_yet"]),
        (missing_parts, "Occurrence.refusal meetups.capacity User", []),
        (
            missing_addresses,
            "/niets/ /agenda/ http://localhost:8000/demo/niets/ /account/",
            ["/niets/", "/demo/niets/"],
        ),
        (missing_looks, "div.nothing > .card(.is-nothing)", [".nothing", ".is-nothing"]),
        (missing_looks, "--nothing data-nothing-at-" + "all", ["--nothing", "data-nothing-at-all"]),
    ],
)
def test_missing_names_are_detected(look, code, gone):
    assert look(code) == gone


def test_chart_size_matches_the_documentation():
    wide, high = re.search(r"(\d+) wide and (\d+) high", text_of(Path("docs/design.md"))).groups()
    assert f'viewBox="0 0 {wide} {high}"' in bars(["jan"], {"": [5]}, labelled_by="x")
