"""A real web server, worker and beat, while the database, queue and mail server fail or hang, and recover."""

import http.client
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
import redis
from django.conf import settings

from bench import load
from local.directories import free_port
from local.processes import Child
from local.servers import Postgres, Server, Services, Valkey, services
from pedbasis import healthcheck
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
AWAY_SECONDS = 8.0  # generous, for a busy machine


@dataclass
class Page:
    status: int
    headers: http.client.HTTPMessage
    text: str
    seconds: float

    @property
    def token(self) -> dict[str, str]:
        """The CSRF token of the form on this page."""
        return {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text).group(1)}


@dataclass
class Site:
    """The web process and its services."""

    port: int
    running: Services
    mails: Sink
    date_path: str
    email: str
    env: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)
    network: str = "127.0.0.1"  # the source address of requests

    def visitor(self, number: int) -> "Site":
        """Return the same site for another visitor, without cookies and with another IP address."""
        return replace(self, cookies={}, network=f"127.0.1.{number + 1}")

    def start(self, kind: str, *options: str, name: str = "") -> Child:
        """Start a worker or a beat."""
        return self.running.processes.start(
            name or kind,
            [sys.executable, "-m", "pedbasis.background", kind, *options],
            env=self.env,
            cwd=Path(settings.BASE_DIR),
            log=self.running.data_dir / "log" / f"{name or kind}.log",
        )

    def process(self, name: str) -> subprocess.Popen[bytes]:
        return next(child.process for child in self.running.processes.children if child.name == name)

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.running.env["DATABASE_URL"], autocommit=True) as database:
            yield database

    def server(self, kind: type[Server]) -> Server:
        return next(server for server in self.running.servers if isinstance(server, kind))

    def ask(self, path: str, data: dict[str, str] | None = None, **more: str) -> Page:
        """Send a GET, or a POST if there is `data`, with cookies; redirects are not followed."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(self.network, 0))
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        headers |= more
        connection.request("GET" if data is None else "POST", path, urlencode(data) if data else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return Page(response.status, response.headers, text, time.monotonic() - began)

    def send(self, path: str, **data: str) -> Page:
        """Submit the form on a page."""
        return self.ask(path, self.ask(path).token | data)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """Granian with production settings, with its own PostgreSQL and Valkey."""
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
            site = Site(port, running, mails, date_path, email, env)
            site.start("worker")
            site.start("beat", "--schedule", str(running.data_dir / "schedule"), "--pidfile=")
            until(lambda: web.process.poll() is None and is_ready(site))
            until(lambda: None not in detail(site).values())
            yield site
            for name in ("web", "worker", "beat"):
                print(name, (running.data_dir / "log" / f"{name}.log").read_text()[-8000:])  # noqa: T201 - shown when a test fails


@pytest.fixture(autouse=True)
def _new_visitor(site) -> None:
    site.cookies.clear()


def is_ready(site: Site) -> bool:
    try:
        return site.ask("/readyz").status == 200
    except OSError:
        return False


def detail(site: Site) -> dict[str, int | None]:
    """Return the ages of the heartbeats."""
    answer = json.loads(site.ask("/readyz?detail").text)
    return {name: answer[f"{name}_seconds"] for name in ("worker", "beat")}


def until(condition, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)


def codes_for(site: Site, email: str) -> list[str]:
    """Return the codes mailed to an address so far, newest last; other mails are ignored."""
    texts = [mail.get_body(("plain",)).get_content() for mail in list(site.mails.mails) if mail["To"] == email]
    return [found.group() for text in texts if (found := re.search(r"\b\d{4}-\d{4}\b", text))]


def sign_in(site: Site) -> Page:
    """Sign in with a code from the mail."""
    before = len(codes_for(site, site.email))
    asked = site.send("/account/login/code/", email=site.email)
    assert asked.status == 302, asked.text
    until(lambda: len(codes_for(site, site.email)) > before)
    return site.send(asked.headers["Location"], code=codes_for(site, site.email)[-1])


def test_pages_are_503_while_the_database_is_away_and_recover(site):
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
                continue  # a form that needs no database
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


@contextmanager
def without_valkey(site: Site, is_hanging: bool) -> Iterator[None]:
    """Make Valkey refuse connections, or accept them without answering."""
    queue = site.server(Valkey)
    if is_hanging:
        queue.child.process.send_signal(signal.SIGSTOP)
    else:
        queue.stop()
    try:
        yield
    finally:
        if is_hanging:
            queue.child.process.send_signal(signal.SIGCONT)
        else:
            queue.launch()
            queue.wait()


@pytest.mark.parametrize("is_hanging", [False, True])
def test_everything_works_while_valkey_is_away(site, is_hanging):
    second = site.start("worker", "--hostname", f"second-{is_hanging}@%h", name=f"second-{is_hanging}")
    until(lambda: second.log.exists() and "ready." in second.log.read_text())
    with without_valkey(site, is_hanging):
        ready = site.ask("/readyz")
        assert (ready.status, ready.text) == (503, '{"database": "ok", "queue": "away"}')
        for path in ["/", "/agenda/", site.date_path, "/locaties/"]:
            page = site.ask(path)
            assert (page.status, page.seconds < AWAY_SECONDS) == (200, True), path

        signed_in = sign_in(site)
        assert (signed_in.status, signed_in.headers["Location"]) == (302, "/mijn/")
        assert signed_in.seconds < AWAY_SECONDS

        with psycopg.connect(site.running.env["DATABASE_URL"], autocommit=True) as database:
            count = "SELECT count(*) FROM notifications_message WHERE template = 'meetups.joined'"
            token = site.ask(site.date_path).token
            joined = site.ask(f"{site.date_path}aanmelden/", token | {"adults": "2", "children_0_3": "1"})
            assert joined.status in (302, 303), joined.text
            assert joined.seconds < AWAY_SECONDS
            assert database.execute(count).fetchone()[0] == 1

        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(20) == 0, "a worker must stop while Valkey is away"
        site.running.processes.forget(second)
    until(lambda: site.ask("/readyz").status == 200)


MESSAGES = """
INSERT INTO notifications_message (topic, channel, email, language, template, object_id, context, dedupe_key, due_at,
                                   state, attempts, last_error, created_at)
