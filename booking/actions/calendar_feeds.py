"""The link to one's own calendar: made, made anew, and ended by whoever keeps that calendar."""

import hashlib
import secrets
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.models import CalendarFeed
from core.database.transactions import unit
from core.models import User
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

OCTETS = 32
LONGEST = 64
"""Ours have 43 characters. What is longer is not hashed at all."""


class NoCalendar(Refusal):
    """Whoever asks for a link to their calendar keeps none."""

    code = "no-calendar-of-their-own"
    title = _("You keep no calendar of your own, so there is no link to it.")


@unit
def make(*, says_therapy: bool, by: Principal, at: datetime) -> str:
    """Return the token of a new link to the calendar of whoever asks; the one before ends. Raises NoCalendar."""
    practitioner = _own(by)
    end(by=by, at=at)
    token = secrets.token_urlsafe(OCTETS)
    CalendarFeed.objects.create(
        practitioner_id=practitioner, digest=digest_of(token), says_therapy=says_therapy, created_at=at
    )
    return token


@unit
def end(*, by: Principal, at: datetime) -> bool:
    """End the link of whoever asks; return whether there was one. Raises NoCalendar."""
    return bool(CalendarFeed.objects.filter(practitioner=_own(by), revoked_at=None).update(revoked_at=at))


def _own(by: Principal) -> int:
    """Return whose calendar it is, and let nobody else make or end its link meanwhile. Raises NoCalendar."""
    practitioner = scheduler.practitioner_of(by.user_id)
    if practitioner is None or by.user_id is None:
        raise NoCalendar
    User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    return practitioner.pk


def digest_of(token: str) -> str:
    """Return what is stored of a token. It is drawn by lot and long: no key is needed that nobody guesses it."""
    return hashlib.sha256(token.encode()).hexdigest()
