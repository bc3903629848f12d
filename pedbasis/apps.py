from django.apps import AppConfig


class PedbasisConfig(AppConfig):
    name = "pedbasis"

    def ready(self) -> None:
        from pedbasis import account_mails, address_changes, addresses_set, inactivity  # noqa: F401  their mails
