"""Signing in with name and password: what all doors share, and who comes in at the desk's."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import clock
from core.accounts.tries import TooManyTries
from core.models import User
from core.principal import Principal
from core.roles import STAFF

SIGNED_OUT = _("Please sign in again. You are signed out after 15 minutes without a click.")


class CountedSignInForm(AuthenticationForm):
    """Name and password; after too many wrong ones it says when to try again. `retry_after`: in how many seconds."""

    retry_after: int | None = None

    def clean(self) -> dict[str, Any]:
        """Return what was typed. Raises ValidationError."""
        try:
            return super().clean()
        except TooManyTries as refused:
            self.retry_after = int(str(refused.facts["retry_after"]))
            raise ValidationError(str(refused.detail), code=refused.code) from refused


class DeskSignInForm(CountedSignInForm):
    """Name and password of whoever works at the clinic, also of those for whom the admin has nothing."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "This name and password do not go together. Please check both. "
            "If you do not remember your password, ask your administrator for a new one."
        ),
        "no_staff": _(
            "Your account has no role at the clinic at the moment. Please ask your administrator. "
            "Patients book and change appointments from the start page."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = _("Please type your username.")
        self.fields["password"].error_messages["required"] = _("Please type your password.")

    def confirm_login_allowed(self, user: User) -> None:
        """Let staff in. Raises ValidationError for everybody else whose password is right."""
        super().confirm_login_allowed(user)
        if not works_here(user):
            raise ValidationError(self.error_messages["no_staff"], code="no_staff")


def works_here(user: User) -> bool:
    """Whether somebody has a role of the staff now, or is let into the admin."""
    return user.is_staff or Principal.of(user, at=clock.now()).has(*STAFF)


def session_ended(request: HttpRequest) -> bool:
    """Whether whoever opens a sign-in page was signed in a while ago; what a visitor has begun is there still."""
    known = request.method == "GET" and settings.SESSION_COOKIE_NAME in request.COOKIES
    return known and not request.session.keys()
