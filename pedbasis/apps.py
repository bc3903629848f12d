from django.apps import AppConfig


class PedbasisConfig(AppConfig):
    name = "pedbasis"

    def ready(self) -> None:
        from pedbasis import addresses_set, inactivity  # noqa: F401  register the composers of their mails
