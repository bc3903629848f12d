"""The Nu HTML Checker (vnu), where it is at hand: VNU_JAR names its jar (`npm pack vnu-jar`), which needs Java."""

import json
import os
import subprocess
from pathlib import Path

JAR = os.environ.get("VNU_JAR", "")


def faults(pages: dict[str, str], directory: Path) -> set[str]:
    """What vnu says of these pages (label -> HTML), once for each fault, with the first page that has it."""
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
        check=False,  # it says so when it found something; that stands in what it wrote
    )
    said: dict[str, str] = {}
    for message in json.loads(done.stderr)["messages"]:
        words = f"{message['message']} {message.get('extract', '').strip()}"
        if "attribute “value” on element “input”" in words:  # a field shows what someone typed, wrong or not
            continue
        said.setdefault(words, labels[Path(message["url"]).name])
    return {f"{label}: {words}" for words, label in said.items()}