SELECT 'account', 'email', n || %(end)s, 'nl', 'account/email/unknown_account', 0, '{}', n || %(end)s, now(),
       'pending', 0, '', now()
FROM generate_series(1, 12) n
"""


@pytest.mark.parametrize("attempt", range(2))
def test_worker_recovers_when_valkey_is_killed_while_sending_mail(site, attempt):
    end = f"-{attempt}@example.org"
    site.mails.late_seconds = 0.1
    worker, queue = site.process("worker"), site.server(Valkey)
    began = len(site.mails.mails)
    with site.database() as database:
        database.execute(MESSAGES, {"end": end})
    site.visitor(attempt).send("/account/login/code/", email=f"wakes{end}")  # also wakes the worker, through the queue
    until(lambda: len(site.mails.mails) > began)
    queue.child.process.kill()
    queue.child.process.wait()
    site.running.processes.forget(queue.child)
    try:
        until(lambda: site.mails.recipients.keys() >= {f"{number}{end}" for number in range(1, 13)})
    finally:
        site.mails.late_seconds = 0
        queue.launch()
        queue.wait()
    assert {site.mails.recipients[f"{number}{end}"] for number in range(1, 13)} == {1}
    until(lambda: detail(site)["worker"] is not None, seconds=90)
    assert worker.poll() is None
    assert site.process("beat").poll() is None


def test_hanging_mail_server_does_not_slow_down_pages(site):
    """24 people request a code at the same time; all pages stay fast, and theirs say that mail is slow."""
    people = [f"asks{number}@example.org" for number in range(24)]
    before = max(site.ask("/agenda/?q=x").seconds for _number in range(5))
    site.mails.is_mute = True
    visitors = [site.visitor(number) for number in range(len(people))]
    try:
        with ThreadPoolExecutor(len(people) + 1) as pool:
            asked = [
                pool.submit(visitor.send, "/account/login/code/", email=email)
                for visitor, email in zip(visitors, people, strict=True)
            ]
            pages = []
            while not all(future.done() for future in asked):
                pages.append(site.ask(f"/agenda/?q={len(pages)}"))
        assert {future.result().status for future in asked} == {302}
        assert {page.status for page in pages} == {200}
        assert max(page.seconds for page in pages) < before + 5, "a page must not wait for the mail server"
        assert site.ask("/readyz").status == 200
        assert json.loads(site.ask("/readyz?detail").text)["oldest_due_seconds"] is not None
        with site.database() as database:
            database.execute(
                "UPDATE notifications_message SET due_at = now() - interval '2 minutes' WHERE state <> 'sent'"
            )
        assert "Onze mail is op dit moment traag." in visitors[0].ask("/account/login/code/confirm/").text
        assert json.loads(site.ask("/readyz?detail").text)["oldest_due_seconds"] >= 120
    finally:
        site.mails.speak()
    until(lambda: site.mails.recipients.keys() >= set(people))
    assert {site.mails.recipients[email] for email in people} == {1}
    assert visitors[0].send("/account/login/code/confirm/", code=codes_for(site, people[0])[-1]).status == 302


def test_only_probes_answer_to_other_host_names(site):
    for name in ("10.1.2.3", "10.1.2.3:8000", "somewhere.else", "[::ffff:10.1.2.3]", "bad host"):
        assert [site.ask(path, Host=name).status for path in ("/healthz", "/readyz", "/readyz?detail")] == [200] * 3
        assert [site.ask(path, Host=name).status for path in ("/", "/healthz/", "/agenda/")] == [400] * 3


def test_stopped_worker_or_beat_is_detected(site):
    def check(name: str) -> int:
        command = [sys.executable, "-m", "pedbasis.healthcheck", name]
        return subprocess.run(command, cwd=settings.BASE_DIR, env=site.env, check=False).returncode

    until(lambda: None not in detail(site).values())
    assert [check("worker"), check("beat")] == [0, 0]
    keys = {name: f"pedbasis:heartbeat:{name}" for name in ("worker", "beat")}
    site.process("beat").send_signal(signal.SIGSTOP)
    try:
        with redis.Redis.from_url(site.running.env["REDIS_URL"]) as valkey:
            valkey.set(keys["beat"], int(time.time()) - 91)
            assert [check("worker"), check("beat")] == [0, 1]
            assert detail(site)["beat"] >= 91
            valkey.delete(keys["worker"])
            assert [check("worker"), check("beat")] == [1, 1]
            assert detail(site)["worker"] is None
            assert site.ask("/readyz").text == '{"database": "ok", "queue": "ok"}'
    finally:
        site.process("beat").send_signal(signal.SIGCONT)
    until(lambda: [check("worker"), check("beat")] == [0, 0], seconds=60)


def test_300_concurrent_connections_are_all_served(site):
    pages = itertools.cycle([load.get(path) for path in ("/", site.date_path, "/agenda/", "/readyz", "/mijn/")])
    result = load.run(site.port, pages, connections=300, seconds=4)
    assert set(result.statuses) == {200, 302}  # 302: to the sign-in page
    assert len(result.latencies) >= 300


def test_healthcheck_reports_whether_the_web_process_answers(site):
    assert healthcheck.main(["web", str(site.port)]) == 0
    assert healthcheck.main(["web", str(free_port())]) == 1
