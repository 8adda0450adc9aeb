"""The one place where a password is looked at."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from core import clock
from core.accounts.tries import Try
from core.database.compiled import Argument, CompiledQuery
from core.models import User

ACCOUNT = CompiledQuery(lambda: User.objects.filter(pk=Argument("pk")))


class PasswordBackend(ModelBackend):
    """Django's sign-in with name and password, counted. Raises TooManyTries, whichever door asked."""

    def authenticate(  # type: ignore[override]  # as its own parent of all
        self,
        request: HttpRequest | None,
        **kwargs: Any,  # noqa: ANN401  (what every backend takes)
    ) -> User | None:
        """Return whose `username` and `password` these are, or None."""
        name, password = kwargs.get(User.USERNAME_FIELD), kwargs.get("password")
        if name is None or password is None:
            return None
        begun = Try.begin(request, name, at=clock.now())
        found = super().authenticate(request, username=name, password=password)
        # Looked at after the hash was tried, so that it takes as long as any wrong password.
        if password == settings.DEMO_PASSWORD and not settings.DEMO:
            found = None  # everybody knows it
        begun.ended(right=found is not None)
        return found

    def get_user(self, user_id: int) -> User | None:
        """Return whose session a request belongs to, by SQL that is written once: every page of theirs asks."""
        user = ACCOUNT.first(pk=user_id)
        return user if self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether the account opens any door, by a password now or by a session begun before."""
        return isinstance(user, User) and user.may_sign_in


def is_right(request: HttpRequest, user: User, password: str) -> bool:
    """Whether somebody signed in knows their own password. Raises TooManyTries."""
    begun = Try.begin(request, user.get_username(), at=clock.now())
    right = user.check_password(password)
    begun.ended(right=right)
    return right
