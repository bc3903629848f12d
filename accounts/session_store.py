"""Sessions in the database (docs/decisions/0006), with stricter validation of the key."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from page_cache.compiled import Compiled


@Compiled
def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Whether Django could have generated this key. A null byte, for example, would make the query fail."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Session | None:
        """Return the row of the session; None if there is none, or it is over."""
        found = _session.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
