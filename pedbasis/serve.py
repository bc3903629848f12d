"""`python -m pedbasis.serve [--host HOST] [--port PORT]`: the web server, configured by the settings.

The container image, the demo, the tests and the benchmark all start it this way.
"""

import argparse
import os
import signal

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces

from pedbasis.environment import load_settings

# Connections that wait in the kernel until a worker accepts them; more than this are refused.
BACKLOG = 1024
STOP_SECONDS = 10  # for requests in progress after a stop signal


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def block_stop_signals() -> None:
    """Postpone stop signals while a worker is forked."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def unblock_stop_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def reset_stop_signals() -> None:
    """Let a stop signal end this worker immediately, until granian installs its handlers after loading the application.

    A newly forked worker still has the handlers of its parent, which only set a flag: a signal during loading would be
    lost, and granian would wait for the worker forever.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    unblock_stop_signals()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m pedbasis.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    arguments = parser.parse_args()
    load_settings()
    os.register_at_fork(
        before=block_stop_signals, after_in_parent=unblock_stop_signals, after_in_child=reset_stop_signals
    )
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
