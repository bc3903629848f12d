"""`python -m pedbasis.serve`: the web server as in production."""

import re
import signal

import pytest

from pedbasis.serve import STOP_SECONDS
from tests.commands.conftest import ROOT

SERVERS = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.fixture
def serve(start, free_port):
    """Return a function that starts the web server, without a database."""

    def begin(**env: str):
        return start("--port", str(free_port), module="pedbasis.serve", **SERVERS, **env)

    return begin


@pytest.mark.parametrize("moment", ["Starting granian", "Spawning worker-1", "Spawning worker-2", "Started worker-1"])
def test_signal_at_any_moment_of_startup_ends_it_soon(serve, moment):
    """Sooner than the grace period: granian waits that long for a worker that lost the signal."""
    server = serve(WEB_WORKERS="2").says(moment).signal(signal.SIGTERM)
    assert server.ends(STOP_SECONDS + 5) in (0, -signal.SIGTERM), server.output
    assert server.left_behind(1) == []


def test_pool_grows_with_the_number_of_threads(start):
    show = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['pool']['max_size'])"
    for threads, connections in (("4", "8"), ("12", "12")):
        program = start("shell", "--no-imports", "-c", show, module="django", WEB_THREADS=threads, **SERVERS)
        assert (program.ends(20), program.output) == (0, f"{connections}\n")


def test_only_serve_starts_the_web_server():
    """Benchmarks, documents and production all use the same command."""
    files = [*ROOT.glob("*"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.py"), *ROOT.glob("pedbasis/**/*.py")]
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_file() and re.search(r"granian --|-m granian|\"granian\", \"", path.read_text(errors="replace"))
    ]
    assert naming == []
