"""Who is signed in, looked up for each page they ask for."""

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Role, SecurityEvent, User

# Every column by its name: a statement with "*" that PostgreSQL keeps would fail once a column is added.
COLUMNS = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
WITH_ROLE_KINDS = f"""
SELECT {COLUMNS},
    ARRAY(SELECT DISTINCT r.kind FROM accounts_role r WHERE r.user_id = u.id ORDER BY r.kind) AS role_kinds,
    (SELECT min(r.created_at) FROM accounts_role r WHERE r.user_id = u.id AND r.kind = ANY(%s)) AS guarded_since,
    EXISTS(
        SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn')
    ) AS has_second_factor,
    (SELECT max(e.happened_at) FROM accounts_securityevent e WHERE e.user_id = u.id AND e.kind = %s) AS restored_at
FROM accounts_user u WHERE u.id = %s"""  # noqa: S608  (names of our own columns)


class Backend(AuthenticationBackend):
    """allauth's, but what someone does, and how safely, comes along with who they are: every page needs it."""

    def get_user(self, user_id: int) -> User | None:
        """Return the user, or None for an account that is gone or closed. One query; once a week a second one.

        That second one notes that the person is here, so that their account is not taken for one that nobody uses.
        """
        values = [sorted(Role.GUARDED), SecurityEvent.Kind.ADDRESS_RESTORED, user_id]
        user = next(iter(User.objects.raw(WITH_ROLE_KINDS, values)), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.note_seen(timezone.now())
        return user


def signed_in_user(request: HttpRequest) -> User:
    """The person who is signed in, as LoginRequiredMiddleware promises."""
    if not isinstance(request.user, User):
        raise TypeError("This view needs someone who is signed in.")
    return request.user
