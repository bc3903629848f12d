"""`python -m pedbasis.background worker|beat [CELERY OPTIONS]`: runs Celery with our options.

Threads, not processes: the worker is mostly I/O bound, and a process pool makes it exit when Valkey is killed during a
task. Some threads may wait for a mail server (`notifications.tasks`); the others do the rest.

Gossip, mingle and Celery's heartbeats are messages between workers that nothing here reads (`heartbeats` is our own).
Sending one to a Valkey that hangs is retried forever, and meanwhile the worker ignores SIGTERM.
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
        sys.exit("Usage: python -m pedbasis.background worker|beat [CELERY OPTIONS]")
    load_settings()
    app.start([*COMMANDS[arguments[0]].split(), *arguments[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
