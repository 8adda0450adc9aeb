"""The admin's doors that take a password: signing in, and changing one's password."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from core import clock
from core.accounts import devices, passwords
from core.accounts.sign_in import SIGNED_OUT, CountedSignInForm, session_ended
from core.accounts.tries import TooManyTries
from core.models import User


class SignInForm(CountedSignInForm, AdminAuthenticationForm):
    """Name and password of whoever the admin lets in."""


class NewPasswordForm(AdminPasswordChangeForm):
    """The old password, counted as any other that is typed, and the new one twice."""

    request: HttpRequest

    def clean_old_password(self) -> str:
        """Return the old password. Raises ValidationError unless it is right."""
        old: str = self.cleaned_data["old_password"]
        try:
            right = passwords.is_right(self.request, self.user, old)
        except TooManyTries as refused:
            raise ValidationError(str(refused.detail), code=refused.code) from refused
        if not right:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  (Django's own)
        """Set the password; devices that were known until now are known no more."""
        # Whoever knew the old password may have made their own device a known one.
        devices.end_all_of(self.user)
        return super().save(commit)


class ChangePasswordView(PasswordChangeView):
    """One's own new password: other sessions and all tokens end, and this device stays known."""

    form_class = NewPasswordForm

    def get_form(self, form_class: Any = None) -> NewPasswordForm:  # noqa: ANN401  (Django's own)
        """Let the form know from where it was sent."""
        form = cast("NewPasswordForm", super().get_form(form_class))
        form.request = self.request
        return form


class StaffSite(admin.AdminSite):
    """Django's admin; it knows the devices of those who have signed in."""

    login_form = SignInForm
    site_header = site_title = "Meridian"
    index_title = _("Calendars and catalogue")
    index_template = "admin/core/index.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """Show the sign-in, or sign in and remember the device."""
        told = {"subtitle": SIGNED_OUT} if session_ended(request) else {}
        response = super().login(request, told | (extra_context or {}))
        return self._known(request, response)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """Ask for the old password and the new one; the device where it was changed is the one that stays known."""
        view = ChangePasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            template_name=self.password_change_template or "registration/password_change_form.html",
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return self._known(request, sensitive_post_parameters()(view)(request))

    def _known(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Remember the device once the form was accepted, which is answered with a redirect."""
        if request.method == "POST" and response.status_code == 302 and isinstance(request.user, User):  # noqa: PLR2004
            devices.remember(request, response, request.user, at=clock.now())
        return response
