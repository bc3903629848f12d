from django.apps import AppConfig


class PedbasisConfig(AppConfig):
    name = "pedbasis"

    def ready(self) -> None:
        from pedbasis import inactivity  # noqa: F401  registers the composer of its mail
