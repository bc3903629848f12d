"""Demo accounts and roles."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Role, User
from locations.models import Municipality

DOMAIN = "demo.pedbasis.example"
NO_PASSWORD = "!"  # noqa: S105  (Django's prefix of an unusable password)


def user_of(key: str, first_name: str, language: str, town: Municipality | None, joined_at: datetime) -> User:
    """Return an unsaved account whose address begins with `key`."""
    return User(
        email=f"{key}@{DOMAIN}",
        first_name=first_name,
        language=language,
        municipality=town,
        password=NO_PASSWORD,
        date_joined=joined_at,
    )


def make_users(users: Iterable[User]) -> dict[str, User]:
    """Save these accounts and return them by the key at the start of their address."""
    return {user.email.removesuffix(f"@{DOMAIN}"): user for user in User.objects.bulk_create(users)}


def give_role(
    user: User, kind: Role.Kind, town: Municipality | None, *, organisation: str = "", label: str = ""
) -> None:
    """Give a user a role in a town, or in the whole country; `label` describes what they do there."""
    Role.objects.create(user=user, kind=kind, municipality=town, organisation=organisation, label=label)
