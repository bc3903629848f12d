"""Read and validate environment variables at startup; an invalid one raises a single line with an example.

That line never contains the invalid value, which may be a secret. An empty variable counts as missing.
"""

import os
import re
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
MAIL_SERVERS = {"smtp", "smtp+tls", "smtp+ssl"}
DEVELOPMENT_MAIL = {"consolemail", "filemail", "memorymail", "dummymail"}
ESCAPES = "In a name or password write % as %25, # as %23, / as %2F, : as %3A, @ as %40 and ? as %3F."


def load_settings() -> None:
    """Load the settings, or exit with the one line that says what is wrong with them."""
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")
    try:
        _ = settings.SECRET_KEY
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


def read_file(path: Path) -> None:
    """Add the variables in the file to the environment, without overriding; a missing file is ignored."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if line.strip() and not re.match(r"\s*#|\s*(export )?[A-Za-z_0-9]+=", line):
            raise ImproperlyConfigured(f"Line {number} of {path} must be NAME=value, or begin with #.")
    environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, example: str) -> str:
    """Return the variable; raise ImproperlyConfigured with the line to add when it is missing."""
    if value := text(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. Add a line like this to the environment or .env: {name}={example}")


def flag(name: str, default: bool) -> bool:
    value = text(name, default="1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} must be 1 (yes) or 0 (no). Write: {name}={int(default)}")
    return value in YES


def number(name: str, default: int, minimum: int, maximum: int) -> int:
    value = text(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
        raise ImproperlyConfigured(f"{name} must be a number from {minimum} to {maximum}. Write: {name}={default}")
    return int(value)


def choice(name: str, options: tuple[str, ...]) -> str:
    """Return the variable, one of `options`; the first is the default."""
    value = text(name, default=options[0])
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(options)}. Write: {name}={options[0]}")
    return value


def comma_separated(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or default


def site(name: str, default: str) -> str:
    """Return the URL of the site, without a trailing slash."""
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", value):
        raise ImproperlyConfigured(
            f"{name} must be http:// or https:// and a host name in small letters, with nothing behind it. "
            f"Write: {name}=https://pedbasis.example.nl"
        )
    return value


def is_on_this_machine(site_url: str) -> bool:
    return urlsplit(site_url).hostname in THIS_MACHINE


def hosts(name: str, site_url: str) -> list[str]:
    """Return the host names for ALLOWED_HOSTS, which must include that of SITE_URL."""
    host = urlsplit(site_url).hostname or ""
    host = f"[{host}]" if ":" in host else host
    allowed = comma_separated(name, ["localhost", "127.0.0.1", "[::1]"] if is_on_this_machine(site_url) else [host])
    if not validate_host(host, allowed):
        raise ImproperlyConfigured(
            f"{name} must have the host name of SITE_URL in it, else no page opens. Write: {name}={host}"
        )
    return allowed


def database(name: str) -> dict[str, Any]:
    """Return the value for Django's DATABASES."""
    example = "postgres://pedbasis:secret@127.0.0.1:5432/pedbasis"
    value = required(name, example)
    config: dict[str, Any] = {}
    try:
        parts = urlsplit(value)
        if parts.scheme in ("postgres", "postgresql") and not parts.fragment and (parts.port or 5432) > 0:
            config = environ.Env.db_url_config(value)
    except ValueError:
        pass  # the message below is clearer, and does not contain the value
    if not config.get("NAME") or {"/", "@"} & set(config["NAME"]):  # the rest of an unescaped password
        raise ImproperlyConfigured(
            f"{name} must be the address of a PostgreSQL database. {ESCAPES} Write: {name}={example}"
        )
    return config


