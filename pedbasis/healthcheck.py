"""`python -m pedbasis.healthcheck [web|worker|beat] [PORT]`: a health check for containers and service managers.

For web: does the process on this machine answer? For worker and beat: was there a recent heartbeat?
"""

import argparse
import http.client
import sys

from redis import RedisError

from pedbasis.environment import load_settings


def web(port: int) -> bool:
    """Return whether /healthz answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{error}\n")
        return False
    finally:
        connection.close()


def background(name: str) -> bool:
    """Return whether there was a recent heartbeat, and print when."""
    load_settings()
    from pedbasis import heartbeats  # the check of web needs no settings

    try:
        seconds, is_stale = heartbeats.age(name), heartbeats.is_stale(name)  # type: ignore[arg-type]
    except RedisError as error:
        sys.stderr.write(f"Valkey is away: {type(error).__name__}\n")
        return False
    sys.stdout.write(f"{name}: {'no heartbeat' if seconds is None else f'{seconds} seconds ago'}\n")
    return not is_stale


def main(arguments: list[str]) -> int:
    """Return 0 when healthy, else 1."""
    parser = argparse.ArgumentParser(prog="python -m pedbasis.healthcheck", description=__doc__)
    parser.add_argument("process", nargs="?", choices=["web", "worker", "beat"], default="web")
    parser.add_argument("port", nargs="?", type=int, default=8000)
    options = parser.parse_args(arguments)
    is_healthy = web(options.port) if options.process == "web" else background(options.process)
    return 0 if is_healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
