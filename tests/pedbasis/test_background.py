"""The worker and beat: their options are in one place, and service managers restart them."""

import configparser
from pathlib import Path

import pytest
from django.conf import settings

from notifications.tasks import MAX_CONCURRENT_RUNS
from pedbasis import background

ROOT = Path(settings.BASE_DIR)


def test_slow_mail_server_leaves_threads_for_other_work():
    words = background.COMMANDS["worker"].split()
    assert words[words.index("--pool") + 1] == "threads"
    assert int(words[words.index("--concurrency") + 1]) >= MAX_CONCURRENT_RUNS + 2


@pytest.mark.parametrize(
    "name, command", [("web", "serve"), ("worker", "background worker"), ("beat", "background beat")]
)
def test_systemd_units_always_restart(name, command):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / f"docs/systemd/pedbasis-{name}.service")
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert f"-m pedbasis.{command}" in unit["Service"]["ExecStart"]


def test_nothing_starts_celery_directly():
    for path in ["docker-compose.yml", "Dockerfile", "README.md", "docs/operations.md", "local/demo.py"]:
        assert "celery -A" not in (ROOT / path).read_text(), path


def test_background_without_arguments_prints_its_usage(capsys):
    with pytest.raises(SystemExit, match=r"^Usage: python -m pedbasis\.background worker\|beat"):
        background.main([])
