from django.apps import AppConfig


class MeetupsConfig(AppConfig):
    name = "meetups"

    def ready(self) -> None:
        from meetups import (  # noqa: F401  registers mail composers, what people write, and pages with photos
            emails,
            moderated,
            news_emails,
            photo_pages,
        )
