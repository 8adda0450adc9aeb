"""Sessions: whoever signed in is signed out after 15 minutes without a click, and after 12 hours in any case.

A visitor's session is forgotten after 30 minutes without a click, with what was typed in it. All are sealed.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from core import clock, sealing
from core.database.compiled import Argument, CompiledQuery

VISITOR_IDLE = timedelta(minutes=30)
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
TOUCHED = timedelta(minutes=1)
"""How often a session that is used is written: reading a page seldom writes."""

BEGAN, SEEN = "began", "seen"
PURPOSE = "sessions"

LASTING = CompiledQuery(lambda: Session.objects.filter(session_key=Argument("key"), expire_date__gt=Argument("at")))


def ended_account(request: HttpRequest) -> str:
    """Return whose session ended that a browser still names: the account's id, empty where nobody knows."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    row = Session.objects.filter(session_key=key).first() if key else None
    return str(SessionStore().decode(row.session_data).get(SESSION_KEY, "")) if row else ""


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return Django's own table."""
        return Session

    def get_session_cookie_age(self) -> int:
        """Return the seconds after which the row and the cookie end unless they are used."""
        lasts = LONGEST if SESSION_KEY in self else VISITOR_IDLE
        return int(lasts.total_seconds())

    def _get_session_from_db(self) -> Session | None:
        # As Django asks, by SQL that is written once: every page of whoever has a session does.
        row = LASTING.first(key=self.session_key, at=clock.now())
        if row is None:
            self._session_key = None
        return row

    def load(self) -> dict[str, Any]:
        """Return what is in the session: nothing when whoever signed in has been away too long."""
        held: dict[str, Any] = super().load()
        if not held:
            return held
        now = clock.now().timestamp()
        idle, age = now - held.get(SEEN, 0), now - held.get(BEGAN, 0)
        if SESSION_KEY in held and (idle >= IDLE.total_seconds() or age >= LONGEST.total_seconds()):
            # As Django does for a session that is not there: whoever writes next begins another one.
            self._session_key = None
            return {}
        if idle >= TOUCHED.total_seconds():
            self.modified = True
        return held

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return what is written to the row, sealed; a session that is written has just been used."""
        if session_dict:
            # Written into the session and not read off its row: the row's own date says when it ends, not when it was
            # used.
            session_dict[SEEN] = clock.now().timestamp()
            session_dict.setdefault(BEGAN, session_dict[SEEN])
        return sealing.seal(super().encode(session_dict), purpose=PURPOSE)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return what was written; nothing where it does not open."""
        opened = sealing.unseal(str(session_data), purpose=PURPOSE)
        held: dict[str, Any] = super().decode(opened) if opened else {}
        return held

    def cycle_key(self) -> None:
        """Begin anew under another key: somebody has just typed their password."""
        # Twelve hours count from the password, not from the page that was looked at before it.
        self.pop(BEGAN, None)
        super().cycle_key()
