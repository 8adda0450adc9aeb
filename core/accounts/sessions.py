"""Sessions: whoever signed in is signed out after 15 minutes without a click, and after 12 hours in any case."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from core import clock

IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
TOUCHED = timedelta(minutes=1)
"""How often a session that is used is written: reading a page seldom writes."""

BEGAN, SEEN = "began", "seen"


class SessionStore(db.SessionStore):
    """Django's sessions in the database. Those of visitors who have not signed in last as before."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return Django's own table."""
        return Session

    def load(self) -> dict[str, Any]:
        """Return what is in the session: nothing when whoever signed in has been away too long."""
        held: dict[str, Any] = super().load()
        if SESSION_KEY not in held:
            return held
        now = clock.now().timestamp()
        idle, age = now - held.get(SEEN, 0), now - held.get(BEGAN, 0)
        if idle >= IDLE.total_seconds() or age >= LONGEST.total_seconds():
            self._session_key = None
            return {}
        if idle >= TOUCHED.total_seconds():
            self.modified = True
        return held

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return what is written to the row; a signed-in session that is written has just been used."""
        if SESSION_KEY in session_dict:
            session_dict[SEEN] = clock.now().timestamp()
            session_dict.setdefault(BEGAN, session_dict[SEEN])
        return super().encode(session_dict)

    def cycle_key(self) -> None:
        """Begin anew under another key: somebody has just typed their password."""
        self.pop(BEGAN, None)
        super().cycle_key()
