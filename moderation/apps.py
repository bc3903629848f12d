from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from moderation import emails  # noqa: F401  registers the mail composers
        from moderation.worries import emails as worries  # noqa: F401