def queue(name: str) -> str:
    """Return the URL of Valkey or Redis."""
    example = "redis://127.0.0.1:6379/0"
    value = required(name, example)
    try:
        parts = urlsplit(value)
        is_right = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and (parts.port or 6379) > 0
    except ValueError:
        is_right = False
    if not is_right or parts.fragment or not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        raise ImproperlyConfigured(
            f"{name} must be the address of Valkey or Redis, with the number of a database. {ESCAPES} "
            f"Write: {name}={example}"
        )
    return value


def mail(name: str, *, is_required: bool) -> dict[str, Any]:
    """Return Django's settings for outgoing mail; in production (`is_required`) it must be an SMTP server."""
    example = "smtp+tls://user:password@mail.example.nl:587"
    value = required(name, example) if is_required else text(name, "consolemail://")
    try:
        parts = urlsplit(value)
        is_server = parts.scheme in MAIL_SERVERS and bool(parts.hostname) and (parts.port or 25) > 0
        is_server = is_server and parts.path in ("", "/")
        config: dict[str, Any] = environ.Env.email_url_config(value)
    except (ValueError, ImproperlyConfigured):
        is_server, config = False, {}
    if not config or parts.fragment or not (is_server or (parts.scheme in DEVELOPMENT_MAIL and not is_required)):
        raise ImproperlyConfigured(
            f"{name} must be a mail server: smtp:// (port 25), smtp+tls:// (587) or smtp+ssl:// (465). {ESCAPES} "
            f"Write: {name}={example}"
        )
    return config


def sender(name: str, default: str) -> str:
    value = text(name, default)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", parseaddr(value)[1]) or "\n" in value:
        raise ImproperlyConfigured(
            f"{name} must be a name and an email address. Write: {name}=Pedbasis <noreply@pedbasis.example.nl>"
        )
    return value


def photo_store(name: str) -> dict[str, Any] | None:
    """Return the entry for Django's STORAGES of an S3-compatible store; None when not set.

    The bucket must exist and be private. s3:// is over https; s3+http:// is for a store on a trusted network.
    """
    value = text(name)
    if not value:
        return None
    config: dict[str, Any] = {}
    try:
        parts = urlsplit(value)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        is_right = parts.scheme in ("s3", "s3+http") and bool(parts.hostname) and (parts.port or 443) > 0
        is_right = is_right and bool(parts.username and parts.password and bucket) and not parts.fragment
        if is_right and not set(query) - {"region"}:
            host = parts.netloc.rpartition("@")[2]
            config = {
                "access_key": unquote(parts.username or ""),
                "secret_key": unquote(parts.password or ""),
                "bucket_name": bucket,
                "location": prefix,
                "endpoint_url": f"{'http' if parts.scheme == 's3+http' else 'https'}://{host}",
                "region_name": query.get("region", "us-east-1"),
            }
    except ValueError:
        pass
    if not config:
        raise ImproperlyConfigured(
            f"{name} must be the address of a bucket in an S3-compatible store, with the key and secret that may read "
            f"and write there. {ESCAPES} Write: {name}=s3://key:secret@s3.example.nl/pedbasis-photos?region=nl-1"
        )
    # Keys are given, so no other host is asked for any. Path style and no checksums of Amazon's own: so that any
    # S3-compatible store will do.
    client = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=3,
        read_timeout=10,
        retries={"total_max_attempts": 2},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A photo is one small object: no threads for its parts, and a visitor does not wait for five attempts.
    transfer = TransferConfig(use_threads=False, num_download_attempts=2)
    options = config | {
        "default_acl": None,
        "file_overwrite": True,
        "client_config": client,
        "transfer_config": transfer,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def tiles(name: str, default: str) -> str:
    """Return the URL template of map tiles; empty when it is "off"."""
    value = text(name, default)
    if value == "off":
        return ""
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?/\S*\{[xyz]\}\S*", value):
        raise ImproperlyConfigured(
            f"{name} must be an address with {{z}}, {{x}} and {{y}} in it, or off for a map without tiles. Write, for "
            f"example: {name}=https://tiles.example.nl/{{z}}/{{x}}/{{y}}.png"
        )
    return value
