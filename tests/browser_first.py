"""Finds the browser before the first test if browser tests are selected, so a missing one fails early.

A plugin (`-p`), because the processes of pytest-xdist start later and get the browser from their environment.
"""

from pathlib import Path

import pytest

from tools import browser

TESTS = Path(__file__).resolve().parent / "browser"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not asks_for_browser_tests(config):
        return
    try:
        browser.prepare()
    except browser.NoBrowser as problem:
        raise pytest.UsageError(str(problem)) from problem


def asks_for_browser_tests(config: pytest.Config) -> bool:
    """Return whether the selected paths include browser tests and no --ignore excludes them."""
    here = config.invocation_params.dir
    paths = [(here / argument.split("::")[0]).resolve() for argument in config.args]
    left_out = [(here / path).resolve() for path in config.getoption("ignore") or []]
    return any(leads_to(path) for path in paths) and not any(TESTS.is_relative_to(path) for path in left_out)


def leads_to(path: Path) -> bool:
    return TESTS.is_relative_to(path) or path.is_relative_to(TESTS)
