"""Check the line length of templates; print the lines that are too long."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LENGTH = 120  # as for Python

if __name__ == "__main__":
    found = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > MAX_LENGTH
    ]
    if found:
        print(f"At most {MAX_LENGTH} characters per line; docs/design.md says where to break a line in a template.")
        sys.exit("\n".join(found))
