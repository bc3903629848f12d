"""The optional Nu HTML Checker (vnu): VNU_JAR is the path of its jar (`npm pack vnu-jar`), which needs Java."""

import json
import os
import subprocess
from pathlib import Path

JAR = os.environ.get("VNU_JAR", "")


def faults(pages: dict[str, str], directory: Path) -> set[str]:
    """Return the faults that vnu finds in these pages (label -> HTML), each with the first page that has it."""
    labels = {}
    for number, (label, html) in enumerate(pages.items()):
        path = directory / f"{number}.html"
        path.write_text(html)
        labels[path.name] = label
    done = subprocess.run(
        ["java", "-jar", JAR, "--errors-only", "--format", "json", str(directory)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,  # it fails when it finds faults; these are in its output
    )
    found: dict[str, str] = {}
    for message in json.loads(done.stderr)["messages"]:
        words = f"{message['message']} {message.get('extract', '').strip()}"
        if "attribute “value” on element “input”" in words:  # a field keeps invalid input
            continue
        found.setdefault(words, labels[Path(message["url"]).name])
    return {f"{label}: {words}" for words, label in found.items()}
