"""One place says how the worker and the beat run; whoever starts them asks there, and starts them again."""

import configparser
from pathlib import Path

import pytest
from django.conf import settings

from notifications.tasks import MAX_CONCURRENT_RUNS
from pedbasis import background

ROOT = Path(settings.BASE_DIR)


def test_a_mail_server_that_lets_us_wait_leaves_threads_for_all_other_work():
    words = background.COMMANDS["worker"].split()
    assert words[words.index("--pool") + 1] == "threads"
    assert int(words[words.index("--concurrency") + 1]) >= MAX_CONCURRENT_RUNS + 2


@pytest.mark.parametrize(
    "name, command", [("web", "serve"), ("worker", "background worker"), ("beat", "background beat")]
)
def test_units_of_systemd_start_it_again_whatever_happens(name, command):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / f"docs/systemd/pedbasis-{name}.service")
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert f"-m pedbasis.{command}" in unit["Service"]["ExecStart"]


def test_nobody_says_in_another_way_how_they_run():
    for path in ["docker-compose.yml", "Dockerfile", "README.md", "docs/operations.md", "local/demo.py"]:
        assert "celery -A" not in (ROOT / path).read_text(), path


def test_who_forgets_to_say_what_reads_what_can_be_said(capsys):
    with pytest.raises(SystemExit, match=r"^Usage: python -m pedbasis\.background worker\|beat"):
        background.main([])
