"""Check that each dependency says what for, and that the compiled requirements files match pyproject.toml; offline."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent


def without_comment(text: str) -> list[str]:
    """Return the lines of the dependency lists in pyproject.toml that do not say what the dependency is for."""
    lines = []
    inside = False
    for line in text.splitlines():
        if re.match(r"(dependencies|dev) = \[", line):
            inside = True
        elif line.startswith("]"):
            inside = False
        elif inside and line.strip().startswith('"') and not re.search(r"#\s*\S+", line):
            lines.append(line.strip())
    return lines


def pins(text: str) -> dict[str, Version]:
    """Return name and version of each line of a compiled requirements file."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.M)
    return {canonicalize_name(name): Version(version) for name, version in found}


def mismatches(wanted: list[str], pinned: dict[str, Version], file: str) -> list[str]:
    """Return a sentence for each requirement that `file` does not satisfy."""
    problems = []
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{file} does not have {requirement} (it has {version}). Run: make requirements")
    return problems


def main() -> int:
    """Print what is wrong; return 1 when something is."""
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    runtime, dev = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    problems = [f"pyproject.toml: say after a # what this is for: {line}" for line in without_comment(text)]
    files = {name: (ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")}
    pinned = {name: pins(content) for name, content in files.items()}
    problems += mismatches(runtime, pinned["requirements.txt"], "requirements.txt")
    problems += mismatches(runtime + dev, pinned["requirements-dev.txt"], "requirements-dev.txt")
    for name, version in pinned["requirements.txt"].items():
        if pinned["requirements-dev.txt"].get(name) != version:
            problems.append(f"requirements-dev.txt has another {name} than requirements.txt. Run: make requirements")
    for name, content in files.items():
        problems += [f"{name} names an address: {line}" for line in content.splitlines() if "://" in line]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
