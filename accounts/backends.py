"""The authentication backend: loads the signed-in user on each request."""

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from accounts.models import Role, SecurityEvent, User

# List the columns: a prepared statement with "*" fails once a migration adds a column.
COLUMNS = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
USER_WITH_ROLES = f"""
SELECT {COLUMNS},
    ARRAY(SELECT DISTINCT r.kind FROM accounts_role r WHERE r.user_id = u.id ORDER BY r.kind) AS role_kinds,
    (SELECT min(r.created_at) FROM accounts_role r WHERE r.user_id = u.id AND r.kind = ANY(%s)) AS guarded_since,
    EXISTS(
        SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn')
    ) AS has_second_factor,
    (SELECT max(e.happened_at) FROM accounts_securityevent e WHERE e.user_id = u.id AND e.kind = %s) AS restored_at
FROM accounts_user u WHERE u.id = %s"""  # noqa: S608  (names of our own columns)


class Backend(AuthenticationBackend):
    """allauth's backend, which also loads roles and second factors in the same query: every page needs them."""

    def get_user(self, user_id: int) -> User | None:
        """Return the user, or None if the account is deleted or closed. One query; once a week a second one.

        The second one records that the account is in use, so that it is not erased as inactive.
        """
        values = [sorted(Role.GUARDED), SecurityEvent.Kind.ADDRESS_RESTORED, user_id]
        user = next(iter(User.objects.raw(USER_WITH_ROLES, values)), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.record_seen(timezone.now())
        return user
