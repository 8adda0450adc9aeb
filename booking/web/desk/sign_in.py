"""Signing in at the desk and out again, and where whoever signed in begins."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from booking.web.desk.board.page import board
from booking.web.desk.error_pages import own_roles
from booking.web.desk.own_screening import waits_for_answer
from booking.web.desk.sent_form import FIELD, address_of
from booking.web.desk.shell import MY_DAY, ROOMS, navigation, sites_of
from core import clock
from core.accounts import devices
from core.accounts.principals import principal_of
from core.accounts.sign_in import SIGNED_OUT, DeskSignInForm, session_ended
from core.forms import described, problems
from core.http.post_redirect_get import answers_by_redirect
from core.models import User
from core.principal import Principal
from core.rights import Action, may_ever, sites_for
from scheduler import public as scheduler

SAID = {
    "out": _("You are signed out."),
    "chosen": _("Your password is chosen. Sign in with your username and with it."),
}
SOMEBODY_ELSES = _(
    "What was sent from this page before you signed in is not saved: somebody else filled it in, or it was long ago."
)


class DeskSignInView(LoginView):
    """The sign-in of all staff; whoever came from a page of the desk comes back to it."""

    template_name = "booking/desk/sign_in.html"
    authentication_form = DeskSignInForm
    redirect_authenticated_user = True
    next_page = "desk"

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:  # noqa: ARG002  (as it is typed there)
        """Return the page of the desk from which somebody came, and no address beyond the desk."""
        found = super().get_redirect_url()
        doors = (self.request.path, reverse("desk-sign-out"))
        return found if found.startswith(reverse("desk")) and not found.startswith(doors) else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  (Django's own)
        """Add why whoever was here before signs in again."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        ended = SIGNED_OUT if session_ended(self.request) else ""
        context["said"] = next((said for name, said in SAID.items() if name in self.request.GET), ended)
        context["sent"] = self.request.POST.get(FIELD, "")
        return context | {"form": described(form), "problems": problems(form) if form.is_bound else []}

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Sign in, and remember the device; what was sent while signed out can be sent once more."""
        response, sent = super().form_valid(form), str(self.request.POST.get(FIELD, ""))
        to = address_of(sent, user=form.get_user())
        if sent and not to:
            messages.warning(self.request, SOMEBODY_ELSES)
        elif to:
            context = {"desk": navigation(self.request), "to": to, "sent": sent}
            response = render(self.request, "booking/desk/send_again.html", context)
        user = form.get_user()
        if isinstance(user, User):
            devices.remember(self.request, response, user, at=clock.now())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (Django's own)
        """Show what is wrong, or when to try again."""
        wait = form.retry_after
        status = HTTPStatus.TOO_MANY_REQUESTS if wait else HTTPStatus.UNPROCESSABLE_ENTITY
        headers = {"Retry-After": str(wait)} if wait else {}
        return self.render_to_response(self.get_context_data(form=form), status=status, headers=headers)


sign_in = answers_by_redirect(DeskSignInView.as_view())
sign_out = LogoutView.as_view(next_page=reverse_lazy("desk-sign-in", query={"out": 1}))


@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the board to whoever sees a calendar, and lead others to the first page that is theirs."""
    if not request.user.is_authenticated:
        return redirect("desk-sign-in")
    principal, at = principal_of(request), clock.now()
    if waits_for_answer(principal, at=at):
        return redirect("desk-own-screening")
    if not request.GET and _treats_alone(principal):
        return redirect(MY_DAY)
    if sites_of(principal, Action.SEE_CALENDAR):
        return board(request, at=at)
    theirs = (room for room, action, _words in ROOMS if room != MY_DAY and may_ever(principal, action))
    # Where there is no site yet, the first page of whoever may add one does that.
    opens = not sites_of(principal, Action.EDIT_CATALOGUE) and may_ever(principal, Action.ADD_SITE)
    first = "desk-setup" if opens else next(theirs, None)
    if first:
        return redirect(first)
    return render(request, "booking/desk/no_page.html", own_roles(request) | {"desk": navigation(request)})


def _treats_alone(principal: Principal) -> bool:
    """Whether somebody keeps a calendar of their own, and sees no other."""
    if not may_ever(principal, Action.SEE_OWN_DAY) or sites_for(principal, Action.SEE_CALENDAR):
        return False
    return scheduler.practitioner_of(principal.user_id) is not None
