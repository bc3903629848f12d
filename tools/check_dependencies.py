"""Check offline that each dependency has a comment, and that the requirements files match pyproject.toml."""

import ast
import itertools
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
# Internal modules of packages that we import because there is no public API. Such a package needs an upper bound in
# pyproject.toml, as its next version may change them.
INTERNALS = {
    "allauth.account.internal.flows.code_verification",  # reauthentication by code
    "allauth.account.internal.flows.login",  # record_authentication
    "allauth.account.internal.flows.login_by_code",  # the code in the shared sign-in form
    "allauth.account.internal.flows.password_reset_by_code",
    "allauth.account.internal.stagekit",  # clear_login: restart signing in
    "allauth.account.internal.userkit",  # filter_users_by_email with for_login
    "allauth.core.internal.cryptokit",  # generate and compare codes
    "allauth.core.internal.ratelimit",  # get_ip: IPv6 addresses are grouped by network
    "allauth.mfa.base.internal.flows",  # post_authentication: a second factor was used
    "allauth.mfa.webauthn.internal",  # a passkey at the first sign-in
}


def without_comment(text: str) -> list[str]:
    """Return the lines of the dependency lists in pyproject.toml without a comment."""
    lines = []
    inside = False
    for line in text.splitlines():
        if re.match(r"(dependencies|demo|dev|node) = \[", line):
            inside = True
        elif line.startswith("]"):
            inside = False
        elif inside and line.strip().startswith('"') and not re.search(r"#\s*\S+", line):
            lines.append(line.strip())
    return lines


def pins(text: str) -> dict[str, Version]:
    """Return the name and version in each line of a compiled requirements file."""
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


def internals_of(source: str) -> set[str]:
    """Return the modules with `internal` in their name that a source file imports."""
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    return {module for module in modules if "internal" in module.split(".")}


def unlisted_internals(used: set[str], bounded: bool) -> list[str]:
    """Return a sentence for each difference between `used` and INTERNALS, and one if there is no upper bound."""
    problems = [f"INTERNALS in tools/check_dependencies.py does not list {name}" for name in sorted(used - INTERNALS)]
    problems += [f"INTERNALS in tools/check_dependencies.py still lists {name}" for name in sorted(INTERNALS - used)]
    if used and not bounded:
        problems.append("pyproject.toml: give django-allauth an upper bound, we use internals of it")
    return problems


def main() -> int:
    """Print what is wrong; return 1 when something is."""
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    production = project["project"]["dependencies"]
    demo = production + project["project"]["optional-dependencies"]["demo"]
    wanted = {
        "requirements.txt": production,
        "requirements-demo.txt": demo,
        "requirements-dev.txt": demo + project["dependency-groups"]["dev"],
    }
    problems = [f"pyproject.toml: say after a # what this is for: {line}" for line in without_comment(text)]
    files = {name: (ROOT / name).read_text() for name in [*wanted, "requirements-node.txt"]}
    pinned = {name: pins(content) for name, content in files.items()}
    for name, requirements in wanted.items():
        problems += mismatches(requirements, pinned[name], name)
    problems += mismatches(
        project["dependency-groups"]["node"], pinned["requirements-node.txt"], "requirements-node.txt"
    )
    for smaller, larger in itertools.pairwise(wanted):
        problems += [
            f"{larger} has another {name} than {smaller}. Run: make requirements"
            for name, version in pinned[smaller].items()
            if pinned[larger].get(name) != version
        ]
    sources = [path for app in project["tool"]["importlinter"]["root_packages"] for path in (ROOT / app).rglob("*.py")]
    used = {name for path in sources for name in internals_of(path.read_text())}
    allauth = next(r for r in map(Requirement, production) if r.name == "django-allauth")
    problems += unlisted_internals(used, bounded=any(part.operator == "<" for part in allauth.specifier))
    for name, content in files.items():
        problems += [f"{name} names an address: {line}" for line in content.splitlines() if "://" in line]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
