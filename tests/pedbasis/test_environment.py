"""An invalid variable stops Pedbasis at startup, with one line that has an example and shows no secret."""

import os
import re
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from pedbasis import environment
from tests.commands.conftest import ROOT

GOOD = {
    "SECRET_KEY": "s3cr3t-k",
    "SITE_URL": "https://pedbasis.example.nl",
    "DATABASE_URL": "postgres://pedbasis:s3cr3t@127.0.0.1:5432/pedbasis",
    "REDIS_URL": "redis://:s3cr3t@127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://user:s3cr3t@mail.example.nl:587",
}
OUR_SETTINGS = str(ROOT / "pedbasis" / "settings.py")


@pytest.fixture
def production_env(monkeypatch):
    """Return a function that sets the environment of a production server with changes; None removes a variable."""

    def set_env(**changes: str | None) -> None:
        for name in documented() | GOOD.keys():
            monkeypatch.delenv(name, raising=False)
        for name, value in (GOOD | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return set_env


def documented() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_valid_environment_is_accepted(production_env):
    production_env()
    read = runpy.run_path(OUR_SETTINGS)
    assert read["ALLOWED_HOSTS"] == ["pedbasis.example.nl"]
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_USE_TLS"]) == ("mail.example.nl", 587, True)
    assert read["EMAIL_HOST_PASSWORD"] == "s3cr3t"
    assert (read["DEBUG"], read["DEMO"], read["REMINDER_HOUR"]) == (False, False, 17)


WRONG = [
    ("SECRET_KEY", None, "is not set"),
    ("SECRET_KEY", "  ", "is not set"),
    ("SITE_URL", "pedbasis.example.nl", "must be http:// or https://"),
    ("SITE_URL", "https://pedbasis.example.nl/site", "must be http:// or https://"),
    ("SITE_URL", "https://user:s3cr3t@pedbasis.example.nl", "must be http:// or https://"),
    ("ALLOWED_HOSTS", "other.example.nl", "must have the host name of SITE_URL"),
    ("ALLOWED_HOSTS", "https://pedbasis.example.nl", "must have the host name of SITE_URL"),
    ("DATABASE_URL", None, "is not set"),
    ("DATABASE_URL", "foo", "must be the address of a PostgreSQL database"),
    ("DATABASE_URL", "postgres://", "must be the address of a PostgreSQL database"),
    ("DATABASE_URL", "postgres://pedbasis@127.0.0.1", "must be the address of a PostgreSQL database"),
    ("DATABASE_URL", "sqlite:///s3cr3t", "must be the address of a PostgreSQL database"),
    ("DATABASE_URL", "postgres://pedbasis:s3#cr3t@127.0.0.1:5432/pedbasis", "write % as %25, # as %23"),
    ("DATABASE_URL", "postgres://pedbasis:s3/cr3t@127.0.0.1:5432/pedbasis", "write % as %25, # as %23"),
    ("DATABASE_URL", "postgres://pedbasis:s3@cr3t/x@127.0.0.1:5432/pedbasis", "write % as %25, # as %23"),
    ("REDIS_URL", None, "is not set"),
    ("REDIS_URL", "foo", "must be the address of Valkey or Redis"),
    ("REDIS_URL", "valkey://127.0.0.1", "must be the address of Valkey or Redis"),
    ("REDIS_URL", "redis://:s3#cr3t@127.0.0.1:6379/0", "write % as %25, # as %23"),
    ("REDIS_URL", "redis://127.0.0.1:6379/pedbasis", "must be the address of Valkey or Redis"),
    ("EMAIL_URL", None, "is not set"),
    ("EMAIL_URL", "foo", "must be a mail server"),
    ("EMAIL_URL", "consolemail://", "must be a mail server"),
    ("EMAIL_URL", "smtp+tls://user:s3#cr3t@mail.example.nl:587", "write % as %25, # as %23"),
    ("EMAIL_URL", "smtp+tls://user:s3@cr3t/x@mail.example.nl:587", "must be a mail server"),
    ("EMAIL_URL", "smtp+tls://mail.example.nl:99999", "must be a mail server"),
    ("DEFAULT_FROM_EMAIL", "Pedbasis", "must be a name and an email address"),
    ("REMINDER_HOUR", "25", "must be a number from 0 to 23"),
    ("REMINDER_HOUR", "vijf", "must be a number from 0 to 23"),
    ("DB_POOL_MAX", "0", "must be a number from 4 to 1000"),
    ("WEB_THREADS", "0", "must be a number from 1 to 100"),
    ("WEB_WORKERS", "x", "must be a number from 1 to 100"),
    ("DB_POOL_MIN", "9", "must be a number from 0 to 8"),
    ("DB_PREPARE_AFTER", "-1", "must be a number from 0 to 1000"),
    ("DEBUG", "ja", "must be 1 (yes) or 0 (no)"),
    ("DEMO", "maybe", "must be 1 (yes) or 0 (no)"),
    ("BEHIND_PROXY", "2", "must be 1 (yes) or 0 (no)"),
    ("SECURE_SSL_REDIRECT", "x", "must be 1 (yes) or 0 (no)"),
    *(
        ("PHOTOS_STORE", value, "must be the address of a bucket")
        for value in (
            "https://key:secret@s3.example.nl/photos",
            "s3://s3.example.nl/photos",
            "s3://key@s3.example.nl/photos",
            "s3://key:secret@s3.example.nl/",
            "s3://key:secret@/photos",
            "s3://key:s3/cr3t@s3.example.nl/photos",
            "s3://key:s3#cr3t@s3.example.nl/photos",
            "s3://key:secret@s3.example.nl:port/photos",
            "s3://key:secret@s3.example.nl/photos?acl=public",
            "s3://key:secret@s3.example.nl/photos?region",
        )
    ),
    ("MAP_TILES_URL", "https://tiles.example.nl/", "must be an address with {z}, {x} and {y}"),
]


@pytest.mark.parametrize("name, value, sentence", WRONG)
def test_invalid_variable_is_refused_with_an_example(production_env, name, value, sentence):
    production_env(**{name: value})
    with pytest.raises(ImproperlyConfigured) as refused:
        runpy.run_path(OUR_SETTINGS)
    line = str(refused.value)
    assert line.startswith(f"{name} ")
    assert sentence in line
    assert f"{name}=" in line  # an example
    assert "\n" not in line
    secrets = {"cr3t"} if name == "PHOTOS_STORE" else {"s3", "cr3t"}
    assert not secrets & set(re.split(r"\W", line))


def test_pool_smaller_than_the_number_of_threads_is_refused(production_env):
    production_env(WEB_THREADS="9", DB_POOL_MAX="8")
    with pytest.raises(ImproperlyConfigured, match=r"^DB_POOL_MAX must be a number from 9 to 1000"):
        runpy.run_path(OUR_SETTINGS)


def test_special_characters_in_urls_can_be_escaped(production_env):
    hard = "a#b/c:d@e?f%g"
    escaped = "a%23b%2Fc%3Ad%40e%3Ff%25g"
    production_env(
        DATABASE_URL=f"postgres://pedbasis:{escaped}@127.0.0.1:5432/pedbasis",
        EMAIL_URL=f"smtp://user:{escaped}@mail.example.nl:25",
        REDIS_URL=f"redis://:{escaped}@127.0.0.1:6379/0",
    )
    read = runpy.run_path(OUR_SETTINGS)
    assert read["DATABASES"]["default"]["PASSWORD"] == read["EMAIL_HOST_PASSWORD"] == hard


def test_secret_starting_with_a_dollar_is_not_expanded(production_env):
    production_env(SECRET_KEY="$ecret")
    assert runpy.run_path(OUR_SETTINGS)["SECRET_KEY"] == "$ecret"


def test_malformed_line_is_refused_without_showing_it(tmp_path):
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nREMINDER_HOUR=17\ns3cr3t\n")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read_file(file)
    assert str(refused.value) == f"Line 4 of {file} must be NAME=value, or begin with #."


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-c", "import pedbasis.wsgi"],
        ["-c", "import pedbasis.asgi"],
        ["-m", "pedbasis.serve"],
        ["-m", "pedbasis.background", "worker"],
        ["-m", "pedbasis.background", "beat"],
    ],
)
def test_every_process_exits_with_one_line(command):
    env = {name: value for name, value in os.environ.items() if name not in documented()} | GOOD
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=env | {"DATABASE_URL": "postgres://pedbasis:s3#cr3t@127.0.0.1/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("DATABASE_URL must be the address of a PostgreSQL database.")
    assert done.stderr.count("\n") == 1


def test_a_store_of_photos_is_read_from_one_url(monkeypatch):
    assert environment.photo_store("PHOTOS_STORE") is None
    monkeypatch.setenv("PHOTOS_STORE", "s3://AK%2FIA:a%2Bb%40c@s3.example.nl:9000/photos/hengelo/?region=nl-1")
    entry = environment.photo_store("PHOTOS_STORE")
    options = entry["OPTIONS"]
    client, transfer = options.pop("client_config"), options.pop("transfer_config")
    assert entry["BACKEND"] == "storages.backends.s3.S3Storage"
    assert options == {
        "access_key": "AK/IA",
        "secret_key": "a+b@c",
        "bucket_name": "photos",
        "location": "hengelo",
        "endpoint_url": "https://s3.example.nl:9000",
        "region_name": "nl-1",
        "default_acl": None,
        "file_overwrite": True,
    }
    assert (client.connect_timeout, client.read_timeout, client.s3) == (3, 10, {"addressing_style": "path"})
    assert (transfer.use_threads, transfer.num_download_attempts) == (False, 2)
    monkeypatch.setenv("PHOTOS_STORE", "s3+http://key:secret@127.0.0.1:9000/photos")
    assert environment.photo_store("PHOTOS_STORE")["OPTIONS"]["endpoint_url"] == "http://127.0.0.1:9000"
