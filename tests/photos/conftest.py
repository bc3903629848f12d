"""A directory of its own for each test that looks at what is in the store."""

from collections.abc import Iterator

import pytest

from pedbasis import environment
from tests.photos.s3 import s3_server


@pytest.fixture
def photos_dir(settings, tmp_path):
    """The directory of the store, empty at first."""
    options = {"location": tmp_path / "photos", "base_url": None, "allow_overwrite": True}
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"photos": entry}
    return tmp_path / "photos"


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture(params=["directory", "s3"])
def any_store(request, settings, tmp_path, monkeypatch) -> str:
    """Each kind of store, empty at first; returns which."""
    if request.param == "s3":
        url = request.getfixturevalue("s3_url").replace("/town?", f"/{tmp_path.name}?")
        monkeypatch.setenv("PHOTOS_STORE", url)
        settings.STORAGES = settings.STORAGES | {"photos": environment.photo_store("PHOTOS_STORE")}
    else:
        request.getfixturevalue("photos_dir")
    return request.param
