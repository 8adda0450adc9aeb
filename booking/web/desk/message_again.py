"""A message once more, from the page of an appointment or of a person; what came of it stands there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.link_mails import send_message_again
from booking.web.desk.families.page import refusal_words
from booking.web.desk.shell import staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Missing, Refusal
from core.rights import Action
from core.text.languages import when_in_words


@require_POST
@staff_page(Action.SEND_MESSAGE)
def send_again(request: HttpRequest, message: int) -> HttpResponse:
    """Send a message again, and lead back to where its button stood, with why not where it was refused."""
    at, back, seen = clock.now(), _back(request), request.POST.get("times", "")
    after = int(seen) if seen.isdecimal() and len(seen) < 4 else None  # noqa: PLR2004  (nobody presses as often)
    try:
        sent = send_message_again(message, by=principal_of(request), at=at, after=after)
    except Missing:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal_words(refusal))
        return redirect(back)
    messages.success(request, _words(sent, at=at))
    return redirect(back)


def _words(sent: Any, *, at: datetime) -> str:  # noqa: ANN401  (of another app)
    if sent.due_at > at:
        return _("It goes out on %s, when they may be written to.") % when_in_words(
            sent.due_at, sent.appointment.site.tz
        )
    return _("It is sent again. What becomes of it stands below.")


def _back(request: HttpRequest) -> str:
    """Return the page on which the button stood. Raises Missing."""
    for name, page, part in (("patient", "desk-patient", "#sent"), ("appointment", "desk-appointment", "#messages")):
        if named := request.POST.get(name):
            try:
                return reverse(page, args=[UUID(named)]) + part
            except ValueError as error:
                raise Missing from error
    raise Missing
