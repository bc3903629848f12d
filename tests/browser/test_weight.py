"""The transfer size of pages on a first visit, from a web process with production settings."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, Response

from local.directories import free_port
from photos import storing
from photos.models import Photo
from tests.factories import make_meetup, make_occurrence, make_photo, make_webp

pytestmark = pytest.mark.django_db
MAX_BYTES = 100_000
MAX_SCRIPT_BYTES = 20_000


def database_url() -> str:
    """The URL of the database of this test run."""
    database = connection.settings_dict
    user = f"{quote(database['USER'])}:{quote(database['PASSWORD'] or '')}@" if database["USER"] else ""
    return f"postgresql://{user}{quote(database['HOST'] or '', safe='')}:{database['PORT'] or 5432}/{database['NAME']}"


@pytest.fixture(scope="module")
def production(lasting_town, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """The URL of a granian with production settings: compressed files, cached pages, a full page of cards."""
    with django_db_blocker.unblock():
        for number in range(20):
            title = f"Ouder- en kindcafé {number}"
            make_occurrence(make_meetup(lasting_town.library, title=title, slug=f"cafe-{number}"))
        idea = lasting_town.idea
        idea.photo = make_photo(lasting_town.host, purpose=idea.photo_purpose, description="Twee cavia’s in een mand")
        idea.save(update_fields=["photo"])
        database = database_url()
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": database,
        "DEBUG": "0",
        "SECRET_KEY": "only for this test",
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost",
        "PHOTOS_DIR": str(storing.store().location),
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
        "PYTHONWARNINGS": "ignore",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0", "--ignore", "admin"]
    subprocess.run(collect, cwd=settings.BASE_DIR, env=env, check=True)
    granian = f"granian --interface wsgi --host 127.0.0.1 --port {port} --blocking-threads 2 --no-ws --no-log"
    command = [sys.executable, "-m", *granian.split(), "pedbasis.wsgi:application"]
    web = subprocess.Popen(command, cwd=settings.BASE_DIR, env=env)
    try:
        wait_for(port, web)
        yield f"http://localhost:{port}"
    finally:
        web.terminate()
        web.wait(20)


def wait_for(port: int, web: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 40
    while time.monotonic() < end and web.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5)
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the web process does not respond")


def first_view(page: Page, url: str) -> tuple[Response, dict[str, int]]:
    """Open a page for the first time; return the response, and the bytes of each file by its path."""
    wire = page.context.new_cdp_session(page)
    urls: dict[str, str] = {}
    weights: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))
    wire.on(
        "Network.loadingFinished", lambda event: weights.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    wire.send("Network.enable")
    answer = page.goto(url)
    page.wait_for_load_state("networkidle")
    return answer, {urlsplit(urls[request]).path: weight for request, weight in weights.items() if weight}


@pytest.mark.parametrize("width", [390, 1280])
def test_the_agenda_is_light(page: Page, production, width):
    page.set_viewport_size({"width": width, "height": 900})
    answer, found = first_view(page, f"{production}/agenda/")
    script = sum(weight for path, weight in found.items() if path.endswith(".js"))
    assert answer.headers["content-encoding"] == "br"
    assert len(found) > 3
    assert found["/agenda/"] > 1000
    assert sum(found.values()) < MAX_BYTES, found
    assert 1000 < script < MAX_SCRIPT_BYTES, found


def test_the_list_of_ideas_is_light(page: Page, production):
    page.set_viewport_size({"width": 390, "height": 900})
    _answer, found = first_view(page, f"{production}/initiatieven/")
    assert found["/initiatieven/"] > 1000
    assert sum(found.values()) < MAX_BYTES, found


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("which", ["library", "coffee", "next_week", "idea"])
def test_a_page_with_photos_is_light_on_a_phone(browser: Browser, production, lasting_town, heavy, which, scale):
    """With photos as heavy as there can be, in the width that this screen asks for."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=scale, locale="nl-NL")
    page = context.new_page()
    _answer, found = first_view(page, production + getattr(lasting_town, which).get_absolute_url())
    photos = {path: weight for path, weight in found.items() if path.startswith("/fotos/")}
    context.close()
    assert sum(found.values()) < MAX_BYTES, found
    assert len(photos) <= 1 + (which in ("coffee", "next_week")), "at most one in view, and what is just below it"
    if which in ("library", "idea"):
        assert photos, found


@pytest.fixture(scope="module")
def heavy(production, lasting_town, django_db_blocker) -> None:
    """Fill each file of the photos of this town up to its budget."""
    with django_db_blocker.unblock():
        for photo in Photo.objects.all():
            shape = photo.dimensions
            files = {width: make_webp(width, shape.height(width)) for width in shape.widths}
            budgets = {width: kilobytes * 1024 for width, kilobytes in shape.widths.items()}
            storing.save(photo.token, {width: data.ljust(budgets[width], b"\0") for width, data in files.items()})
