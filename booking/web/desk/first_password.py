"""Choosing one's own password by a link: it works once and for some days, and nobody else ever knows the password."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from core.accounts import devices
from core.forms import described, problems
from core.http.post_redirect_get import answers_by_redirect
from core.models import User


def link_for(request: HttpRequest, user: User) -> str:
    """Return the address at which somebody chooses their password: until they have, or it is too old."""
    who, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    return request.build_absolute_uri(reverse("desk-first-password", args=[who, token]))


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = MinimumLengthValidator(min_length=12).get_help_text()
        missing = {
            "new_password1": gettext_lazy("Please type the new password."),
            "new_password2": gettext_lazy("Please type the new password once more."),
        }
        for name, said in missing.items():
            self.fields[name].error_messages["required"] = said

    def clean_new_password1(self) -> str:
        """Return the password. Raises ValidationError for the demo's."""
        typed: str = self.cleaned_data["new_password1"]
        if typed == settings.DEMO_PASSWORD:
            raise ValidationError(_("Everybody knows this password."))
        return typed


class FirstPasswordView(PasswordResetConfirmView):
    """A password is chosen by whoever was given the link, and they sign in with it."""

    form_class = FirstPasswordForm
    template_name = "booking/desk/first_password.html"
    success_url = reverse_lazy("desk-sign-in", query={"chosen": 1})

    def get_user(self, uidb64: str) -> User | None:
        """Return whose link it is; None where the account opens no door."""
        found = super().get_user(uidb64)
        return found if isinstance(found, User) and found.may_sign_in else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  (Django's own)
        """Add what is wrong."""
        context = super().get_context_data(**kwargs)
        form = context.get("form")
        if form is None:  # the link works no more
            return context
        return context | {"form": described(form), "problems": problems(form) if form.is_bound else []}

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Set the password; devices that were known until now are known no more."""
        devices.end_all_of(form.user)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


first_password: Any = answers_by_redirect(sensitive_post_parameters()(FirstPasswordView.as_view()))
