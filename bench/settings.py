"""The settings of the server under test: those of production, plus the URL of the yardstick."""

import os

from pedbasis.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
if os.environ.get("BENCH_MIDDLEWARE") == "uncached":
    MIDDLEWARE = [name for name in MIDDLEWARE if "PageCache" not in name]  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS, "demo", "bench"]  # noqa: F405
