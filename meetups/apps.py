from django.apps import AppConfig


class MeetupsConfig(AppConfig):
    name = "meetups"

    def ready(self) -> None:
        from meetups import emails, news_emails  # noqa: F401  registers the mail composers
