"""The settings of a server under measurement: the product's own, plus the yardstick's address."""

import os

from pedbasis.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
if os.environ.get("BENCH_MIDDLEWARE") == "uncached":
    MIDDLEWARE = [name for name in MIDDLEWARE if "PageCache" not in name]  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS, "demo", "bench"]  # noqa: F405
