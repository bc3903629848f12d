"""Sessions in the database (docs/decisions/0006), with stricter validation of the key."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Whether Django could have generated this key. A null byte, for example, would make the query fail."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]
