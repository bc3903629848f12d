"""A store of its own for each test: a directory, or S3."""

import pytest


@pytest.fixture(autouse=True)
def photos_dir(settings, tmp_path):
    """The directory of the store."""
    entry = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "photos", "base_url": None, "allow_overwrite": True},
    }
    settings.STORAGES = settings.STORAGES | {"photos": entry}
    return tmp_path / "photos"
