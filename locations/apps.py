from django.apps import AppConfig


class LocationsConfig(AppConfig):
    name = "locations"

    def ready(self) -> None:
        from locations import photo  # noqa: F401  registers which pages show the photo of a place
