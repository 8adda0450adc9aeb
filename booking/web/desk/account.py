"""Somebody's own account: what they act as, and a new password."""

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from booking.web.desk.error_pages import own_roles
from booking.web.desk.shell import navigation, staff_page
from core import clock
from core.accounts import devices
from core.accounts.staff_site import ChangePasswordView, NewPasswordForm
from core.forms import described, problems
from core.models import User
from core.rights import Action


class OwnPasswordForm(NewPasswordForm):
    """The old password and the new one twice, as the desk asks for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = MinimumLengthValidator(min_length=12).get_help_text()
        missing = {
            "old_password": _("Please type the password that you have now."),
            "new_password1": _("Please type the new password."),
            "new_password2": _("Please type the new password once more."),
        }
        for name, said in missing.items():
            self.fields[name].error_messages["required"] = said


class OwnAccountView(ChangePasswordView):
    """What somebody acts as, and their new password; on this device they stay signed in, on all others they do not."""

    form_class = OwnPasswordForm
    template_name = "booking/desk/account.html"
    success_url = reverse_lazy("desk-account", query={"changed": 1})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  (Django's own)
        """Add what they act as."""
        context = super().get_context_data(**kwargs) | own_roles(self.request)
        form = context["form"]
        wrong = problems(form) if form.is_bound else []
        changed = "changed" in self.request.GET and not wrong
        return context | {
            "desk": navigation(self.request), "form": described(form), "problems": wrong, "changed": changed,
        }  # fmt: skip

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Set the password, and remember this device."""
        response = super().form_valid(form)
        if isinstance(self.request.user, User):
            devices.remember(self.request, response, self.request.user, at=clock.now())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


_view: Any = sensitive_post_parameters()(OwnAccountView.as_view())
account = staff_page(Action.SEE_SELF)(_view)
