from django.apps import AppConfig


class MeetupsConfig(AppConfig):
    name = "meetups"

    def ready(self) -> None:
        from meetups import emails, news_emails, photo_pages  # noqa: F401  registers mail composers and pages with photos
