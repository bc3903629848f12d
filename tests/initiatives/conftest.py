import pytest

from tests.scenario import Town, make_town


@pytest.fixture
def town(db) -> Town:
    return make_town()
