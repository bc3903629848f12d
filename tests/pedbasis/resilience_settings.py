"""Production settings that work without collectstatic."""

from pedbasis.settings import *  # noqa: F403

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
STORAGES["photos"]["OPTIONS"]["location"] = BASE_DIR / "build" / "photos"  # noqa: F405
