"""Check that no line of a template is too long to read; print each that is."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 120  # as for Python

if __name__ == "__main__":
    found = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST
    ]
    if found:
        print(f"At most {LONGEST} characters a line; docs/design.md says where a template may be broken.")
        sys.exit("\n".join(found))
