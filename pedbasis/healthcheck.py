"""`python -m pedbasis.healthcheck [PORT]`: does the web process on this machine answer? For containers.

`python -m pedbasis.healthcheck worker|beat`: did a worker, or the beat, give a sign of life lately?
"""

import http.client
import os
import sys

from redis import RedisError


def main(what: str) -> int:
    """Return 0 when all is well, else 1."""
    return background(what) if what in ("worker", "beat") else web(int(what))


def web(port: int) -> int:
    """Return 0 when /healthz answers 200, else 1."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        status = 0
        sys.stderr.write(f"{error}\n")
    finally:
        connection.close()
    return 0 if status == 200 else 1


def background(name: str) -> int:
    """Return 0 when there was a sign of life of the worker or the beat lately, else 1; tell when it was."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")
    from pedbasis import heartbeats  # the web process is asked without any of this

    try:
        seconds, is_stale = heartbeats.age(name), heartbeats.is_stale(name)  # type: ignore[arg-type]
    except RedisError as error:
        sys.stderr.write(f"Valkey is away: {type(error).__name__}\n")
        return 1
    sys.stdout.write(f"{name}: {'no sign of life' if seconds is None else f'{seconds} seconds ago'}\n")
    return int(is_stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "8000"))
