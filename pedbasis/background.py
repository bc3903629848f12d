"""`python -m pedbasis.background worker|beat`: the one place that says how these run; what follows goes to Celery.

Threads and no processes: the worker mostly waits for others, and with processes it ends when Valkey is killed while it
works. Some threads may wait for a mail server (`notifications.tasks`), the others do all else.

Gossip, mingle and heartbeats are messages between workers, which nobody here reads (signs of life: `heartbeats`).
Sending one to a Valkey that hangs is tried for ever, and meanwhile the worker hears no SIGTERM.
"""

import sys

from pedbasis.celery import app
from pedbasis.environment import load_settings

ALONE = "--without-gossip --without-mingle --without-heartbeat"
COMMANDS = {
    "worker": f"worker --pool threads --concurrency 6 {ALONE} --loglevel INFO",
    "beat": "beat --loglevel INFO",
}


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit("Usage: python -m pedbasis.background worker|beat [what Celery takes]")
    load_settings()
    app.start([*COMMANDS[arguments[0]].split(), *arguments[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
