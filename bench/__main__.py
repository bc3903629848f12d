"""`make bench`: the cost of pages relative to a bare Django view (the yardstick), at a thousand and a million dates.

All figures in a column come from one run on one server process with the same settings. Machines differ and are shared,
so compare the ratios to the yardstick, not the requests per second.

Needs DATABASE_URL (with the right to create databases) and REDIS_URL; `make bench` starts both servers.
"""

import argparse
import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import ideas, joining, load

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("bench_small", "bench_large")
TOWN = "hengelo"
CONNECTIONS = 4
CROWD = 300  # concurrent connections
YARDSTICK = itertools.repeat(load.get("/yardstick/"))


def url_of(variable: str, name: str) -> str:
    """Return the URL in this environment variable, with another database on the same server."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{name}"))


def environment(database: str, **more: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url_of("DATABASE_URL", database),
        "REDIS_URL": url_of("REDIS_URL", str(DATABASES.index(database) + 1)),  # its own page cache
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


def fill(database: str, occurrences: int, number_of_ideas: int) -> None:
    """Create `database` from scratch, with this many dates of demo data, and ideas."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{database}"')
    manage(database, "migrate", "--run-syncdb", "-v0")
    started = time.perf_counter()
    manage(database, "demo_data", "--occurrences", str(occurrences), "--ideas", str(number_of_ideas), "--seed", "1")
    with psycopg.connect(url_of("DATABASE_URL", database), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        count = connection.execute("SELECT count(*) FROM meetups_occurrence").fetchone()
        size = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    seconds = time.perf_counter() - started
    print(f"  {count[0]:,} dates, {number_of_ideas:,} ideas in {seconds:.0f} s, {size[0]} on disk", flush=True)  # type: ignore[index]


@contextmanager
def server(database: str, middleware: str, **more: str) -> Iterator[tuple[int, int]]:
    """Run the web server as in production; yield its port and the process id of its first worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pedbasis.serve", "--port", str(port)]
    env = environment(database, BENCH_MIDDLEWARE=middleware, **more)
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
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


@dataclass
class Site:
    """A server on one database, and the requests to send to it."""

    title: str
    port: int
    pid: int
    pages: dict[str, Iterator[bytes]]
    measured: dict[str, list[tuple[load.Result, load.Result]]] = field(default_factory=dict)  # with its yardstick


def pages_of(database: str) -> dict[str, Iterator[bytes]]:
    """Return the requests to measure, by the label of the page."""
    prepared = dict(line.split(" ", 1) for line in manage(database, "bench_prepare").splitlines())
    paths, *cookies = prepared["joins"].split(" ")
    return {
        "agenda, whole country": itertools.repeat(load.get("/agenda/")),
        "agenda of a town": itertools.repeat(load.get(f"/agenda/?gemeente={TOWN}")),
        "agenda near a place": itertools.repeat(load.get("/agenda/?bij=Hengelo&straal=10")),
        "agenda of a town, signed in": itertools.repeat(load.get(f"/agenda/?gemeente={TOWN}", prepared["parent"])),
        "home near a place": itertools.repeat(load.get("/?bij=Hengelo")),
        "home": itertools.repeat(load.get("/")),
        "towns": itertools.repeat(load.get("/gemeenten/")),
        "one town": itertools.repeat(load.get(f"/gemeenten/{TOWN}/")),
        "places": itertools.repeat(load.get("/locaties/")),
        "one place": itertools.repeat(load.get(prepared["place"])),
        "one meetup": itertools.repeat(load.get(prepared["meetup"])),
        "one date": itertools.repeat(load.get(prepared["date"])),
        "one date, signed in": itertools.repeat(load.get(prepared["date"], prepared["parent"])),
        **joining.pages(paths.split(","), cookies),
        "calendar of a town": itertools.repeat(load.get(f"/gemeenten/{TOWN}/agenda.ics")),
        "calendar, whole country": itertools.repeat(load.get("/agenda.ics")),
        "dashboard": itertools.repeat(load.get(f"/inzicht/{TOWN}/", prepared["officer"])),
        **ideas.pages(TOWN),
    }


def measure(label: str, sites: list[Site], *, seconds: float, rounds: int) -> None:
    """Measure a page on all sites, alternating with the yardstick, so other load on the machine affects all equally."""
    bare = joining.YARDSTICKS.get(label, YARDSTICK)
    connections = joining.PEOPLE_AT_ONCE if label in joining.ROWS else CONNECTIONS
    for site in sites:
        run(site, itertools.islice(bare, 30), seconds, connections)
        run(site, itertools.islice(site.pages[label], 30), seconds, connections)  # warm
    for _ in range(rounds):
        for site in sites:
            yardstick = run(site, bare, seconds / rounds, connections)
            page = run(site, site.pages[label], seconds / rounds, connections)
            site.measured.setdefault(label, []).append((page, yardstick))
    costs = []
    for site in sites:
        ratio = statistics.median(page.per_second / yard.per_second for page, yard in site.measured[label])
        costs.append(1 / ratio)
        numbers = summary([page for page, _yardstick in site.measured[label]])
        cost = "" if site is sites[0] else f"{costs[-1] / costs[0]:8.2f}"
        print(f"  {label:32} {site.title:>10} {numbers} {ratio:6.2f}{cost}", flush=True)


def summary(results: list[load.Result]) -> str:
    """Return requests per second, p50, p99 and the size of a response, over all rounds."""
    latencies = sorted(latency for result in results for latency in result.latencies)
    odd = {status for result in results for status in result.statuses if status not in (200, 302, 303)}
    return (
        f"{statistics.median(result.per_second for result in results):8.0f}"
        f" {latencies[len(latencies) // 2]:8.2f} {latencies[int(len(latencies) * 0.99)]:8.2f}"
        f" {results[-1].body_bytes / 1024:7.1f}{f' status {odd}!' if odd else ''}"
    )


def run(site: Site, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS) -> load.Result:
    return load.run(site.port, requests, connections=connections, seconds=seconds)


def measure_all(databases: dict[str, str], *, seconds: float, rounds: int, only: str) -> None:
    """Measure every page on these databases (name -> title), first without the page cache, then with it."""
    head = f"{'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'kB':>7}  ratio    cost"
    for middleware, title in (("uncached", "Without page cache"), ("all", "With page cache")):
        print(f"\n{title:34} {'dates':>10} {head}", flush=True)
        with ExitStack() as stack:
            sites = [
                Site(name, *stack.enter_context(server(database, middleware, WEB_WORKERS="1")), pages_of(database))
                for database, name in databases.items()
            ]
            for site in sites:
                run(site, itertools.islice(YARDSTICK, 30), seconds)
                site.pages["yardstick"] = YARDSTICK
            cached = ["agenda, whole country", "agenda of a town", "agenda near a place"]
            cached += ["home", "towns", "one town", "places", "one place", "one meetup", "one date"]
            cached += ["calendar of a town", "calendar, whole country", *ideas.CACHED]
            labels = ["yardstick", *(sites[0].pages if middleware == "uncached" else cached)]
            for label in dict.fromkeys(labels):
                if only in label:
                    measure(label, sites, seconds=seconds, rounds=rounds)
            memory = ", ".join(f"{memory_mb(site.pid):.0f} MB at {site.title} dates" for site in sites)
            print(f"  memory of the web process: {memory}", flush=True)


def crowd(database: str, *, seconds: float) -> None:
    """Request all pages in turn over many concurrent connections, from a server with the default settings."""
    print(f"\n{CROWD} concurrent connections for {seconds:.0f} s, all pages in turn, with page cache", flush=True)
    with server(database, "all") as (port, _pid):
        pages = itertools.cycle(pages_of(database).values())
        result = load.run(port, map(next, pages), connections=CROWD, seconds=seconds)
    statuses = ", ".join(f"{count} times {status}" for status, count in sorted(result.statuses.items()))
    print(f"  {summary([result])}  slowest {max(result.latencies) / 1000:.1f} s; status: {statuses}", flush=True)


def main() -> None:
    """Fill the databases, measure, and compare the two sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--small", type=int, default=1_000, help="dates in the small database")
    parser.add_argument("--large", type=int, default=1_000_000, help="dates in the large database")
    parser.add_argument("--small-ideas", type=int, default=1_000, help="ideas in the small database")
    parser.add_argument("--large-ideas", type=int, default=100_000, help="ideas in the large database")
    parser.add_argument("--seconds", type=float, default=6, help="seconds per page, and again for the yardstick")
    parser.add_argument("--rounds", type=int, default=4, help="alternations in which these seconds are spent")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="only pages with these words in their name; also: photos, crowd"
    )
    parser.add_argument("--crowd", type=float, default=30, metavar="SECONDS", help=f"duration with {CROWD} connections")
    parser.add_argument("--keep", action="store_true", help="use the databases of an earlier run")
    options = parser.parse_args()
    manage_static = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(manage_static, env=environment(DATABASES[0]), cwd=ROOT, check=True)
    sizes = dict(zip(DATABASES, (options.small, options.large), strict=True))
    if not options.keep:
        numbers = (options.small_ideas, options.large_ideas)
        for (database, occurrences), number in zip(sizes.items(), numbers, strict=True):
            print(f"Filling a database with {occurrences:,} dates and {number:,} ideas", flush=True)
            fill(database, occurrences, number)
    print("\nRatio: to the yardstick in the same rounds. Cost: as a multiple of the cost at the first size.")
    titles = {database: f"{occurrences:,}" for database, occurrences in sizes.items()}
    measure_all(titles, seconds=options.seconds, rounds=options.rounds, only=options.only)
    if options.only in "photos":
        print(manage(DATABASES[0], "bench_photos", "--rounds", str(options.rounds)), flush=True)
    if options.only in "crowd":
        crowd(DATABASES[0], seconds=options.crowd)


if __name__ == "__main__":
    main()
