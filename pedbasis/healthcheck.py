"""`python -m pedbasis.healthcheck [web|worker|beat] [PORT]`: is that process on this machine well? For containers.

The web process is asked as the proxy does: by the name of the site and as if by https; other names are refused and http
is redirected.
"""

import argparse
import http.client
import os
import socket
import sys
import time
from pathlib import Path

BEAT_SECONDS = 15 * 60  # beat writes its schedule down every 3 minutes


def web(port: int) -> bool:
    """Tell whether /healthz answers 200."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    headers = {"Host": name if name not in ("", "*") else "localhost", "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{error}\n")
        return False
    finally:
        connection.close()


def worker() -> bool:
    """Tell whether the worker of this machine answers through the queue."""
    from pedbasis.celery import app

    try:
        return bool(app.control.inspect(destination=[f"celery@{socket.gethostname()}"], timeout=5).ping())
    except app.connection_for_read().connection_errors as error:
        sys.stderr.write(f"{error}\n")
        return False


def beat() -> bool:
    """Tell whether beat wrote its schedule down lately."""
    from pedbasis.celery import app

    schedule = Path(app.conf.beat_schedule_filename)
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]  # dbm adds an ending or not
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


def main(arguments: list[str]) -> int:
    """Return 0 when it is well, else 1."""
    parser = argparse.ArgumentParser(prog="python -m pedbasis.healthcheck", description=__doc__)
    parser.add_argument("process", nargs="?", choices=["web", "worker", "beat"], default="web")
    parser.add_argument("port", nargs="?", type=int, default=8000)
    options = parser.parse_args(arguments)
    checks = {"web": lambda: web(options.port), "worker": worker, "beat": beat}
    return 0 if checks[options.process]() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
