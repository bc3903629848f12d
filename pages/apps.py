from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages import address_changes, addresses_set, inactivity  # noqa: F401  registers their mail composers
