"""A directory of its own for each test that looks at what is in the store."""

import pytest


@pytest.fixture
def photos_dir(settings, tmp_path):
    """The directory of the store, empty at first."""
    options = {"location": tmp_path / "photos", "base_url": None, "allow_overwrite": True}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"photos": entry}
    return tmp_path / "photos"
