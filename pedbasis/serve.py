"""`python -m pedbasis.serve [--host HOST] [--port PORT]`: the web server, with the numbers of the settings.

The one way in which the image, the demo, the tests and the bench start it.
"""

import argparse
import os
import signal

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces

from pedbasis.environment import load_settings

# Connections that may wait; what a worker does not take yet stays with the kernel. More than that are refused.
BACKLOG = 1024
STOP_SECONDS = 10  # for the pages that are being made when a signal asks to stop


STOPPING = (signal.SIGINT, signal.SIGTERM)


def hold_signals() -> None:
    """Let signals to stop wait while a worker is forked."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def heed_signals() -> None:
    """Let a signal end this worker at once; granian's own handling begins when the application is loaded.

    A worker that was just forked still has the handlers of its parent, which only note the signal: one that came
    while the application was being loaded would be lost, and granian would wait for the worker without end.
    """
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    release_signals()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m pedbasis.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    arguments = parser.parse_args()
    load_settings()
    os.register_at_fork(before=hold_signals, after_in_parent=release_signals, after_in_child=heed_signals)
    Granian(
        "pedbasis.wsgi:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        backlog=BACKLOG,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
