from django.apps import AppConfig


class MeetupsConfig(AppConfig):
    name = "meetups"

    def ready(self) -> None:
        from meetups import emails, moderated, news_emails  # noqa: F401  registers mail composers, and what people write
