from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "initiatives"

    def ready(self) -> None:
        from initiatives import (  # noqa: F401  registers mail composers, what people write, and what other pages show
            emails,
            moderated,
            photo_pages,
            plan_emails,
        )
        from initiatives.dormancy import emails as dormancy_emails  # noqa: F401
        from initiatives.existing import emails as existing_emails  # noqa: F401
        from initiatives.finding import boxes  # noqa: F401  registers what the pages of meetups show
        from initiatives.merging import emails as merging_emails  # noqa: F401
        from initiatives.talking import emails as talking_emails  # noqa: F401
