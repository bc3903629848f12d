"""`make bench`: what a page costs, beside a bare Django view, at a thousand and at a million dates.

All figures of one column come from one run on one server process with the same settings. Machines differ and are
shared, so read the ratios to the yardstick, not the requests per second.

Needs DATABASE_URL (a server on which databases may be made) and REDIS_URL; `make bench` starts both.
"""

import argparse
import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import load

ROOT = Path(__file__).resolve().parent.parent
TOWN = "hengelo"
CONNECTIONS = 4
CSRF = "a" * 32


def database_url(name: str) -> str:
    """Return the URL of a database of this name on the server of DATABASE_URL."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def environment(database: str, **more: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database_url(database),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SECRET_KEY": "bench",
        "DEBUG": "0",
        "DEMO": "0",
        "SITE_URL": "http://localhost",
        "STATIC_ROOT": str(ROOT / "build" / "bench-static"),
        "PYTHONPATH": str(ROOT),
        **more,
    }


def manage(database: str, *arguments: str) -> str:
    """Run a management command on `database` and return what it printed."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=environment(database), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def fill(database: str, occurrences: int) -> None:
    """Make `database` with demo data of the asked size, anew."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{database}"')
    manage(database, "migrate", "-v0")
    started = time.perf_counter()
    manage(database, "demo_data", "--occurrences", str(occurrences), "--seed", "1")
    with psycopg.connect(database_url(database), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        count = connection.execute("SELECT count(*) FROM meetups_occurrence").fetchone()
        size = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    print(f"  {count[0]:,} dates in {time.perf_counter() - started:.0f} s, {size[0]} on disk", flush=True)  # type: ignore[index]


@contextmanager
def server(database: str, middleware: str) -> Iterator[tuple[int, int]]:
    """Run one granian process; give its port and the process id of its worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning"),
        "pedbasis.wsgi:application",
    ]
    process = subprocess.Popen(command, env=environment(database, BENCH_MIDDLEWARE=middleware), cwd=ROOT)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except OSError:
                if process.poll() is not None:
                    raise
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, int(children[0]) if children else process.pid
    finally:
        process.terminate()
        process.wait(30)


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(label: str, port: int, requests: Iterator[bytes], seconds: float, reference: float | None) -> float:
    """Print one row and return its requests per second."""
    warm = list(itertools.islice(requests, 30))
    load.run(port, warm, connections=CONNECTIONS, seconds=seconds)
    result = load.run(port, requests, connections=CONNECTIONS, seconds=seconds)
    ratio = f"{result.per_second / reference:6.2f}" if reference else "  1.00"
    odd = {status: n for status, n in result.statuses.items() if status not in (200, 302, 303)}
    print(
        f"  {label:34} {result.per_second:8.0f} {result.p50:8.2f} {result.p99:8.2f} {ratio}"
        f" {result.body_bytes / 1024:7.1f} kB{'  unexpected: ' + str(odd) if odd else ''}",
        flush=True,
    )
    return result.per_second


def measure_all(database: str, seconds: float) -> dict[str, float]:
    """Measure every page on `database`; return the ratio of each to the yardstick."""
    prepared = dict(line.split(" ", 1) for line in manage(database, "bench_prepare").splitlines())
    print(f"  {'page':34} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}  ratio      body", flush=True)
    rates: dict[str, float] = {}

    def row(label: str, port: int, requests: Iterator[bytes]) -> None:
        rates[label] = measure(label, port, requests, seconds, rates.get("yardstick"))

    with server(database, "uncached") as (port, pid):
        row("yardstick", port, itertools.repeat(load.get("/yardstick/")))
        row("agenda of a town", port, itertools.repeat(load.get(f"/agenda/?gemeente={TOWN}")))
        row("agenda near a place", port, itertools.repeat(load.get("/agenda/?bij=Hengelo&straal=10")))
        row("agenda of the whole country", port, itertools.repeat(load.get("/agenda/")))
        row("home near a place", port, itertools.repeat(load.get("/?bij=Hengelo")))
        row("one date", port, itertools.repeat(load.get(prepared["date"])))
        row("signed-in agenda", port, itertools.repeat(load.get(f"/agenda/?gemeente={TOWN}", prepared["parent"])))
        row("dashboard", port, itertools.repeat(load.get(f"/inzicht/{TOWN}/", prepared["officer"])))
        joins = prepared["joins"].split(" ")
        cookies = itertools.cycle(joins[1:])
        paths = itertools.cycle(joins[0].split(","))
        body = f"csrfmiddlewaretoken={CSRF}&adults=1&children_0_3=1&children_4_12=0&children_13_18=0&note="
        pairs = ((path, cookie) for cookie in cookies for path in itertools.islice(paths, 7))
        row("join", port, (load.post(path, body, f"sessionid={cookie}; csrftoken={CSRF}") for path, cookie in pairs))
        row("yardstick again", port, itertools.repeat(load.get("/yardstick/")))
        print(f"  memory of the web process: {memory_mb(pid):.0f} MB", flush=True)
    with server(database, "all") as (port, pid):
        row("agenda of a town, kept", port, itertools.repeat(load.get(f"/agenda/?gemeente={TOWN}")))
        row("agenda near a place, kept", port, itertools.repeat(load.get("/agenda/?bij=Hengelo&straal=10")))
        print(f"  memory of the web process: {memory_mb(pid):.0f} MB", flush=True)
    return {label: rate / rates["yardstick"] for label, rate in rates.items()}


def main() -> None:
    """Fill the databases, measure, and compare a thousand dates with a million."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--small", type=int, default=1_000, help="dates in the small database")
    parser.add_argument("--large", type=int, default=1_000_000, help="dates in the large database")
    parser.add_argument("--seconds", type=float, default=8, help="seconds per page")
    parser.add_argument("--keep", action="store_true", help="use databases of an earlier run")
    options = parser.parse_args()
    manage_static = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(manage_static, env=environment("bench_small"), cwd=ROOT, check=True)
    ratios = {}
    for database, occurrences in (("bench_small", options.small), ("bench_large", options.large)):
        print(f"\n{occurrences:,} dates", flush=True)
        if not options.keep:
            fill(database, occurrences)
        ratios[database] = measure_all(database, options.seconds)
    print("\nCost at the large size, as a multiple of the cost at the small size (both against their yardstick)")
    for label, small in ratios["bench_small"].items():
        print(f"  {label:34} {small / ratios['bench_large'][label]:6.2f}")


if __name__ == "__main__":
    main()
