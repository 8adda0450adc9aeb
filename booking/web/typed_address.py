"""The address that somebody typed as they booked: shown to them in full once, right after, to look it over."""

from django.http import HttpRequest

from booking.models import Appointment
from booking.queries import mail_of
from core.sealing import digest

KEY = "typed-address"
PURPOSE = "booking.typed-address"


def note(request: HttpRequest, visit: Appointment, email: str) -> None:
    """Note which address was typed in this browser for a visit, so that it can be known again, and not read."""
    request.session[KEY] = _mark(visit, email)


def take(request: HttpRequest, visit: Appointment) -> str:
    """Return the address where mail goes to the one that was typed, and forget it: somebody else may sit here next."""
    noted = request.session.pop(KEY, "")
    mail = mail_of(visit.patient) if noted else ""
    return mail if mail and noted == _mark(visit, mail) else ""


def _mark(visit: Appointment, email: str) -> str:
    return digest(f"{visit.public_id} {email.casefold()}", purpose=PURPOSE)
