from collections.abc import Iterator

import pytest

from tests.smtp import Sink, running_sink, use


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    """A real SMTP server that receives the mails of the test."""
    with running_sink() as sink:
        use(settings, sink)
        yield sink
