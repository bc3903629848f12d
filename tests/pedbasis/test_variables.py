"""`.env.example` and docs/operations.md list exactly the environment variables that are read."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pedbasis import environment
from tests.commands.conftest import ROOT
from tests.repository import modules_of_the_app

EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS = ROOT / "pedbasis" / "settings.py"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
READERS = {
    name
    for name, function in inspect.getmembers(environment, inspect.isfunction)
    if next(iter(inspect.signature(function).parameters), "") == "name"
}
VARIABLE = re.compile(r"^#?([A-Z_]+)=", re.M)


def reads(source: str) -> Iterator[tuple[str, str | None]]:
    """Yield how each variable is read, and its name; None if the name is not a literal."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            how = ast.unparse(node.func)
            is_read = how.removeprefix("environment.") in READERS and how.startswith("environment.")
            if is_read or how in {"os.environ.get", "os.environ.pop", "os.getenv"}:
                yield how, literal(node.args[0])
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            if ast.unparse(node.value) == "os.environ":
                yield "os.environ[]", literal(node.slice)
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "os.environ":
            yield "in os.environ", literal(node.left)


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) else None


def read_by_the_app() -> set[str]:
    sources = [path for path in modules_of_the_app() if path != Path(environment.__file__)]
    return {name or f"one unknown to {path}" for path in sources for _how, name in reads(path.read_text())}


def read_by_containers() -> set[str]:
    names = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    names |= set(re.findall(r"\{\$([A-Z_]+)", (ROOT / "Caddyfile").read_text()))
    return names | ({"COMPOSE_PROFILES"} if "profiles:" in COMPOSE else set())


def handed_on_by_make() -> set[str]:
    """Return the variables to type after `make demo` that are not settings; README.md documents them."""
    return set(re.findall(r"^export ([A-Z_]+)$", (ROOT / "Makefile").read_text(), re.M))


def blocks(text: str, heading: str, variable: re.Pattern[str]) -> dict[str, set[str]]:
    """Return the variables under each heading, in order; headings without variables are left out."""
    _before, *parts = re.split(heading, text, flags=re.M)
    found = {title: set(variable.findall(body)) for title, body in zip(parts[::2], parts[1::2], strict=True)}
    return {title: names for title, names in found.items() if names}


IN_EXAMPLE = blocks(EXAMPLE, r"^# --- (.+) ---$", VARIABLE)


@pytest.mark.parametrize(
    "source, read",
    [
        ('X = environment.text("A")', ["A"]),
        ('X = [1, environment.number("A", default=environment.number("B", 1, 1, 1), minimum=1)]', ["A", "B"]),
        ('os.environ["A"] + os.environ.get("B", "") + os.getenv("C")', ["C", "A", "B"]),
        ('"A" in os.environ', ["A"]),
        ("environment.flag(name)", [None]),
        ('os.environ["A"] = "1"; os.environ.setdefault("B", "1"); environment.read_file("C")', []),
    ],
)
def test_each_way_to_read_a_variable_is_detected(source, read):
    assert sorted((name for _how, name in reads(source)), key=str) == sorted(read, key=str)


def test_example_has_exactly_the_variables_that_are_read():
    documented = set(VARIABLE.findall(EXAMPLE))
    assert (read_by_the_app() | read_by_containers()) - (handed_on_by_make() - documented) == documented


def test_variables_exported_by_make_are_documented():
    words = (ROOT / "README.md").read_text() + (ROOT / "tools" / "venv.sh").read_text()
    assert [name for name in handed_on_by_make() if f"{name}=" not in words] == []


def test_each_variable_is_listed_once_in_the_example():
    assert len(VARIABLE.findall(EXAMPLE)) == len(set(VARIABLE.findall(EXAMPLE)))


def test_settings_have_the_sections_of_the_example():
    """Same headings, same order, same variables under each; only containers read those under "Containers"."""
    read = re.compile(rf"\benvironment\.(?:{'|'.join(READERS)})\(\s*\"([A-Z_]+)")
    in_settings = blocks(SETTINGS.read_text(), r"^# --- (.+?) -+$", read)
    assert list(in_settings.items()) == [(title, names) for title, names in IN_EXAMPLE.items() if title != "Containers"]


def test_operations_have_the_sections_of_the_example():
    settings = OPERATIONS.partition("\n## Settings\n")[2].partition("\n## ")[0]
    described = blocks(settings, r"^### (.+)$", re.compile(r"`([A-Z_]+)`"))
    assert list(described) == list(IN_EXAMPLE)
    missing = {title: names - described[title] for title, names in IN_EXAMPLE.items() if names - described[title]}
    assert missing == {}
    assert set().union(*described.values()) == set().union(*IN_EXAMPLE.values())
