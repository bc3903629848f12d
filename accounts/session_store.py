"""Sessions in the database (docs/decisions/0006), found only by a key that Django could have made."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Whether a cookie may be a key at all: one with a null byte in it would break the question to the database."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]
