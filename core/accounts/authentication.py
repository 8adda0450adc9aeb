"""How the API knows who asks: a token in the Authorization header, or the session of a browser."""

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from core import clock
from core.accounts import tokens
from core.http.problems import CsrfFailed
from core.models import User


class ApiTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox comes without types
    """`Authorization: Token <token>`. One query, and once an hour a note of its use; a task prunes ended tokens."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """Return whose token it is. Raises AuthenticationFailed when it ended or never was."""
        # Whatever bytes: what is no token is answered like one that never was.
        digest = hash_token(token.decode("utf-8", "replace"))
        at = clock.now()
        found = tokens.token_of(digest, at=at)
        if found is None or not found.user.may_sign_in:
            raise AuthenticationFailed(_("This token is not valid."))
        tokens.note_use(found, at=at)
        return found.user, found


class BrowserSessionAuthentication(SessionAuthentication):
    """The session of a browser; acts need the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse an act without the CSRF token."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            error.kind = CsrfFailed  # type: ignore[attr-defined]
            raise
