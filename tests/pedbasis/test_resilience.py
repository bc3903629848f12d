"""A real web server; its database and its queue go away and come back."""

import http.client
import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings

from bench import load
from pedbasis import healthcheck
from pedbasis.local.directories import free_port
from pedbasis.local.servers import Postgres, Server, Services, Valkey, services
from tests.smtp import Sink, running_sink

FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.scenario import make_town
town = make_town()
print(town.next_week.get_absolute_url(), town.newcomer.email)
"""
AWAY_SECONDS = 8.0  # "a few", on a machine that does more


@dataclass
class Page:
    status: int
    headers: http.client.HTTPMessage
    text: str
    seconds: float

    @property
    def token(self) -> dict[str, str]:
        """What makes a form one of this site's."""
        return {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text).group(1)}


@dataclass
class Site:
    """The web process, and what it stands on."""

    port: int
    running: Services
    mails: Sink
    date_path: str
    email: str
    cookies: dict[str, str] = field(default_factory=dict)

    def server(self, kind: type[Server]) -> Server:
        return next(server for server in self.running.servers if isinstance(server, kind))

    def ask(self, path: str, data: dict[str, str] | None = None) -> Page:
        """Fetch a page, or post a form, as a browser with cookies does; redirects are not followed."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        connection.request("GET" if data is None else "POST", path, urlencode(data) if data else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return Page(response.status, response.headers, text, time.monotonic() - began)

    def send(self, path: str, **data: str) -> Page:
        """Fill in the form on a page."""
        return self.ask(path, self.ask(path).token | data)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """Granian with production settings on a PostgreSQL and a Valkey of its own."""
    with pytest.MonkeyPatch.context() as patch, running_sink() as mails:
        for name in ("DATABASE_URL", "REDIS_URL", "DB_POOL_MAX"):
            patch.delenv(name, raising=False)
        with services(tmp_path_factory.mktemp("data"), ephemeral=True) as running:
            port = free_port()
            env = os.environ | running.env
            env |= {
                "DJANGO_SETTINGS_MODULE": "tests.pedbasis.resilience_settings",
                "SECRET_KEY": "only for this test",
                "SITE_URL": f"http://localhost:{port}",
                "EMAIL_URL": mails.url,
                "DEBUG": "0",
                "ALLOWED_HOSTS": "pedbasis.example,localhost,127.0.0.1",
                "PYTHONWARNINGS": "default",
            }
            filled = subprocess.run(
                [sys.executable, "-c", FILL],
                cwd=settings.BASE_DIR,
                env=env,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            date_path, email = filled.stdout.split()
            log = running.data_dir / "log" / "web.log"
            web = running.processes.start(
                "web",
                [sys.executable, "-m", "pedbasis.serve", "--port", str(port)],
                env=env,
                cwd=Path(settings.BASE_DIR),
                log=log,
            )
            site = Site(port, running, mails, date_path, email)
            until(lambda: web.process.poll() is None and is_ready(site))
            yield site
            print(log.read_text()[-8000:])  # noqa: T201 - shown only when a test fails


@pytest.fixture(autouse=True)
def _new_visitor(site) -> None:
    site.cookies.clear()


def is_ready(site: Site) -> bool:
    try:
        return site.ask("/readyz").status == 200
    except OSError:
        return False


def until(condition, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def sign_in(site: Site) -> Page:
    """Sign in with a code from the mail."""
    before = len(site.mails.mails)
    asked = site.send("/account/login/code/", email=site.email)
    assert asked.status == 302, asked.text
    until(lambda: len(site.mails.mails) > before)
    code = re.search(r"\b\d{4}-\d{4}\b", site.mails.mails[-1].get_body(("plain",)).get_content()).group()
    return site.send(asked.headers["Location"], code=code)


def test_pages_say_so_while_the_database_is_away_and_work_again_when_it_is_back(site):
    pages = ["/", "/agenda/", site.date_path, "/mijn/", "/account/login/code/", "/agenda.ics"]
    assert sign_in(site).status == 302
    signed_in = dict(site.cookies)
    assert site.ask("/mijn/").status == 200

    database = site.server(Postgres)
    database.stop()
    try:
        with ThreadPoolExecutor(len(pages)) as pool:
            answers = list(pool.map(site.ask, pages))
        for path, page in zip(pages, answers, strict=True):
            if path == "/account/login/code/" and page.status == 200:
                continue  # a form that asks nothing of the database
            assert page.status == 503, (path, page.text)
            assert page.headers["Retry-After"] == "30"
            assert "zo terug" in page.text
            assert page.seconds < AWAY_SECONDS, path
        site.cookies.clear()
        assert site.ask("/healthz").status == 200
        ready = site.ask("/readyz")
        assert (ready.status, ready.text) == (503, '{"database": "away", "queue": "ok"}')
    finally:
        database.launch()
        database.wait()

    back = time.monotonic()
    until(lambda: site.ask(site.date_path).status == 200)
    assert time.monotonic() - back < 10
    site.cookies = signed_in
    assert [site.ask(path).status for path in pages if "login" not in path] == [200] * (len(pages) - 1)
    assert "Zoë" in site.ask("/mijn/").text
    assert site.ask("/readyz").status == 200


def test_everything_goes_on_while_valkey_is_away(site):
    queue = site.server(Valkey)
    queue.stop()
    try:
        ready = site.ask("/readyz")
        assert (ready.status, ready.text) == (503, '{"database": "ok", "queue": "away"}')
        for path in ["/", "/agenda/", site.date_path, "/locaties/"]:
            page = site.ask(path)
            assert (page.status, page.seconds < AWAY_SECONDS) == (200, True), path

        signed_in = sign_in(site)
        assert (signed_in.status, signed_in.headers["Location"]) == (302, "/mijn/")
        assert signed_in.seconds < AWAY_SECONDS

        with psycopg.connect(site.running.env["DATABASE_URL"], autocommit=True) as database:
            count = "SELECT count(*) FROM notifications_message WHERE template = 'meetups.joined' AND state = 'pending'"
            before = database.execute(count).fetchone()[0]
            token = site.ask(site.date_path).token
            joined = site.ask(f"{site.date_path}aanmelden/", token | {"adults": "2", "children_0_3": "1"})
            assert joined.status in (302, 303), joined.text
            assert joined.seconds < AWAY_SECONDS
            assert database.execute(count).fetchone()[0] == before + 1
    finally:
        queue.launch()
        queue.wait()
    until(lambda: site.ask("/readyz").status == 200)


def test_three_hundred_people_at_once_all_get_their_page(site):
    pages = itertools.cycle([load.get(path) for path in ("/", site.date_path, "/agenda/", "/readyz", "/mijn/")])
    result = load.run(site.port, pages, connections=300, seconds=4)
    assert set(result.statuses) == {200, 302}  # 302: to the page to sign in
    assert len(result.latencies) >= 300


def test_container_knows_whether_the_web_process_answers_whatever_the_site_is_called(site, monkeypatch):
    for names, code in [("pedbasis.example", 0), ("*", 0), ("not-this-site.example", 1)]:
        monkeypatch.setenv("ALLOWED_HOSTS", names)
        assert healthcheck.main(["web", str(site.port)]) == code
    assert healthcheck.main(["web", str(free_port())]) == 1
