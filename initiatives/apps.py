from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from initiatives import (  # noqa: F401  registers mail composers, what people write, and pages with photos
            emails,
            moderated,
            photo_pages,
        )
        from initiatives.finding import boxes  # noqa: F401  registers what the pages of meetups show
