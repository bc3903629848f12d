"""Builds the image without Docker: runs the instructions of the Dockerfile in a separate directory."""

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.commands.conftest import ROOT
from tools.check_dependencies import pins

RECORD = '#!/bin/sh\nprintf "%s\\n" "$(basename "$0") $*" >> {log}\n'


def lines(dockerfile: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each with its arguments."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", dockerfile, flags=re.M))
    return [(word, rest) for word, _space, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def production_python(directory: Path, requirements: Path) -> Path:
    """Create a virtualenv with the packages of a requirements file, linked from ours; return its bin directory."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
    (site,) = directory.glob("lib/*/site-packages")
    programs = directory / "bin"
    for name in pins(requirements.read_text()):
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        for part in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
            (site / part).symlink_to(Path(str(package.locate_file(part))))
        for script in package.entry_points.select(group="console_scripts"):
            code = programs / f".{script.name}"
            code.write_text(f"from {script.module} import {script.attr} as main\nmain()\n")
            start = f'exec {shlex.quote(str(programs / "python"))} {shlex.quote(str(code))} "$@"'
            (programs / script.name).write_text(f"#!/bin/sh\n{start}\n")
            (programs / script.name).chmod(0o755)
    return programs


@dataclass
class Image:
    """The result of the Dockerfile, below `root`."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: Path = Path("/")
    command: list[str] = field(default_factory=list)

    def build(self) -> None:
        """Run every instruction of the Dockerfile; raise CalledProcessError when one fails."""
        programs = production_python(self.root / "python", ROOT / "requirements.txt")
        for name in ("pip", "useradd"):  # stubs: the packages are linked, and we cannot create a user
            (programs / name).write_text(RECORD.format(log=shlex.quote(str(self.root / "recorded"))))
            (programs / name).chmod(0o755)
        self.env = {"PATH": f"{programs}:/usr/bin:/bin"}
        (self.root / "var/lib/pedbasis").mkdir(parents=True)  # by useradd
        for instruction, rest in lines((ROOT / "Dockerfile").read_text()):
            if instruction == "ENV":
                self.env |= dict(self.inside(pair).split("=", 1) for pair in shlex.split(rest))
            elif instruction == "WORKDIR":
                self.workdir = Path(self.inside(rest))
                self.workdir.mkdir(parents=True)
            elif instruction == "COPY":
                self.copy(*rest.split())
            elif instruction == "RUN":
                self.run(["/bin/sh", "-c", rest])
            elif instruction == "CMD":
                self.command = json.loads(rest)

    def inside(self, text: str) -> str:
        """Return `text` with the paths of the image replaced by those on this machine."""
        return text.replace("/srv/", f"{self.root}/srv/").replace("/var/", f"{self.root}/var/")

    def copy(self, source: str, target: str) -> None:
        """Copy from the checkout, except what .dockerignore excludes."""
        if source != ".":
            shutil.copy(ROOT / source, self.workdir / target)
            return
        patterns = (ROOT / ".dockerignore").read_text().split()

        def ignored(directory: str, names: list[str]) -> set[str]:
            here = Path(directory).relative_to(ROOT)
            return {name for name in names if f"**/{name}" in patterns or (here / name).as_posix() in patterns}

        shutil.copytree(ROOT, self.workdir / target, ignore=ignored, dirs_exist_ok=True)

    def run(self, command: list[str], **env: str) -> str:
        """Run a program in the image and return its output."""
        done = subprocess.run(
            command, cwd=self.workdir, env=self.env | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self, command: list[str], log: Path, **env: str) -> subprocess.Popen[bytes]:
        """Start a program in the image."""
        with log.open("wb") as output:
            return subprocess.Popen(
                command, cwd=self.workdir, env=self.env | env, stdout=output, stderr=subprocess.STDOUT
            )

    def is_healthy(self, check: list[str], **env: str) -> bool:
        """Return whether a health check passes."""
        return subprocess.run(check, cwd=self.workdir, env=self.env | env, stderr=subprocess.DEVNULL).returncode == 0


def production_env() -> dict[str, str]:
    """Return the variables of a production .env, with the servers of the tests."""
    return {
        "SECRET_KEY": "a-long-key-for-this-test-only-0123456789-abcdefghijklmnopqrstuvwxyz",
        "SITE_URL": "https://pedbasis.example",
        "ALLOWED_HOSTS": "pedbasis.example",
        "EMAIL_URL": "smtp://127.0.0.1:25",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "BEHIND_PROXY": "1",
    }
