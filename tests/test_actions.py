"""The convention for time: whoever calls an action passes `now`, by name, so that one request has one moment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import ROOT, modules_of_the_app

CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def is_action_module(path: Path) -> bool:
    return path.stem == "actions" or "actions" in path.parts


def is_atomic(function: ast.FunctionDef) -> bool:
    return any("transaction.atomic" in ast.unparse(decorator) for decorator in function.decorator_list)


def actions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the public functions that write: in a module or folder `actions`, atomic ones, and those that forget."""
    for path in modules_of_the_app():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if is_action_module(path) or is_atomic(node) or node.name.startswith("forget"):
                yield f"{path.relative_to(ROOT)}::{node.name}", node


ACTIONS = dict(actions())


def test_actions_are_found():
    for name in (
        "meetups/attending/actions/signing_up.py::join",
        "accounts/sessions.py::forget_sessions",
        "pages/address_changes.py::undo",
    ):
        assert name in ACTIONS


@pytest.mark.parametrize("name", ACTIONS)
def test_now_is_a_required_keyword(name):
    arguments = ACTIONS[name].args
    assert "now" not in [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    defaults = dict(zip([argument.arg for argument in arguments.kwonlyargs], arguments.kw_defaults, strict=True))
    assert defaults.get("now") is None


@pytest.mark.parametrize(
    "path", list(filter(is_action_module, modules_of_the_app())), ids=lambda path: str(path.relative_to(ROOT))
)
def test_actions_do_not_read_the_clock(path):
    found = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS
    ]
    assert not found
