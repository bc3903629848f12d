"""Prepare the demo; `make demo` runs this after starting the database servers and before the web server."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from locations.models import Municipality


class Command(BaseCommand):
    help = "Prepare the demo: static files, tables and, in an empty database, demo data."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is for the demo only. Start it with: make demo")
        with self.step("Drawings and styles"):
            self.collect_static()
        with self.step("Tables"):
            call_command("migrate", verbosity=0, interactive=False)
        if not Municipality.objects.exists():
            with self.step("Demo data"), transaction.atomic():  # all of it, or none when interrupted
                call_command("demo_data", stdout=self.stdout, stderr=self.stderr)

    def collect_static(self) -> None:
        """Collect the static files when one of them changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / ".sources"
        sources = fingerprint()
        if stamp.exists() and stamp.read_text() == sources:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(sources)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print the title of a step and how long it took."""
        start = time.monotonic()
        yield
        self.stdout.write(f"  {title:.<28} {time.monotonic() - start:5.1f} s")


def fingerprint() -> str:
    """Return a hash of the path, size and modification time of every static file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {storage.path(path)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
