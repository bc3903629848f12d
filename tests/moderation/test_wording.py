"""Moments in words: one way for all of moderation."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from moderation.wording import moment


@pytest.mark.parametrize(
    ("language", "instant", "words"),
    [
        (
            "nl",
            datetime(2026, 12, 1, 16, tzinfo=UTC),
            "dinsdag 1\N{NO-BREAK SPACE}december, 17.00\N{NO-BREAK SPACE}uur",
        ),
        ("en", datetime(2026, 12, 1, 16, tzinfo=UTC), "Tuesday 1\N{NO-BREAK SPACE}December, 17:00"),
        (
            "en",
            datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
            "Thursday 2\N{NO-BREAK SPACE}July, 0:30",
        ),  # summer time, the next day here
    ],
)
def test_a_moment_is_a_day_and_a_time_of_here(language, instant, words):
    with override(language):
        assert moment(instant) == words
